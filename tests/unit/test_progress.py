import pytest

from vidbench.progress import Progress


@pytest.mark.parametrize(("resumes", "rate", "left"), [(False, 3, 2), (True, 2, 3)])
def test_what_a_killed_run_left_is_no_part_of_the_rate(
    resumes: bool, rate: int, left: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    progress = Progress("videos", resumes)
    for now, done in ((0.5, 10), (9.0, 20), (10.0, 30), (11.0, 33), (12.0, 36)):  # noqa: B007 - the clock reads it
        progress(done, 36)
    assert capsys.readouterr().out.splitlines() == [
        f"30/36 videos, {rate}.0 videos/s, {left} s left",
        f"36/36 videos, {'2.2' if resumes else '3.0'} videos/s, 0 s left",
    ]
