"""Times of jobs by the plan's table."""

import json
from pathlib import Path

import pytest
import tiny

from vidbench.planning.job_times import digest_run, read_planned_times
from vidbench.planning.small_steps import FIGURE
from vidbench.workflow.progress import Kind, PlannedTime
from vidbench.workflow.run import Run


@pytest.fixture
def run() -> Run:
    return Run(tiny.config(run__models=["cnn3d"]))


def plan(run: Run) -> dict:
    return {
        "digest": digest_run(run),
        "steps": {"extraction": {"jobs": 2, "job_seconds": 10.0}, "the rest": {"jobs": 4, "job_seconds": 20.0}},
        "models": [{"dataset": "motion", "model": "cnn3d", "trainings": 3, "job_seconds": 90.0}],
    }


def test_a_plan_of_the_same_jobs_tells_the_times(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(plan(run)))
    times = read_planned_times(run, tmp_path / "plan.json")
    assert times(Kind("train_model", "motion", "cnn3d")) == PlannedTime(30.0)
    assert times(Kind("train_model", "motion", "r3d_18")) is None
    assert times(Kind("extract_frames", "motion")) == PlannedTime(5.0)
    assert times(Kind("find_duplicates", "motion")) == PlannedTime(5.0)
    assert times(Kind("plot_cost", "motion")) == PlannedTime(FIGURE.least, is_small=True)


@pytest.mark.parametrize("content", [None, "no JSON", "[]", "{}", '{"digest": "that of another run"}'])
def test_without_a_plan_of_this_run_only_small_steps_are_known(content: str | None, run: Run, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "plan.json").write_text(content)
    times = read_planned_times(run, tmp_path / "plan.json")
    assert times(Kind("train_model", "motion", "cnn3d")) is None
    assert times(Kind("make_splits", "motion")) == PlannedTime(0.2, is_small=True)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"report__refresh_seconds": 5, "run__name": "second"}, True),
        ({"datasets__motion__training__learning_rate": 0.1}, True),
        ({"run__models": ["cnn2d_mean"]}, False),
        ({"datasets__motion__training__epochs": 20}, False),
        ({"datasets__motion__clip__frames": 8}, False),
        ({"datasets__motion__motion__train_scenes": 7}, False),
        ({"evaluation__explained_videos": 3}, False),
        ({"models__cnn3d__width": 8}, False),
    ],
)
def test_a_plan_is_that_of_a_run_whose_times_are_the_same(changes: dict, same: bool) -> None:
    config = tiny.config(run__models=["cnn3d"])
    assert (digest_run(Run(config)) == digest_run(Run(tiny.with_changes(config, changes)))) == same
