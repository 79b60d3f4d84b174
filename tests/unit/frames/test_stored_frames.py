"""Whatever a video's time stamps are, all its frames are stored, in their order, as another decoder has them."""

import shutil
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from av.error import FFmpegError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_videos import HEIGHT, WIDTH, decoded, write_video

from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import FrameStore
from vidbench.video import Video

CONTAINERS = {  # codec, and ticks a second of the container's clock
    ".mp4": ("libx264", 90_000), ".mov": ("libx264", 600), ".mkv": ("libx264", 1000), ".webm": ("libvpx", 1000),
    ".ts": ("libx264", 90_000), ".avi": ("mjpeg", None),
}  # fmt: skip
TOGETHER = 8  # videos of a shard: enough that one ffmpeg decodes several


@st.composite
def stamps(draw: st.DrawFn) -> list[float]:
    """Seconds of each frame: a rate with jitter, gaps, repeats, and steps back."""
    rate = draw(st.sampled_from([1, 7.5, 15, 24, 30000 / 1001, 30, 60, 240, 1000]))
    count = draw(st.integers(1, 24))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    seconds = np.arange(count) / rate + random.uniform(-1, 1, count) * draw(st.sampled_from([0, 0.3, 0.9])) / rate
    kind = draw(st.sampled_from(["jitter", "gap", "repeats", "back", "again", "glitch"]))
    place = draw(st.integers(0, count - 1))
    if kind == "gap":
        seconds[place:] += draw(st.floats(1, 2000))
    if kind == "repeats":
        seconds = seconds[np.sort(random.integers(0, count, count))]
    if kind == "back":
        seconds[place:] -= draw(st.floats(0, 3))
    if kind == "again":
        seconds[place:] = seconds[: count - place]
    if kind == "glitch":
        seconds[place] = seconds[max(place - 1, 0)] + 0.0008
    return (seconds - seconds.min()).tolist()


@st.composite
def videos(draw: st.DrawFn) -> tuple[str, list[float], bool, int]:
    """A container, stamps, whether it is written as a live stream, and the rate that the encoder is told."""
    container = draw(st.sampled_from(sorted(CONTAINERS)))
    return container, draw(stamps()), draw(st.booleans()), draw(st.sampled_from([1, 25, 30, 1000]))


def write(folder: Path, number: int, video: tuple[str, list[float], bool, int]) -> Path:
    container, seconds, live, rate = video
    codec, ticks = CONTAINERS[container]
    if ticks is None:  # AVI has no stamps but numbers of frames
        seconds, ticks, rate = [frame / 25 for frame in range(len(seconds))], 25, 25
    options = {"live": "1"} if live and container in (".mkv", ".webm") else {}
    path = folder / f"{number}{container}"
    return write_video(path, seconds, codec=codec, ticks=ticks, rate=Fraction(rate), container=options)


@pytest.mark.parametrize("codec", ["jpeg", "raw"])
@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(made=st.lists(videos(), min_size=TOGETHER, max_size=TOGETHER))
def test_every_frame_is_stored_in_order(codec: str, made: list[tuple[str, list[float], bool, int]]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        paths = [write(folder, number, video) for number, video in enumerate(made)]
        listed = [Video(path.name, str(path), "label", path.name) for path in paths]
        recipe = ffmpeg.Recipe((HEIGHT, WIDTH), None, codec, 2)
        extract_shard(listed, recipe, folder / "0.h5", folder / "spool", 1, None, lambda *_: None)
        store = FrameStore(folder / "0.h5")
        for path in paths:
            check(store, path)
    finally:
        shutil.rmtree(folder)


def check(store: FrameStore, path: Path) -> None:
    """The store's frames are those of PyAV, with times that rise, and are PyAV's where those rise."""
    stored = store.videos[path.name]
    try:
        frames, times = decoded(path)
    except FFmpegError:  # a transport stream that is too short to be recognised
        assert stored["status"] == "failed"
        return
    assert (stored["status"], stored["message"]) == ("ok", "")
    assert stored.num_frames == len(frames)
    assert np.abs(frames.astype(float) - store.read(path.name)).mean(axis=(1, 2, 3)).max() < 3
    found = store.times(path.name)
    assert found[0] == 0
    assert (np.diff(found) > 0).all()
    if None not in times and (np.diff(times) > 0).all():
        assert np.abs(found - (np.array(times) - times[0])).max() <= 1e-4 + 1e-6 * found[-1]


def test_a_phone_video_of_1200_frames_keeps_them_all(tmp_path: Path) -> None:
    """A mean of 30.1 frames per second, now and then two frames nearly at once: 136 were left of such a video."""
    random = np.random.default_rng(1)
    seconds = np.cumsum(random.choice([1 / 30, 1 / 24, 0.0009, 1 / 60], 1200, p=[0.8, 0.1, 0.02, 0.08]))
    write_video(tmp_path / "phone.mp4", seconds, ticks=90_000)
    video = Video("phone", str(tmp_path / "phone.mp4"), "label", "phone")
    for codec in ("jpeg", "raw"):
        recipe = ffmpeg.Recipe((24, 32), None, codec, 2)
        extract_shard([video], recipe, tmp_path / f"{codec}.h5", tmp_path / codec, 1, None, lambda *_: None)
        stored = FrameStore(tmp_path / f"{codec}.h5").videos["phone"]
        assert (stored.num_frames, stored["status"], stored["message"]) == (1200, "ok", "")
