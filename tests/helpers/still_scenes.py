"""Nearly still videos: takes of scenes in which somebody sits and breathes, and poor copies of them.

Takes of one scene differ as real ones do: another posture by one to three pixels, another breath, other noise.
"""

import subprocess
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidbench.doctor.duplicates.pairs import Pair
from vidbench.frames import ffmpeg
from vidbench.video import Video

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


@dataclass(frozen=True)
class Take:
    """A nearly still video, and how it was copied."""

    video: Video
    source: str = ""  # name of the take that it is a copy of
    copying: Copying | None = None

    @property
    def original(self) -> str:
        return self.source or self.video.id


def plant(pictures: dict[str, np.ndarray], takes: int, folder: Path, jobs: int) -> list[Take]:
    """Some takes of each scene with these pictures, (HEIGHT, WIDTH, 3), and of each take copies in half of all ways."""
    tasks = [(name, picture, number, folder) for name, picture in pictures.items() for number in range(takes)]
    with ProcessPoolExecutor(jobs) as pool:
        return [take for found in pool.map(_plant_one, tasks) for take in found]


def _plant_one(task: tuple[str, np.ndarray, int, Path]) -> list[Take]:
    scene, picture, number, folder = task
    name = f"{scene}, take {number}"
    path = folder / f"{name}.mp4"
    write_video(take(picture, zlib.crc32(name.encode()), number), path)
    found = [Take(Video(name, str(path), "still", scene))]
    for copying in COPYINGS[number % 2 :: 2]:
        copied = f"{name}, {copying.name}"
        copying.encode(path, folder / f"{copied}.{copying.ending}")
        found.append(Take(Video(copied, str(folder / f"{copied}.{copying.ending}"), "still", scene), name, copying))
    return found


def found_and_wrong(takes: Sequence[Take], pairs: Sequence[Pair]) -> tuple[list[Take], list[Pair]]:
    """Copies that `pairs` have with their original, mirrored as they are, and pairs of two takes."""
    original = {take.video.id: take.original for take in takes}
    mirrored = {(pair.video_a, pair.video_b): pair.mirrored for pair in pairs}
    mirrored |= {(b, a): value for (a, b), value in mirrored.items()}
    copies = [take for take in takes if take.copying]
    found = [copy for copy in copies if mirrored.get((copy.video.id, copy.source)) is copy.copying.mirrored]
    return found, [pair for pair in pairs if original[pair.video_a] != original[pair.video_b]]


def first_frame(path: Path | str) -> np.ndarray:
    """(HEIGHT, WIDTH, 3) float32."""
    output = ["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-"]
    command = [ffmpeg.executable(), "-nostdin", "-v", "error", "-i", f"file:{path}", *output]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(HEIGHT, WIDTH, 3).astype(np.float32)


def take(picture: np.ndarray, seed: int, number: int, seconds: float = 4.5) -> np.ndarray:
    """A take of the scene `picture`, (HEIGHT, WIDTH, 3) float: (T, HEIGHT, WIDTH, 3) uint8.

    number: of the take; somebody sits otherwise in each of three.
    """
    random = np.random.default_rng((3, seed))
    clock = np.arange(round(seconds * FPS)) / FPS
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    person = np.exp(-((((y - 150) / 70) ** 2 + ((x - 150) / 55) ** 2) ** 2)).astype(np.float32)
    angle, distance, depth = 2 * np.pi * number / 3, random.uniform(0.9, 1.5), random.uniform(0.6, 2.5)
    period, phase, sigma = random.uniform(2.5, 5), random.uniform(0, 6.3), random.uniform(1, 4)
    breath = depth * np.sin(2 * np.pi * clock / period + phase) + 0.3 * np.sin(2.1 * clock + 3 * phase)
    light = 1 + random.uniform(-0.01, 0.01) * clock
    frames = np.empty((len(clock), HEIGHT, WIDTH, 3), np.uint8)
    for frame, moved in enumerate(breath):
        down, right = distance * np.sin(angle) + moved, distance * np.cos(angle) + 0.3 * moved
        shown = _warped(picture, y + person * down, x + person * right) * light[frame]
        noise = random.normal(0, sigma, shown.shape[:2])[..., None] + random.normal(0, sigma / 2, shown.shape)
        frames[frame] = np.rint(shown + noise).clip(0, 255)
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
    picture *= (1 + random.uniform(-0.3, 0.3) * (x / WIDTH - 0.5) + random.uniform(-0.3, 0.3) * (y / HEIGHT - 0.5))[
        ..., None
    ]
    for _ in range(random.integers(4, 12)):
        top, left = random.uniform(0, HEIGHT - 30), random.uniform(0, WIDTH - 30)
        height, width = random.uniform(15, 90, 2)
        inside = (abs(y - top - height / 2) < height / 2) & (abs(x - left - width / 2) < width / 2)
        picture[inside] = random.uniform(30, 230, 3)
    return with_person(picture, random)


def with_person(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Somebody who sits before what a picture (HEIGHT, WIDTH, 3) shows."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
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
