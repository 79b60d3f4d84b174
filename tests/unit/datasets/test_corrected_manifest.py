"""corrected.csv: read as a manifest as it is, with the same videos, labels, groups, pieces and subsets."""

from dataclasses import replace
from pathlib import Path

import pytest

from vidbench.datasets import csv_manifest
from vidbench.datasets.corrected_manifest import write_corrected
from vidbench.files import read_csv
from vidbench.video import Video

PLAIN = [Video("a.mp4", "videos/a.mp4", "run", "g1"), Video("b c.mp4", "videos/b c.mp4", "jump", "g2")]
PIECES = [replace(video, start=1.5, end=2.25) for video in PLAIN]
SPLITS = [
    replace(PLAIN[0], subset="train", more_subsets=("test",)),
    replace(PLAIN[1], subset="", more_subsets=("val",)),
]


@pytest.mark.parametrize("videos", [PLAIN, PIECES, SPLITS, [PLAIN[0], PIECES[1]]])
def test_it_is_a_manifest(videos: list[Video], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_corrected(tmp_path / "corrected.csv", videos, {"a.mp4": "jump"})
    (tmp_path / "elsewhere").mkdir()
    copied = (tmp_path / "corrected.csv").rename(tmp_path / "elsewhere" / "mine.csv")
    read = csv_manifest.listing({"manifest": str(copied)})
    assert [replace(video, id="", path="") for video in read.videos] == [
        replace(video, id="", path="", more_subsets=video.more_subsets) for video in videos
    ]
    assert [video.path for video in read.videos] == [str(tmp_path / video.path) for video in videos]
    assert any("'suggested'" in remark for remark in read.remarks)
    assert [row["suggested"] for row in read_csv(copied)] == ["jump", ""]
