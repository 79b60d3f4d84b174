"""Nearly still videos: takes of scenes in which somebody sits and breathes, or nothing moves at all.

Takes of one scene differ as real ones do: another posture by a pixel or two, another breath, other noise.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidbench import ffmpeg

HEIGHT, WIDTH, FPS = 240, 320, 25
MIRROR = "hflip"


@dataclass(frozen=True)
class Copying:
    """A way to encode a nearly still video again."""

    name: str
    arguments: tuple[str, ...]  # ffmpeg's, between input and output
    mirrored: bool = True
    ending: str = "mp4"

    def encode(self, source: Path | str, target: Path) -> None:
        """Run ffmpeg."""
        command = [ffmpeg.executable(), "-nostdin", "-v", "error", "-y", "-i", f"file:{source}", *self.arguments]
        subprocess.run([*command, "-threads", "1", "-pix_fmt", "yuv420p", "-an", f"file:{target}"], check=True)


def _copying(name: str, *codec: str, filters: str = MIRROR, cut: Sequence[str] = (), **others: str) -> Copying:
    picture = ("-vf", filters) if filters else ()
    return Copying(name, (*cut, *picture, "-c:v", *codec), MIRROR in filters, **others)


COPYINGS = (
    _copying("mpeg4 at quality 15, mirrored", "mpeg4", "-q:v", "15"),
    _copying("mpeg4 at quality 31, mirrored", "mpeg4", "-q:v", "31"),
    _copying("mpeg4 at quality 31", "mpeg4", "-q:v", "31", filters=""),
    _copying("MJPEG at quality 25, mirrored", "mjpeg", "-q:v", "25", ending="avi"),
    _copying("H.264 at crf 40, mirrored", "libx264", "-crf", "40"),
    _copying("mpeg4, 8 frames a second, mirrored", "mpeg4", "-q:v", "20", "-r", "8"),
    _copying("mpeg4, 160x120, mirrored", "mpeg4", "-q:v", "20", filters="hflip,scale=160:120"),
    _copying("mpeg4, cut by 0.7 and 0.9 s, mirrored", "mpeg4", "-q:v", "20", cut=("-ss", "0.7", "-t", "2.9")),
)


def take(picture: np.ndarray, seed: int, seconds: float = 4.5, still: bool = False) -> np.ndarray:
    """A take of the scene `picture`, (HEIGHT, WIDTH, 3) float: (T, HEIGHT, WIDTH, 3) uint8.

    In `still` ones nothing moves, and takes of one scene cannot be told apart.
    """
    random = np.random.default_rng((3, seed))
    clock = np.arange(round(seconds * FPS)) / FPS
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    person = np.exp(-(((y - 150) / 70) ** 2 + ((x - 150) / 55) ** 2) ** 2).astype(np.float32)
    posture, depth = random.uniform(1, 2.5, 2) * random.choice([-1, 1], 2), random.uniform(0.6, 2.5)
    period, phase, sigma = random.uniform(2.5, 5), random.uniform(0, 6.3), random.uniform(1, 4)
    breath = depth * np.sin(2 * np.pi * clock / period + phase) + 0.3 * np.sin(2.1 * clock + 3 * phase)
    light = 1 + random.uniform(-0.01, 0.01) * clock
    frames = np.empty((len(clock), HEIGHT, WIDTH, 3), np.uint8)
    for number, moved in enumerate(breath):
        shift_y, shift_x = (0.0, 0.0) if still else (posture[0] + moved, posture[1] + 0.3 * moved)
        shown = _warped(picture, y + person * shift_y, x + person * shift_x) * light[number]
        noise = random.normal(0, sigma, shown.shape[:2])[..., None] + random.normal(0, sigma / 2, shown.shape)
        frames[number] = np.rint(shown + noise).clip(0, 255)
    return frames


def _warped(picture: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Pixels of a picture at fractional places."""
    y, x = y.clip(0, HEIGHT - 1.01), x.clip(0, WIDTH - 1.01)
    top, left = y.astype(np.int64), x.astype(np.int64)
    down, right = (y - top)[..., None], (x - left)[..., None]
    upper = picture[top, left] * (1 - right) + picture[top, left + 1] * right
    return upper * (1 - down) + (picture[top + 1, left] * (1 - right) + picture[top + 1, left + 1] * right) * down


def room(seed: int) -> np.ndarray:
    """A person before a wall with pictures and shelves: (HEIGHT, WIDTH, 3) float32."""
    random = np.random.default_rng((4, seed))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
    picture[:] = random.uniform(70, 190, 3)
    picture *= (1 + random.uniform(-0.3, 0.3) * (x / WIDTH - 0.5) + random.uniform(-0.3, 0.3) * (y / HEIGHT - 0.5))[..., None]
    for _ in range(random.integers(4, 12)):
        top, left = random.uniform(0, HEIGHT - 30), random.uniform(0, WIDTH - 30)
        height, width = random.uniform(15, 90, 2)
        inside = (abs(y - top - height / 2) < height / 2) & (abs(x - left - width / 2) < width / 2)
        picture[inside] = random.uniform(30, 230, 3)
    skin, shirt = random.uniform(90, 220, 3), random.uniform(20, 220, 3)
    picture[np.hypot((y - 215) / 85, (x - 150) / 60) < 1] = shirt
    picture[np.hypot((y - 110) / 34, (x - 150) / 26) < 1] = skin
    for eye in (140, 160):
        picture[np.hypot(y - 104, x - eye) < 3] = 30
    return picture


def write_video(frames: np.ndarray, path: Path, quality: int = 20) -> None:
    """Encode frames (T, HEIGHT, WIDTH, 3) as H.264 at crf `quality`."""
    size = f"{frames.shape[2]}x{frames.shape[1]}"
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(FPS), "-i", "-"]
    codec = ["-c:v", "libx264", "-crf", str(quality), "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p"]
    command = [ffmpeg.executable(), "-v", "error", "-y", *source, *codec, f"file:{path}"]
    subprocess.run(command, input=frames.tobytes(), check=True)
