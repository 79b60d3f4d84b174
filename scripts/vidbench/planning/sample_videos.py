"""Videos to measure with: some of the data set's own if they are on the disk, otherwise generated ones.

A generated video is a texture with the spectrum of photographs that moves by one pixel per frame. Its frames take about
the bytes and the decoding time of those of real videos (docs/planning.md).
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

NUMBER = 8  # of videos, which two runs of ffmpeg decode
FALL = 1.5  # of the spectrum: amplitude ~ 1 / frequency ** FALL
CONTRAST = 50  # standard deviation of the pixels
SHARED = 0.9  # part of the waves that all three colours have
SEPARATE = 0.3  # part of each colour's own waves


def select_present_videos(entry: dict, folder: Path) -> list[Video]:
    """Return at most NUMBER of the data set's videos that are on the disk, spread over its list."""
    try:
        listed = datasets.load(entry["kind"]).videos(entry, folder)
    except UserError:  # the official lists have not been fetched
        return []
    spread = [listed[number] for number in np.linspace(0, len(listed) - 1, min(4 * NUMBER, len(listed))).astype(int)]
    return [video for video in dict.fromkeys(spread) if Path(video.path).exists()][:NUMBER]


def make_motion_videos(entry: dict, folder: Path, ffmpeg_path: str | None) -> list[Video]:
    """Make two scenes of the embedded data set, 12 videos."""
    options = {"motion": entry["motion"] | {"train_scenes": 1, "test_scenes": 1}, "ffmpeg": ffmpeg_path}
    motion.download(options, folder)
    return motion.videos(options, folder)


def make_typical_videos(kind: str, folder: Path, ffmpeg_path: str | None) -> list[Video]:
    """Make NUMBER videos of the size, frame rate and length of a published data set's videos."""
    typical = TYPICAL[kind]
    videos = []
    for number in range(NUMBER):
        path = folder / f"made{number}.mp4"
        ffmpeg.encode_h264(draw_moving_texture(typical, number), path, typical.fps, ffmpeg_path)
        videos.append(Video(path.stem, str(path), "made", path.stem, ""))
    return videos


def draw_moving_texture(typical: Typical, seed: int) -> np.ndarray:
    """Return frames (T, H, W, 3) uint8."""
    height, width, frames = typical.height, typical.width, typical.frames
    picture = _draw_texture(np.random.default_rng(seed), (height + frames, width + frames))
    return np.stack([picture[start : start + height, start : start + width] for start in range(frames)])


def _draw_texture(random: np.random.Generator, size: Sequence[int]) -> np.ndarray:
    """Return a picture (H, W, 3) uint8 with the spectrum of a photograph."""
    height, width = size
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    amplitude = 1 / np.maximum(frequency, 1 / max(size)) ** FALL
    waves = [random.normal(size=amplitude.shape) + 1j * random.normal(size=amplitude.shape) for _ in range(4)]
    colours = [np.fft.irfft2((SHARED * waves[3] + SEPARATE * wave) * amplitude, size) for wave in waves[:3]]
    picture = np.stack([128 + CONTRAST * colour / colour.std() for colour in colours], axis=-1)
    return np.clip(picture, 0, 255).astype(np.uint8)
