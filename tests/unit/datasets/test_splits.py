"""Splits: groups stay whole, folds are balanced, every class can be trained."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from drawn_videos import OPTIONS, random_data, videos
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vidbench.datasets import csv_manifest, own_checks
from vidbench.datasets.splits import check_possible, make_split, merge_groups, official_splits, split_names
from vidbench.errors import UserError
from vidbench.video import Video, shard_of


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_each_video_is_tested_once_and_groups_stay_whole(seed: int) -> None:
    data = random_data(seed)
    tested: Counter[str] = Counter()
    for name in split_names(OPTIONS, 0):
        subsets = make_split(name, OPTIONS, data)
        assert set(subsets) == {video.id for video in data}
        where = {(video.group, subsets[video.id]) for video in data}
        assert len(where) == len({video.group for video in data})
        trained = {video.label for video in data if subsets[video.id] == "train"}
        assert trained == {video.label for video in data}
        share = sum(subset == "val" for subset in subsets.values()) / sum(s != "test" for s in subsets.values())
        assert 0.05 < share < 0.3
        tested.update(video for video, subset in subsets.items() if subset == "test")
    assert set(tested.values()) == {1}
    assert len(tested) == len(data)


def test_the_same_seed_gives_the_same_split_and_another_seed_another() -> None:
    data = random_data(1)
    assert make_split("fold1", OPTIONS, data) == make_split("fold1", OPTIONS, data)
    assert make_split("fold1", OPTIONS, data) != make_split("fold1", OPTIONS | {"seed": 1}, data)


def test_folds_of_the_real_gestures_are_balanced(gestures: Path) -> None:
    data = csv_manifest.videos({"manifest": str(gestures / "videos.csv")})
    sizes = []
    for name in split_names(OPTIONS, 0):
        subsets = make_split(name, OPTIONS, data)
        counts = Counter(video.label for video in data if subsets[video.id] == "test")
        assert len(counts) == 10
        sizes.append(sum(counts.values()))
    assert sum(sizes) == 217
    assert max(sizes) - min(sizes) <= 6


def test_official_lists_are_kept_and_validation_comes_out_of_training() -> None:
    labels = ["a", "b"] * 10
    groups = [f"g{n // 2}" for n in range(20)]
    data = videos(labels, groups, ["train"] * 14 + ["test"] * 4 + [""] * 2)
    subsets = make_split("split1", OPTIONS | {"kind": "auto"}, data)
    assert {video for video, subset in subsets.items() if subset == "test"} == {"v14", "v15", "v16", "v17"}
    assert {"v18", "v19"} & set(subsets) == set()
    assert Counter(subsets.values())["val"] in (2, 4)


def test_an_official_validation_list_is_kept() -> None:
    data = videos(["a", "b"] * 3, [f"g{n}" for n in range(6)], ["train", "train", "val", "val", "test", "test"])
    assert make_split("split1", OPTIONS | {"kind": "auto"}, data) == {video.id: video.subset for video in data}


def test_an_official_group_in_two_subsets_is_named() -> None:
    data = videos(["a", "b"] * 3, ["g0", "g1", "g2", "g3", "g0", "g5"], ["train"] * 4 + ["test"] * 2)
    with pytest.raises(UserError, match="group 'g0' is in test and train"):
        make_split("split1", OPTIONS | {"kind": "auto"}, data)


def test_a_class_that_would_miss_from_training_is_named() -> None:
    data = videos(["a", "b", "a", "b", "c"], [f"g{n}" for n in range(5)], ["train"] * 4 + ["test"])
    with pytest.raises(UserError, match="no training video of class 'c'"):
        make_split("split1", OPTIONS | {"kind": "auto", "validation": 0.5}, data)


def test_too_few_groups_for_the_folds_is_one_line() -> None:
    data = videos(["a", "b"] * 3, ["g0", "g0", "g1", "g1", "g2", "g2"])
    with pytest.raises(UserError, match=r"4 folds need at least as many groups, there are 3; lower splits\.folds"):
        make_split("fold1", OPTIONS, data)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6), st.sampled_from([0.1, 0.25, 0.4]))
def test_a_holdout_keeps_groups_whole_and_classes_in_proportion(seed: int, fraction: float) -> None:
    data = random_data(seed, groups=60)
    options = OPTIONS | {"kind": "holdout", "test": fraction}
    assert split_names(options, 0) == ["split1"]
    subsets = make_split("split1", options, data)
    assert set(subsets) == {video.id for video in data}
    groups = {(video.group, subsets[video.id]) for video in data}
    assert len(groups) == len({video.group for video in data})
    assert abs(Counter(subsets.values())["test"] / len(data) - fraction) < 0.1
    assert {video.label for video in data if subsets[video.id] == "train"} == {video.label for video in data}


def test_several_official_splits() -> None:
    rows = [("train", "test"), ("test", "train"), ("train", "train"), ("train", "")] * 4
    data = [
        Video(f"v{n}", f"v{n}", "ab"[n // 2 % 2] if n % 4 != 1 else "ab"[n // 8], f"g{n}", first, (second,))
        for n, (first, second) in enumerate(rows)
    ]
    assert official_splits(data) == 2
    assert split_names(OPTIONS | {"kind": "auto"}, 2) == ["split1", "split2"]
    second = make_split("split2", OPTIONS | {"kind": "auto"}, data)
    assert {video for video, subset in second.items() if subset == "test"} == {"v0", "v4", "v8", "v12"}
    assert not {"v3", "v7", "v11", "v15"} & set(second)


def test_a_group_in_two_subsets_is_a_warning_in_published_lists_and_no_validation(capsys) -> None:
    """Validation then holds none of the groups of the test, so that nothing is chosen on what is tested."""
    labels = ["a", "b"] * 10
    groups = [f"g{n // 2}" for n in range(18)] + ["g0", "g1"]
    data = videos(labels, groups, ["train"] * 18 + ["test"] * 2)
    with pytest.raises(UserError, match=r"group 'g0' is in test and train \(as are 1 more groups\)"):
        make_split("split1", OPTIONS | {"kind": "auto"}, data)
    for seed in range(10):
        subsets = make_split("split1", OPTIONS | {"kind": "auto", "seed": seed}, data, published=True)
        validation = {video.group for video in data if subsets[video.id] == "val"}
        assert validation
        assert not validation & {"g0", "g1"}
    assert "2 groups are in training and test, as the official lists have it: g0, g1" in capsys.readouterr().err


def test_duplicates_become_one_group() -> None:
    data = videos(["a"] * 6, [f"g{n}" for n in range(6)])
    merged = merge_groups(data, [{"v0", "v2"}, {"v2", "v5"}, {"v3", "not here"}])
    assert [video.group for video in merged] == ["g0", "g1", "g0", "g3", "g4", "g0"]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sets(st.integers(0, 19), min_size=2, max_size=5), max_size=8),
    st.lists(st.integers(0, 7), min_size=20, max_size=20),
)
def test_merged_groups_are_those_that_duplicates_connect(alike: list[set[int]], groups: list[int]) -> None:
    data = videos(["a"] * 20, [f"g{group}" for group in groups])
    merged = merge_groups(data, [{f"v{n}" for n in members} for members in alike])
    reached = {n: {n} | {m for m in range(20) if groups[m] == groups[n]} for n in range(20)}
    for members in alike:
        for n in members:
            reached[n] |= members
    for _ in range(20):  # brute force: the transitive closure
        reached = {n: set().union(*(reached[m] for m in near)) for n, near in reached.items()}
    for n in range(20):
        assert {m for m in range(20) if merged[m].group == merged[n].group} == reached[n]


def test_a_shard_depends_on_the_video_alone() -> None:
    assert [shard_of(f"v{n}", 4) for n in range(8)] == [shard_of(f"v{n}", 4) for n in range(8)]
    assert {shard_of(f"v{n}", 4) for n in range(100)} == {0, 1, 2, 3}


def write_manifest(folder: Path, rows: list[list[str]], header: tuple[str, ...] = ("path", "label", "group")) -> dict:
    with open(folder / "videos.csv", "w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    for row in rows:
        if row[0]:
            (folder / row[0]).touch()
    return {"kind": "csv", "manifest": str(folder / "videos.csv")}


def test_manifest_paths_labels_and_groups(tmp_path: Path) -> None:
    options = write_manifest(tmp_path, [["a b.mp4", "x", "g"], ["ä'.mp4", "y", ""]])
    assert csv_manifest.videos(options) == [
        Video("a b.mp4", str(tmp_path / "a b.mp4"), "x", "g", ""),
        Video("ä'.mp4", str(tmp_path / "ä'.mp4"), "y", "ä'.mp4", ""),
    ]
    assert csv_manifest.videos(options | {"root": "/else"})[0].path == "/else/a b.mp4"


@pytest.mark.parametrize(
    ("rows", "header", "words"),
    [
        ([], ("path", "label"), "lists no video"),
        ([["a", "x"]], ("path", "kind"), "has no column 'label'"),
        ([["a", "x"]], ("address", "label"), "has no column 'path'"),
        ([["a", "x"], ["", "y"]], ("path", "label"), "line 3: path is empty"),
        ([["a", "x"], ["b", ""]], ("path", "label"), "line 3: label is empty"),
        ([["a", "x"], ["a", "y"]], ("path", "label"), "'a' is listed more than once"),
        ([["a", "x", "trian"]], ("path", "label", "subset"), "line 2: subset 'trian'"),
        ([["a", "x"], ["b", "x"]], ("path", "label"), "has only the class 'x'"),
        ([["a", "x"], ["b", "x"], ["c", "y"]], ("path", "label"), "class 'y' has one video"),
        (
            [["a", "x", "1"], ["b", "x", "2"], ["c", "y", "3"], ["d", "y", "3"]],
            ("path", "label", "group"),
            "class 'y' are",
        ),
    ],
)
def test_a_wrong_manifest_gets_one_line(tmp_path: Path, rows: list, header: tuple, words: str) -> None:
    options = write_manifest(tmp_path, rows, header)
    with pytest.raises(UserError) as caught:
        own_checks.check(csv_manifest.videos(options), options["manifest"])
    assert words in str(caught.value)
    assert "videos.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_files_and_a_missing_manifest_are_named(tmp_path: Path) -> None:
    options = write_manifest(tmp_path, [["a.mp4", "x", "1"], ["b.mp4", "y", "2"]])
    (tmp_path / "b.mp4").unlink()
    with pytest.raises(UserError, match=r"videos\.csv: no such file: .*b\.mp4"):
        own_checks.check(csv_manifest.videos(options), options["manifest"])
    with pytest.raises(UserError, match=r"none\.csv: no such file"):
        csv_manifest.videos({"manifest": str(tmp_path / "none.csv")})


@pytest.mark.parametrize(("classes", "groups", "each"), [(20, 4, 25), (50, 4, 1), (2, 12, 2)])
def test_ordinary_data_gets_a_validation_set(classes: int, groups: int, each: int) -> None:
    """Groups larger than the wanted share of a class, and classes of few videos."""
    rows = [(f"c{c}", f"c{c}g{g}") for c in range(classes) for g in range(groups) for _ in range(each)]
    data = videos([label for label, _ in rows], [group for _, group in rows])
    subsets = make_split("fold1", OPTIONS, data)
    counts = Counter(subsets.values())
    assert 0.05 < counts["val"] / (counts["val"] + counts["train"]) < 0.3


@pytest.mark.parametrize(("groups", "options"), [(4, {}), (5, {}), (8, {"kind": "holdout", "test": 0.01})])
def test_a_few_large_groups_still_give_a_validation_set(groups: int, options: dict) -> None:
    """Each group is more than the wanted share of the training videos."""
    data = videos(["a", "b"] * 6 * groups, [f"g{n // 12}" for n in range(12 * groups)])
    for name in split_names(OPTIONS | options, 0):
        counts = Counter(make_split(name, OPTIONS | options, data).values())
        assert counts["val"] == 12
        assert counts["test"] >= 12


def test_official_subsets_are_not_regrouped() -> None:
    data = videos(["a", "b"] * 4, [f"g{n}" for n in range(8)], ["train"] * 6 + ["test"] * 2)
    with pytest.raises(UserError, match=r"group_duplicates: official subsets stay as they are"):
        check_possible(OPTIONS | {"kind": "auto", "group_duplicates": True}, data)


def test_fewer_videos_than_folds_is_one_line() -> None:
    data = videos(["a", "b"] * 3, [f"g{n}" for n in range(6)])
    with pytest.raises(UserError, match=r"the largest class, 'a', has 3 videos, fewer than the 4 folds"):
        make_split("fold1", OPTIONS, data)


@pytest.mark.parametrize("column", ["gruop", "Group by", "sub_sett"])
def test_a_column_that_would_be_ignored_is_named(tmp_path: Path, column: str) -> None:
    options = write_manifest(tmp_path, [["a", "x", "1"], ["b", "y", "2"]], ("path", "label", column))
    with pytest.raises(UserError, match=f"the column '{column}'"):
        csv_manifest.videos(options)


def test_one_file_under_two_names_is_refused(tmp_path: Path) -> None:
    options = write_manifest(tmp_path, [["a.mp4", "x", "1"], ["./a.mp4", "y", "2"], ["b.mp4", "x", "3"]])
    with pytest.raises(UserError, match=r"'a\.mp4' and '\./a\.mp4' are the same file"):
        own_checks.check(csv_manifest.videos(options), options["manifest"])
