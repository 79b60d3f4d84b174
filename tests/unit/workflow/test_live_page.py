"""How far a run is, from Snakemake's plan, and when a page of it is written, without Snakemake."""

import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny
from rule_objects import rules

from vidbench.report.run_records import RUNNING, STOPPED, RunRecord
from vidbench.workflow.live_page import LivePage, PendingFiles

RUN = "results/motion/split1/{model}/seed0/{name}"
PAGE = "results/reports/config.html"


class Dag:
    """Jobs with their outputs, of which some are finished."""

    def __init__(self, *outputs: list[str]) -> None:
        self.jobs = [SimpleNamespace(output=files) for files in outputs]
        self.done: list[SimpleNamespace] = []

    def needrun_jobs(self) -> list[SimpleNamespace]:
        return self.jobs

    def finished(self, job: SimpleNamespace) -> bool:
        return any(job is one for one in self.done)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def page_of(dag: Dag, touch: bool = False, **changes: object) -> LivePage:
    made = rules(tiny.config(**changes))
    return LivePage(made.report, made.figures, SimpleNamespace(dag=dag, touch=touch))


def touch(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()


def test_what_is_to_be_made_again_is_not_done_though_its_file_is_there() -> None:
    old = [RUN.format(model="cnn3d", name=name) for name in ("weights.safetensors", "metrics.json")]
    done = [RUN.format(model="cnn2d_mean", name=name) for name in ("weights.safetensors", "metrics.json")]
    touch(*old, *done, "results/motion/diagnosis.json", "results/motion/figures/inspection.svg")
    dag = Dag([old[0]], [old[1]])
    live, pending = page_of(dag), PendingFiles(dag)
    record = live.record(pending.update(), RUNNING)
    (progress,) = record.progress
    assert (record.name, record.state, record.trained, record.trainings) == ("config", RUNNING, 1, 2)
    assert progress.diagnosed
    assert progress.scored == [("split1", "cnn2d_mean", 0)]
    assert progress.figures == ["results/motion/figures/inspection.svg"]
    dag.done = dag.jobs
    record = live.record(pending.update(), STOPPED)
    assert record.trained == 2
    assert record.progress[0].scored == [("split1", "cnn3d", 0), ("split1", "cnn2d_mean", 0)]


def test_what_is_not_trained_is_tested_once_and_is_no_training() -> None:
    backbones = {"still": {"architecture": "cnn2d", "width": 4, "trained_stages": 0}}
    models = {"x": {"backbone": "still", "head": "mean"}}
    config = {"backbones": backbones, "models": models, "run__models": ["x"], "run__seeds": [0, 1]}
    live = page_of(Dag(), run__baselines=["knn"], **config)
    touch(*(f"results/motion/split1/{name}/metrics.json" for name in ("x/seed1", "knn-still/seed0", "knn-still/seed1")))
    record = live.record(set(), RUNNING)
    (progress,) = record.progress
    assert record.trainings == 2
    assert progress.models == ["x", "knn-still"]
    assert progress.scored == [("split1", "x", 1), ("split1", "knn-still", 0)]
    assert [progress.expected(model) for model in progress.models] == [2, 1]


def written(monkeypatch: pytest.MonkeyPatch) -> list[RunRecord]:
    """The records of which a page would be written, in the place of processes."""
    records: list[RunRecord] = []
    monkeypatch.setattr(LivePage, "_write", lambda _, record, is_over: records.append(record) or 0.0)
    return records


def wait_for(records: list[RunRecord], number: int) -> None:
    deadline = time.monotonic() + 20
    while len(records) < number and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(records) == number


def test_a_page_is_written_when_something_is_new_and_once_more_when_the_run_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records = written(monkeypatch)
    scored = RUN.format(model="cnn3d", name="metrics.json")
    dag = Dag(["results/motion/diagnosis.json"], [scored], [PAGE])
    live = page_of(dag, report__refresh_seconds=1)
    live.seconds = 0.05
    live.start()
    time.sleep(0.3)
    assert records == []  # before the diagnosis nothing is known
    touch("results/motion/diagnosis.json", scored)
    dag.done = dag.jobs[:1]
    wait_for(records, 1)
    time.sleep(0.3)
    assert len(records) == 1
    live.end(succeeded=False)
    assert [record.state for record in records] == [RUNNING, STOPPED]


def test_no_page_is_written_once_only_the_finished_one_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    records = written(monkeypatch)
    touch("results/motion/diagnosis.json")
    live = page_of(Dag([PAGE, "results/report.html"]))
    live.seconds = 0.05
    live.start()
    assert live.thread
    live.thread.join(timeout=20)
    assert not live.thread.is_alive()
    live.end(succeeded=True)
    assert records == []


@pytest.mark.parametrize("changes", [{"report__refresh_seconds": None}, {"touch": True}, {"outputs": ["other.html"]}])
def test_where_no_page_is_made_or_wanted_nothing_starts(changes: dict) -> None:
    dag = Dag(changes.pop("outputs", [PAGE]))
    live = page_of(dag, **changes)
    live.start()
    assert live.thread is None
    live.end(succeeded=False)


def test_a_run_that_starts_ends_those_that_were_killed() -> None:
    killed = page_of(Dag()).record(set(), RUNNING)
    path = Path("results/reports/unfinished/second.json")
    killed.write(path)
    page_of(Dag([PAGE]), report__refresh_seconds=None).start()
    assert RunRecord.read(path) == replace(killed, state=STOPPED)


def test_a_run_shorter_than_the_interval_leaves_no_unfinished_page(monkeypatch: pytest.MonkeyPatch) -> None:
    records = written(monkeypatch)
    live = page_of(Dag([PAGE], ["results/motion/diagnosis.json"]))
    live.start()
    live.end(succeeded=False)
    assert records == []


def test_what_goes_wrong_is_noted_and_disturbs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> float:
        raise OSError("no space")

    monkeypatch.setattr(LivePage, "_write", fail)
    touch("results/motion/diagnosis.json", "logs/runs.txt")
    live = page_of(Dag([PAGE], [RUN.format(model="cnn3d", name="metrics.json")]))
    live.seconds = 0.05
    live.start()
    assert live.thread
    live.thread.join(timeout=20)
    live.end(succeeded=True)
    assert Path("logs/unfinished_report.log").read_text() == "no page while this run lasts: OSError('no space')\n"
