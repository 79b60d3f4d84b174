"""Splits of videos with several labels each."""

import numpy as np
import pytest

from vidbench.datasets.csv_manifest import listing
from vidbench.datasets.label_folds import count_labels, draw_folds
from vidbench.datasets.own_checks import check
from vidbench.datasets.splits import make_split
from vidbench.errors import UserError
from vidbench.video import Video, lost_classes, read_videos, write_videos

OPTIONS = {"kind": "folds", "folds": 4, "validation": 0.2, "test": 0.25, "seed": 0, "fractions": []}


def videos(groups: int = 24) -> list[Video]:
    """Return two videos per group, each with one to three of five labels, some of them rare."""
    random = np.random.default_rng(0)
    found = []
    for group in range(groups):
        for number in range(2):
            labels = random.choice(5, random.integers(1, 4), replace=False, p=[0.4, 0.3, 0.15, 0.1, 0.05])
            label = ";".join(sorted(f"l{label}" for label in labels))
            found.append(Video(f"g{group}v{number}", "", label, f"g{group}", multi=True))
    return found


def test_groups_stay_whole_and_each_label_is_spread_over_the_folds() -> None:
    listed = videos()
    folds = draw_folds(listed, 4, seed=0)
    by_group: dict[str, set[int]] = {}
    for video, fold in zip(listed, folds, strict=True):
        by_group.setdefault(video.group, set()).add(int(fold))
    assert all(len(found) == 1 for found in by_group.values())
    for label in ("l0", "l1", "l2"):
        having = np.bincount(folds[[label in video.labels for video in listed]], minlength=4)
        assert having.max() - having.min() <= 2
    assert set(np.bincount(folds)) <= {10, 12, 14}


def test_the_same_seed_gives_the_same_folds() -> None:
    np.testing.assert_array_equal(draw_folds(videos(), 4, seed=3), draw_folds(videos(), 4, seed=3))


def test_every_label_is_trained_in_each_split() -> None:
    listed = videos()
    for number in range(4):
        subsets = make_split(f"fold{number + 1}", OPTIONS, listed)
        trained = {label for video in listed if subsets[video.id] == "train" for label in video.labels}
        assert trained == {f"l{label}" for label in range(5)}
        assert set(subsets.values()) == {"train", "val", "test"}


def test_counts_are_by_group_and_label() -> None:
    pair = [Video("a", "", "x;y", "g", multi=True), Video("b", "", "x", "g", multi=True)]
    names, table = count_labels(pair)
    assert names.tolist() == ["g"]
    assert table.tolist() == [[2, 1]]


def write(folder, text: str) -> dict:
    (folder / "videos.csv").write_text(text, encoding="utf-8")
    return {"kind": "csv", "manifest": str(folder / "videos.csv"), "labels": "multi"}


def test_a_cell_holds_several_labels(tmp_path) -> None:
    found = listing(write(tmp_path, "path,label\na.mp4,run; jump \nb.mp4,run\nc.mp4,run;run\n")).videos
    assert [video.labels for video in found] == [("jump", "run"), ("run",), ("run",)]
    write_videos(tmp_path / "out.csv", found)
    assert read_videos(tmp_path / "out.csv") == [*found]


def test_a_semicolon_is_part_of_a_single_label(tmp_path) -> None:
    options = write(tmp_path, "path,label\na.mp4,run;jump\n") | {"labels": "single"}
    (video,) = listing(options).videos
    assert video.labels == ("run;jump",)
    write_videos(tmp_path / "out.csv", [video])
    assert "labels" not in (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[0].split(",")


@pytest.mark.parametrize("cell", ["run;;jump", "run;", ";run", " ; "])
def test_an_empty_label_is_named(tmp_path, cell: str) -> None:
    with pytest.raises(UserError, match=r"line 2: .* empty label"):
        listing(write(tmp_path, f"path,label\na.mp4,{cell}\n"))


def test_a_label_of_all_videos_is_refused(tmp_path) -> None:
    for name in "abcd":
        (tmp_path / f"{name}.mp4").write_bytes(name.encode())
    options = write(tmp_path, "path,label\na.mp4,x;y\nb.mp4,x\nc.mp4,x;y\nd.mp4,x\n")
    with pytest.raises(UserError, match="all videos have the label 'x'"):
        check(listing(options).videos, "videos.csv")


def test_a_label_is_lost_where_none_of_its_videos_was_decoded() -> None:
    labels = {"a": ("x", "y"), "b": ("x",)}
    assert lost_classes(labels, {"b"}) == ["y"]
    assert lost_classes({"a": "x", "b": "y"}, {"b"}) == ["x"]
