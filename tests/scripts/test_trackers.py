"""Trackers beside a training: real ones where they are installed, and stand-ins that fail, hang or end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJECT

from vidbench.files import write_csv, write_json
from vidbench.tracking import packages, process
from vidbench.tracking.process import TrackerProcess

FOLDER = Path("results/motion/split1/cnn3d/seed0")
START = {"fingerprint": "x", "config": {"options": {"training": {"learning_rate": 0.1}}, "seed": 0}}
# What each has of its runs: by name of the run, of each value the steps and numbers.
READERS = {
    "tensorboard": """
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
shown = EventAccumulator("logs/tensorboard/motion/split1/cnn3d/seed0").Reload()
assert b"| test accuracy of a | 1 |" in shown.Tensors("test")[0].tensor_proto.string_val[0]
print(json.dumps({"cnn3d split1 seed0": {
    name: [(event.step, event.value) for event in shown.Scalars(name)] for name in shown.Tags()["scalars"]}}))
""",
    "trackio": """
import os
os.environ["TRACKIO_DIR"] = "logs/trackio"
import trackio
runs = {}
for run in trackio.Api().runs("motion"):
    assert run.config["seed"] == 0
    values = runs[run.name] = {}
    for row in trackio.SQLiteStorage.get_logs("motion", run.name):
        for name, value in row.items():
            if isinstance(value, (int, float)) and name != "step":
                values.setdefault(name, []).append((row["step"], value))
            if name == "test":
                assert {"score": "test accuracy of a", "value": 1.0} in value["_value"], value
print(json.dumps(runs))
""",
    "mlflow": """
from mlflow import MlflowClient
client = MlflowClient("sqlite:///logs/mlflow/mlflow.db")
runs = {}
for run in client.search_runs([client.get_experiment_by_name("motion").experiment_id]):
    assert run.info.status == "FINISHED" and run.data.params["options.training.learning_rate"] == "0.1"
    assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["test.json"]
    runs[run.info.run_name] = {name: [(found.step, found.value)
        for found in client.get_metric_history(run.info.run_id, name)] for name in run.data.metrics}
print(json.dumps(runs))
""",
}


def row(epoch: int) -> dict[str, float]:
    """An epoch of a history."""
    return {"epoch": epoch, "train_loss": 1 / epoch, "val_top1": epoch / 8}


def attempt(trackers: list[str], epochs: range, finished: bool) -> None:
    """A training that sends its epochs."""
    with TrackerProcess(trackers, Path("logs"), FOLDER, START) as sent:
        for epoch in epochs:
            sent.log(row(epoch))
        if finished:
            sent.finish()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a training that is finished and scored."""
    monkeypatch.chdir(tmp_path)
    for name in ("STOP_SECONDS", "END_SECONDS"):
        monkeypatch.setattr(process, name, 900)
    write_csv(FOLDER / "history.csv", [row(epoch) for epoch in range(1, 5)], tuple(row(1)))
    write_json(FOLDER / "options.json", START["config"])
    write_json(FOLDER / "training_time.json", {"train_seconds": 9.0})
    write_json(FOLDER / "metrics.json", {"top1": 0.5, "class_accuracy": {"a": 1.0, "b": 0.0}})
    return tmp_path


@pytest.mark.parametrize("tracker", READERS)
def test_a_resumed_training_is_one_run_with_its_epochs_once_and_its_scores(
    place: Path, tracker: str, capfd: pytest.CaptureFixture
) -> None:
    if packages.find_missing([tracker]):
        pytest.skip(f"{tracker} is not installed (make trackers)")
    attempt([tracker], range(1, 3), finished=False)
    attempt([tracker], range(2, 4), finished=True)
    for _ in range(2):  # the second has nothing to add; the first adds epoch 4, too, which got lost
        process.complete([tracker], Path("logs"), FOLDER)
    assert capfd.readouterr().out == ""
    read = f"import json, sys\nsys.path[:] = {packages.search_path()!r}\n{READERS[tracker]}"
    done = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [(name, values)] = json.loads(done.stdout.splitlines()[-1]).items()
    assert name == "cnn3d split1 seed0"
    for column in ("train_loss", "val_top1"):
        steps = [(epoch, pytest.approx(row(epoch)[column])) for epoch in range(1, 5)]
        assert [tuple(pair) for pair in values[column]] == steps, column
    assert [value for _, value in values["test_top1"]] == [0.5]
    assert [value for _, value in values["train_seconds"]] == [9.0]


def test_wandb_offline_has_a_folder_per_attempt_under_one_id(place: Path, capfd: pytest.CaptureFixture) -> None:
    if packages.find_missing(["wandb"]):
        pytest.skip("wandb is not installed (make trackers)")
    attempt(["wandb"], range(1, 3), finished=False)
    attempt(["wandb"], range(2, 4), finished=True)
    assert capfd.readouterr().out == ""
    state = json.loads((place / "logs/trackers/motion/split1/cnn3d/seed0.json").read_text())
    run = state["trackers"]["wandb"]
    assert (run["epoch"], state["finished"]) == (3, True)
    assert len(list(place.glob(f"logs/wandb/wandb/offline-run-*-{run['id']}/*.wandb"))) == 2


STAND_INS = {  # what `import trackio` does: how the training hears of it
    "raise RuntimeError('no\\nspace')": "WARNING: tracker trackio: RuntimeError: no space; the training goes on",
    "import sys; sys.exit(3)": "WARNING: tracker trackio: SystemExit: 3; the training goes on without it",
    "import os; os._exit(1)": "WARNING: trackers: ended with code 1; `python scripts/track_training.py` completes",
    "import time; time.sleep(600)": "WARNING: trackers: had not ended after 1 s, and were stopped;",
}


@pytest.mark.parametrize("code", STAND_INS)
def test_a_training_ends_whatever_a_tracker_does(
    place: Path, code: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    (place / "trackio.py").write_text(f"print('noise')\n{code}\n")
    (place / "sitecustomize.py").write_text("import sys\nsys.prefix = 'without what `make trackers` installs'\n")
    monkeypatch.setenv("PYTHONPATH", str(place))
    monkeypatch.setattr(process, "END_SECONDS", 1 if "sleep" in code else 120)
    attempt(["trackio"], range(1, 4), finished=True)
    said = capfd.readouterr().out.splitlines()
    assert [line.startswith(STAND_INS[code]) for line in said] == [True]


def test_a_training_does_not_wait_for_a_tracker_that_reads_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(process, "SCRIPT", place / "sleep.py")
    (place / "sleep.py").write_text("import time; time.sleep(600)\n")
    attempt(["trackio"], range(1, 5000), finished=True)
    assert capfd.readouterr().out == (
        "WARNING: trackers: do not take what they are sent; the training goes on without them\n"
    )


def test_the_script_takes_a_training_that_is_finished(place: Path) -> None:
    command = [sys.executable, PROJECT / "scripts/track_training.py", "--trackers", "tensorboard", "--folder", FOLDER]
    subprocess.run(command, check=True)
    assert list(place.glob("logs/tensorboard/motion/split1/cnn3d/seed0/events*"))
    missing = subprocess.run([*command[:-1], "nowhere/a/b/seed0"], capture_output=True, text=True, check=False)
    assert missing.returncode == 1
    assert missing.stderr.startswith("error: nowhere/a/b/seed0/options.json: ")
