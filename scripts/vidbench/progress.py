"""Printing how far a step is, in a line every ten seconds."""

import time

REPORT_SECONDS = 10


class Progress:
    """Prints e.g. '120/400 videos, 8.2 videos/s, 34 s left' every ten seconds and at the end."""

    def __init__(self, unit: str, resumes: bool = False) -> None:
        """`resumes`: what is done in the first second was left by a killed run, and says nothing of the rate."""
        self.unit = unit
        self.resumes = resumes
        self.num_resumed = 0
        self.start = time.monotonic()
        self.next_report = self.start + REPORT_SECONDS

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self.resumes and now - self.start < 1:
            self.num_resumed = done
        if now >= self.next_report or done == total:
            rate = (done - self.num_resumed or done) / max(now - self.start, 1e-9)
            left = (total - done) / rate
            print(f"{done}/{total} {self.unit}, {rate:.1f} {self.unit}/s, {left:.0f} s left", flush=True)
            self.next_report = now + REPORT_SECONDS
