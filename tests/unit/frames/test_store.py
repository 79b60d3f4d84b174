"""The frame store: what goes in comes out, whatever was killed on the way."""

import json
import pickle
import subprocess
import tempfile
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidbench.errors import UserError
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.shard_writer import ShardWriter
from vidbench.frames.store import FAILED, OK, PARTIAL, FrameStore, verify
from vidbench.hdf5 import dataset
from vidbench.video import Video

RAW = ffmpeg.Recipe(size=(24, 32), fps=None, codec="raw", quality=2)
JPEG = ffmpeg.Recipe(size=(24, 32), fps=None, codec="jpeg", quality=2)


def clip(seed: int = 0, frames: int = 10) -> np.ndarray:
    """(T, 24, 32, 3) smooth colours that change over time."""
    time = np.arange(frames)[:, None, None, None]
    y, x = np.mgrid[0:24, 0:32]
    wave = np.sin(y / 9 + seed) + np.cos(x / 11)
    return np.rint(128 + 45 * wave[None, ..., None] + time * np.array([4, -3, 2])).clip(0, 255).astype(np.uint8)


@pytest.fixture
def videos(tmp_path: Path) -> list[Video]:
    found = []
    for number, name in enumerate(["a.mp4", "b c'.mp4", 'ä "x".mp4', "-n:1%d.mp4"]):
        ffmpeg.encode_h264(clip(number), tmp_path / name, fps=10)
        found.append(Video(name, str(tmp_path / name), "label", name))
    return found


def extract(videos: list[Video], recipe: ffmpeg.Recipe, output: Path) -> FrameStore:
    extract_shard(videos, recipe, output, output.with_suffix(".spool"), 2, None, lambda video, status: None)
    return FrameStore([output])


@pytest.mark.parametrize("recipe", [RAW, JPEG], ids=["raw", "jpeg"])
def test_frames_come_back_in_order(videos: list[Video], recipe: ffmpeg.Recipe, tmp_path: Path) -> None:
    store = extract(videos, recipe, tmp_path / "0.h5")
    assert sorted(store.videos) == sorted(video.id for video in videos)
    for number, video in enumerate(videos):
        stored = store.videos[video.id]
        assert (stored.num_frames, stored["status"], stored["codec"]) == (10, OK, "h264")
        assert stored["expected_frames"] == 10
        assert stored["source_fps"] == pytest.approx(10)
        for indices in ([0, 3, 4, 9], [0, 0, 0], list(range(10))):
            frames = store.read(video.id, indices)
            assert frames.shape == (len(indices), 24, 32, 3)
            assert np.abs(frames.astype(int) - clip(number)[indices]).mean() < 4


def test_scattered_and_contiguous_reads_agree(videos: list[Video], tmp_path: Path) -> None:
    store = extract(videos[:1], JPEG, tmp_path / "0.h5")
    whole = store.read("a.mp4", range(10))
    assert np.array_equal(store.read("a.mp4", [0, 9]), whole[[0, 9]])


@pytest.mark.parametrize("recipe", [RAW, JPEG], ids=["raw", "jpeg"])
def test_the_same_input_gives_the_same_bytes(videos: list[Video], recipe: ffmpeg.Recipe, tmp_path: Path) -> None:
    extract(videos, recipe, tmp_path / "0.h5")
    extract(list(reversed(videos)), recipe, tmp_path / "1.h5")
    assert (tmp_path / "0.h5").read_bytes() == (tmp_path / "1.h5").read_bytes()


def test_a_shard_explains_itself(videos: list[Video], tmp_path: Path) -> None:
    attributes = extract(videos, JPEG, tmp_path / "0.h5").attributes
    recipe = {"size": [24, 32], "fps": None, "codec": "jpeg", "quality": 2, "image_fps": 25}
    assert json.loads(attributes["recipe"]) == recipe
    assert attributes["ffmpeg_version"]
    assert attributes["schema_version"] == 3


def test_broken_videos_have_a_status_and_a_complaint(videos: list[Video], tmp_path: Path) -> None:
    whole = Path(videos[0].path).read_bytes()
    cases = {"empty.mp4": b"", "text.mp4": b"no video at all", "cut.mp4": whole[: len(whole) // 2]}
    broken = []
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        broken.append(Video(name, str(tmp_path / name), "label", name))
    broken.append(Video("gone.mp4", str(tmp_path / "gone.mp4"), "label", "gone"))
    output = tmp_path / "0.h5"
    extract_shard([*videos, *broken], JPEG, output, tmp_path / "0.spool", 2, None, lambda *_: None, {broken[-1]})
    store = FrameStore([output])
    for video in broken:
        stored = store.videos[video.id]
        assert stored["status"] in (FAILED, PARTIAL)
        assert stored["message"]
    assert not store.videos["gone.mp4"].readable
    assert (store.videos["gone.mp4"]["status"], store.videos["gone.mp4"]["message"]) == (FAILED, "no such file")
    assert store.videos["a.mp4"]["status"] == OK


@pytest.mark.parametrize("finished", [1, 2, 3])
def test_a_finished_video_is_not_decoded_again(videos: list[Video], tmp_path: Path, monkeypatch, finished: int) -> None:
    reported = []

    def stop_after(video: Video, status: str) -> None:
        reported.append(video.id)
        if len(reported) == finished:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract_shard(videos, JPEG, tmp_path / "0.h5", tmp_path / "0.spool", 1, None, stop_after)
    assert not (tmp_path / "0.h5").exists()
    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(a) or popen(*a, **k))
    extract(videos, JPEG, tmp_path / "0.h5")
    assert len(started) <= len(videos) - finished
    extract(videos, JPEG, tmp_path / "1.h5")
    assert (tmp_path / "0.h5").read_bytes() == (tmp_path / "1.h5").read_bytes()


def test_lost_bytes_of_a_spool_are_decoded_again(videos: list[Video], tmp_path: Path, monkeypatch) -> None:
    """After a power cut, the journal may be there without the frames."""
    monkeypatch.setattr(ShardWriter, "finish", lambda *_: None)
    extract_shard(videos, JPEG, tmp_path / "0.h5", tmp_path / "0.spool", 1, None, lambda video, status: None)
    monkeypatch.undo()
    frames = tmp_path / "0.spool" / "frames.bin"
    content = bytearray(frames.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    frames.write_bytes(content)
    extract(videos, JPEG, tmp_path / "0.h5")
    extract(videos, JPEG, tmp_path / "1.h5")
    assert (tmp_path / "0.h5").read_bytes() == (tmp_path / "1.h5").read_bytes()


def test_a_codec_that_nobody_knows_is_a_status(tmp_path: Path) -> None:
    command = [ffmpeg.executable(), "-v", "error", "-f", "lavfi", "-i", "testsrc=size=32x24:rate=10:duration=1"]
    subprocess.run([*command, "-c:v", "mpeg4", tmp_path / "a.avi"], check=True)
    (tmp_path / "b.avi").write_bytes((tmp_path / "a.avi").read_bytes().replace(b"FMP4", b"ZQZQ"))
    store = extract([Video(name, str(tmp_path / name), "x", name) for name in ("a.avi", "b.avi")], JPEG, tmp_path / "0")
    assert store.videos["a.avi"]["status"] == OK
    assert (store.videos["b.avi"]["status"], store.videos["b.avi"]["message"]) == (
        FAILED,
        "has a codec that is not known",
    )


def test_a_title_that_is_no_utf_8_is_no_damage(videos: list[Video], tmp_path: Path) -> None:
    command = [ffmpeg.executable(), "-v", "error", "-i", f"file:{videos[0].path}", "-metadata", "title=Xyzzy"]
    subprocess.run([*command, "-c", "copy", tmp_path / "a.avi"], check=True)
    (tmp_path / "a.avi").write_bytes((tmp_path / "a.avi").read_bytes().replace(b"Xyzzy", b"caf\xe9s"))
    store = extract([Video("a", str(tmp_path / "a.avi"), "x", "g")], JPEG, tmp_path / "0.h5")
    assert (store.videos["a"]["status"], store.videos["a"].num_frames) == (OK, 10)


def test_a_damaged_first_frame_costs_only_itself(videos: list[Video], tmp_path: Path) -> None:
    command = [ffmpeg.executable(), "-v", "error", "-i", f"file:{videos[0].path}", "-g", "1", "-c:v", "mjpeg"]
    subprocess.run([*command, tmp_path / "a.avi"], check=True)
    content = bytearray((tmp_path / "a.avi").read_bytes())
    first = content.index(b"\xff\xd8\xff")
    end = content.index(b"\xff\xd9", first)
    content[first:end] = bytes(end - first)
    (tmp_path / "a.avi").write_bytes(content)
    store = extract([Video("a", str(tmp_path / "a.avi"), "x", "g")], JPEG, tmp_path / "0.h5")
    assert (store.videos["a"]["status"], store.videos["a"].num_frames) == (PARTIAL, 9)


def test_a_store_without_the_newest_columns_is_one_line_and_its_frames_are_read(
    videos: list[Video], tmp_path: Path
) -> None:
    extract(videos, JPEG, tmp_path / "0.h5")
    with h5py.File(tmp_path / "0.h5", "r+") as file:
        del file["videos/source_height"], file["videos/source_width"]
    store = FrameStore(tmp_path)
    assert store.read("a.mp4").shape == (10, 24, 32, 3)
    assert store.videos["a.mp4"]["height"] == 24
    with pytest.raises(UserError, match=r"0\.h5: is no readable frame store .*source_height.*; move it elsewhere and"):
        store.videos["a.mp4"]["source_height"]


def test_an_empty_shard_is_a_store(tmp_path: Path) -> None:
    assert extract([], JPEG, tmp_path / "0.h5").videos == {}


def test_a_damaged_shard_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "0.h5").write_bytes(b"\x89HDF\r\n\x1a\n half")
    with pytest.raises(UserError, match=r"0\.h5: is no readable frame store"):
        FrameStore([tmp_path / "0.h5"])


def test_a_store_can_be_handed_to_a_worker(videos: list[Video], tmp_path: Path) -> None:
    store = extract(videos, JPEG, tmp_path / "0.h5")
    first = store.read("a.mp4", [0])
    again = pickle.loads(pickle.dumps(store))
    assert again._open_files == {}
    assert np.array_equal(again.read("a.mp4", [0]), first)


@pytest.mark.parametrize(("fps", "frames"), [(None, 10), (5, 5), (20, 20)])
def test_fps_counts_frames_of_time(videos: list[Video], tmp_path: Path, fps: float | None, frames: int) -> None:
    recipe = ffmpeg.Recipe(size=24, fps=fps, codec="jpeg", quality=2)
    stored = extract(videos[:1], recipe, tmp_path / "0.h5").videos["a.mp4"]
    assert stored.num_frames == frames
    assert (stored["height"], stored["width"]) == (24, 32)


def test_sizes() -> None:
    assert ffmpeg.stored_size(240, 320, 120) == (120, 160)
    assert ffmpeg.stored_size(320, 240, 120) == (160, 120)
    assert ffmpeg.stored_size(240, 320, (64, 64)) == (64, 64)


def test_an_ffmpeg_that_is_not_there_is_one_line() -> None:
    with pytest.raises(UserError, match="ffmpeg: '/no/ffmpeg' cannot be run"):
        ffmpeg.version("/no/ffmpeg")


def test_another_ffmpeg_can_be_chosen(videos: list[Video], tmp_path: Path) -> None:
    own = tmp_path / "my ffmpeg"
    own.write_text(f'#!/bin/sh\necho used >> "{tmp_path}/used"\nexec "{ffmpeg.executable()}" "$@"\n')
    own.chmod(0o755)
    extract_shard(videos[:1], JPEG, tmp_path / "0.h5", tmp_path / "spool", 1, str(own), lambda video, status: None)
    assert FrameStore([tmp_path / "0.h5"]).videos["a.mp4"].num_frames == 10
    assert (tmp_path / "used").read_text().count("used") == 2  # its version, and one video


@pytest.mark.parametrize("recipe", [RAW, JPEG], ids=["raw", "jpeg"])
def test_verifying_finds_a_flipped_byte(videos: list[Video], recipe: ffmpeg.Recipe, tmp_path: Path) -> None:
    extract(videos, recipe, tmp_path / "0.h5")
    extract(videos, recipe, tmp_path / "1.h5")
    assert verify(tmp_path / "0.h5") == verify(tmp_path / "1.h5")
    with h5py.File(tmp_path / "0.h5") as file:
        place = file["frames/data"].id.get_offset() + int(dataset(file, "frames/offset")[-1]) // 2
    content = bytearray((tmp_path / "0.h5").read_bytes())
    content[place] ^= 1
    (tmp_path / "0.h5").write_bytes(content)
    with pytest.raises(UserError, match=r"0\.h5: damaged: the frames of '.*' have changed"):
        verify(tmp_path / "0.h5")


def test_a_cut_shard_is_one_line(videos: list[Video], tmp_path: Path) -> None:
    extract(videos, JPEG, tmp_path / "0.h5")
    content = (tmp_path / "0.h5").read_bytes()
    for part in (0.1, 0.5, 0.9):
        (tmp_path / "0.h5").write_bytes(content[: int(part * len(content))])
        with pytest.raises(UserError, match=r"0\.h5"):
            verify(tmp_path / "0.h5")


def test_a_video_shorter_than_a_period_of_fps_keeps_its_first_frame(tmp_path: Path) -> None:
    ffmpeg.encode_h264(clip(frames=1), tmp_path / "one.mp4", fps=30)
    recipe = ffmpeg.Recipe(size=(24, 32), fps=5, codec="jpeg", quality=2)
    store = extract([Video("one", str(tmp_path / "one.mp4"), "x", "g")], recipe, tmp_path / "0.h5")
    assert (store.videos["one"].num_frames, store.videos["one"]["status"]) == (1, OK)


@pytest.mark.parametrize("ending", ["kill -9 $$", "exit 255"])
def test_a_killed_ffmpeg_is_no_property_of_the_video(videos: list[Video], tmp_path: Path, ending: str) -> None:
    own = tmp_path / "ffmpeg"
    real = ffmpeg.executable()
    own.write_text(
        f'#!/bin/sh\nif [ "$1" = -version ]; then exec "{real}" -version; fi\n"{real}" "$@" | head -c 3000\n{ending}\n'
    )
    own.chmod(0o755)
    spool = tmp_path / "spool"
    with pytest.raises(UserError, match=r"a\.mp4: ffmpeg was stopped while decoding it"):
        extract_shard(videos[:1], JPEG, tmp_path / "0.h5", spool, 1, str(own), lambda video, status: None)
    assert not (tmp_path / "0.h5").exists()
    assert list(spool.glob("*.json")) == []


FULL = "[vost#0:0/mjpeg @ 0x55d4] Error submitting a packet to the muxer: No space left on device"


@pytest.mark.parametrize("complaint", [FULL, "av_interleaved_write_frame(): No space left on device"])
def test_a_full_disk_is_no_property_of_the_video(videos: list[Video], tmp_path: Path, complaint: str) -> None:
    own = tmp_path / "ffmpeg"
    own.write_text(
        f'#!/bin/sh\nif [ "$1" = -version ]; then exec "{ffmpeg.executable()}" -version; fi\n'
        f'echo "{complaint}" >&2\nexit 228\n'
    )
    own.chmod(0o755)
    spool = tmp_path / "spool"
    with pytest.raises(UserError, match=r"cannot be written: No space left on device; free the disk"):
        extract_shard(videos[:1], JPEG, tmp_path / "0.h5", spool, 1, str(own), lambda video, status: None)
    assert not (tmp_path / "0.h5").exists()
    assert list(spool.glob("*.json")) == []


@given(st.lists(st.binary(min_size=1, max_size=40).map(lambda data: data.replace(b"\xff", b"\xff\x00")), max_size=6))
def test_jpeg_frames_are_told_apart_across_blocks(frames: list[bytes]) -> None:
    whole = [b"\xff\xd8" + frame + b"\xff\xd9" for frame in frames]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(ffmpeg, "CHUNK", 7)
        path = Path(folder, "frames")
        path.write_bytes(b"".join(whole) + b"\xff\xd8 unfinished")
        sizes, checksum = ffmpeg.measure_frames(path, "jpeg", 0)
        assert sizes == [len(frame) for frame in whole]
        assert checksum == zlib.crc32(b"".join(whole))
        assert path.read_bytes() == b"".join(whole)


def test_a_video_that_crashes_ffmpeg_is_named_and_the_others_go_on(videos: list[Video], tmp_path: Path) -> None:
    own = tmp_path / "ffmpeg"
    own.write_text(f'#!/bin/sh\ncase "$*" in *a.mp4*) kill -SEGV $$;; esac\nexec "{ffmpeg.executable()}" "$@"\n')
    own.chmod(0o755)
    spool = tmp_path / "spool"
    extract_shard(videos, JPEG, tmp_path / "0.h5", spool, 2, str(own), lambda video, status: None)
    store = FrameStore([tmp_path / "0.h5"])
    assert store.videos["a.mp4"]["status"] == FAILED
    assert store.videos["a.mp4"]["message"] == "ffmpeg ended with code -11"
    assert sum(video["status"] == OK for video in store.videos.values()) == len(videos) - 1


def test_a_store_opens_by_its_folder(videos: list[Video], tmp_path: Path) -> None:
    extract(videos, JPEG, tmp_path / "0.h5")
    store = FrameStore(tmp_path)
    assert store.read("a.mp4").shape == (10, 24, 32, 3)
    assert store.videos["a.mp4"]["source_fps"] == pytest.approx(10)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no frame store"):
        FrameStore(tmp_path / "empty")


def test_a_damaged_frame_is_one_line(videos: list[Video], tmp_path: Path) -> None:
    extract(videos, JPEG, tmp_path / "0.h5")
    with h5py.File(tmp_path / "0.h5", "r+") as file:
        dataset(file, "frames/data")[:200] = 0
    with pytest.raises(UserError, match=r"0\.h5: is no readable frame store"):
        FrameStore(tmp_path).read("-n:1%d.mp4")


@pytest.mark.parametrize("fps", [None, 5])
def test_decoding_together_gives_what_decoding_alone_gives(tmp_path: Path, monkeypatch, fps: float | None) -> None:
    videos = []
    for number in range(12):
        path = tmp_path / f"{number}.mp4"
        ffmpeg.encode_h264(clip(number, frames=1 if number == 3 else 10 + number), path, fps=10)
        if number == 5:
            path.write_bytes(path.read_bytes()[:-300])
        videos.append(Video(path.name, str(path), "x", "g"))
    recipe = ffmpeg.Recipe((24, 32), fps, "jpeg", 2)
    commands = []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda command, **k: commands.append(command) or popen(command, **k))
    extract_shard(videos, recipe, tmp_path / "0.h5", tmp_path / "0", 1, None, lambda *_: None)
    assert max(command.count("-i") for command in commands) == 3
    monkeypatch.setattr("vidbench.frames.extract.TOGETHER", 1)
    extract_shard(videos, recipe, tmp_path / "1.h5", tmp_path / "1", 1, None, lambda *_: None)
    assert (tmp_path / "0.h5").read_bytes() == (tmp_path / "1.h5").read_bytes()
    assert FrameStore([tmp_path / "0.h5"]).videos["5.mp4"]["status"] != OK


@pytest.mark.parametrize("indices", [[-1, 0], [0, 10], []])
def test_frames_that_a_video_lacks_are_no_damage(videos: list[Video], tmp_path: Path, indices: list[int]) -> None:
    store = extract(videos, JPEG, tmp_path / "0.h5")
    with pytest.raises(IndexError, match=r"video 'a\.mp4' has the frames 0 to 9"):
        store.read("a.mp4", indices)
