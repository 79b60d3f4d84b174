"""The times of stored frames, which may be irregular, and wrong in some files: intervals, durations, a usable clock."""

import numpy as np

from vidbench.frames.timestamps import ASSUMED_FPS, MAX_FPS

# Times are wrong, and replaced by ASSUMED_FPS, where frames follow each other faster than MAX_FPS on average, or where
# MANY frames are shown in less than MIN_SECONDS.
MIN_SECONDS = 0.4
MANY = 24
# A gap between two frames is shortened to MAX_GAP seconds or, where that is longer, to TYPICAL_GAPS typical intervals:
# some cameras take one picture per minute.
MAX_GAP = 1.0
TYPICAL_GAPS = 10


def are_known(times: np.ndarray) -> bool:
    """Return whether times of frames, (T,) seconds, can be those at which a camera took them."""
    if len(times) < 2:
        return True
    seconds = float(times[-1])
    return len(times) - 1 <= MAX_FPS * seconds and not (seconds < MIN_SECONDS and len(times) >= MANY)


def typical_interval(times: np.ndarray) -> float:
    """Return the median of the seconds between neighbours among times (T,); that of ASSUMED_FPS for a single frame."""
    return float(np.median(np.diff(times))) if len(times) > 1 else 1 / ASSUMED_FPS


def clock(times: np.ndarray) -> np.ndarray:
    """Return times to compare videos by, (T,) float64 from times (T,): long gaps shortened, wrong times replaced."""
    if not are_known(times):
        return np.arange(len(times)) / ASSUMED_FPS
    if len(times) < 2:
        return np.zeros(len(times))
    longest = max(MAX_GAP, TYPICAL_GAPS * typical_interval(times))
    intervals = np.diff(times.astype(np.float64))
    return np.concatenate([[0.0], np.cumsum(np.minimum(intervals, longest))])


def nearest(times: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Return the number of the frame nearest to each of `moments`, (N,) rising, among frames at times (T,)."""
    middles = (times[1:] + times[:-1]) / 2
    return np.searchsorted(middles, moments)


def duration(times: np.ndarray) -> float | None:
    """Return how many seconds frames at these times, (T,), are shown; None where the times do not tell."""
    if len(times) < 2 or not are_known(times):
        return None
    return float(times[-1]) + typical_interval(times)
