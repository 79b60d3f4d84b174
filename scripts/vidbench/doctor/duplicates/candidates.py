"""Candidate pairs of videos, to be aligned: some moments of every video are looked for in all videos.

A moment is described by the picture and by how it changes within the next half second. Many videos may share one
background, so the change counts as much as the picture where there is any.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vidbench.compute.worker_pool import process_pool
from vidbench.doctor.duplicates.fingerprints import EMPTY, Fingerprints
from vidbench.doctor.duplicates.tiny_images import SIDE

GRID = SIDE // 2  # a moment is described by coarser images
CELLS = GRID * GRID
CHANGE = 0.5  # seconds
KEYS = 4  # moments of every video that are looked for
RATE = 6.0  # moments per second, at least, among which they are looked for
FAINT = 1.5  # gray levels: a smaller change may be noise, and counts less than the picture
MIN_COSINE = 0.85  # of two moments whose videos are aligned
PARTNERS = 16  # videos per moment, the likeliest ones
MAX_OFFSETS = 3  # alignments that are tried per pair
BLOCK = 16_384  # moments that are searched at a time
QUERIES = 1024  # moments that are looked for at a time
HIT = np.dtype([("key", np.int64), ("video", np.int64), ("mirrored", bool), ("cosine", np.float32)])


@dataclass(frozen=True)
class Moments:
    """Descriptions of a video's moments."""

    values: np.ndarray  # (T, 2 * CELLS) float32, of length 1, or 0 where there is nothing to see
    seconds: float  # from one to the next

    @classmethod
    def of(cls, images: np.ndarray, step: float) -> "Moments":
        """Describe the moments of images (T', PIXELS) uint8 that are `step` seconds apart."""
        coarse = images.reshape(-1, GRID, 2, GRID, 2).mean(axis=(2, 4), dtype=np.float32).reshape(-1, CELLS)
        coarse -= coarse.mean(axis=1, keepdims=True)
        later = np.minimum(np.arange(len(coarse)) + max(1, round(CHANGE / step)), len(coarse) - 1)
        stride = max(1, int(1 / (RATE * step)))
        picture = coarse[::stride]
        change = (coarse[later] - coarse)[::stride]
        contrast = np.linalg.norm(picture, axis=1, keepdims=True)
        energy = np.square(change).sum(axis=1, keepdims=True)
        change *= np.sqrt(energy / (energy**2 + (CELLS * FAINT**2) ** 2))  # of length 1 well above FAINT, 0 well below
        values = np.concatenate([picture / contrast.clip(1e-6), change], axis=1)
        values /= np.linalg.norm(values, axis=1, keepdims=True).clip(1e-6)
        return cls(values * (contrast > EMPTY * GRID), stride * step)

    @cached_property
    def keys(self) -> np.ndarray:
        """The places of the moments to look for: in each of KEYS parts of the video that with most change."""
        change = np.square(self.values[:, CELLS:]).sum(axis=1)
        segments = np.array_split(np.arange(len(change)), min(KEYS, len(change)))
        places = np.array([segment[change[segment].argmax()] for segment in segments])
        return places[self.values[places].any(axis=1)]


def mirror(values: np.ndarray) -> np.ndarray:
    """Return the descriptions of the same moments with left and right exchanged."""
    return np.ascontiguousarray(values.reshape(-1, 2, GRID, GRID)[..., ::-1]).reshape(values.shape)


def likely_offsets(a: Moments, b: Moments) -> list[float]:
    """Return by how many seconds `b` may start later than `a`, the likeliest first, at most MAX_OFFSETS."""
    hits = []
    for query, target, sign in ((a, b, 1), (b, a, -1)):
        places = query.keys
        cosine = query.values[places] @ target.values.T
        seconds = sign * (places * query.seconds - cosine.argmax(axis=1) * target.seconds)
        hits += zip(-cosine.max(axis=1), seconds, strict=True)
    offsets: list[float] = []
    for negative_cosine, offset in sorted(hits):
        if -negative_cosine >= MIN_COSINE and all(abs(offset - better) > CHANGE / 4 for better in offsets):
            offsets.append(float(offset))
    return offsets[:MAX_OFFSETS]


def find_candidates(prints: Fingerprints, jobs: int) -> list[tuple[int, int, bool]]:
    """Find pairs (a, b, mirrored) of numbers of videos, a < b, sorted; the same whatever `jobs`."""
    blocks = list(_blocks(prints))
    with process_pool(jobs, initializer=_share, initargs=(prints,)) as pool:
        results = list(pool.map(_read_keys, blocks))
    keys = np.concatenate([values for values, _ in results])
    owner = np.concatenate([videos for _, videos in results])
    hits = np.empty(0, HIT)
    with process_pool(jobs, initializer=_share, initargs=(prints, keys, owner)) as pool:
        for part in pool.map(_search, blocks):
            hits = _select_likeliest(np.concatenate([hits, part]))
    pairs = zip(owner[hits["key"]].tolist(), hits["video"].tolist(), hits["mirrored"].tolist(), strict=True)
    return sorted({(min(a, b), max(a, b), mirrored) for a, b, mirrored in pairs})


def _blocks(prints: Fingerprints) -> Iterator[range]:
    """Yield ranges of videos that have at most BLOCK moments together, unless a single video has more."""
    size = 0.0
    first = 0
    lengths = np.diff(prints.start) * prints.step * 2 * RATE  # the maximum numbers of their moments
    for video, length in enumerate(lengths):
        if size and size + length > BLOCK:
            yield range(first, video)
            size, first = 0, video
        size += length
    if size:
        yield range(first, len(lengths))


_shared: list = []  # in each process of the pool: the fingerprints; the values and owners of all videos' keys


def _share(*values: object) -> None:
    _shared[:] = values


def _read_moments(video: int) -> Moments:
    prints: Fingerprints = _shared[0]
    return Moments.of(prints.images(video), float(prints.step[video]))


def _read_keys(block: range) -> tuple[np.ndarray, np.ndarray]:
    """Read the moments to look for, (K, 2 * CELLS), and the numbers of their videos, (K,)."""
    keys = [moments.values[moments.keys] for moments in map(_read_moments, block)]
    return np.concatenate(keys), np.repeat(np.array(block), [len(values) for values in keys])


def _search(block: range) -> np.ndarray:
    """Search the videos of a block for the keys of all videos; return an array of HIT."""
    _, keys, owner = _shared
    moments = [_read_moments(video).values for video in block]
    starts = np.cumsum([0, *map(len, moments[:-1])])
    values = np.concatenate(moments).T
    hits = [np.empty(0, HIT)]
    for first in range(0, len(keys), QUERIES):
        part = slice(first, first + QUERIES)
        is_owner = owner[part, None] == np.array(block)
        for mirrored in (False, True):
            queries = mirror(keys[part]) if mirrored else keys[part]
            cosine = np.maximum.reduceat(queries @ values, starts, axis=1)  # (queries, videos): of the best moment
            key, video = np.nonzero((cosine >= MIN_COSINE) & ~is_owner)
            part_hits = np.empty(len(key), HIT)
            part_hits["key"] = key + first
            part_hits["video"] = video + block[0]
            part_hits["mirrored"] = mirrored
            part_hits["cosine"] = cosine[key, video]
            hits.append(_select_likeliest(part_hits))
    return np.concatenate(hits)


def _select_likeliest(hits: np.ndarray) -> np.ndarray:
    """Select the best PARTNERS hits of each key, in an order that does not depend on that of `hits`."""
    hits = hits[np.lexsort((hits["mirrored"], hits["video"], -hits["cosine"], hits["key"]))]
    _, first, count = np.unique(hits["key"], return_index=True, return_counts=True)
    rank = np.arange(len(hits)) - np.repeat(first, count)
    return hits[rank < PARTNERS]
