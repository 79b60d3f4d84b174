"""The videos of a frame store in tasks for several processes, and the shard that a process works on."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from vidbench.frames.store import FrameStore, find_shards

TASK_SIZE = 32  # videos that a process gets at a time


def shard_tasks(shards: list[Path]) -> Iterator[tuple[Path, list[str]]]:
    """Each shard with some of its videos at a time; all of them once."""
    for shard in find_shards(shards):
        names = list(FrameStore(shard).videos)
        for start in range(0, len(names), TASK_SIZE):
            yield shard, names[start : start + TASK_SIZE]


@lru_cache(maxsize=1)
def open_shard(shard: Path) -> FrameStore:
    """One shard at a time: the frames' offsets of a large data set do not fit into every process."""
    return FrameStore(shard)
