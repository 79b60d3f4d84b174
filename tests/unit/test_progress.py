"""Printing how far a step is."""

import pytest

from vidbench.progress import Progress


@pytest.mark.parametrize(("ready", "rate", "left", "at_the_end"), [(0, 3, 2, "3.0"), (10, 2, 3, "2.2")])
def test_what_a_killed_run_left_is_no_part_of_the_rate(
    ready: int,
    rate: int,
    left: int,
    at_the_end: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is done within the first second was there before."""
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    progress = Progress("videos")
    for now, done in ((0.5, ready), (9.0, 20), (10.0, 30), (11.0, 33), (12.0, 36)):  # noqa: B007 - the clock reads it
        progress(done, 36)
    assert capsys.readouterr().out.splitlines() == [
        f"30/36 videos, {rate}.0 videos/s, {left} s left",
        f"36/36 videos, {at_the_end} videos/s, 0 s left",
    ]
