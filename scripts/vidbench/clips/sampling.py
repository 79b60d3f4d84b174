"""Selecting the frames of a clip; needs no torch."""

import zlib

import numpy as np
from numpy.typing import ArrayLike

from vidbench.errors import UserError
from vidbench.models.options import ClipOptions

STEP = 2  # of dense clips, where neither `step` nor `rate` is given
# How long before its time a frame is taken, as a share of the time for which the frame before it is shown: less than a
# half, so that of two equally near frames the earlier one is taken, whichever way their times were rounded.
EARLY = 0.45


def with_spacing(clip: dict) -> dict:
    """Return a `clip` section with either `step` or `rate`, the distance between its frames; null counts as not given.

    UserError where both are given, or a rate for a sampling without one.
    """
    clip = {key: value for key, value in clip.items() if key not in ("rate", "step") or value is not None}
    if "rate" not in clip:
        return {"step": STEP} | clip
    if "step" in clip:
        raise UserError(
            f"clip: has `rate: {clip['rate']}` (frames per second of the video's time) and `step: {clip['step']}`"
            " (stored frames); keep one of them"
        )
    if clip.get("sampling", "uniform") != "dense":
        raise UserError(
            f"clip.rate: {clip['rate']} means nothing with `sampling: uniform`, whose frames are spread over the whole"
            " video; set sampling: dense, or leave rate out"
        )
    return clip


def fill_spacing(clip: ClipOptions) -> ClipOptions:
    """Return the options with either `step` or `rate`; UserError as with_spacing() raises it."""
    return ClipOptions.from_dict(with_spacing(clip.as_dict()))


def uniform_indices(num_frames: int, length: int, position: ArrayLike = 0.5) -> np.ndarray:
    """Select one frame from each of `length` equal segments of a video (TSN, Wang et al. 2016).

    `position` in [0, 1): the place of each frame in its segment. A video shorter than the clip repeats frames.
    Returns (length,) int64, not falling.
    """
    edges = (np.arange(length) + np.broadcast_to(position, length)) * num_frames / length
    return np.minimum(edges.astype(np.int64), num_frames - 1)


def dense_indices(num_frames: int, length: int, step: int, position: float = 0.5) -> np.ndarray:
    """Select `length` frames, `step` apart; the first at `position` in [0, 1] of the possible starts.

    A video shorter than the clip repeats its last frame. Returns (length,) int64, not falling.
    """
    room = max(num_frames - (length - 1) * step - 1, 0)
    return np.minimum(round(position * room) + np.arange(length) * step, num_frames - 1)


def timed_indices(times: np.ndarray, length: int, rate: float, position: float = 0.5) -> np.ndarray:
    """Select the frames nearest to `length` moments that are a step, 1 / `rate` seconds, apart.

    The first moment is at `position` in [0, 1] of the possible starts in seconds, or on the nearest frame if that is
    less than a step away: at a video's own rate, jitter then neither repeats a frame nor leaves one out.
    `times`: (num_frames,), seconds, rising. A frame that is shown for longer than a step is repeated; a video shorter
    than the clip repeats its last frame. Returns (length,) int64, not falling.
    """
    step = 1 / rate
    room = max(float(times[-1]) - (length - 1) * step, 0.0)
    start = position * room
    nearest = float(times[_frames_at(times, np.array([start]), step, early=0.5)[0]])
    if abs(nearest - start) < step:
        start = min(nearest, room)
    return _frames_at(times, start + np.arange(length) * step, step)


def _frames_at(times: np.ndarray, moments: np.ndarray, step: float, early: float = EARLY) -> np.ndarray:
    """Return the number of the frame nearest to each moment: the one shown then or, within a step, the next one."""
    shown = np.maximum(np.searchsorted(times, moments.astype(times.dtype), side="right") - 1, 0)
    following = np.minimum(shown + 1, len(times) - 1)
    begin = times[shown].astype(np.float64)
    end = times[following].astype(np.float64)
    return np.where(moments > end - early * np.minimum(end - begin, 2 * step), following, shown)


def training_indices(
    num_frames: int, clip: ClipOptions, random: np.random.Generator, times: np.ndarray | None = None
) -> np.ndarray:
    """Select random frames for training: (T,) int64; with a `clip.rate` by the frames' `times`."""
    if clip.sampling == "uniform":
        return uniform_indices(num_frames, clip.frames, random.random(clip.frames))
    return _select_dense(num_frames, clip, random.random(), times)


def view_indices(num_frames: int, clip: ClipOptions, view: int, times: np.ndarray | None = None) -> np.ndarray:
    """Select the frames of view number `view` at validation and test: (T,) int64; the views are spread evenly."""
    position = (view + 0.5) / clip.views
    if clip.sampling == "uniform":
        return uniform_indices(num_frames, clip.frames, position)
    return _select_dense(num_frames, clip, position, times)


def _select_dense(num_frames: int, clip: ClipOptions, position: float, times: np.ndarray | None) -> np.ndarray:
    if clip.rate is not None and times is not None:
        return timed_indices(times, clip.frames, clip.rate, position)
    return dense_indices(num_frames, clip.frames, clip.step or STEP, position)


def random_for(seed: int, epoch: int, video: str) -> np.random.Generator:
    """Return the generator of everything random about a training clip."""
    return np.random.default_rng((seed, epoch, zlib.crc32(video.encode())))


def step_seed(seed: int, epoch: int, step: int, rank: int = 0) -> int:
    """Return the seed of mixing and dropout in one step: it derives from the step alone, so resuming needs no state.

    `rank`: of the device; each has its own seed.
    """
    return ((seed * 10_007 + epoch) * 1_000_003 + step + rank * 0x9E3779B97F4A7C15) % (1 << 62)
