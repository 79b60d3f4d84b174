"""Fingerprints: every video as tiny images, a few per second, by which copies of a recording are found.

They are gray; a video whose gray hardly varies has some in colors, too. A nearly still one has finer pictures, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidbench.compute.worker_pool import process_pool
from vidbench.doctor.duplicates.pairs import FLAT, NO_FRAME, SHORT
from vidbench.doctor.duplicates.tiny_images import (
    FINE,
    MIN_IMAGES,
    PIXELS,
    PLANES,
    Reader,
    contrast,
    fine_pictures,
    is_still,
    resample_at,
    time_grid,
    tiny_images,
)
from vidbench.doctor.shard_tasks import open_shard, shard_tasks
from vidbench.frames.store import FrameStore
from vidbench.frames.stored_times import MIN_SECONDS, are_known, clock, nearest, typical_interval
from vidbench.frames.timestamps import ASSUMED_FPS

EMPTY = 2.0  # gray levels: a plane that varies less shows nothing, e.g. black
FAINT = 5.0  # gray levels: where gray varies less, colors are used, too
NO_PIECES = np.empty((0, FINE, FINE), np.uint8)


@dataclass(frozen=True)
class Fingerprint:
    """One video in one plane."""

    images: np.ndarray  # (T, PIXELS) uint8
    pieces: np.ndarray  # (P, FINE, FINE) uint8, means over equal parts of its time; (0, ...) unless nearly still
    step: float  # seconds from one image to the next
    fps: float  # frames per second in the file; 0 where its times are wrong, and those of the images assumed


@dataclass(frozen=True)
class Fingerprints:
    """Fingerprints of many videos in one file, read piece by piece: those of a large data set fill gigabytes."""

    path: Path
    videos: list[str]  # sorted; a video may have several fingerprints
    start: np.ndarray  # (V + 1,) int64: video v has the images start[v] to start[v + 1] - 1
    step: np.ndarray  # (V,) float64: seconds from one image to the next
    fps: np.ndarray | None = None  # (V,) float64: frames per second in the file, 0 where unknown
    piece_start: np.ndarray | None = None  # (V + 1,) int64: the same for the finer pictures
    not_compared: tuple[tuple[str, str], ...] = ()  # videos without a fingerprint, and why

    def images(self, video: int) -> np.ndarray:
        """Read the images of the video with this number: (T, PIXELS) uint8."""
        flat = _read(self.path, self.start[video], self.start[video + 1], PIXELS)
        return flat.reshape(-1, PIXELS)

    def pieces(self, video: int) -> np.ndarray:
        """Read the finer pictures of the video with this number: (P, FINE, FINE) uint8."""
        if self.piece_start is None:
            return NO_PIECES
        flat = _read(pieces_path(self.path), self.piece_start[video], self.piece_start[video + 1], FINE * FINE)
        return flat.reshape(-1, FINE, FINE)

    def steps(self, a: int, b: int) -> tuple[float, float]:
        """Return the seconds between images of each of two videos; an unknown rate is assumed equal to the other's."""
        steps = float(self.step[a]), float(self.step[b])
        fps = (0.0, 0.0) if self.fps is None else (float(self.fps[a]), float(self.fps[b]))
        if fps[0] and not fps[1]:
            return steps[0], steps[1] * ASSUMED_FPS / fps[0]
        if fps[1] and not fps[0]:
            return steps[0] * ASSUMED_FPS / fps[1], steps[1]
        return steps


def pieces_path(path: Path) -> Path:
    """Return the path of the finer pictures of the fingerprints in `path`."""
    return path.with_name(f"{path.name}.pieces")


def _read(path: Path, first: int, end: int, size: int) -> np.ndarray:
    """Read the bytes of images first to end - 1 of `size` bytes each."""
    return np.fromfile(path, np.uint8, int(end - first) * size, offset=int(first) * size)


def write_fingerprints(shards: list[Path], path: Path, jobs: int) -> Fingerprints:
    """Write the fingerprints of all videos that show something to `path`; the same bytes whatever `jobs`."""
    tasks = list(shard_tasks(shards))
    with process_pool(jobs) as pool:
        results = zip((task[1] for task in tasks), pool.map(_fingerprint_some, tasks), strict=True)
        return save_fingerprints((pair for names, prints in results for pair in zip(names, prints, strict=True)), path)


def save_fingerprints(named: Iterable[tuple[str, list[Fingerprint] | str]], path: Path) -> Fingerprints:
    """Write the fingerprints of named videos to `path`; a video may have a reason for having none instead."""
    videos, counts, pieces, rates, not_compared = [], [0], [0], [], []
    with open(path, "wb") as images, open(pieces_path(path), "wb") as fine:
        for name, prints in named:
            if isinstance(prints, str):
                not_compared.append((name, prints))
                continue
            for fingerprint in prints:
                images.write(fingerprint.images.tobytes())
                fine.write(fingerprint.pieces.tobytes())
                videos.append(name)
                counts.append(len(fingerprint.images))
                pieces.append(len(fingerprint.pieces))
                rates.append((fingerprint.step, fingerprint.fps))
    step, fps = np.array(rates, np.float64).reshape(-1, 2).T
    return Fingerprints(path, videos, np.cumsum(counts), step, fps, np.cumsum(pieces), tuple(not_compared))


def _fingerprint_some(task: tuple[Path, list[str]]) -> list[list[Fingerprint] | str]:
    shard, names = task
    return [fingerprint_video(open_shard(shard), name) for name in names]


def fingerprint_video(store: FrameStore, name: str) -> list[Fingerprint] | str:
    """Return a video's fingerprints, in one or more planes; or the reason why it cannot be compared."""
    if not store.videos[name].readable:
        return NO_FRAME
    return compute_fingerprints(store.times(name), lambda frames: store.read(name, frames))


def compute_fingerprints(times: np.ndarray, read: Reader) -> list[Fingerprint] | str:
    """Compute fingerprints of frames at times (N,) seconds, which `read` returns; or the reason for having none."""
    seconds = clock(times)
    grid, step = time_grid(seconds)
    if len(grid) < MIN_IMAGES or len(grid) * step < MIN_SECONDS:
        return SHORT
    frames = nearest(seconds, grid)
    planes = {0: tiny_images(frames, read, 0)}
    if contrast(planes[0]) < FAINT:
        planes |= {plane: tiny_images(frames, read, plane) for plane in range(1, len(PLANES))}
    fps = 1 / typical_interval(times) if are_known(times) else 0.0
    prints = []
    for plane in _select_clear({plane: contrast(images) for plane, images in planes.items()}):
        images = resample_at(planes[plane], seconds, grid, step)
        pieces = fine_pictures(frames, read, plane) if is_still(images, step) else NO_PIECES
        prints.append(Fingerprint(images, pieces, step, fps))
    return prints or FLAT


def _select_clear(contrasts: dict[int, float]) -> list[int]:
    """Select the planes that show something, and have at least half the highest contrast."""
    min_contrast = max(EMPTY, max(contrasts.values()) / 2)
    return [plane for plane, value in contrasts.items() if value >= min_contrast]
