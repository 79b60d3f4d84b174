"""How long a run still takes."""

from pathlib import Path

import pytest

from vidbench.workflow.job_events import Attempt
from vidbench.workflow.progress import Capacity, Epoch, Kind, PlannedTime, Progress, epoch_of

TRAIN, FIGURE = Kind("train_model", "motion", "cnn3d"), Kind("plot_cost", "motion")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def attempt(job: int, kind: Kind = TRAIN, started: float = 0.0, local: bool = True, cores: int = 2) -> Attempt:
    wildcards = {"dataset": kind.dataset, "model": kind.model}
    return Attempt(job, kind.rule, wildcards, cores, 0, local, [f"{job}.log"], None, started)


def planned(kind: Kind) -> PlannedTime | None:
    return PlannedTime(2.0, is_small=True) if kind == FIGURE else None


def test_unknown_kinds_make_it_incomplete_until_one_has_ended() -> None:
    progress = Progress([TRAIN] * 3 + [FIGURE] * 2, planned, Capacity(cores=4))
    assert progress.time_left(0) == (2.0, False)  # figures: 4 s on one of 4 cores each, but one takes 2 s
    first = attempt(1)
    progress.start(first)
    progress.finish(first, 60.0)
    assert progress.time_left(60) == ((120 * 2 + 4) / 4, True)
    assert progress.done == 1


def test_a_running_job_takes_what_is_left_of_it() -> None:
    progress = Progress([TRAIN] * 2, lambda kind: PlannedTime(100.0), Capacity(cores=2))
    progress.start(attempt(1))
    assert progress.time_left(40) == (160.0, True)
    assert progress.time_left(400) == (100.0, True)  # longer than planned: about to end


def test_a_trainings_own_log_says_what_is_left_of_it_and_of_those_like_it() -> None:
    Path("1.log").write_text("epoch   4/10  train loss 1.0  val top-1 0.5 *  10 s (0% waiting), at most 60 s left\n")
    progress = Progress([TRAIN] * 2, lambda kind: None, Capacity(cores=2))
    progress.start(attempt(1))
    assert epoch_of(progress.running()[0]) == Epoch(4, 10, 60.0)
    assert progress.time_left(40) == (60.0 + 100.0, True)


def test_the_plan_is_corrected_by_what_jobs_took() -> None:
    progress = Progress([TRAIN, Kind("train_model", "motion", "r3d_18")], lambda kind: PlannedTime(10.0), Capacity(2))
    progress.start(attempt(1))
    progress.finish(attempt(1), 30.0)
    assert progress.time_left(30) == (30.0, True)


def test_a_cluster_is_limited_by_its_jobs_and_gpus() -> None:
    progress = Progress([TRAIN] * 8, lambda kind: PlannedTime(10.0), Capacity(jobs=4))
    assert progress.time_left(0) == (20.0, True)
    progress.start(attempt(1, local=False))
    assert progress.time_left(500) == (20.0, True)  # it may have waited in the queue


def test_failures_and_new_attempts_are_counted() -> None:
    progress = Progress([TRAIN], lambda kind: PlannedTime(10.0), Capacity(cores=2))
    progress.start(attempt(1))
    progress.fail(attempt(1))
    assert progress.time_left(0).seconds == 0
    progress.retry(attempt(1))
    assert progress.time_left(0).seconds == 10
    progress.start(attempt(1, started=5))
    progress.finish(attempt(1), 10)
    assert progress.time_left(0).seconds == 0


def test_a_job_that_nobody_announced_is_counted_from_its_start() -> None:
    progress = Progress([], lambda kind: None, Capacity())
    progress.start(attempt(1))
    progress.finish(attempt(1), None)
    assert progress.done == 1
    assert progress.running() == []
