"""Measuring a training: its speed, and the memory that it takes."""

import time
from collections.abc import Callable, Iterable, Iterator

import torch

from vidbench.clips.loader import Batch
from vidbench.compute import memory
from vidbench.training.state import Progress


class Meter:
    """Measures clips/s and peak memory without the first pass of each number of clips.

    That pass compiles the network. On a GPU cuDNN also tries algorithms in it, with workspaces as large as the free
    memory allows, which says nothing about the model.
    """

    def __init__(
        self, device: torch.device, progress: Progress, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """`progress`: is given what has been measured."""
        self.device = device
        self.progress = progress
        self.clock = clock
        self._seen: set[tuple[str, int]] = set()
        self._first = False  # whether the pass that goes on is a first one
        self._left_out = False  # whether a first pass has begun since start()
        self._started = 0.0
        self._clips = 0

    def begin_pass(self, kind: str, clips: int) -> None:
        """Note that a pass of so many clips begins, and that the one before has ended; `kind`: train, val ..."""
        is_first = (kind, clips) not in self._seen
        self._seen.add((kind, clips))
        if self.device.type == "cuda" and self._first:
            memory.reset_peak(self.device)
        elif is_first:
            self.count_memory()
        self._first = is_first
        self._left_out |= is_first

    def watched(self, batches: Iterable[Batch], kind: str = "train") -> Iterator[Batch]:
        """Yield the batches of a training, each of which begins a pass."""
        for batch in batches:
            self.begin_pass(kind, len(batch.targets))
            yield batch

    def start(self) -> None:
        """Start timing at `progress.clips`; the device has to be idle."""
        self._started = self.clock()
        self._clips = self.progress.clips
        self._left_out = False

    def stop(self) -> None:
        """Add the time and the clips since start() where no first pass was among them; the device has to be idle."""
        if not self._left_out and self.progress.clips > self._clips:
            self.progress.timed_seconds += self.clock() - self._started
            self.progress.timed_clips += self.progress.clips - self._clips

    def count_memory(self) -> None:
        """Update the peaks in `progress`; a GPU's only where no first pass goes on."""
        if self.device.type == "cpu" or not self._first:
            self._add_peaks()

    def finish(self) -> None:
        """Update the peaks at the end of a training; one that had nothing but first passes has theirs."""
        self.count_memory()
        if not self.progress.peak_memory_mb:
            self._add_peaks()

    def _add_peaks(self) -> None:
        progress = self.progress
        progress.peak_memory_mb = max(progress.peak_memory_mb, memory.peak_mb(self.device))
        progress.reserved_memory_mb = max(progress.reserved_memory_mb, memory.reserved_peak_mb(self.device))
