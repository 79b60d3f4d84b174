"""Awkward files, as docs/datasets.md promises, against an independent decoder."""

import re
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import inspect_videos
import numpy as np
import pytest
from conftest import PROJECT, SHARED

from vidbench.files import read_csv
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import COLUMNS, FAILED, FrameStore
from vidbench.video import Video

ODD = SHARED / "odd"
ROW = re.compile(r"^\| (.+?) \| [^|]+ \| (ok|partial|failed) \| (\d+) \| (\d+)x(\d+) \| (\d+) \|$", re.MULTILINE)
PROMISED = {row[0]: row[1:] for row in ROW.findall((PROJECT / "docs" / "datasets.md").read_text(encoding="utf-8"))}
NOT_SQUARE = {"anim.gif", "av1_video.mkv", "interlaced_mpeg2.mpg", "odd_dims_171x97_yuv444.mp4"}
TOLERANCE = {"interlaced_mpeg2.mpg": 20}  # the other decoder shows both fields at once


@pytest.fixture(scope="module", params=["jpeg", "raw"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FrameStore:
    if not ODD.exists():
        pytest.skip(f"the odd videos are not here: {ODD}")
    folder = tmp_path_factory.mktemp("odd")
    videos = [Video(path.name, str(path), "x", path.name) for path in ODD.iterdir()]
    recipe = ffmpeg.Recipe(96, None, request.param, 2)
    extract_shard(videos, recipe, folder / "0.h5", folder / "spool", 2, None, lambda *_: None)
    return FrameStore(folder)


def test_the_table_names_every_file(store: FrameStore) -> None:
    assert sorted(PROMISED) == sorted(store.videos)
    assert len(PROMISED) == 18


@pytest.mark.parametrize("name", PROMISED)
def test_a_file_is_stored_as_promised(store: FrameStore, name: str) -> None:
    video = store.videos[name]
    found = (video["status"], video.num_frames, video["height"], video["width"], video["rotation"])
    assert tuple(map(str, found)) == PROMISED[name]
    assert bool(video["message"]) == (video["status"] != "ok")
    assert str(ODD) not in video["message"]


@pytest.mark.parametrize("name", PROMISED)
def test_the_source_s_own_size_is_known(store: FrameStore, name: str) -> None:
    video = store.videos[name]
    shown = (video["source_height"], video["source_width"])
    if not video.readable:
        assert shown == (0, 0)
        return
    height, width = decode(ODD / name)[0].shape[:2]
    assert shown[1 if video["rotation"] % 180 else 0] == height
    # Where pixels are not square, only the stored width tells the shown one.
    assert ffmpeg.stored_size(*shown, 96) == (video["height"], video["width"])
    assert shown[0 if video["rotation"] % 180 else 1] == width or name in NOT_SQUARE


def test_the_doctor_lists_them_all(
    store: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    (shard,) = {video.shard.path for video in store.videos.values()}
    monkeypatch.setattr(sys, "argv", ["", "--frames", str(shard), "--output", str(tmp_path / "inspection.csv")])
    inspect_videos.main()
    said = capsys.readouterr().err
    rows = {row["video"]: row for row in read_csv(tmp_path / "inspection.csv")}
    assert sorted(rows) == sorted(PROMISED)
    for name, row in rows.items():
        assert (row["status"], row["num_frames"]) == PROMISED[name][:2]
        assert int(row["source_height"]) == store.videos[name]["source_height"]
        assert (f"{name}: {row['status']}: " in said) == (row["status"] != "ok")


def test_a_fault_that_all_videos_have_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    row = dict.fromkeys(COLUMNS, "") | {"status": FAILED, "message": "no such codec"}
    monkeypatch.setattr(inspect_videos, "FrameStore", lambda _: SimpleNamespace(videos={"a": row, "b": row}))
    monkeypatch.setattr(sys, "argv", ["", "--frames", "0.h5", "--output", str(tmp_path / "inspection.csv")])
    inspect_videos.main()
    assert capsys.readouterr().err == "all 2 videos: failed: no such codec\n"


@pytest.mark.parametrize("name", [name for name, row in PROMISED.items() if row[0] != FAILED])
def test_frames_are_those_of_another_decoder(store: FrameStore, name: str) -> None:
    expected, stored = decode(ODD / name), store.read(name)
    assert len(expected) == len(stored)
    turns = int(PROMISED[name][-1]) // 90
    for place in {0, len(stored) // 2, len(stored) - 1}:
        distances = [distance(np.rot90(expected[place], k), stored[place]) for k in range(4)]
        assert np.argmin(distances) == turns
        assert distances[turns] < TOLERANCE.get(name, 8)


@cache
def decode(path: Path) -> list[np.ndarray]:
    """All frames, neither turned nor scaled, until the decoder gives up."""
    import av
    from av.error import FFmpegError

    frames = []
    with av.open(str(path)) as container:
        try:
            for frame in container.decode(container.streams.best("video")):
                frames.append(frame.to_ndarray(format="rgb24"))
        except FFmpegError:
            pass
    return frames


def distance(frame: np.ndarray, stored: np.ndarray) -> float:
    """Mean absolute difference after scaling to the stored size."""
    from PIL import Image

    scaled = Image.fromarray(np.ascontiguousarray(frame)).resize(stored.shape[1::-1], Image.Resampling.BICUBIC)
    return np.abs(np.asarray(scaled).astype(int) - stored).mean()


def test_time_decides_where_the_frame_rate_varies(tmp_path: Path) -> None:
    import av

    path = ODD / "vfr_h264.mp4"
    if not path.exists():
        pytest.skip(f"the odd videos are not here: {ODD}")
    with av.open(str(path)) as container:
        times = [float(frame.time) for frame in container.decode(video=0)]
    recipe = ffmpeg.Recipe(96, 5, "raw", 2)
    video = Video("vfr", str(path), "x", "g")
    extract_shard([video], recipe, tmp_path / "0.h5", tmp_path / "spool", 1, None, lambda *_: None)
    stored, frames = FrameStore(tmp_path).read("vfr"), decode(path)
    assert abs(len(stored) - 5 * (times[-1] - times[0])) <= 1.5
    for number, frame in enumerate(stored[:-1]):
        nearest = int(np.argmin([distance(other, frame) for other in frames]))
        assert abs(times[nearest] - times[0] - number / 5) < 0.2
