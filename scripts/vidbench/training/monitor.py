"""Progress of a training: a bar on a terminal, a line per epoch, TensorBoard, the time spent waiting for data."""

import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

import torch
from tqdm import tqdm

MAX_WAIT = 0.1  # part of the training time: a longer wait for data is worth a warning
MIN_SECONDS = 30.0  # of training, before there is a warning


class DataTimer:
    """Measures how long the device waits for batches, in seconds over all epochs of this process."""

    def __init__(self, device: torch.device) -> None:
        self.waited = self.worked = 0.0
        self._done = torch.cuda.Event() if device.type == "cuda" else None

    def timed(self, batches: Iterable) -> Iterator:
        """Yield the batches, and measure the time between them."""
        iterator = iter(batches)
        start = time.perf_counter()
        while True:
            # A GPU that still computes the last batch does not wait. Its event is done when that batch is.
            idle = self._done is None or self._done.query()
            try:
                requested = time.perf_counter()
                batch = next(iterator)
            except StopIteration:
                self.worked += time.perf_counter() - start
                return
            self.waited += (time.perf_counter() - requested) * idle
            yield batch
            if self._done:
                self._done.record()

    @property
    def part(self) -> float:
        """Part of the training time spent waiting, 0 to 1."""
        return self.waited / self.worked if self.worked else 0.0

    def warning(self, workers: int) -> str | None:
        """Return a line that says what to do, where the device waits much."""
        if self.part <= MAX_WAIT or self.worked < MIN_SECONDS:
            return None
        return (
            f"WARNING: the device waited for clips {self.part:.0%} of the training time; raise training.workers"
            f" (now {workers}) and give the job the cores, or store smaller frames or `codec: raw`"
        )


def progress_bar(batches: Iterable, title: str, steps: int, done: int) -> tqdm:
    """Return the batches with a bar on a terminal; a log gets one line per epoch instead, see report_epoch()."""
    return tqdm(batches, title, total=steps, leave=False, disable=not sys.stderr.isatty(), initial=done)


def report_epoch(row: dict, epochs: int, seconds: float, data_wait: float, improved: bool) -> None:
    """Print an epoch's row of the history; `data_wait`: part of the time, 0 to 1."""
    remaining = seconds * (epochs - row["epoch"])
    print(
        f"epoch {row['epoch']:3d}/{epochs}  train loss {row['train_loss']:.4f}  val loss {row['val_loss']:.4f}"
        f"  val top-1 {row['val_top1']:.3f}{' *' if improved else '  '}"
        f"  {seconds:.1f} s ({data_wait:.0%} waiting for clips), at most {remaining:.0f} s left",
        flush=True,
    )


class TensorBoardLogger:
    """TensorBoard's curves of one training; does nothing without a folder."""

    def __init__(self, folder: Path | None, epochs_done: int) -> None:
        """`epochs_done`: where the training resumes; what an earlier attempt wrote after that is hidden."""
        self.writer = None
        if folder:
            from torch.utils.tensorboard import SummaryWriter  # imported on request: it costs seconds

            self.writer = SummaryWriter(folder, purge_step=epochs_done + 1)

    def add(self, row: dict, clips_per_second: float, data_wait: float) -> None:
        """Write an epoch's row of the history, its speed and the part of its time spent waiting for data."""
        if not self.writer:
            return
        for name, value in row.items():
            if name != "epoch":
                self.writer.add_scalar(name, value, row["epoch"])
        self.writer.add_scalar("clips_per_second", clips_per_second, row["epoch"])
        self.writer.add_scalar("waiting_for_clips", data_wait, row["epoch"])
        self.writer.flush()

    def __enter__(self) -> "TensorBoardLogger":
        return self

    def __exit__(self, _kind: type | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        if self.writer:
            self.writer.close()
