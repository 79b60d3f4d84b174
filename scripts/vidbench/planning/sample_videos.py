"""Videos to measure with: some of the data set's own where they are there, or else made up.

A made-up video is a texture whose spectrum falls as that of photographs does, moved by a pixel a frame. Its frames take
about as many bytes, and as long to decode, as those of real videos (docs/planning.md).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vidbench import datasets
from vidbench.datasets import motion
from vidbench.errors import UserError
from vidbench.frames import ffmpeg
from vidbench.planning.typical_videos import TYPICAL, Typical
from vidbench.video import Video

NUMBER = 8  # of videos, two ffmpegs' worth
FALL = 1.5  # of the spectrum: amplitude ~ 1 / frequency ** FALL
CONTRAST = 50  # standard deviation of the pixels
COMMON = 0.9  # of what the three colours share, against 0.3 of their own


def present_videos(entry: dict, folder: Path) -> list[Video]:
    """The data set's videos that are there already, NUMBER at most, spread over all of them."""
    try:
        listed = datasets.load(entry["kind"]).videos(entry, folder)
    except UserError:  # the official lists have not been fetched
        return []
    spread = [listed[number] for number in np.linspace(0, len(listed) - 1, min(4 * NUMBER, len(listed))).astype(int)]
    return [video for video in dict.fromkeys(spread) if Path(video.path).exists()][:NUMBER]


def make_motion_videos(entry: dict, folder: Path, ffmpeg_path: str | None) -> list[Video]:
    """Two scenes as the embedded data set makes them, 12 videos."""
    few = {"motion": entry["motion"] | {"train_scenes": 1, "test_scenes": 1}, "ffmpeg": ffmpeg_path}
    motion.download(few, folder)
    return motion.videos(few, folder)


def make_typical_videos(kind: str, folder: Path, ffmpeg_path: str | None) -> list[Video]:
    """NUMBER videos of the size, rate and length that those of a published data set have."""
    typical, videos = TYPICAL[kind], []
    for number in range(NUMBER):
        path = folder / f"made{number}.mp4"
        ffmpeg.encode_h264(_moving_texture(typical, number), path, typical.fps, ffmpeg_path)
        videos.append(Video(path.stem, str(path), "made", path.stem, ""))
    return videos


def _moving_texture(typical: Typical, seed: int) -> np.ndarray:
    """(T, H, W, 3) uint8."""
    height, width, frames = typical.height, typical.width, typical.frames
    picture = _texture(np.random.default_rng(seed), (height + frames, width + frames))
    return np.stack([picture[place : place + height, place : place + width] for place in range(frames)])


def _texture(random: np.random.Generator, size: Sequence[int]) -> np.ndarray:
    """(H, W, 3) uint8 with the spectrum of a photograph."""
    height, width = size
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    amplitude = 1 / np.maximum(frequency, 1 / max(size)) ** FALL
    waves = [random.normal(size=amplitude.shape) + 1j * random.normal(size=amplitude.shape) for _ in range(4)]
    colours = [np.fft.irfft2((COMMON * waves[3] + 0.3 * own) * amplitude, size) for own in waves[:3]]
    picture = np.stack([128 + CONTRAST * colour / colour.std() for colour in colours], axis=-1)
    return np.clip(picture, 0, 255).astype(np.uint8)
