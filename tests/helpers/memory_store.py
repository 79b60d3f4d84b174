"""A frame store that lies in memory, and a split of it: trainings in a test without a file."""

from types import SimpleNamespace

import numpy as np

from vidbench.clips.split_data import SplitData

CLASSES = ("down", "left", "right", "up")
STEPS = {"down": (1, 0), "left": (0, -1), "right": (0, 1), "up": (-1, 0)}


class MemoryStore:
    """Squares that move one way or another: the same for the same arguments."""

    def __init__(self, videos_a_class: int, size: int = 16, frames: int = 8, seed: int = 0) -> None:
        self.frames: dict[str, np.ndarray] = {}
        random = np.random.default_rng(seed)
        for label in CLASSES:
            for number in range(videos_a_class):
                self.frames[f"{label}{number}"] = square(STEPS[label], size, frames, random)
        self.videos = {name: SimpleNamespace(num_frames=frames, readable=True) for name in self.frames}

    def read(self, video: str, indices: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """(T, H, W, 3) uint8, written to `out` if that is given."""
        return np.take(self.frames[video], indices, axis=0, out=out)

    def frame_size(self, video: str) -> tuple[int, int]:
        """(height, width)."""
        return self.frames[video].shape[1:3]

    def times(self, video: str) -> np.ndarray:
        """(T,) float32: 25 frames a second."""
        return np.arange(len(self.frames[video]), dtype=np.float32) / 25


def square(step: tuple[int, int], size: int, frames: int, random: np.random.Generator) -> np.ndarray:
    """(T, H, W, 3) uint8: a bright square on noise, which leaves the frame on one side and comes back on the other."""
    video = random.integers(0, 60, (frames, size, size, 3), np.uint8)
    top, left, side = random.integers(size), random.integers(size), size // 4
    for time in range(frames):
        rows = (top + 2 * time * step[0] + np.arange(side)) % size
        columns = (left + 2 * time * step[1] + np.arange(side)) % size
        video[time, rows[:, None], columns] = 220
    return video


def split(train: int, val: int = 2, size: int = 16, frames: int = 8) -> SplitData:
    """Videos a class in train and in val; test holds the same as val."""
    store = MemoryStore(train + val, size, frames)
    labels = {name: name.rstrip("0123456789") for name in store.videos}
    held = [name for name in store.videos if int(name.removeprefix(labels[name])) >= train]
    video_ids = {"train": [name for name in store.videos if name not in held], "val": held, "test": held}
    return SplitData(store, sorted(CLASSES), labels, video_ids, len(video_ids["train"]))
