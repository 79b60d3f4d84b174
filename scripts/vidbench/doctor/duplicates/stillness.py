"""Comparing two nearly still videos, to decide whether they show the same recording.

Little moves in them above the noise of camera and codec, so motion alone decides nothing. The positions of things do:
two takes of one scene differ by how somebody sits and when they breathe, a copy differs by the codec's noise only. So
the finer pictures of both are compared moment by moment and part by part: see picture_difference.py. What cannot be
distinguished from noise does not count.
"""

from dataclasses import dataclass

import numpy as np

from vidbench.doctor.duplicates.picture_difference import Difference, measure_difference
from vidbench.doctor.duplicates.tiny_images import extract_motion, interpolate

MAX_SHIFT = 0.25  # cells of the finer pictures by which parts of a copy may seem to have moved
MAX_MOVEMENT = 0.042  # cells: that shift times the root of the share of all differences that it explains
MAX_CHANGE = 2.0  # cells by which parts would have to move to differ as much as codecs make them
MIN_PICTURE = 0.95  # correlation of the pictures
MAX_PIECES = 64  # moments compared
SHARE = 0.9  # of the shorter video that both must show: with less, any two breaths would fit somewhere
ABOVE_NOISE = 1.5  # times the variance of the typical area: above it is motion
ROUNDING = 0.01  # variance of noise that is always there
UNLIKE = 5.0  # divided by the motion's signal-to-noise ratio: how much less than 1 it may correlate
MAX_LAGS = 3  # alignments that are tried
APART = 0.3  # seconds between them, at least


@dataclass(frozen=True)
class Still:
    """A nearly still video, prepared for the comparison."""

    motion: np.ndarray  # (T, PIXELS) float32
    step: float  # seconds from one image to the next
    pieces: np.ndarray  # (P, FINE, FINE) float32: means over equal parts of its time
    seconds: float

    @classmethod
    def of(cls, images: np.ndarray, pieces: np.ndarray, step: float) -> "Still":
        """Prepare a video from images (T, PIXELS) and pieces (P, FINE, FINE), both uint8."""
        return cls(extract_motion(images, step), step, pieces.astype(np.float32), len(images) * step)


def compare(a: Still, b: Still) -> tuple[float, float, float] | None:
    """Return offset, overlap and similarity (see alignment.Match) where two videos show the same recording."""
    matches = []
    for offset in _offsets(a, b):
        if pair := _same_moments(a, b, offset):
            difference = measure_difference(*pair)
            if _is_noise(difference):
                overlap = min(a.seconds, offset + b.seconds) - max(0.0, offset)
                matches.append((difference.movement, offset, overlap, difference.similarity))
    return min(matches)[1:] if matches else None


def _is_noise(difference: Difference) -> bool:
    """Return whether codec and camera explain a difference, so that both videos show the same recording."""
    small = difference.shift <= MAX_SHIFT and difference.movement <= MAX_MOVEMENT
    return small and difference.change <= MAX_CHANGE and difference.similarity >= MIN_PICTURE


def _offsets(a: Still, b: Still) -> list[float]:
    """Return by how many seconds b may start later: where the motion correlates most, and 0, as in a full copy.

    Offsets at which something clearly moves in one video, and differently in the other, are left out.
    """
    step = max(a.step, b.step)
    motion_a = _resample(a, step)
    motion_b = _resample(b, step)
    weight = np.sqrt(_share_above_noise(motion_a) * _share_above_noise(motion_b))
    lags, correlation = _correlations(motion_a * weight, motion_b * weight)
    min_correlation = 1 - UNLIKE / max(min(_signal_to_noise(motion_a), _signal_to_noise(motion_b)), 1e-9)
    places: list[int] = []
    for place in np.argsort(-correlation, kind="stable"):
        if all(abs(lags[place] - lags[better]) * step >= APART for better in places):
            places.append(int(place))
        if len(places) == MAX_LAGS:
            break
    places.append(int(np.abs(lags).argmin()))
    return [float(lags[place] * step) for place in places if correlation[place] >= min_correlation]


def _signal_to_noise(values: np.ndarray) -> float:
    """Return the standard deviation of the area of values (T, PIXELS) that moves most, in units of the noise."""
    variance = values.var(axis=0)
    return float(np.sqrt(variance.max() / (np.median(variance) + ROUNDING)))


def _resample(video: Still, step: float) -> np.ndarray:
    """Return a video's motion at every `step` seconds, (T', PIXELS)."""
    place = np.arange(int((len(video.motion) - 1) * video.step / step + 1e-3) + 1) * step / video.step
    return interpolate(video.motion, place)


def _share_above_noise(values: np.ndarray) -> np.ndarray:
    """Return the share, 0 to 1, of the variance of values (T, PIXELS) in each area that is not noise, (PIXELS,).

    Most areas of a nearly still picture do not move, so their variance is the noise.
    """
    variance = values.var(axis=0)
    return (1 - ABOVE_NOISE * (np.median(variance) + ROUNDING) / np.maximum(variance, 1e-9)).clip(0, 1)


def _correlations(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lags (L,) at which a (T, PIXELS) and b (T', PIXELS) overlap enough, and their correlations, (L,).

    The products at all lags at once are those of Fourier transforms; each is divided by the overlapping parts' norms.
    """
    enough = max(1, int(SHARE * min(len(a), len(b))))
    lags = np.arange(enough - len(b), len(a) - enough + 1)
    size = 2 ** int(np.ceil(np.log2(len(a) + len(b))))
    product = np.zeros(size // 2 + 1, np.complex128)
    for column in np.flatnonzero(a.any(axis=0) & b.any(axis=0)):
        product += np.fft.rfft(a[:, column], size) * np.fft.rfft(b[:, column], size).conj()
    products = np.fft.irfft(product, size)[lags % size]
    energy_a, energy_b = (np.concatenate([[0.0], np.cumsum(np.square(part).sum(axis=1))]) for part in (a, b))
    begin = np.maximum(lags, 0)
    end = np.minimum(len(a), lags + len(b))
    energies = (energy_a[end] - energy_a[begin]) * (energy_b[end - lags] - energy_b[begin - lags])
    return lags, products / np.sqrt(np.maximum(energies, 1e-6))


def _same_moments(a: Still, b: Still, offset: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the finer pictures of both at shared moments, (P, FINE, FINE) each; None where these are too few."""
    lengths = [video.seconds / len(video.pieces) for video in (a, b)]
    if lengths[0] < lengths[1]:  # the finer ones are interpolated at the times of the coarser ones
        pictures = _same_moments(b, a, -offset)
        return pictures and (pictures[1], pictures[0])
    middle = (np.arange(len(a.pieces)) + 0.5) * lengths[0]
    place = (middle - offset) / lengths[1] - 0.5
    inside = np.flatnonzero((place > -0.75) & (place < len(b.pieces) - 0.25))
    if len(inside) < SHARE * min(a.seconds, b.seconds) / lengths[0] - 1 or not len(inside):
        return None
    inside = inside[np.linspace(0, len(inside) - 1, min(len(inside), MAX_PIECES)).astype(np.int64)]
    return a.pieces[inside], interpolate(b.pieces, place[inside])
