"""Printing how far a step is, in a line every ten seconds."""

import time

REPORT_SECONDS = 10


class Progress:
    """Prints e.g. '120/400 videos, 8.2 videos/s, 34 s left' every ten seconds and at the end."""

    def __init__(self, unit: str) -> None:
        """`unit`: what is counted, in the plural."""
        self.unit = unit
        self.start = time.monotonic()
        self.next_report = self.start + REPORT_SECONDS
        self.num_ready = 0  # done within the first second: left by a killed run, so not counted in the rate

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.start < 1:
            self.num_ready = done
        if now >= self.next_report or done == total:
            rate = (done - self.num_ready or done) / max(now - self.start, 1e-9)
            remaining = (total - done) / rate
            print(f"{done}/{total} {self.unit}, {rate:.1f} {self.unit}/s, {remaining:.0f} s left", flush=True)
            self.next_report = now + REPORT_SECONDS
