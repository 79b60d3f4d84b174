"""Working with the times of stored frames, which may come at any intervals, and which some files have wrong."""

import numpy as np

from vidbench.frames.timestamps import ASSUMED_FPS, MAX_FPS

# A file whose frames follow each other faster than MAX_FPS, on average, has wrong times ...
MIN_SECONDS, MANY = 0.4, 24  # ... as has one that shows many frames in no time: they count as ASSUMED_FPS
MAX_GAP = 1.0  # seconds: a longer gap between two frames counts as this ...
TYPICAL_GAPS = 10  # ... unless it is less than so many typical intervals: some cameras take a picture a minute


def are_known(times: np.ndarray) -> bool:
    """Whether times of frames, (T,) seconds, can be those at which a camera took them."""
    frames, seconds = len(times), float(times[-1])
    if frames < 2:
        return True
    return frames - 1 <= MAX_FPS * seconds and not (seconds < MIN_SECONDS and frames >= MANY)


def typical_interval(times: np.ndarray) -> float:
    """The median of the seconds between neighbours among times (T,); as of ASSUMED_FPS where there are none."""
    return float(np.median(np.diff(times))) if len(times) > 1 else 1 / ASSUMED_FPS


def clock(times: np.ndarray) -> np.ndarray:
    """Times to compare videos by, (T,) float64 from times (T,): long gaps shortened; assumed where unknown."""
    if not are_known(times):
        return np.arange(len(times)) / ASSUMED_FPS
    if len(times) < 2:
        return np.zeros(len(times))
    most = max(MAX_GAP, TYPICAL_GAPS * typical_interval(times))
    intervals = np.diff(times.astype(np.float64))
    return np.concatenate([[0.0], np.cumsum(np.minimum(intervals, most))])


def nearest(times: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Of each of the `wanted` times, (N,) rising, the number of the frame nearest to it among times (T,)."""
    middles = (times[1:] + times[:-1]) / 2
    return np.searchsorted(middles, wanted)


def duration(times: np.ndarray) -> float | None:
    """Seconds that frames at these times, (T,), are shown; None where the times do not tell."""
    if len(times) < 2 or not are_known(times):
        return None
    return float(times[-1]) + typical_interval(times)
