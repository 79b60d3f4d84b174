"""Whether two fingerprints show the same recording: aligned in time, do the same things move in the same way?

What decides is what is left of the images without their mean over time. Two takes in one room before one camera have
the same background, but not the same motion; a copy has the motion too, however badly it is encoded. Where hardly
anything moves, stillness.py decides.
"""

from dataclasses import dataclass

import numpy as np

from vidbench.doctor.duplicates.tiny_images import MIN_IMAGES, SIDE
from vidbench.frames.stored_times import MIN_SECONDS

SHARE = 0.5  # of the shorter video that both must show
STEP = 1 / 32  # seconds: how finely offsets are told apart
COARSE, FINE = (-6, -3, 0, 3, 6), (-2, -1, 0, 1, 2)  # steps from an offset that is roughly known, then better
DRIFT = 8  # steps that a part of a video may be off: variable frame rates
WINDOW = 0.4  # seconds of such a part
POSSIBLE, PROMISING = 0.4, 0.55  # similarities, after COARSE and after FINE, below which two videos are no copies
SAME_MOTION = 0.92  # correlation of what moves
SAME_PICTURE = 0.975  # correlation of the mean images
UNSURE = 0.5  # gray levels by which the pictures may fit better the other way round, left and right exchanged
EMPTY = 2.0  # gray levels: images whose pixels vary less show nothing, e.g. black


@dataclass(frozen=True)
class Track:
    """A fingerprint ready to be compared."""

    images: np.ndarray  # (T, PIXELS) float32, each without its mean, so that brightness does not matter
    step: float  # seconds from one to the next

    @classmethod
    def of(cls, images: np.ndarray, step: float) -> "Track":
        """From (T, PIXELS) uint8."""
        values = images.astype(np.float32)
        return cls(values - values.mean(axis=1, keepdims=True), step)

    @property
    def seconds(self) -> float:
        return len(self.images) * self.step

    def at(self, place: np.ndarray) -> np.ndarray:
        """Images at fractional places (any shape), interpolated: (..., PIXELS)."""
        place = place.clip(0, len(self.images) - 1)
        before = np.minimum(place.astype(np.int64), max(len(self.images) - 2, 0))
        share = (place - before).astype(np.float32)[..., None]
        after = np.minimum(before + 1, len(self.images) - 1)
        return self.images[before] * (1 - share) + self.images[after] * share


@dataclass(frozen=True)
class Match:
    """How two tracks fit."""

    offset: float  # seconds by which the second one's content starts later
    overlap: float  # seconds that both show
    similarity: float  # 0 to 1


def match(a: Track, b: Track, offset: float) -> Match | None:
    """The alignment near `offset` under which two tracks show the same recording; None where they do not."""
    if a.step < b.step:  # the finer one is interpolated at the times of the coarser one
        found = match(b, a, -offset)
        return found and Match(-found.offset, found.overlap, found.similarity)
    roughly = _best(a, b, [offset + number * STEP for number in COARSE])
    if roughly.similarity < POSSIBLE:
        return None
    found = _best(a, b, [roughly.offset + number * STEP for number in FINE])
    if found.similarity < PROMISING:
        return None
    images, places = _overlapping(a, b, found.offset)
    fitted = _drifted(images, b, places, a.step)
    similarity = max(found.similarity, _similarity(images, fitted))
    if similarity < SAME_MOTION or not _right_way_round(images, fitted):
        return None
    return Match(found.offset, found.overlap, min(similarity, 1.0))


def _best(a: Track, b: Track, offsets: list[float]) -> Match:
    """The offset under which two tracks are most similar, without regard to drift."""
    found = []
    for offset in offsets:
        images, places = _overlapping(a, b, offset)
        overlap = len(images) * a.step
        enough = len(images) >= MIN_IMAGES and overlap >= max(MIN_SECONDS, SHARE * min(a.seconds, b.seconds))
        found.append(Match(offset, overlap, _similarity(images, b.at(places)) if enough else 0.0))
    return max(found, key=lambda matched: matched.similarity)


def _overlapping(a: Track, b: Track, offset: float) -> tuple[np.ndarray, np.ndarray]:
    """The images of `a` that `b` shows too, (T, PIXELS), and their places in `b`, (T,)."""
    places = (np.arange(len(a.images)) * a.step - offset) / b.step
    inside = (places > -0.01) & (places < len(b.images) - 0.99)
    return a.images[inside], places[inside]


def _similarity(a: np.ndarray, b: np.ndarray) -> float:
    """0 to 1 for images (T, PIXELS) at the same times."""
    mean_a, mean_b = a.mean(axis=0), b.mean(axis=0)
    if min(_deviation(a), _deviation(b)) < EMPTY:
        return 0.0
    if min(_deviation(mean_a), _deviation(mean_b)) >= EMPTY and _correlation(mean_a, mean_b) < SAME_PICTURE:
        return 0.0
    moving_a, moving_b = a - mean_a, b - mean_b
    # A camera that changes its exposure scales the whole picture: that is no motion.
    common = (mean_a + mean_b) / max(np.linalg.norm(mean_a + mean_b), 1e-9)
    return max(0.0, _correlation(_without(moving_a, common), _without(moving_b, common)))


def _right_way_round(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether the backgrounds of images (T, PIXELS) fit as they are, and not better with one of them mirrored.

    What moves left at a constant speed is the mirror image of what moves right; the room behind it seldom is.
    """
    motion = np.maximum(a.std(axis=0), b.std(axis=0))
    motion = np.maximum(motion, _mirrored(motion))
    still = motion <= np.median(motion)  # the half of the picture that moves least
    picture_a, picture_b = np.median(a, axis=0), np.median(b, axis=0)
    as_it_is, mirrored = (_deviation((picture_a - other)[still]) for other in (picture_b, _mirrored(picture_b)))
    return as_it_is <= mirrored + UNSURE


def _mirrored(picture: np.ndarray) -> np.ndarray:
    return picture.reshape(SIDE, SIDE)[:, ::-1].ravel()


def _without(images: np.ndarray, direction: np.ndarray) -> np.ndarray:
    return images - (images @ direction)[:, None] * direction


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Of arrays whose mean is zero."""
    return float((a * b).sum() / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-9))


def _deviation(images: np.ndarray) -> float:
    """Root mean square."""
    return float(np.linalg.norm(images)) / images.size**0.5


def _drifted(a: np.ndarray, b: Track, places: np.ndarray, step: float) -> np.ndarray:
    """Images of `b` for those of `a`, each from where its neighbourhood fits best, (T, PIXELS)."""
    shifts = np.arange(-DRIFT, DRIFT + 1) * STEP / b.step
    moving, mean = a - a.mean(axis=0), b.at(places).mean(axis=0)
    error = np.stack([np.square(moving - (b.at(places + shift) - mean)).sum(axis=1) for shift in shifts])  # (shifts, T)
    width = min(len(a), max(3, round(WINDOW / step)))
    window = np.ones(width)
    smooth = np.stack([np.convolve(row, window, "same") for row in error])
    return b.at(places + shifts[smooth.argmin(axis=0)])
