"""Which pairs of videos are worth aligning: some moments of every video are looked for in all videos.

A moment is described by the picture and by how it changes within the next half second. Many videos may share one
background, so the change counts as much as the picture where there is any.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vidbench.compute.worker_pool import process_pool
from vidbench.doctor.duplicates.fingerprints import EMPTY, Fingerprints
from vidbench.doctor.duplicates.tiny_images import SIDE

GRID = SIDE // 2  # a moment is described by coarser images
CELLS = GRID * GRID
CHANGE = 0.5  # seconds
KEYS = 4  # moments of every video that are looked for
RATE = 6.0  # moments a second, at least, among which they are looked for
FAINT = 1.5  # gray levels: what changes less than this may be noise, and counts less than the picture
ALIKE = 0.85  # cosine of two moments from which on the two videos are aligned
PARTNERS = 16  # videos that a moment may name as its likeliest partners
OFFSETS = 3  # alignments that are tried for a pair
BLOCK = 16_384  # moments compared at a time ...
QUERIES = 1024  # ... with so many
HIT = np.dtype([("key", np.int64), ("video", np.int64), ("mirrored", bool), ("alike", np.float32)])


@dataclass(frozen=True)
class Moments:
    """Descriptions of a video's moments."""

    values: np.ndarray  # (T, 2 * CELLS) float32, of length 1, or 0 where there is nothing to see
    seconds: float  # from one to the next

    @classmethod
    def of(cls, images: np.ndarray, step: float) -> "Moments":
        """From images (T', PIXELS) uint8 that are `step` seconds apart."""
        coarse = images.reshape(-1, GRID, 2, GRID, 2).mean(axis=(2, 4), dtype=np.float32).reshape(-1, CELLS)
        coarse -= coarse.mean(axis=1, keepdims=True)
        later = np.minimum(np.arange(len(coarse)) + max(1, round(CHANGE / step)), len(coarse) - 1)
        stride = max(1, int(1 / (RATE * step)))
        picture, change = coarse[::stride], (coarse[later] - coarse)[::stride]
        contrast = np.linalg.norm(picture, axis=1, keepdims=True)
        energy = np.square(change).sum(axis=1, keepdims=True)
        change *= np.sqrt(energy / (energy**2 + (CELLS * FAINT**2) ** 2))  # of length 1 well above FAINT, 0 well below
        values = np.concatenate([picture / contrast.clip(1e-6), change], axis=1)
        values /= np.linalg.norm(values, axis=1, keepdims=True).clip(1e-6)
        return cls(values * (contrast > EMPTY * GRID), stride * step)

    def keys(self) -> np.ndarray:
        """Places of the moments to look for: of each of KEYS parts of the video the one that changes most."""
        change = np.square(self.values[:, CELLS:]).sum(axis=1)
        parts = np.array_split(np.arange(len(change)), min(KEYS, len(change)))
        places = np.array([part[change[part].argmax()] for part in parts])
        return places[self.values[places].any(axis=1)]


def mirrored(values: np.ndarray) -> np.ndarray:
    """Descriptions of the same moments with left and right exchanged."""
    return np.ascontiguousarray(values.reshape(-1, 2, GRID, GRID)[..., ::-1]).reshape(values.shape)


def likely_offsets(a: Moments, b: Moments) -> list[float]:
    """Seconds by which the content of `b` may start later than that of `a`, likeliest first, at most OFFSETS."""
    found = []
    for here, there, sign in ((a, b, 1), (b, a, -1)):
        places = here.keys()
        alike = here.values[places] @ there.values.T
        seconds = sign * (places * here.seconds - alike.argmax(axis=1) * there.seconds)
        found += zip(-alike.max(axis=1), seconds, strict=True)
    offsets: list[float] = []
    for difference, offset in sorted(found):
        if -difference >= ALIKE and all(abs(offset - other) > CHANGE / 4 for other in offsets):
            offsets.append(float(offset))
    return offsets[:OFFSETS]


def find_candidates(prints: Fingerprints, jobs: int) -> list[tuple[int, int, bool]]:
    """Pairs (a, b, mirrored) of numbers of videos, a < b, sorted; the same whatever `jobs`."""
    blocks = list(_blocks(prints))
    with process_pool(jobs, initializer=_share, initargs=(prints,)) as pool:
        found = list(pool.map(_keys_of_block, blocks))
    keys, owner = (np.concatenate([part[place] for part in found]) for place in (0, 1))
    hits = np.empty(0, HIT)
    with process_pool(jobs, initializer=_share, initargs=(prints, keys, owner)) as pool:
        for part in pool.map(_search, blocks):
            hits = _likeliest(np.concatenate([hits, part]))
    ends = zip(owner[hits["key"]].tolist(), hits["video"].tolist(), hits["mirrored"].tolist(), strict=True)
    return sorted({(min(video, other), max(video, other), flipped) for video, other, flipped in ends})


def _blocks(prints: Fingerprints) -> Iterator[range]:
    """Videos with about BLOCK moments together, and never more unless it is one video."""
    size, first = 0, 0
    lengths = np.diff(prints.start) * prints.step * 2 * RATE  # the most moments that they may have
    for video, length in enumerate(lengths):
        if size and size + length > BLOCK:
            yield range(first, video)
            size, first = 0, video
        size += length
    if size:
        yield range(first, len(lengths))


_shared: list = []  # of a process of the pool: the fingerprints; of all videos the keys' values and owners


def _share(*values: object) -> None:
    _shared[:] = values


def _moments(video: int) -> Moments:
    prints: Fingerprints = _shared[0]
    return Moments.of(prints.images(video), float(prints.step[video]))


def _keys_of_block(block: range) -> tuple[np.ndarray, np.ndarray]:
    """Values of the moments to look for, (K, 2 * CELLS), and their videos, (K,)."""
    keys = [found.values[found.keys()] for found in map(_moments, block)]
    return np.concatenate(keys), np.repeat(np.array(block), [len(values) for values in keys])


def _search(block: range) -> np.ndarray:
    """The videos of a block in which the keys of all videos are found: an array of HIT."""
    _, keys, owner = _shared
    there = [_moments(video).values for video in block]
    starts = np.cumsum([0, *map(len, there[:-1])])
    values = np.concatenate(there).T
    hits = [np.empty(0, HIT)]
    for first in range(0, len(keys), QUERIES):
        part = slice(first, first + QUERIES)
        own = owner[part, None] == np.array(block)
        for flipped in (False, True):
            wanted = mirrored(keys[part]) if flipped else keys[part]
            alike = np.maximum.reduceat(wanted @ values, starts, axis=1)  # (queries, videos)
            key, video = np.nonzero((alike >= ALIKE) & ~own)
            found = np.empty(len(key), HIT)
            found["key"], found["video"], found["mirrored"] = key + first, video + block[0], flipped
            found["alike"] = alike[key, video]
            hits.append(_likeliest(found))
    return np.concatenate(hits)


def _likeliest(hits: np.ndarray) -> np.ndarray:
    """The best PARTNERS hits of each key, in an order that does not depend on that of `hits`."""
    hits = hits[np.lexsort((hits["mirrored"], hits["video"], -hits["alike"], hits["key"]))]
    _, first, count = np.unique(hits["key"], return_index=True, return_counts=True)
    rank = np.arange(len(hits)) - np.repeat(first, count)
    return hits[rank < PARTNERS]
