"""Pieces of long videos: exactly the frames from their start on and before their end, without decoding all before."""

import time
from pathlib import Path

import numpy as np
import pytest
from made_videos import decoded, write_video
from odd_cases import run

from vidbench.frames import ffmpeg
from vidbench.frames.decoder import Decoder
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import FrameStore
from vidbench.video import Video

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=12:open-gop=1:pools=1")
KINDS = {
    "copy.mp4": ("-c", "copy"),
    "b_frames.mp4": (*X264, "-bf", "3", "-g", "12"),
    "open_gop.mkv": (*X264, "-bf", "3", "-g", "15", "-x264-params", "open-gop=1"),
    "fragments.mp4": (*X264, "-g", "12", "-movflags", "frag_keyframe+empty_moov"),
    "hevc.mp4": X265,
    "hevc.ts": X265,
    "interlaced.ts": ("-c:v", "mpeg2video", "-q:v", "2", "-bf", "2", "-flags", "+ildct+ilme"),
    "late.ts": (*X264, "-bf", "3", "-g", "12", "-output_ts_offset", "7.3"),
    "palette.mov": ("-pix_fmt", "pal8", "-c:v", "qtrle"),
    "stream.ts": (*X264, "-bf", "2", "-g", "20"),
    "program.mpg": ("-c:v", "mpeg2video", "-bf", "2", "-g", "12", "-q:v", "2"),
    "mpeg4.avi": ("-c:v", "mpeg4", "-q:v", "2", "-g", "12"),
    "vp8.webm": ("-c:v", "libvpx", "-g", "12", "-crf", "8", "-b:v", "1M"),
}
# Behind the two seconds from which on ffmpeg seeks, also just before a key frame; and at the beginning.
PIECES = [(0.0, 0.5), (0.52, 1.3), (2.5, 3.0), (2.9, 3.3), (3.0, 3.04), (3.111, 4.222), (4.0, None), (5.5, 9.0)]
PIECES += [(frame / 25, frame / 25 + 0.2) for frame in range(81, 98)]


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("steady") / "steady.mp4", np.arange(150) / 25, rate=25)


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
        stored = store.videos[video.id]
        assert (stored["status"], stored.num_frames) == ("ok", inside.sum()), (video.id, stored["message"])
        apart = np.abs(frames[inside].astype(float) - store.read(video.id)).mean(axis=(1, 2, 3))
        # Deinterlacing looks at the frame before, which the first of a piece has not.
        assert apart.max() < (8 if "interlaced" in kind else 2)
        if (np.diff(seconds) > 0).all():  # PyAV's own times of MPEG-PS are in disorder
            np.testing.assert_allclose(store.times(video.id), seconds[inside] - seconds[inside][0], atol=1e-4)
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
    store = extract([Video("p", str(steady), "label", "g", start=7.0, end=9.0)], tmp_path)
    assert (store.videos["p"]["status"], store.videos["p"].num_frames) == ("failed", 0)
    assert store.videos["p"]["message"] == "has no frame from 7 s to 9 s"


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
    assert {store.videos[video.id].num_frames for video in many} == {5}


def test_a_piece_of_an_avi_begins_between_its_ticks(steady: Path, tmp_path: Path) -> None:
    run("-i", steady, "-c:v", "mpeg4", "-q:v", "2", tmp_path / "ticks.avi")
    video = Video("p", str(tmp_path / "ticks.avi"), "label", "g", start=1.205, end=1.5)
    assert extract([video], tmp_path).videos["p"].num_frames == 7  # from 1.24 on


def test_fps_does_not_go_on_behind_a_piece(tmp_path: Path) -> None:
    write_video(tmp_path / "vary.mp4", [0, 0.1, 0.2, 0.3, 0.4, 6.0, 6.1])
    store = extract([Video("p", str(tmp_path / "vary.mp4"), "label", "g", start=0.1, end=0.5)], tmp_path, fps=30)
    assert store.videos["p"].num_frames == pytest.approx(12, abs=2)


def test_a_piece_counts_from_the_file_s_beginning_as_players_do(steady: Path, tmp_path: Path) -> None:
    """Sound begins 0.73 s before the pictures."""
    sound = ("-itsoffset", "0.73", "-i", steady, "-f", "lavfi", "-i", "sine=d=6")
    for name in ("late.ts", "late.mp4"):
        run(*sound, "-map", "0:v", "-map", "1:a", *X264, "-c:a", "aac", tmp_path / name)
        store = extract([Video(name, str(tmp_path / name), "label", "g", start=3.0, end=3.2)], tmp_path)
        nearest = np.abs(decoded(steady)[0] - store.read(name)[0].astype(float)).mean(axis=(1, 2, 3)).argmin()
        assert abs(nearest - 25 * (3.0 - 0.73)) <= 1.5
