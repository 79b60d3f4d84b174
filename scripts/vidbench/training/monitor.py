"""Progress of a training: a bar on a terminal, a line per epoch, TensorBoard, the time spent waiting for data."""

import math
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from tqdm import tqdm

MAX_WAIT = 0.1  # part of the training time: a longer wait for data is worth a warning
MIN_SECONDS = 30.0  # of training, before there is a warning


def make_timing_event() -> torch.cuda.Event:
    """Return an event that knows its time; CUDA's others do not."""
    return torch.cuda.Event(enable_timing=True)


class DataTimer:
    """Measures how long the device waits for batches, in seconds over all epochs of this process.

    The CPU hands a GPU its work in advance. So a GPU's wait is the time between two events on it: one when it has done
    all work that came before the loader was asked for a batch, one when the batch had come and all work was done.
    """

    def __init__(
        self,
        device: torch.device,
        make_event: Callable[[], Any] = make_timing_event,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`make_event`: of a GPU."""
        self.worked = 0.0
        self._waited = 0.0
        self._make_event = make_event if device.type == "cuda" else None
        self._clock = clock
        self._waits: deque[tuple[Any, Any]] = deque()  # events around each wait that is not in _waited yet

    def timed(self, batches: Iterable) -> Iterator:
        """Yield the batches, and measure the time between them."""
        iterator = iter(batches)
        start = self._clock()
        while True:
            requested = self._mark()
            try:
                batch = next(iterator)
            except StopIteration:
                self.worked += self._clock() - start
                return
            self._add(requested, self._mark())
            yield batch

    def _mark(self) -> Any:
        """Return the time or, on a GPU, an event behind all work so far."""
        if self._make_event is None:
            return self._clock()
        event = self._make_event()
        event.record()
        return event

    def _add(self, requested: Any, arrived: Any) -> None:
        if self._make_event is None:
            self._waited += arrived - requested
        else:
            self._waits.append((requested, arrived))
            self._sum_waits()

    def _sum_waits(self) -> None:
        """Sum up the waits that the GPU has reached, without waiting for it."""
        while self._waits and self._waits[0][1].query():
            requested, arrived = self._waits.popleft()
            self._waited += requested.elapsed_time(arrived) / 1000  # from ms

    @property
    def waited(self) -> float:
        """Seconds so far; complete where the device is idle."""
        self._sum_waits()
        return self._waited

    @property
    def part(self) -> float:
        """Part of the training time spent waiting, 0 to 1."""
        return self.waited / self.worked if self.worked else 0.0

    def warning(self, workers: int) -> str | None:
        """Return a line that says what to do, where the device waits much; `workers`: processes that read clips."""
        if self.part <= MAX_WAIT or self.worked < MIN_SECONDS:
            return None
        return (
            f"WARNING: the device waited for clips {self.part:.0%} of the training time; raise training.workers from"
            f" {workers} to about {self.needed_workers(workers)} and give the job the cores, or store smaller frames or"
            " `codec: raw`"
        )

    def needed_workers(self, workers: int) -> int:
        """Return the number of processes that read clips as fast as the device takes them, one process like another.

        Of a second, the device waits for `part` and computes in the rest, in which it could take what has been read.
        Without workers, reading fills the time for which the device waits, in the process that computes.
        """
        computed = max(1 - self.part, 0.01)
        return max(workers + 1, math.ceil((workers or self.part) / computed))


def progress_bar(batches: Iterable, title: str, steps: int, done: int) -> tqdm:
    """Return the batches with a bar on a terminal; a log gets one line per epoch instead, see report_epoch()."""
    return tqdm(batches, title, total=steps, leave=False, disable=not sys.stderr.isatty(), initial=done)


def report_epoch(row: dict, epochs: int, seconds: float, data_wait: float, improved: bool) -> None:
    """Print an epoch's row of the history; `data_wait`: part of the time, 0 to 1."""
    remaining = seconds * (epochs - row["epoch"])
    score = f"top-1 {row['val_top1']:.3f}" if "val_top1" in row else f"mAP {row['val_mean_average_precision']:.3f}"
    print(
        f"epoch {row['epoch']:3d}/{epochs}  train loss {row['train_loss']:.4f}  val loss {row['val_loss']:.4f}"
        f"  val {score}{' *' if improved else '  '}"
        f"  {seconds:.1f} s ({data_wait:.0%} waiting for clips), at most {remaining:.0f} s left",
        flush=True,
    )


def report_refit_epoch(epoch: int, epochs: int, loss: float, seconds: float) -> None:
    """Print an epoch of the training on training and validation videos together, as report_epoch() prints others."""
    print(
        f"epoch {epoch:3d}/{epochs} on training and validation videos  train loss {loss:.4f}  {seconds:.1f} s,"
        f" at most {seconds * (epochs - epoch):.0f} s left",
        flush=True,
    )
