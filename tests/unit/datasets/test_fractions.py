"""Fractions of the training videos: nested, by group, no class lost, the rest of the split as it was."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn_videos import OPTIONS, random_data, videos
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vidbench.clips.dataset import FrameClips, TrainingClips
from vidbench.clips.loader import EpochBatches
from vidbench.config.checks import check_selected_splits
from vidbench.datasets import csv_manifest
from vidbench.datasets.fractions import (
    fraction_of,
    full_split,
    is_variant,
    keep_fraction,
    variant_name,
    with_variants,
)
from vidbench.datasets.splits import make_split, split_names
from vidbench.errors import UserError
from vidbench.models.options import ClipOptions

PARTS = {"fractions": [0.25, 0.5, 0.75]}
CONSTRAINT = r"(?:split|fold)\d+(?:-train\d+(?:\.\d+)?)?"  # as in vidbench/workflow/files.py


@given(st.floats(0.001, 0.999))
def test_names_tell_split_and_fraction(fraction: float) -> None:
    name = variant_name("fold12", fraction)
    assert re.fullmatch(CONSTRAINT, name)
    assert (full_split(name), is_variant(name)) == ("fold12", True)
    assert fraction_of(name) == pytest.approx(fraction, rel=1e-5)
    assert variant_name("fold12", fraction_of(name)) == name


def test_a_run_has_a_split_with_all_its_fractions() -> None:
    """Else the figure of them could not be drawn, which would show when all is trained."""
    for names in (["fold1", "fold2"], ["fold1-train25", "fold1"], ["fold1", "fold2", "fold2-train25", "fold2-train50"]):
        check_selected_splits(names)
    check_selected_splits(["fold1", "fold1-train25", "fold1-train50", "fold2", "fold2-train25"])
    for names, words in (
        (["fold2-train25"], "names no full split, only fractions; add fold2"),
        (["fold1", "fold2-train25"], "add fold1-train25"),
        (["fold1", "fold2", "fold1-train25", "fold2-train25", "fold2-train50", "fold1-train75"], "add fold1-train50"),
    ):
        with pytest.raises(UserError, match=words):
            check_selected_splits(names)


def test_variants_stand_behind_the_full_splits() -> None:
    assert with_variants(["split1"], []) == ["split1"]
    names = ["fold1", "fold2", "fold1-train50", "fold1-train12.5", "fold2-train50", "fold2-train12.5"]
    assert split_names(OPTIONS | {"folds": 2, "fractions": [0.125, 0.5]}, 0) == names
    assert fraction_of("fold1") == 1
    assert not is_variant("fold1")


def parts_of(data: list, seed: int = 0) -> list[Counter]:
    """Training videos of a class, of all and of each fraction from large to small."""
    kept = [keep_fraction(variant_name("fold1", part), data, seed) for part in sorted(PARTS["fractions"], reverse=True)]
    return [Counter(video.label for video in data if video.id in part) for part in kept]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6), st.booleans())
def test_fractions_lie_in_each_other(seed: int, mixed: bool) -> None:
    data = random_data(seed, groups=60)
    if mixed:  # groups with videos of several classes
        labels = np.random.default_rng(seed).integers(0, 4, len(data))
        data = videos([f"c{label}" for label in labels], [video.group for video in data])
    group = {video.id: video.group for video in data}
    label = {video.id: video.label for video in data}
    larger = set(group)
    for fraction in (0.75, 0.5, 0.25):
        kept = keep_fraction(variant_name("fold1", fraction), data, seed)
        assert kept < larger
        assert {group[video] for video in kept}.isdisjoint(group[video] for video in set(group) - kept)
        assert {label[video] for video in kept} == set(label.values())
        assert abs(len(kept) / len(data) - fraction) < 0.08
        larger = kept


def test_the_rest_of_the_split_stays_as_it_was() -> None:
    data = random_data(5, groups=40)
    full, part = (make_split(name, OPTIONS | PARTS, data) for name in ("fold1", "fold1-train50"))
    trained = {video for video, subset in full.items() if subset == "train"}
    training = [video for video in data if video.id in trained]
    assert {video for video in part if part[video] == "train"} == keep_fraction("fold1-train50", training, 0)
    assert {video: part[video] for video in part if part[video] != "train"} == {
        video: full[video] for video in full if full[video] != "train"
    }


def test_classes_stay_in_proportion() -> None:
    rows = [(f"c{c}", f"c{c}g{g}") for c, groups in enumerate((40, 20, 10)) for g in range(groups) for _ in range(3)]
    data = videos([label for label, _ in rows], [group for _, group in rows])
    for count, fraction in zip(parts_of(data), (0.75, 0.5, 0.25), strict=True):
        assert [count[f"c{c}"] / fraction for c in range(3)] == pytest.approx([120, 60, 30], abs=12)


def test_real_gestures_keep_every_class_and_their_proportions(gestures: Path) -> None:
    data = csv_manifest.videos({"manifest": str(gestures / "videos.csv")})
    whole = Counter(video.label for video in data)
    for count, fraction in zip(parts_of(data), (0.75, 0.5, 0.25), strict=True):
        assert abs(count.total() / whole.total() - fraction) < 0.05
        assert max(abs(count[label] - fraction * whole[label]) for label in whole) < 3


def test_the_seed_decides() -> None:
    data = random_data(3, groups=60)
    kept = keep_fraction("fold1-train25", data, 0)
    assert kept == keep_fraction("fold1-train25", data, 0)
    assert kept != keep_fraction("fold1-train25", data, 1)


def test_a_fraction_that_would_lose_a_class_is_one_line() -> None:
    data = videos([f"c{n // 12}" for n in range(60)], [f"g{n // 2}" for n in range(60)])
    with pytest.raises(UserError) as caught:
        keep_fraction("fold1-train10", data, 0)
    assert str(caught.value) == (
        "split fold1-train10: would keep 6 of 60 training videos, but one group per class makes 10;"
        " raise this value of splits.fractions to 0.167"
    )
    assert len(keep_fraction("fold1-train16.7", data, 0)) == 10


def test_a_fraction_that_leaves_nothing_out_is_one_line() -> None:
    data = videos(["a", "b"] * 18, [f"g{n // 6}" for n in range(36)])
    with pytest.raises(UserError, match=r"split fold1-train95: its 6 training groups are too large to leave out one"):
        keep_fraction("fold1-train95", data, 0)


class Store:
    """Stands in for a frame store: a frame is its own number."""

    class Stored:
        num_frames = 1000

    def __init__(self, names: list[str]) -> None:
        self.videos = dict.fromkeys(names, self.Stored)

    def read(self, video: str, indices: np.ndarray) -> np.ndarray:
        return np.repeat(indices, 3).reshape(-1, 1, 1, 3)


def training_clips(names: list[str], targets: list[int], frames: int, per_epoch: int | None = None) -> TrainingClips:
    clips = FrameClips(Store(names), ClipOptions(frames=frames))
    return TrainingClips(clips, names, targets, seed=7, clips_per_epoch=per_epoch)


@given(st.integers(2, 20), st.integers(0, 60), st.integers(2, 9), st.integers(0, 3))
def test_a_fraction_takes_the_steps_of_the_whole_and_resumes_anywhere(few: int, more: int, size: int, epoch: int):
    names = [f"v{n}" for n in range(few)]
    data = training_clips(names, [0] * few, 2, few + more)
    all_names = [f"v{n}" for n in range(few + more)]
    whole = EpochBatches(training_clips(all_names, [0] * (few + more), 2), size)
    part = EpochBatches(data, size)
    part.epoch = epoch
    assert len(part) == len(whole)
    batches = list(part)
    assert list(map(len, batches)) == list(map(len, whole))
    items = [item for batch in batches for item in batch]
    assert len(set(items)) == len(items)
    rounds = -(-(few + more) // few)
    assert max(Counter(data.videos[index] for _, index in items).values()) <= rounds
    part.start = len(batches) // 2
    assert list(part) == batches[part.start :]


def test_a_video_that_comes_again_comes_as_another_clip() -> None:
    data = training_clips(["a", "b"], [4, 5], 8, 6)
    assert (data.videos, data.targets) == (["a", "b"] * 3, [4, 5] * 3)
    clips = [data[0, index][0] for index in range(6)]
    assert not any(torch.equal(clips[a], clips[b]) for a in range(6) for b in range(a))
    alone = training_clips(["a", "b"], [4, 5], 8)
    assert all(torch.equal(alone[3, index][0], data[3, index][0]) for index in range(2))


def test_a_share_far_from_the_fraction_is_said(capsys: pytest.CaptureFixture) -> None:
    """No number of three equal training groups is a half of them."""
    rows = [(label, f"g{group}") for group in range(8) for label in "ab" for _ in range(4)]
    data = videos([label for label, _ in rows], [group for _, group in rows])
    make_split("fold1-train50", OPTIONS | {"folds": 2, "fractions": [0.5]}, data)
    assert re.search(r"WARNING: split fold1-train50: keeps (8|16) of 24 training videos", capsys.readouterr().err)
