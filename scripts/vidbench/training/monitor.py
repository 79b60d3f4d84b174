"""What a training shows: a bar on a terminal, a line per epoch, TensorBoard, how long the device waits for data."""

import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

import torch
from tqdm import tqdm

# From which on waiting for data is worth a warning: part of the time, and seconds of training.
MAX_WAIT, MIN_SECONDS = 0.1, 30.0


class DataTimer:
    """Times how long the device waits for batches; all in seconds, over all epochs of this process."""

    def __init__(self, device: torch.device) -> None:
        self.waited = self.worked = 0.0
        self._done = torch.cuda.Event() if device.type == "cuda" else None

    def timed(self, batches: Iterable) -> Iterator:
        """The batches, as they come."""
        iterator, start = iter(batches), time.perf_counter()
        while True:
            idle = self._done is None or self._done.query()  # a GPU may still be at work
            try:
                asked = time.perf_counter()
                batch = next(iterator)
            except StopIteration:
                self.worked += time.perf_counter() - start
                return
            self.waited += (time.perf_counter() - asked) * idle
            yield batch
            if self._done:
                self._done.record()

    @property
    def part(self) -> float:
        """Part of the training time spent waiting, 0 to 1."""
        return self.waited / self.worked if self.worked else 0.0

    def warning(self, workers: int) -> str | None:
        """What to do where the device waits much."""
        if self.part <= MAX_WAIT or self.worked < MIN_SECONDS:
            return None
        return (
            f"WARNING: the device waited for clips {self.part:.0%} of the training time; raise training.workers"
            f" (now {workers}) and give the job the cores, or store smaller frames or `codec: raw`"
        )


def progress_bar(batches: Iterable, title: str, steps: int, done: int) -> tqdm:
    """A bar on a terminal; nothing in a log, which gets one line per epoch."""
    return tqdm(batches, title, total=steps, leave=False, disable=not sys.stderr.isatty(), initial=done)


def report_epoch(row: dict, epochs: int, seconds: float, wait: float, improved: bool) -> None:
    """Print an epoch's row of the history."""
    left = seconds * (epochs - row["epoch"])
    print(
        f"epoch {row['epoch']:3d}/{epochs}  train loss {row['train_loss']:.4f}  val loss {row['val_loss']:.4f}"
        f"  val top-1 {row['val_top1']:.3f}{' *' if improved else '  '}"
        f"  {seconds:.1f} s ({wait:.0%} waiting for clips), at most {left:.0f} s left",
        flush=True,
    )


class TensorBoardLogger:
    """TensorBoard's curves of one training; does nothing without a folder."""

    def __init__(self, folder: Path | None, epochs_done: int) -> None:
        """`epochs_done`: where the training goes on; what an earlier attempt wrote after it is hidden."""
        self.writer = None
        if folder:
            from torch.utils.tensorboard import SummaryWriter  # imported on request: it costs seconds

            self.writer = SummaryWriter(folder, purge_step=epochs_done + 1)

    def add(self, row: dict, clips_per_second: float, wait: float) -> None:
        """An epoch's row of the history, and how fast it was."""
        if not self.writer:
            return
        for name, value in row.items():
            if name != "epoch":
                self.writer.add_scalar(name, value, row["epoch"])
        self.writer.add_scalar("clips_per_second", clips_per_second, row["epoch"])
        self.writer.add_scalar("waiting_for_clips", wait, row["epoch"])
        self.writer.flush()

    def __enter__(self) -> "TensorBoardLogger":
        return self

    def __exit__(self, _kind: type | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        if self.writer:
            self.writer.close()
