"""Dividing the videos of a frame store among processes, and opening the shard that a process works on."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from vidbench.frames.store import FrameStore, find_shards

TASK_SIZE = 32  # videos per task


def shard_tasks(shards: list[Path]) -> Iterator[tuple[Path, list[str]]]:
    """Yield each shard with TASK_SIZE of its videos at a time, until all have come once."""
    for shard in find_shards(shards):
        names = list(FrameStore(shard).videos)
        for start in range(0, len(names), TASK_SIZE):
            yield shard, names[start : start + TASK_SIZE]


@lru_cache(maxsize=1)
def open_shard(shard: Path) -> FrameStore:
    """Open a shard; only the last one stays open, because a large data set's frame offsets fill every process."""
    return FrameStore(shard)
