"""Whether two nearly still videos show the same recording.

Little moves in them above the noise of camera and codec, so that motion alone decides nothing. What decides is where
things stand: two takes of one scene differ by how somebody sits and when he breathes, a copy by the codec's noise only.
So the finer pictures of both are compared moment by moment, part by part: by how much would a part of the picture have
to move to become the other one? What cannot be told from noise does not count.
"""

from dataclasses import dataclass

import numpy as np

from vidbench.leaks.tiny_images import FINE, moving

MAX_SHIFT = 0.2  # cells of the finer pictures by which parts of a copy may seem to have moved
MAX_CHANGE = 2.0  # cells by which parts would have to move to differ as much as codecs make them
MIN_PICTURE = 0.95  # correlation of the pictures
HALF = 8  # cells: half the side of a part
CONTRAST = 2.0  # gray levels a cell: parts with weaker edges cannot tell
DOUBT = 9.0  # times the variance of noise that is no movement
PARTS = 3  # so many parts must have moved
MAX_PIECES = 64  # moments compared
SHARE = 0.9  # of the shorter video that both must show: any two breaths fit somewhere
ABOVE_NOISE = 1.5  # times the variance of the typical area: what moves
ROUNDING = 0.01  # variance of noise that is always there
UNLIKE = 5.0  # over how far the motion stands out of the noise: how much less than 1 it may correlate
LAGS, APART = 3, 0.3  # alignments that are tried, and the seconds between them


@dataclass(frozen=True)
class Still:
    """A nearly still video, ready to be compared."""

    moving: np.ndarray  # (T, PIXELS) float32
    step: float  # seconds from one image to the next
    pieces: np.ndarray  # (P, FINE, FINE) float32: means over equal parts of its time
    seconds: float

    @classmethod
    def of(cls, images: np.ndarray, pieces: np.ndarray, step: float) -> "Still":
        """From (T, PIXELS) and (P, FINE, FINE) uint8."""
        return cls(moving(images, step), step, pieces.astype(np.float32), len(images) * step)


def compare(a: Still, b: Still) -> tuple[float, float, float] | None:
    """Offset, overlap and similarity as in alignment.Match, where two videos show the same recording."""
    found = []
    for offset in _offsets(a, b):
        if pair := _same_moments(a, b, offset):
            shift, change, picture = _difference(*pair)
            if shift <= MAX_SHIFT and change <= MAX_CHANGE and picture >= MIN_PICTURE:
                overlap = min(a.seconds, offset + b.seconds) - max(0.0, offset)
                found.append((shift, offset, overlap, picture))
    return min(found)[1:] if found else None


def _offsets(a: Still, b: Still) -> list[float]:
    """Seconds by which b may start later: where what moves is most alike, and none, as of a whole copy.

    Without those under which something moves clearly, and otherwise in b.
    """
    step = max(a.step, b.step)
    moving_a, moving_b = _resampled(a, step), _resampled(b, step)
    weight = np.sqrt(_above_noise(moving_a) * _above_noise(moving_b))
    lags, alike = _correlations(moving_a * weight, moving_b * weight)
    least = 1 - UNLIKE / max(min(_clarity(moving_a), _clarity(moving_b)), 1e-9)
    chosen: list[int] = []
    for place in np.argsort(-alike, kind="stable"):
        if all(abs(lags[place] - lags[other]) * step >= APART for other in chosen):
            chosen.append(int(place))
        if len(chosen) == LAGS:
            break
    chosen.append(int(np.abs(lags).argmin()))
    return [float(lags[place] * step) for place in chosen if alike[place] >= least]


def _clarity(values: np.ndarray) -> float:
    """How far the area of values (T, PIXELS) that moves most stands out of the noise."""
    variance = values.var(axis=0)
    return float(np.sqrt(variance.max() / (np.median(variance) + ROUNDING)))


def _resampled(video: Still, step: float) -> np.ndarray:
    """What moves at every `step` seconds, (T', PIXELS)."""
    place = np.arange(int((len(video.moving) - 1) * video.step / step + 1e-3) + 1) * step / video.step
    return _between(video.moving, place)


def _between(values: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Values (N, ...) at fractional places (T,), interpolated."""
    place = place.clip(0, len(values) - 1)
    before = np.minimum(place.astype(np.int64), max(len(values) - 2, 0))
    share = (place - before).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    return values[before] * (1 - share) + values[np.minimum(before + 1, len(values) - 1)] * share


def _above_noise(values: np.ndarray) -> np.ndarray:
    """(PIXELS,) 0 to 1: the share of what moves in each area, of values (T, PIXELS), that is not noise.

    Most areas of a nearly still picture do not move: what they show is the noise.
    """
    variance = values.var(axis=0)
    return (1 - ABOVE_NOISE * (np.median(variance) + ROUNDING) / np.maximum(variance, 1e-9)).clip(0, 1)


def _correlations(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lags (L,) that leave enough in common of a (T, PIXELS) and b (T', PIXELS), and how alike they are then, (L,)."""
    enough = max(1, int(SHARE * min(len(a), len(b))))
    lags = np.arange(enough - len(b), len(a) - enough + 1)
    size = 2 ** int(np.ceil(np.log2(len(a) + len(b))))
    product = np.zeros(size // 2 + 1, np.complex128)
    for column in np.flatnonzero(a.any(axis=0) & b.any(axis=0)):
        product += np.fft.rfft(a[:, column], size) * np.fft.rfft(b[:, column], size).conj()
    together = np.fft.irfft(product, size)[lags % size]
    energy_a, energy_b = (np.concatenate([[0.0], np.cumsum(np.square(part).sum(axis=1))]) for part in (a, b))
    begin, end = np.maximum(lags, 0), np.minimum(len(a), lags + len(b))
    energies = (energy_a[end] - energy_a[begin]) * (energy_b[end - lags] - energy_b[begin - lags])
    return lags, together / np.sqrt(np.maximum(energies, 1e-6))


def _same_moments(a: Still, b: Still, offset: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Finer pictures of both at the moments that both show, (P, FINE, FINE) each; None where those are too few."""
    lengths = [video.seconds / len(video.pieces) for video in (a, b)]
    if lengths[0] < lengths[1]:  # the finer ones are interpolated at the times of the coarser ones
        found = _same_moments(b, a, -offset)
        return found and found[::-1]
    middle = (np.arange(len(a.pieces)) + 0.5) * lengths[0]
    place = (middle - offset) / lengths[1] - 0.5
    inside = np.flatnonzero((place > -0.75) & (place < len(b.pieces) - 0.25))
    if len(inside) < SHARE * min(a.seconds, b.seconds) / lengths[0] - 1 or not len(inside):
        return None
    inside = inside[np.linspace(0, len(inside) - 1, min(len(inside), MAX_PIECES)).astype(np.int64)]
    return a.pieces[inside], _between(b.pieces, place[inside])


def _difference(a: np.ndarray, b: np.ndarray) -> tuple[float, float, float]:
    """Of pictures (P, FINE, FINE): by how much parts have moved, by how much they differ else, how alike they are.

    The first two in cells.
    """
    picture = (a.mean(axis=0) + b.mean(axis=0)) / 2
    down, right = np.gradient(picture)
    rest, noise = _without_common(b - a, picture, down, right)
    size = (2 * HALF) ** 2
    weak = size * CONTRAST**2
    edges_y, edges_x, both = _parts(down * down) + weak, _parts(right * right) + weak, _parts(down * right)
    on_y, on_x, energy = _parts(down * rest), _parts(right * rest), _parts(rest * rest)  # (P, parts, parts)
    scale = edges_y * edges_x - both**2
    shift_y, shift_x = (edges_x * on_y - both * on_x) / scale, (edges_y * on_x - both * on_y) / scale
    left = np.maximum(energy - shift_y * on_y - shift_x * on_x, 0)
    edges = (edges_y + edges_x) / 2
    variance = np.maximum(left / (size - 2), noise**2) / edges
    moved = (shift_y**2 + shift_x**2 - DOUBT * variance).mean(axis=0)
    return _of_parts(moved), _of_parts((left / edges).mean(axis=0)), _alike(a, b)


def _without_common(
    difference: np.ndarray, picture: np.ndarray, down: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, float]:
    """Differences (P, FINE, FINE) without what other brightness, contrast, sharpness or framing explain; their noise.

    What most of the picture says counts, not where something has moved.
    """
    ways = np.stack([np.ones_like(picture), picture, _blur(picture), down, right]).reshape(5, -1).T  # (cells, 5)
    flat = difference.reshape(len(difference), -1).T  # (cells, P)
    weight = np.ones((len(ways), 1), np.float32)
    for _ in range(3):
        mean = flat.mean(axis=1, keepdims=True)
        left = mean - ways @ np.linalg.lstsq(ways * weight, mean * weight, rcond=None)[0]
        noise = 1.48 * float(np.median(np.abs(left))) + 0.1  # the standard deviation, were it normal
        weight = 1 / np.sqrt(1 + np.square(left / (2 * noise)))
    rest = flat - ways @ np.linalg.lstsq(ways * weight, flat * weight, rcond=None)[0]
    return rest.T.reshape(difference.shape), noise


def _blur(picture: np.ndarray) -> np.ndarray:
    """What a picture gains by being blurred."""
    padded = np.pad(picture, 1, "edge")
    around = padded[2:, 1:-1] + padded[:-2, 1:-1] + padded[1:-1, 2:] + padded[1:-1, :-2]
    return around - 4 * picture


def _parts(cells: np.ndarray) -> np.ndarray:
    """Sums of (..., FINE, FINE) over parts that overlap by half, (..., parts, parts)."""
    halves = cells.reshape(*cells.shape[:-2], FINE // HALF, HALF, FINE // HALF, HALF).sum(axis=(-3, -1))
    rows = halves[..., 1:, :] + halves[..., :-1, :]
    return rows[..., 1:] + rows[..., :-1]


def _of_parts(squared: np.ndarray) -> float:
    """What PARTS of the parts reach, from its squares (parts, parts)."""
    return float(np.sqrt(np.maximum(np.sort(squared, axis=None)[-PARTS], 0)))


def _alike(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.mean(axis=0), b.mean(axis=0)
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-9))
