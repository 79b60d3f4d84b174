"""Fingerprints: every video as tiny gray images, a few a second, by which copies of a recording find each other.

The images of the whole frame are SIDE x SIDE whatever the frame's size and shape, so resizing changes them little.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from vidbench.frames import FrameStore, StoredVideo, find_shards
from vidbench.processes import process_pool

SIDE = 16
PIXELS = SIDE * SIDE
RATE = 12.0  # images a second, at least, where the video has them
GRAY = np.array([0.299, 0.587, 0.114], np.float32)  # weights of red, green and blue, BT.601
READ_TOGETHER = 32  # images: bounds the memory that a long video takes
TASK = 32  # videos that a process gets at a time
ASSUMED_FPS = 25.0  # where the file says nothing


@dataclass(frozen=True)
class Fingerprints:
    """Fingerprints of many videos in one file, read piece by piece: those of a large data set fill gigabytes."""

    path: Path
    videos: list[str]  # sorted
    start: np.ndarray  # (V + 1,) int64: video v has the images start[v] to start[v + 1] - 1
    step: np.ndarray  # (V,) float64: seconds from one image to the next

    def images(self, video: int) -> np.ndarray:
        """Images of the video with this number: (T, PIXELS) uint8."""
        return self.images_between(self.start[video], self.start[video + 1])

    def images_between(self, first: int, end: int) -> np.ndarray:
        """Images `first` to `end` - 1 of all: (T, PIXELS) uint8."""
        flat = np.fromfile(self.path, np.uint8, int(end - first) * PIXELS, offset=int(first) * PIXELS)
        return flat.reshape(-1, PIXELS)


def write_fingerprints(shards: list[Path], path: Path, jobs: int) -> Fingerprints:
    """Fingerprints of all videos that have frames, in the file `path`; the same bytes whatever `jobs`."""
    tasks = list(_tasks(shards))
    order, counts, steps = [], [], []
    with open(path, "wb") as file, process_pool(jobs) as pool:
        for names, found in zip((task[1] for task in tasks), pool.map(_fingerprints, tasks), strict=True):
            for name, (images, step) in zip(names, found, strict=True):
                file.write(images.tobytes())
                order.append(name)
                counts.append(len(images))
                steps.append(step)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Fingerprints(path, order, start, np.array(steps, np.float64))


def _tasks(shards: list[Path]) -> Iterator[tuple[Path, list[str]]]:
    """A shard and some of its videos each."""
    for shard in find_shards(shards):
        names = [name for name, stored in FrameStore(shard).videos.items() if stored.readable]
        for start in range(0, len(names), TASK):
            yield shard, names[start : start + TASK]


@lru_cache(maxsize=1)
def _store(shard: Path) -> FrameStore:
    """One shard at a time: the frames' offsets of a large data set do not fit into every process."""
    return FrameStore(shard)


def _fingerprints(task: tuple[Path, list[str]]) -> list[tuple[np.ndarray, float]]:
    shard, names = task
    return [fingerprint(_store(shard), name) for name in names]


def fingerprint(store: FrameStore, name: str) -> tuple[np.ndarray, float]:
    """Images of a video, (T, PIXELS) uint8, and the seconds from one to the next."""
    video, fps = store.videos[name], frames_per_second(store, name)
    stride = max(1, int(fps / RATE))
    chosen = np.arange(0, video.num_frames, stride)
    parts = [chosen[start : start + READ_TOGETHER] for start in range(0, len(chosen), READ_TOGETHER)]
    return np.concatenate([shrink(store.read(name, part)) for part in parts]), stride / fps


def frames_per_second(store: FrameStore, name: str) -> float:
    """Stored frames a second of video time."""
    video: StoredVideo = store.videos[name]
    recipe = json.loads(store.attributes["recipe"])
    if fps := recipe["fps"] or video["source_fps"]:
        return float(fps)
    return video.num_frames / video["duration"] if video["duration"] else ASSUMED_FPS


def shrink(frames: np.ndarray) -> np.ndarray:
    """Frames (T, H, W, 3) uint8 -> gray means over a grid of SIDE x SIDE areas, (T, PIXELS) uint8."""
    count, height, width, _ = frames.shape
    rows, columns = _area_weights(height), _area_weights(width)
    squeezed = rows @ frames.reshape(count, height, width * 3).astype(np.float32)  # (T, SIDE, W * 3)
    mix = (columns[:, :, None] * GRAY).reshape(SIDE, width * 3).T
    return np.rint(squeezed.reshape(count * SIDE, width * 3) @ mix).astype(np.uint8).reshape(count, PIXELS)


@lru_cache(maxsize=64)
def _area_weights(length: int) -> np.ndarray:
    """(SIDE, length): the share of each pixel of a line in each of SIDE equal parts of it."""
    edges, pixel = np.linspace(0, length, SIDE + 1), np.arange(length)
    shared = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return (shared.clip(0) * SIDE / length).astype(np.float32)
