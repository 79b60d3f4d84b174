"""A test clip's frames in other orders, which show whether a model uses motion. Needs no torch.

Not in sampling.py, so that a change of the orders retrains nothing.
"""

import zlib

import numpy as np

NORMAL, SHUFFLED, REVERSED, SINGLE_FRAME = "normal", "shuffled", "reversed", "single_frame"


def shuffled_names(shuffles: int) -> list[str]:
    """Return the names of the shuffled orders, whose accuracies are averaged."""
    return [f"{SHUFFLED}{number}" for number in range(shuffles)]


def conditions(shuffles: int) -> list[str]:
    """Return all conditions of the motion test beside `normal`; none with 0 shuffles."""
    return [*shuffled_names(shuffles), REVERSED, SINGLE_FRAME] if shuffles else []


def frame_order(condition: str, length: int, video: str, view: int) -> np.ndarray:
    """Return the number of the frame at each place of a reordered test clip of `length` frames: (length,) int64.

    A shuffled order derives from video, view and the condition's number alone: neither the number of workers nor the
    other clips of a batch matter.
    """
    places = np.arange(length)
    if condition == REVERSED:
        return places[::-1].copy()
    if condition == SINGLE_FRAME:
        return np.full(length, length // 2)
    if condition.startswith(SHUFFLED):
        number = int(condition.removeprefix(SHUFFLED))
        return np.random.default_rng((number, view, zlib.crc32(video.encode()))).permutation(length)
    return places
