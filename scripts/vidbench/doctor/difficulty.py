"""Duration of every stored video, and the amount of motion in it."""

from functools import reduce
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vidbench.compute.worker_pool import process_pool
from vidbench.doctor.shard_tasks import open_shard, shard_tasks
from vidbench.frames.store import FrameStore
from vidbench.frames.stored_times import clock, duration, nearest

RATE = 4.0  # frames compared per second: slower than any codec's flicker, faster than most actions
READ_TOGETHER = 64  # frames: bounds the memory that a long video takes
GRAY = (77, 150, 29)  # weights of red, green and blue, BT.601, in 256ths


class Difficulty(NamedTuple):
    """A row of difficulty.csv; "" for what is unknown."""

    video: str
    duration: float | str  # seconds
    motion: float | str  # mean absolute difference of gray values from frame to frame at RATE


COLUMNS = Difficulty._fields


def measure_difficulty(shards: list[Path], jobs: int) -> list[Difficulty]:
    """Measure all videos, in the order of their names; the same whatever `jobs`."""
    with process_pool(jobs) as pool:
        return sorted(row for rows in pool.map(_measure_some, list(shard_tasks(shards))) for row in rows)


def _measure_some(task: tuple[Path, list[str]]) -> list[Difficulty]:
    store = open_shard(task[0])
    return [Difficulty(name, seconds(store, name), motion(store, name)) for name in task[1]]


def seconds(store: FrameStore, name: str) -> float | str:
    """Return a video's duration, by the times of its frames, or by its file where these are unknown; "" for none."""
    shown = duration(store.times(name)) if store.videos[name].readable else None
    return round(shown, 4) if shown is not None else store.videos[name]["duration"] or ""


def motion(store: FrameStore, name: str) -> float | str:
    """Return the mean absolute difference of gray values from frame to frame at RATE; "" with fewer than two."""
    if store.videos[name].num_frames < 2:
        return ""
    frames = frames_at_rate(clock(store.times(name)))
    total = 0.0
    for start in range(0, len(frames) - 1, READ_TOGETHER):  # parts share a frame, so that no neighbours are left out
        total += differences(store.read(name, frames[start : start + READ_TOGETHER + 1])).sum()
    return round(total / (len(frames) - 1), 4)


def frames_at_rate(times: np.ndarray) -> np.ndarray:
    """Return the numbers of the frames nearest to RATE moments per second, of frames at times (T,); two or more."""
    moments = np.arange(0, times[-1] + 1e-3, 1 / RATE)
    frames = np.unique(nearest(times, moments))
    return frames if len(frames) > 1 else np.array([0, len(times) - 1])


def differences(frames: np.ndarray) -> np.ndarray:
    """Return the mean absolute difference (T - 1,) of gray values of neighbouring frames (T, H, W, 3) uint8."""
    # Channel by channel: NumPy's matrix product of integers takes twice as long.
    planes = (frames[..., channel].astype(np.uint16) * weight for channel, weight in enumerate(GRAY))
    gray = (reduce(np.add, planes) >> 8).astype(np.int16)  # (T, H, W)
    return np.abs(np.diff(gray, axis=0)).mean(axis=(1, 2))
