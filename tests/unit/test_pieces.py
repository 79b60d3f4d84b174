"""Pieces of long videos: exactly the frames from their start on and before their end, without decoding all before."""

import time
from pathlib import Path

import numpy as np
import pytest
from made_videos import decoded, write_video
from odd_cases import run

from vidbench import ffmpeg
from vidbench.datasets.video import Video
from vidbench.decoder import Decoder
from vidbench.extraction import extract_shard
from vidbench.frames import FrameStore

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=12:open-gop=1:pools=1")
KINDS = {
    "copy.mp4": ("-c", "copy"),
    "b_frames.mp4": (*X264, "-bf", "3", "-g", "12"),
    "open_gop.mkv": (*X264, "-bf", "3", "-g", "15", "-x264-params", "open-gop=1"),
    "fragments.mp4": (*X264, "-g", "12", "-movflags", "frag_keyframe+empty_moov"),
    "hevc.mp4": X265,
    "hevc.ts": X265,
    "stream.ts": (*X264, "-bf", "2", "-g", "20"),
    "program.mpg": ("-c:v", "mpeg2video", "-bf", "2", "-g", "12", "-q:v", "2"),
    "mpeg4.avi": ("-c:v", "mpeg4", "-q:v", "2", "-g", "12"),
    "vp8.webm": ("-c:v", "libvpx", "-g", "12", "-crf", "8", "-b:v", "1M"),
}
PIECES = [(0.0, 0.5), (0.5, 1.0), (0.52, 1.3), (1.0, 1.04), (1.111, 2.222), (2.0, None), (2.9, 9.0), (0.48, 0.56)]


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("steady") / "steady.mp4", np.arange(75) / 25, rate=25)


def extract(videos: list[Video], folder: Path, fps: float | None = None) -> FrameStore:
    recipe = ffmpeg.Recipe((48, 64), fps, "raw", 2)
    extract_shard(videos, recipe, folder / "0.h5", folder / "spool", 2, None, lambda *_: None)
    return FrameStore(folder / "0.h5")


def pieces_of(path: Path) -> list[Video]:
    return [Video(f"{start}-{end}", str(path), "label", "g", start=start, end=end) for start, end in PIECES]


@pytest.mark.parametrize("kind", KINDS)
def test_a_piece_is_exact_to_the_frame(steady: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    run("-i", steady, *KINDS[kind], path)
    frames, times = decoded(path)
    seconds = np.array(times) - times[0]
    store = extract(pieces_of(path), tmp_path)
    for video in pieces_of(path):
        end = np.inf if video.end is None else video.end
        inside = (seconds >= video.start - 1e-6) & (seconds < end - 1e-6)
        stored = store.videos[video.video]
        assert (stored["status"], stored.num_frames) == ("ok", inside.sum()), (video.video, stored["message"])
        assert np.abs(frames[inside].astype(float) - store.read(video.video)).max(initial=0) < 40
        assert np.abs(frames[inside].astype(float) - store.read(video.video)).mean() < 2
        if (np.diff(seconds) > 0).all():  # PyAV's own times of MPEG-PS are in disorder
            np.testing.assert_allclose(store.times(video.video), seconds[inside] - seconds[inside][0], atol=1e-4)
        assert ("the file ends at" in stored["notes"]) == (video.end == 9.0)


def test_a_piece_of_a_video_with_a_varying_rate(tmp_path: Path) -> None:
    seconds = np.sort(np.random.default_rng(0).uniform(0, 4, 100))
    seconds[0] = 0
    path = write_video(tmp_path / "vary.mp4", seconds)
    frames, times = decoded(path)
    store = extract([Video("p", str(path), "label", "g", start=1.5, end=2.5)], tmp_path)
    inside = (np.array(times) >= 1.5) & (np.array(times) < 2.5)
    assert np.abs(frames[inside].astype(float) - store.read("p")).mean() < 2
    assert store.videos["p"]["duration"] == pytest.approx(1, abs=0.2)


def test_a_piece_behind_the_end_of_the_file_fails_with_a_reason(steady: Path, tmp_path: Path) -> None:
    store = extract([Video("p", str(steady), "label", "g", start=5.0, end=7.0)], tmp_path)
    assert (store.videos["p"]["status"], store.videos["p"].num_frames) == ("failed", 0)
    assert store.videos["p"]["message"] == "has no frame from 5 s to 7 s"


def test_fps_counts_from_the_piece_s_own_start(steady: Path, tmp_path: Path) -> None:
    store = extract([Video("p", str(steady), "label", "g", start=1.0, end=2.0)], tmp_path, fps=5)
    np.testing.assert_allclose(store.times("p"), np.arange(5) / 5, atol=1e-6)
    expected = decoded(steady)[0][25:50]
    nearest = [np.abs(expected - frame.astype(float)).mean(axis=(1, 2, 3)).argmin() for frame in store.read("p")]
    assert np.abs(np.subtract(nearest, range(0, 25, 5))).max() <= 3


def test_a_piece_of_a_folder_of_images(steady: Path, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    run("-i", steady, tmp_path / "images" / "%04d.png")
    store = extract([Video("p", str(tmp_path / "images"), "label", "g", start=1.0, end=1.2)], tmp_path)
    assert np.abs(decoded(steady)[0][25:30].astype(float) - store.read("p")).mean() < 2
    assert store.videos["p"]["duration"] == pytest.approx(0.2)


def test_the_file_is_not_decoded_from_its_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the number of runs of ffmpeg, each of which seeks: one is enough for pieces of a file with key frames."""
    path = tmp_path / "long.mp4"
    run("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=120", *X264, "-g", "25", path)
    commands = []
    decode = Decoder._run
    monkeypatch.setattr(Decoder, "_run", lambda *arguments: commands.append(arguments[1]) or decode(*arguments))
    begin = time.monotonic()
    store = extract([Video("p", str(path), "label", "g", start=115.0, end=116.0)], tmp_path)
    taken = time.monotonic() - begin
    assert store.videos["p"].num_frames == 25
    assert [source.seeks for sources in commands for source in sources] == [True]
    begin = time.monotonic()
    extract([Video("p", str(path), "label", "g")], tmp_path)
    assert taken < (time.monotonic() - begin) / 2


def test_many_pieces_of_one_file_in_one_shard(steady: Path, tmp_path: Path) -> None:
    many = [Video(f"p{n}", str(steady), "label", "g", start=n / 20, end=n / 20 + 0.2) for n in range(30)]
    store = extract([*many, Video("whole", str(steady), "label", "g")], tmp_path)
    assert {stored["status"] for stored in store.videos.values()} == {"ok"}
    assert {store.videos[video.video].num_frames for video in many} == {5}
