"""Manifests as people hand them in: each is read as it is meant, or refused with a line that says why."""

import re
import time
from pathlib import Path

import manifest_cases
import pytest
from manifest_cases import Case

from vidbench.datasets import csv_manifest, splits
from vidbench.datasets.layouts import subset_folders
from vidbench.datasets.pieces import parse_seconds
from vidbench.datasets.subset_words import subset_of
from vidbench.errors import UserError
from vidbench.video import Video, read_videos, write_videos


@pytest.mark.parametrize("case", manifest_cases.CASES, ids=lambda case: case.name)
def test_a_case(case: Case, tmp_path: Path) -> None:
    if case.refused:
        with pytest.raises(UserError) as caught:
            manifest_cases.outcome(case, tmp_path)
        assert all(words in str(caught.value) for words in ("videos.csv", *case.refused)), caught.value
        assert "\n" not in str(caught.value)
        return
    videos, said = manifest_cases.outcome(case, tmp_path)
    found = [(video.id, video.label, video.group, video.subset, video.start, video.end) for video in videos]
    assert found == [(*wanted, *("", None, None)[len(wanted) - 3 :]) for wanted in case.videos]
    assert len(said) <= len(case.says), said
    assert all(any(words in line for line in said) for words in case.says), said
    assert not any("\n" in line for line in said)


def test_the_page_of_cases_is_up_to_date() -> None:
    from describe_cases import TARGET, text

    assert TARGET.read_text() == text(), "run `python tests/tools/describe_cases.py --write`"
    assert len(manifest_cases.CASES) >= 35


def test_eval_without_a_test_is_not_guessed(tmp_path: Path) -> None:
    case = Case("train and eval", manifest_cases.with_column("subset", *["train", "eval"] * 2))
    videos, _ = manifest_cases.outcome(case, tmp_path)
    with pytest.raises(UserError, match="no video has the subset 'test' in split1; rename the one that is the test"):
        splits.check_possible({"kind": "auto", "folds": 2, "validation": 0.2, "seed": 0}, videos)


@pytest.mark.parametrize("word", ["trainval", "validate", "devel", "Evaluation", "testset", "train_val", "02_test"])
def test_a_word_says_the_same_in_a_cell_and_as_a_folder(word: str) -> None:
    assert subset_folders([word]) == {word: subset_of(word)}


def test_a_folder_is_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"^{re.escape(str(tmp_path))}: is a folder, not a CSV file; name"):
        csv_manifest.videos({"manifest": str(tmp_path)})


def test_pieces_keep_all_digits_in_the_index(tmp_path: Path) -> None:
    videos = [
        Video("a 0.1-0.30000000000000004", "a", "x", "a", "train", ("test",), 0.1, 0.1 + 0.2),
        Video("b", "b", "x", "b", "test", ("train",)),
        Video("c 1e-05-end", "c", "x", "c", "test", ("train",), 1e-5, None),
    ]
    write_videos(tmp_path / "videos.csv", videos)
    assert read_videos(tmp_path / "videos.csv") == videos


def test_an_index_without_pieces_has_no_columns_for_them(tmp_path: Path) -> None:
    write_videos(tmp_path / "videos.csv", [Video("b", "b", "x", "b")])
    assert (tmp_path / "videos.csv").read_text() == "video,path,label,group,subset\nb,b,x,b,\n"


@pytest.mark.parametrize(
    ("text", "comma", "wanted"),
    [
        ("", False, None), ("12", False, 12.0), (".5", False, 0.5), ("7.", False, 7.0), ("12,5", True, 12.5),
        ("1:12,5", False, 72.5), ("90:00", False, 5400.0), ("1:02:03.4", False, 3723.4), ("0:59.999", False, 59.999),
    ],
)  # fmt: skip
def test_times_as_people_write_them(text: str, comma: bool, wanted: float | None) -> None:
    assert parse_seconds(text, comma) == wanted


@pytest.mark.parametrize("text", ["12,5", "inf", "1e3", "1:60", "1:60:00", "1:2:3:4", "12 s", "--1", "1:-2"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time|of 60 or more|is negative"):
        parse_seconds(text)


def test_paths_are_joined_as_pathlib_joins_them(tmp_path: Path) -> None:
    names = ["a.mp4", "./a.mp4", "b//c.mp4", "b/./c.mp4", "/b/c.mp4", "b/", ".", "b/.", "../b", ".b/c", "b/../c"]
    (tmp_path / "v.csv").write_text("path,label\n" + "".join(f"{name},x\n" for name in names))
    for root in (None, "", ".", "/", "/x/", "x/y", "../x"):
        found = csv_manifest.videos({"manifest": str(tmp_path / "v.csv"), "root": root})
        assert [video.path for video in found] == [str(Path(root or tmp_path) / name) for name in names]


def test_a_large_manifest_is_read_quickly(tmp_path: Path) -> None:
    """It is read by each of Snakemake's processes; generous, because tests share the machine."""
    rows = (f"class {n % 400}/video {n}.mp4,class {n % 400},g{n // 10}\n" for n in range(100_000))
    (tmp_path / "v.csv").write_text("path,label,group\n" + "".join(rows))
    begin = time.process_time()
    assert len(csv_manifest.videos({"manifest": str(tmp_path / "v.csv")})) == 100_000
    assert time.process_time() - begin < 4
