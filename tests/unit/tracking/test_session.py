"""Runs in trackers: one per training, no epoch twice after a resume, and no failure of a tracker goes further."""

import io
from pathlib import Path

import pytest

from vidbench.files import write_csv, write_json
from vidbench.tracking import packages, session
from vidbench.tracking.finished_training import read_history, read_scores, run_path
from vidbench.tracking.run_state import RunState
from vidbench.tracking.session import Session, TrackedTraining, scores_digest
from vidbench.tracking.tracked_run import TrackedRun, by_name

PLACE = Path("motion/split1/cnn3d/seed0")
STATE = f"trackers/{PLACE}.json"


class Shelf:
    """Trackers in memory: what each has of each run."""

    def __init__(self) -> None:
        self.runs: dict[str, list] = {}
        self.ended: dict[str, bool] = {}
        self.broken = ""  # what raises

    def loaded(self, _name: str) -> type:
        shelf = self

        class InMemory:
            def __init__(self, run: TrackedRun) -> None:
                shelf.fail("init")
                self.id = run.name
                assert run.resumes == (run.name in shelf.runs)
                self.has = shelf.runs.setdefault(run.name, [])

            def log(self, values: dict, epoch: int) -> None:
                shelf.fail("log")
                self.has.append((epoch, values["train_loss"]))

            def log_scores(self, scores: dict, table: list, epoch: int) -> None:
                self.has.append((scores, table, epoch))

            def close(self, finished: bool) -> None:
                shelf.ended[self.id] = finished
                shelf.fail("close")

        return InMemory

    def fail(self, what: str) -> None:
        if what == self.broken:
            raise (SystemExit if what == "close" else ValueError)("no\nspace")


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    made = Shelf()
    monkeypatch.setattr(session, "_load", made.loaded)
    return made


def begin(folder: Path, fingerprint: str = "x", said: io.StringIO | None = None) -> Session:
    state = RunState.read(folder / STATE)
    state.begin(fingerprint)
    training = TrackedTraining(["mlflow"], folder, PLACE, {"seed": 0})
    opened = Session(training, state, said or io.StringIO())
    opened.open()
    return opened


def attempt(folder: Path, epochs: range, finished: bool, fingerprint: str = "x") -> None:
    opened = begin(folder, fingerprint)
    for epoch in epochs:
        opened.log({"train_loss": 1 / epoch}, epoch)
    opened.close(finished)


def test_a_resumed_training_doubles_no_epoch(shelf: Shelf, tmp_path: Path) -> None:
    attempt(tmp_path, range(1, 4), finished=False)
    assert shelf.ended == {"cnn3d split1 seed0": False}
    attempt(tmp_path, range(3, 6), finished=True)  # epoch 3 came after the last checkpoint
    assert shelf.runs == {"cnn3d split1 seed0": [(epoch, 1 / epoch) for epoch in range(1, 6)]}
    assert shelf.ended == {"cnn3d split1 seed0": True}


def test_another_training_is_another_run(shelf: Shelf, tmp_path: Path) -> None:
    attempt(tmp_path, range(1, 3), finished=False)
    attempt(tmp_path, range(1, 3), finished=True, fingerprint="other settings")
    attempt(tmp_path, range(1, 3), finished=True, fingerprint="other settings")  # its results were deleted
    assert list(shelf.runs) == ["cnn3d split1 seed0", "cnn3d split1 seed0 (2)", "cnn3d split1 seed0 (3)"]
    assert all(len(epochs) == 2 for epochs in shelf.runs.values())


@pytest.mark.parametrize(("broken", "kind"), [("init", "ValueError"), ("log", "ValueError"), ("close", "SystemExit")])
def test_a_tracker_that_raises_is_one_warning(shelf: Shelf, tmp_path: Path, broken: str, kind: str) -> None:
    shelf.broken = broken
    said = io.StringIO()
    opened = begin(tmp_path, said=said)
    for epoch in (1, 2):
        opened.log({"train_loss": 0.5}, epoch)
    opened.close(finished=True)
    assert said.getvalue() == (
        f"WARNING: tracker mlflow: {kind}: no space; the training goes on without it"
        f" ({tmp_path}/trackers/{PLACE}.log has what it printed)\n"
    )


def test_scores_are_added_once_and_again_where_they_have_changed(shelf: Shelf, tmp_path: Path) -> None:
    attempt(tmp_path, range(1, 3), finished=True)
    state = RunState.read(tmp_path / STATE)
    opened = Session(TrackedTraining(["mlflow"], tmp_path, PLACE, {}), state, io.StringIO())
    opened.open()
    for top1 in (0.5, 0.5, 0.75):
        opened.log_scores({"test_top1": top1}, [("test_top1", top1)], 2)
    [had] = shelf.runs.values()
    assert [scores["test_top1"] for scores, _, _ in had[2:]] == [0.5, 0.75]
    mark = scores_digest({"test_top1": 0.75}, [("test_top1", 0.75)])
    assert state.lacking(["mlflow"], 2, mark) == []
    assert state.lacking(["mlflow", "wandb"], 2, mark) == ["wandb"]
    assert state.lacking(["mlflow"], 2, "others") == state.lacking(["mlflow"], 3, mark) == ["mlflow"]


def test_runs_are_known_by_their_history(shelf: Shelf, tmp_path: Path) -> None:
    attempt(tmp_path, range(1, 3), finished=True)
    state = RunState.read(tmp_path / STATE)
    history = [{"train_loss": 1.0}, {"train_loss": 0.5}, {"train_loss": 0.4}]
    assert state.is_of(history)
    assert not state.is_of(history[:1])
    assert not state.is_of([{"train_loss": 1.0}, {"train_loss": 0.6}])


@pytest.mark.parametrize("text", ["", "{}", '{"trackers": {"mlflow": {"run": 1}}}'])
def test_a_damaged_state_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    assert RunState.read(tmp_path / "state.json") == RunState()


def test_the_final_table_of_a_finished_training(tmp_path: Path) -> None:
    folder = tmp_path / "data/split1/cnn3d/seed0"
    write_json(folder / "metrics.json", {"top1": 0.9, "top5": None, "class_accuracy": {"a": 1.0, "b": None}})
    write_json(folder / "training_time.json", {"train_seconds": 9.0, "train_clips": 5})
    write_csv(folder / "history.csv", [{"epoch": 1, "train_loss": 1 / 3}], ("epoch", "train_loss"))
    scores, table = read_scores(folder)
    assert scores == {"test_top1": 0.9, "train_seconds": 9.0}
    assert table == [("test_top1", 0.9), ("train_seconds", 9.0), ("test accuracy of a", 1.0)]
    assert by_name(table)["value"] == [0.9, 9.0, 1.0]
    assert read_history(folder) == [{"epoch": 1.0, "train_loss": 1 / 3}]
    assert run_path(folder, {}) == Path("data/split1/cnn3d/seed0")
    assert run_path(folder, {"trial": "cnn3d~2"}) == Path("data/split1/cnn3d~2/seed0")
    rung = tmp_path / "results/data/split1/cnn3d/rung1/2/seed0"
    assert run_path(rung, {}) == Path("data/split1/cnn3d rung1 place 2/seed0")


def test_packages_are_found_in_their_folder_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    monkeypatch.setattr("sys.path", ["somewhere"])
    assert packages.search_path() == ["somewhere"]
    assert packages.find_missing(["mlflow", "wandb"]) == ["mlflow", "wandb"]
    (tmp_path / "trackers/mlflow").mkdir(parents=True)
    (tmp_path / "trackers/mlflow/__init__.py").touch()
    assert packages.search_path() == [str(tmp_path / "trackers"), "somewhere"]
    assert packages.find_missing(["mlflow", "wandb"]) == ["wandb"]


def test_the_final_table_of_several_labels_has_their_scores(tmp_path: Path) -> None:
    precision = {"run": 0.7, "jump": None}
    write_json(tmp_path / "metrics.json", {"micro_f1": 0.5, "exact_match": 0.25, "average_precision": precision})
    write_json(tmp_path / "training_time.json", {"train_seconds": 9.0})
    scores, table = read_scores(tmp_path)
    assert scores == {"test_micro_f1": 0.5, "test_exact_match": 0.25, "train_seconds": 9.0}
    assert table[-1] == ("test average precision of run", 0.7)
