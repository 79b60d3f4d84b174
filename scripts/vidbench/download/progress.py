"""Progress of several downloads together: bytes, rate and time left."""

import sys
import threading
import time
from collections.abc import Callable

from vidbench.errors import UserError
from vidbench.formatting import bytes_text, duration

LOG_INTERVAL = 10  # seconds between two lines in a log
TERMINAL_INTERVAL = 1  # seconds between two lines on a terminal
RATE_WINDOW = 30  # seconds over which the rate is averaged


class Transfer:
    """Prints one line every few seconds, e.g. '2.1 GB of 6.9 GB, 11 MB/s, 7 min 12 s left'."""

    def __init__(self) -> None:
        self.done: dict[str, int] = {}
        self.totals: dict[str, int | None] = {}
        self.lock = threading.Lock()
        self.stopped = False
        self.samples: list[tuple[float, int]] = []
        self.next_line = time.monotonic() + 1
        self.interval = TERMINAL_INTERVAL if sys.stdout.isatty() else LOG_INTERVAL

    def expect(self, totals: dict[str, int | None]) -> None:
        """Add the sizes in bytes, None where unknown, of files that will be fetched."""
        self.totals |= totals

    def stop(self) -> None:
        """End all downloads when their next bytes arrive."""
        self.stopped = True

    def progress_of(self, name: str) -> Callable[[int, int | None], None]:
        """Return the progress function of one file: takes the bytes that have arrived and the total, where known."""

        def progress(done: int, total: int | None) -> None:
            if self.stopped:
                raise UserError(f"{name}: fetching was stopped; run again to continue")
            with self.lock:
                if name not in self.done:  # bytes of an earlier run are no part of the rate
                    self.samples = [(when, total_done + done) for when, total_done in self.samples]
                self.done[name] = done
                self.totals[name] = total if total is not None else self.totals.get(name)
                now = time.monotonic()
                if now >= self.next_line:
                    self.next_line = now + self.interval
                    self._print(now)

        return progress

    def _print(self, now: float) -> None:
        done = sum(self.done.values())
        self.samples = [*(sample for sample in self.samples if sample[0] > now - RATE_WINDOW), (now, done)]
        start, done_at_start = self.samples[0]
        rate = max(done - done_at_start, 0) / max(now - start, 1e-9)
        known = None not in self.totals.values()
        total = sum(size or 0 for size in self.totals.values())
        text = bytes_text(done) + (f" of {bytes_text(total)}" if known else "")
        if rate:
            text += f", {bytes_text(rate)}/s" + (f", {duration((total - done) / rate)} left" if known else "")
        print(text, flush=True)
