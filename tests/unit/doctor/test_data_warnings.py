"""Warnings about a data set before a model is trained on it, and what no training starts with."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidbench.clips.split_data import SplitData
from vidbench.doctor.data_warnings import (
    bad_video_warnings,
    leak_warnings,
    listing_warnings,
    note_lines,
    split_warnings,
    subset_warnings,
)
from vidbench.errors import UserError
from vidbench.files import write_csv
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.video import Video, write_videos

FOLDS = {"kind": "auto", "folds": 3}


def videos(labels: str, groups: str | None = None, subsets: list[str] | None = None) -> list[Video]:
    """One video per letter of `labels`."""
    names = [f"v{number}" for number in range(len(labels))]
    return [
        Video(name, name, label, group, subset)
        for name, label, group, subset in zip(
            names, labels, groups or names, subsets or [""] * len(labels), strict=True
        )
    ]


def test_many_videos_without_a_group_are_a_warning_and_few_are_not() -> None:
    assert listing_warnings(videos("ab" * 15)) == []
    (line,) = listing_warnings(videos("ab" * 16))
    assert line.startswith("no two of the 32 videos are in one group")
    assert "a column 'group'" in line
    (line,) = listing_warnings(videos("ab" * 16, [f"recording {number}" for number in range(32)]))
    assert line.startswith("no two of the 32 videos")


def test_a_name_with_signs_is_no_list_of_labels() -> None:
    names = ["clean and jerk", "front/back", "rock, paper", "(other)", "R&B", "c++"]
    data = [Video(f"v{n}", f"v{n}", name, f"g{n % 2}") for n, name in enumerate(names * 2)]
    assert listing_warnings(data) == []


@pytest.mark.parametrize("label", ["a|b", "a;c", "a, b", "a+b", "a and b", "b/a", "['x', 'y']", "(a, b)"])
def test_a_list_of_labels_is_named(label: str) -> None:
    data = [*videos("abab", "gghh"), Video("x", "x", label, "g"), Video("y", "y", label, "h")]
    (line,) = listing_warnings(data)
    assert line.startswith(f"'{label}' (2 videos) looks like several labels")


def test_pieces_that_overlap_in_two_groups_are_named() -> None:
    def piece(start: float | None, end: float | None, group: str) -> Video:
        return Video(f"{start}-{end}", "long", "x", group, start=start, end=end)

    apart = [piece(None, 5, "g"), piece(5, 9, "h"), piece(9, None, "g")]
    assert listing_warnings(apart) == []
    (line,) = listing_warnings([*apart, piece(4, 6, "g")])
    assert "'4-6' (g) and '5-9' (h)" in line
    (line,) = listing_warnings([*apart, piece(20, 30, "h")])
    assert "'9-None' (g) and '20-30' (h)" in line


def test_classes_in_fewer_groups_than_folds_are_named() -> None:
    (line,) = subset_warnings(videos("aaabbb", "ghighg"), FOLDS)
    assert line.endswith("some folds test none of them: 'b' ('b' in 2)")
    assert subset_warnings(videos("aaabbb", "ghighi"), FOLDS) == []
    assert subset_warnings(videos("aaabbb", "ghighg"), FOLDS | {"kind": "holdout"}) == []


def test_official_subsets_that_leave_something_out() -> None:
    data = videos("aaabbb", subsets=["train", "test", "", "train", "train", ""])
    assert subset_warnings(data, FOLDS) == [
        "split1: 2 of 6 videos have no subset, e.g. 'v2': nothing is trained or tested on them",
        "split1: no test video of 'b'",
    ]
    lines = subset_warnings(data, FOLDS | {"kind": "folds"})
    assert lines == ["the videos' own subsets are not used, because splits.kind says so"]


def test_only_splits_of_the_run_are_named_and_several_in_one_line() -> None:
    first, second = ["train", "", "test", "train", "train", "test"], ["test", "train", "train", "train", "", "test"]
    data = [
        replace(video, more_subsets=(more,))
        for video, more in zip(videos("aaabbb", subsets=first), second, strict=True)
    ]
    assert subset_warnings(data, FOLDS, ["split1"]) == [
        "split1: 1 of 6 videos has no subset, e.g. 'v1': nothing is trained or tested on it"
    ]
    assert subset_warnings(data, FOLDS)[0].startswith("in 2 of 2 splits, most in split1: 1 of 6 videos has no subset")
    assert len(subset_warnings(data, FOLDS)) == 1


def split(leaks: int = 0, shared: tuple[str, ...] = (), **more: object) -> dict:
    """What the diagnosis has of a split."""
    leak = {"videos": ["a.mp4", "b.mp4"], "subsets": ["train", "test"]}
    lacking = {"training": [], "test": []}
    validation = {"videos": 30, "groups": 9}
    usual = {"left_out": 0, "example": None, "lacking": lacking, "validation": validation}
    return usual | {"leaks": [leak] * leaks, "shared_groups": list(shared)} | more


def test_what_all_folds_have_is_one_line_with_the_worst_of_them() -> None:
    splits = {"fold1": split(1), "fold2": split(3, ("g", "h")), "fold3": split(0, ("g",))}
    assert leak_warnings(splits, Path("results/mine")) == [
        "in 2 of 3 splits, most in fold2: 3 pairs of videos in two subsets show the same recording, e.g. a.mp4 and"
        " b.mp4 in train and test: look at results/mine/figures/duplicates.svg and results/mine/duplicates.csv;"
        " splits.group_duplicates: true keeps such videos together in folds and hold-outs",
        "in 2 of 3 splits, most in fold2: 2 groups are in two subsets, e.g. 'g'",
    ]
    assert leak_warnings({"fold1": split(1)}, Path("x"))[0].startswith("fold1: 1 pair of videos in two subsets show")
    assert leak_warnings({"fold1": split()}, Path("x")) == []


def test_what_several_splits_leave_out_is_one_line() -> None:
    lacking = {"training": [], "test": ["jump", "run"]}
    splits = {f"fold{n}": split(left_out=n, example="v7", lacking=lacking) for n in range(3)}
    assert split_warnings(splits, 40, published=False) == [
        "in 2 of 3 splits, most in fold2: 2 of 40 videos are in no subset, e.g. 'v7'",
        "in 3 of 3 splits, most in fold0: no test video of 'jump', 'run'",
    ]
    assert len(split_warnings(splits, 40, published=True)) == 1


def test_the_first_broken_video_is_named_with_its_reason() -> None:
    rows = [
        {"video": "a", "status": "ok", "message": ""},
        {"video": "b", "status": "partial", "message": "ends early"},
        {"video": "c", "status": "failed", "message": "moov atom not found " * 9},
    ]
    (line,) = bad_video_warnings(rows, Path("results/mine/inspection.csv"))
    assert line.startswith("2 of 3 videos cannot be decoded, wholly or in part: first 'c' (moov atom not found moov")
    assert line.endswith(" …); all are in results/mine/inspection.csv")
    assert len(line) < 240
    assert bad_video_warnings(rows[:2], Path("i.csv")) == [
        "1 of 2 videos cannot be decoded, wholly or in part: it is 'b' (ends early); see i.csv"
    ]
    assert bad_video_warnings(rows[:1], Path("i.csv")) == []


def test_a_fault_that_all_videos_have_is_said_once() -> None:
    rows = [{"video": name, "status": "failed", "message": "no such codec"} for name in "abc"]
    line = "all 3 videos cannot be decoded, wholly or in part, for one reason: failed: no such codec"
    table = Path("i.csv")
    assert bad_video_warnings(rows, table) == [line]
    rows[1]["message"] = "cut short"
    assert bad_video_warnings(rows, table)[0].startswith(
        "3 of 3 videos cannot be decoded, wholly or in part: first 'a'"
    )
    rows[1] |= {"status": "ok", "message": ""}
    assert bad_video_warnings(rows, table)[0].startswith(
        "2 of 3 videos cannot be decoded, wholly or in part: first 'a'"
    )


def test_notes_are_counted_by_kind() -> None:
    rows = [
        {"video": "a", "status": "ok", "notes": "gap of 12.5 s; no duration"},
        {"video": "b", "status": "ok", "notes": "gap of 600 s"},
        {"video": "c", "status": "ok"},
    ]
    assert note_lines(rows) == ["2 videos: gap of 12.5 s (e.g. 'a')", "1 video: no duration (e.g. 'a')"]


def test_notes_of_bad_videos_are_not_said_to_be_in_order() -> None:
    assert note_lines([{"video": "a", "status": "failed", "notes": "HDR"}]) == []


def test_a_person_s_folder_in_several_classes_is_named() -> None:
    folders = [
        Video(f"{label}/{person}/{number}.mp4", "x", label, f"{label}/{person}")
        for label in ("run", "walk")
        for person in ("anna", "ben")
        for number in range(3)
    ]
    (line,) = [line for line in listing_warnings(folders) if "folder in" in line]
    assert "'anna' is a folder in 2 classes" in line
    assert "(and 1 more such folders)" in line
    assert not any("folder in" in line for line in listing_warnings([each for each in folders if each.label == "run"]))


def test_no_training_starts_without_a_class(tmp_path: Path) -> None:
    """Of class b one video is left in the first store and none in the second."""
    pictures = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    ffmpeg.encode_h264(pictures, tmp_path / "good.mp4", fps=10)
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    states = {"a0": "good", "a1": "good", "a2": "good", "b0": "good", "b1": "bad", "b2": "bad"}
    subsets = {name: ("train", "val", "test")[int(name[1])] for name in states}
    write_csv(tmp_path / "split.csv", [{"video": n, "subset": s} for n, s in subsets.items()], ("video", "subset"))
    for left in (True, False):
        listed = [
            Video(name, str(tmp_path / f"{state if left else 'bad' if name[0] == 'b' else 'good'}.mp4"), name[0], name)
            for name, state in states.items()
        ]
        write_videos(tmp_path / "videos.csv", listed)
        store = tmp_path / f"{left}.h5"
        extract_shard(listed, ffmpeg.Recipe(32, None, "raw", 2), store, tmp_path / "spool", 1, None, lambda *_: None)
        if left:
            data = SplitData.read(tmp_path / "videos.csv", tmp_path / "split.csv", [store])
            assert data.video_ids == {"train": ["a0", "b0"], "val": ["a1"], "test": ["a2"]}
        else:
            with pytest.raises(UserError, match=r"no video of class 'b' can be decoded, so nothing is trained"):
                SplitData.read(tmp_path / "videos.csv", tmp_path / "split.csv", [store])
