"""Whether two nearly still videos show the same recording.

Little moves in them above the noise of camera and codec, so that motion alone decides nothing. What decides is where
things stand: two takes of one scene differ by how somebody sits and when he breathes, a copy by the codec's noise only.
So the finer pictures of both are compared moment by moment, part by part: by how much would a part of the picture have
to move to become the other one, and how much of all that differs does such a movement explain? Most of what differs
between two takes, but little of a codec's noise. What cannot be told from noise does not count.
"""

from dataclasses import dataclass

import numpy as np

from vidbench.doctor.duplicates.picture_difference import Difference, measure_difference
from vidbench.doctor.duplicates.tiny_images import extract_motion

MAX_SHIFT = 0.25  # cells of the finer pictures by which parts of a copy may seem to have moved
MAX_MOVEMENT = 0.042  # cells, the same times the root of the share of all differences that movement explains
MAX_CHANGE = 2.0  # cells by which parts would have to move to differ as much as codecs make them
MIN_PICTURE = 0.95  # correlation of the pictures
MAX_PIECES = 64  # moments compared
SHARE = 0.9  # of the shorter video that both must show: any two breaths fit somewhere
ABOVE_NOISE = 1.5  # times the variance of the typical area: what moves
ROUNDING = 0.01  # variance of noise that is always there
UNLIKE = 5.0  # over how far the motion stands out of the noise: how much less than 1 it may correlate
LAGS, APART = 3, 0.3  # alignments that are tried, and the seconds between them


@dataclass(frozen=True)
class Still:
    """A nearly still video, ready to be compared."""

    motion: np.ndarray  # (T, PIXELS) float32
    step: float  # seconds from one image to the next
    pieces: np.ndarray  # (P, FINE, FINE) float32: means over equal parts of its time
    seconds: float

    @classmethod
    def of(cls, images: np.ndarray, pieces: np.ndarray, step: float) -> "Still":
        """From (T, PIXELS) and (P, FINE, FINE) uint8."""
        return cls(extract_motion(images, step), step, pieces.astype(np.float32), len(images) * step)


def compare(a: Still, b: Still) -> tuple[float, float, float] | None:
    """Offset, overlap and similarity as in alignment.Match, where two videos show the same recording."""
    found = []
    for offset in _offsets(a, b):
        if pair := _same_moments(a, b, offset):
            difference = measure_difference(*pair)
            if _is_noise(difference):
                overlap = min(a.seconds, offset + b.seconds) - max(0.0, offset)
                found.append((difference.movement, offset, overlap, difference.similarity))
    return min(found)[1:] if found else None


def _is_noise(difference: Difference) -> bool:
    """Whether codec and camera explain a difference, so that both videos show the same recording."""
    small = difference.shift <= MAX_SHIFT and difference.movement <= MAX_MOVEMENT
    return small and difference.change <= MAX_CHANGE and difference.similarity >= MIN_PICTURE


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
    place = np.arange(int((len(video.motion) - 1) * video.step / step + 1e-3) + 1) * step / video.step
    return _between(video.motion, place)


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
        return found and (found[1], found[0])
    middle = (np.arange(len(a.pieces)) + 0.5) * lengths[0]
    place = (middle - offset) / lengths[1] - 0.5
    inside = np.flatnonzero((place > -0.75) & (place < len(b.pieces) - 0.25))
    if len(inside) < SHARE * min(a.seconds, b.seconds) / lengths[0] - 1 or not len(inside):
        return None
    inside = inside[np.linspace(0, len(inside) - 1, min(len(inside), MAX_PIECES)).astype(np.int64)]
    return a.pieces[inside], _between(b.pieces, place[inside])
