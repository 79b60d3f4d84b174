"""Aligning two fingerprints in time, to decide whether they show the same recording.

The decision rests on the images without their mean over time. Two takes in one room before one camera have the same
background, but not the same motion; a copy has the same motion too, however badly it is encoded. Where hardly anything
moves, stillness.py decides.
"""

from dataclasses import dataclass

import numpy as np

from vidbench.doctor.duplicates.tiny_images import MIN_IMAGES, SIDE, correlation, interpolate
from vidbench.frames.stored_times import MIN_SECONDS

SHARE = 0.5  # of the shorter video that both must show
STEP = 1 / 32  # seconds: the resolution of offsets
COARSE = (-6, -3, 0, 3, 6)  # steps from the estimated offset
FINE = (-2, -1, 0, 1, 2)  # steps from the best of these
DRIFT = 8  # steps by which a part of a video may be shifted, because of a variable frame rate
WINDOW = 0.4  # seconds, the length of such a part
POSSIBLE = 0.4  # similarity after COARSE, below which two videos are no copies
PROMISING = 0.55  # the same after FINE
SAME_MOTION = 0.92  # correlation of what moves
SAME_PICTURE = 0.975  # correlation of the mean images
TOLERANCE = 0.5  # gray levels by which the pictures may fit better with left and right exchanged
EMPTY = 2.0  # gray levels: images whose pixels vary less show nothing, e.g. black


@dataclass(frozen=True)
class Track:
    """A fingerprint, prepared for alignment."""

    images: np.ndarray  # (T, PIXELS) float32, each without its mean, so that brightness does not matter
    step: float  # seconds from one to the next

    @classmethod
    def of(cls, images: np.ndarray, step: float) -> "Track":
        """Make a track of images (T, PIXELS) uint8."""
        values = images.astype(np.float32)
        return cls(values - values.mean(axis=1, keepdims=True), step)

    @property
    def seconds(self) -> float:
        """The duration."""
        return len(self.images) * self.step

    def at(self, place: np.ndarray) -> np.ndarray:
        """Interpolate the images at fractional places (T,), (T, PIXELS)."""
        return interpolate(self.images, place)


@dataclass(frozen=True)
class Match:
    """The alignment of two tracks."""

    offset: float  # seconds by which the second one's content starts later
    overlap: float  # seconds that both show
    similarity: float  # 0 to 1


def match(a: Track, b: Track, offset: float) -> Match | None:
    """Find the alignment near `offset` in which two tracks show the same recording; None where there is none."""
    if a.step < b.step:  # the finer one is interpolated at the times of the coarser one
        turned = match(b, a, -offset)
        return turned and Match(-turned.offset, turned.overlap, turned.similarity)
    coarse = _best_match(a, b, [offset + number * STEP for number in COARSE])
    if coarse.similarity < POSSIBLE:
        return None
    fine = _best_match(a, b, [coarse.offset + number * STEP for number in FINE])
    if fine.similarity < PROMISING:
        return None
    images, places = _overlap(a, b, fine.offset)
    fitted = _fit_drift(images, b, places, a.step)
    similarity = max(fine.similarity, _similarity(images, fitted))
    if similarity < SAME_MOTION or not _is_not_mirrored(images, fitted):
        return None
    return Match(fine.offset, fine.overlap, min(similarity, 1.0))


def _best_match(a: Track, b: Track, offsets: list[float]) -> Match:
    """Return the match at the offset at which two tracks are most similar, drift not considered."""
    matches = []
    for offset in offsets:
        images, places = _overlap(a, b, offset)
        overlap = len(images) * a.step
        enough = len(images) >= MIN_IMAGES and overlap >= max(MIN_SECONDS, SHARE * min(a.seconds, b.seconds))
        matches.append(Match(offset, overlap, _similarity(images, b.at(places)) if enough else 0.0))
    return max(matches, key=lambda candidate: candidate.similarity)


def _overlap(a: Track, b: Track, offset: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of `a` that `b` shows too, (T, PIXELS), and their places in `b`, (T,)."""
    places = (np.arange(len(a.images)) * a.step - offset) / b.step
    inside = (places > -0.01) & (places < len(b.images) - 0.99)
    return a.images[inside], places[inside]


def _similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Return the similarity, 0 to 1, of images (T, PIXELS) at the same times: the correlation of their motion."""
    mean_a = a.mean(axis=0)
    mean_b = b.mean(axis=0)
    if min(_rms(a), _rms(b)) < EMPTY:
        return 0.0
    if min(_rms(mean_a), _rms(mean_b)) >= EMPTY and correlation(mean_a, mean_b) < SAME_PICTURE:
        return 0.0
    # A camera that changes its exposure scales the whole picture: that is no motion.
    common = (mean_a + mean_b) / max(np.linalg.norm(mean_a + mean_b), 1e-9)
    return max(0.0, correlation(_remove_direction(a - mean_a, common), _remove_direction(b - mean_b, common)))


def _is_not_mirrored(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether the backgrounds of images (T, PIXELS) fit as they are, and not better with one of them mirrored.

    What moves left at a constant speed is the mirror image of what moves right; the room behind it seldom is.
    """
    motion = np.maximum(a.std(axis=0), b.std(axis=0))
    motion = np.maximum(motion, _mirror(motion))
    still = motion <= np.median(motion)  # the half of the picture that moves least
    picture_a = np.median(a, axis=0)
    picture_b = np.median(b, axis=0)
    plain = _rms((picture_a - picture_b)[still])
    mirrored = _rms((picture_a - _mirror(picture_b))[still])
    return plain <= mirrored + TOLERANCE


def _mirror(picture: np.ndarray) -> np.ndarray:
    return picture.reshape(SIDE, SIDE)[:, ::-1].ravel()


def _remove_direction(images: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Return images (T, PIXELS) without their component in a direction (PIXELS,) of length 1."""
    return images - (images @ direction)[:, None] * direction


def _rms(images: np.ndarray) -> float:
    """Return the root mean square."""
    return float(np.linalg.norm(images)) / images.size**0.5


def _fit_drift(a: np.ndarray, b: Track, places: np.ndarray, step: float) -> np.ndarray:
    """Return the images of `b` for those of `a`, (T, PIXELS), each from where its neighbourhood in time fits best."""
    shifts = np.arange(-DRIFT, DRIFT + 1) * STEP / b.step
    motion = a - a.mean(axis=0)
    mean = b.at(places).mean(axis=0)
    error = np.stack([np.square(motion - (b.at(places + shift) - mean)).sum(axis=1) for shift in shifts])  # (shifts, T)
    width = min(len(a), max(3, round(WINDOW / step)))
    window = np.ones(width)
    smooth = np.stack([np.convolve(row, window, "same") for row in error])
    return b.at(places + shifts[smooth.argmin(axis=0)])
