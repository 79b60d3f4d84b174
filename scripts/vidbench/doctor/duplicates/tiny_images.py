"""Videos as tiny images: of the whole frame, whatever its size and shape, in gray and in two color differences."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from vidbench.frames.stored_times import nearest, typical_interval

SIDE = 16
PIXELS = SIDE * SIDE
FINE = 64  # side of the finer pictures
RATE = 12.0  # images per second, at least, where the video has them
MIN_IMAGES = 4  # images by which a video can be compared
PIECE = 8  # images per finer picture, which is their mean
READ_TOGETHER = 32  # images: bounds the memory that a long video takes
GRAY = (0.299, 0.587, 0.114)  # weights of red, green and blue, BT.601
BLUE = (-0.1687, -0.3313, 0.5)  # the same for its color differences
RED = (0.5, -0.4187, -0.0813)
PLANES = np.array([GRAY, BLUE, RED], np.float32)
CENTER = (0, 128, 128)  # of the planes' values
STILL = 3.0  # gray levels: a nearly still video deviates less from its mean over time
STILL_SHARE = 0.15  # of its contrast: the same
SMOOTH = 0.4  # seconds over which it is averaged first, because noise does not last
Reader = Callable[[np.ndarray], np.ndarray]  # rising numbers of frames -> these frames, (T, H, W, 3) uint8


def time_grid(times: np.ndarray) -> tuple[np.ndarray, float]:
    """Return regular times (T,) for the images of a video with frames at times (N,), and the seconds between them."""
    interval = typical_interval(times)
    stride = max(1, min(int(1 / (interval * RATE) + 1e-3), len(times) // (2 * MIN_IMAGES)))
    step = stride * interval
    return np.arange(int(times[-1] / step + 1e-3) + 1) * step, step


def tiny_images(frames: np.ndarray, read: Reader, plane: int) -> np.ndarray:
    """Return images (T, PIXELS) uint8, in one of PLANES, of the frames with these rising numbers (T,)."""
    images = []
    for part in np.array_split(frames, -(-len(frames) // READ_TOGETHER)):
        numbers, place = np.unique(part, return_inverse=True)
        images.append(shrink(read(numbers), SIDE, plane)[place])
    return np.concatenate(images)


def fine_pictures(frames: np.ndarray, read: Reader, plane: int) -> np.ndarray:
    """Return means over about PIECE neighbours of these frames, (P, FINE, FINE) uint8."""
    chunks = np.array_split(frames, max(1, len(frames) // PIECE))
    means = (read(np.unique(chunk)).mean(axis=0, dtype=np.float32, keepdims=True) for chunk in chunks)
    return np.concatenate([shrink(mean, FINE, plane) for mean in means]).reshape(-1, FINE, FINE)


def resample_at(images: np.ndarray, times: np.ndarray, grid: np.ndarray, step: float) -> np.ndarray:
    """Interpolate images (T, ...) of the frames nearest to the times of a grid (T,) at exactly these times."""
    shown = times[nearest(times, grid)]
    if np.abs(shown - grid).max() < 1e-3:
        return images
    shown, first = np.unique(shown, return_index=True)
    images = images[first]
    # A picture that is shown for long stays as it is until one step before the next one.
    long = np.flatnonzero(np.diff(shown) > 2 * step)
    clock = np.insert(shown, long + 1, shown[long + 1] - step)
    position = np.interp(grid, clock, np.insert(np.arange(len(shown)), long + 1, long))
    return np.rint(interpolate(images, position)).astype(np.uint8)


def interpolate(values: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Interpolate values (N, ...) at fractional places (T,), (T, ...); beyond the ends they stay constant."""
    position = position.clip(0, len(values) - 1)
    before = np.minimum(position.astype(np.int64), max(len(values) - 2, 0))
    share = (position - before).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    return values[before] * (1 - share) + values[np.minimum(before + 1, len(values) - 1)] * share


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Return the correlation of two arrays of one shape whose mean is zero."""
    return float((a * b).sum() / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-9))


def contrast(images: np.ndarray) -> float:
    """Return the contrast of images (T, PIXELS) uint8: the highest standard deviation of one, in gray levels."""
    coarse = images.reshape(-1, SIDE // 2, 2, SIDE // 2, 2).mean(axis=(2, 4), dtype=np.float32)
    return float(coarse.std(axis=(1, 2)).max())


def is_still(images: np.ndarray, step: float) -> bool:
    """Return whether a video with images (T, PIXELS) is nearly still."""
    deviation = np.sqrt(np.square(extract_motion(images, step)).mean())
    return bool(deviation < min(STILL, STILL_SHARE * contrast(images)))


def extract_motion(images: np.ndarray, step: float) -> np.ndarray:
    """Return the motion in images (T, PIXELS) uint8: moving averages without their mean, (T', PIXELS) float32.

    Changes of brightness and contrast are removed, too, because a camera makes them by itself.
    """
    values = images.astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    width = min(len(values), max(1, round(SMOOTH / step)))
    total = np.cumsum(np.concatenate([np.zeros((1, values.shape[1])), values]), axis=0)
    smooth = (total[width:] - total[:-width]) / width
    mean = smooth.mean(axis=0)
    common = mean / max(np.linalg.norm(mean), 1e-9)
    smooth -= mean
    return (smooth - (smooth @ common)[:, None] * common).astype(np.float32)


def shrink(frames: np.ndarray, side: int = SIDE, plane: int = 0) -> np.ndarray:
    """Average one of PLANES of frames (T, H, W, 3) over side x side areas, (T, side * side) uint8."""
    count, height, width, _ = frames.shape
    rows = _area_weights(height, side)
    columns = _area_weights(width, side)
    squeezed = rows @ frames.reshape(count, height, width * 3).astype(np.float32)  # (T, side, W * 3)
    mix = (columns[:, :, None] * PLANES[plane]).reshape(side, width * 3).T
    means = squeezed.reshape(count * side, width * 3) @ mix + CENTER[plane]
    return np.rint(means).clip(0, 255).astype(np.uint8).reshape(count, side * side)


@lru_cache(maxsize=64)
def _area_weights(length: int, side: int) -> np.ndarray:
    """Return the share of each pixel of a line in each of `side` equal parts of the line, (side, length)."""
    edges = np.linspace(0, length, side + 1)
    pixel = np.arange(length)
    shared = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return (shared.clip(0) * side / length).astype(np.float32)
