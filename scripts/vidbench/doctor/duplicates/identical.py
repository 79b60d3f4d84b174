"""Videos whose stored frames are equal to the byte, whatever they show: copies of a file, also with other times."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vidbench.doctor.duplicates.pairs import Pair
from vidbench.frames.store import FrameStore, find_shards
from vidbench.frames.stored_times import clock, typical_interval

SAME = ("crc32", "num_frames", "height", "width")  # columns that are equal where the frames are
MAX_PARTNERS = 50  # per video: a thousand black videos would be half a million pairs, which nobody reads


def identical_pairs(shards: list[Path]) -> list[Pair]:
    """Find all pairs of identical videos; of many identical ones, each with the MAX_PARTNERS that follow it."""
    store = FrameStore(find_shards(shards))
    pairs = []
    for names in _find_identical(store):
        seconds = [_seconds(store.times(name)) for name in names]
        for index, name in enumerate(names):
            for partner in range(index + 1, min(index + 1 + MAX_PARTNERS, len(names))):
                overlap = min(seconds[index], seconds[partner])
                pairs.append(Pair(name, names[partner], False, 0.0, overlap, 1.0))
    return pairs


def _find_identical(store: FrameStore) -> Iterator[list[str]]:
    """Yield the sorted names of videos that have the same frames, two or more at a time."""
    alike: dict[tuple, list[str]] = {}
    for name, stored in store.videos.items():
        if stored.readable:
            alike.setdefault(tuple(stored[column] for column in SAME), []).append(name)
    for names in alike.values():
        by_digest: dict[bytes, list[str]] = {}
        for name in names if len(names) > 1 else ():
            by_digest.setdefault(store.digest(name), []).append(name)  # checksums can agree by chance
        yield from (sorted(members) for members in by_digest.values() if len(members) > 1)


def _seconds(times: np.ndarray) -> float:
    return float(clock(times)[-1]) + typical_interval(clock(times))
