"""Which frames of a video a clip takes; needs no torch."""

import zlib
from collections.abc import Sequence

import numpy as np


def uniform_indices(num_frames: int, length: int, position: Sequence[float] | float = 0.5) -> np.ndarray:
    """One frame from each of `length` equal segments of a video (TSN, Wang et al. 2016).

    `position` in [0, 1) is where in its segment each frame lies. A video shorter than the clip
    repeats frames. Returns (length,) int64, not falling.
    """
    edges = (np.arange(length) + np.broadcast_to(position, length)) * num_frames / length
    return np.minimum(edges.astype(np.int64), num_frames - 1)


def dense_indices(num_frames: int, length: int, step: int, position: float = 0.5) -> np.ndarray:
    """`length` frames, `step` apart, starting at `position` in [0, 1] of the room there is.

    A video shorter than the clip repeats its last frame. Returns (length,) int64, not falling.
    """
    room = max(num_frames - (length - 1) * step - 1, 0)
    return np.minimum(round(position * room) + np.arange(length) * step, num_frames - 1)


def training_indices(num_frames: int, clip: dict, random: np.random.Generator) -> np.ndarray:
    """Random frames for training, by the options of the `clip` section."""
    if clip["sampling"] == "uniform":
        return uniform_indices(num_frames, clip["frames"], random.random(clip["frames"]))
    return dense_indices(num_frames, clip["frames"], clip["step"], random.random())


def view_indices(num_frames: int, clip: dict, view: int) -> np.ndarray:
    """Frames of view number `view` at validation and test: the views are spread evenly."""
    position = (view + 0.5) / clip["views"]
    if clip["sampling"] == "uniform":
        return uniform_indices(num_frames, clip["frames"], position)
    return dense_indices(num_frames, clip["frames"], clip["step"], position)


def random_for(seed: int, epoch: int, video: str) -> np.random.Generator:
    """The generator of everything random about a training clip."""
    return np.random.default_rng((seed, epoch, zlib.crc32(video.encode())))


def step_seed(seed: int, epoch: int, step: int, rank: int = 0) -> int:
    """Seed of mixing and dropout in one step: a function of where the training is, so resuming needs no state.

    `rank`: of the device, where there are several; each has its own.
    """
    return ((seed * 10_007 + epoch) * 1_000_003 + step + rank * 0x9E3779B97F4A7C15) % (1 << 62)
