"""Trainings that diverge, that TensorBoard shows, and that several processes share."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import tiny

from vidbench.config import schema
from workflow.conftest import copy_project, snakemake, write_config

pytestmark = pytest.mark.slow
DIVERGES = {"learning_rate": 1e30, "warmup_epochs": 0, "optimizer": "sgd"}
REFIT = {"refit": True, "precise_batch_norm": True}
FILES = ("weights.safetensors", "weights_before_refit.safetensors", "history.csv", "options.json")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a model that diverges, recorded, and one with TensorBoard, precise batch norm and a refit."""
    folder = copy_project(tmp_path_factory.mktemp("training"))
    models = {
        "models__cnn3d__training": {"tracker": ["tensorboard"]} | REFIT,
        "models__cnn2d_mean__training": DIVERGES | {"on_failure": "record"},
    }
    write_config(folder, tiny.config(**models))
    snakemake(folder)
    return folder


def test_a_recorded_divergence_is_in_the_comparison_and_on_the_page(project: Path) -> None:
    results = project / "results/motion"
    comparison = pd.read_csv(results / "comparison.csv").set_index("model")
    assert comparison["status"].to_dict() == {"cnn3d": "ok", "cnn2d_mean": "diverged"}
    assert 0 <= comparison["top1"]["cnn2d_mean"] <= 1
    record = json.loads((results / "split1/cnn2d_mean/seed0/options.json").read_text())
    assert "the loss is" in record["reason"]
    page = (project / "results/report.html").read_text()
    assert "Diverged, its loss became infinite or not a number, in its only training: split1 with seed 0" in page
    assert "(numbers of its first, random weights)" in page
    assert "diverged in its only training and is left out of this ranking" in page


def test_a_refit_is_in_the_records_and_on_the_page(project: Path) -> None:
    folder = project / "results/motion/split1/cnn3d/seed0"
    record = json.loads((folder / "options.json").read_text())
    videos = record["videos"]
    assert record["refit"] == {"epochs": record["best_epoch"], "videos": videos["train"] + videos["val"]}
    assert record["epochs"] == 2
    assert (folder / FILES[0]).read_bytes() != (folder / FILES[1]).read_bytes()
    history = pd.read_csv(folder / "history.csv").set_index("epoch")
    # Of the weights that these videos are new to: those of the first training.
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["val_top1"] == pytest.approx(history["val_top1"][record["best_epoch"]])
    assert not (project / "results/motion/split1/cnn2d_mean/seed0" / FILES[1]).exists()
    page = (project / "results/report.html").read_text()
    assert "cnn3d was then trained again on training and validation videos together, for as many steps" in page
    assert f"on training and validation videos together, {record['refit']['videos']} in all" in page


def test_tensorboard_reads_the_history(project: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    shown = EventAccumulator(str(project / "logs/tensorboard/motion/split1/cnn3d/seed0")).Reload()
    history = pd.read_csv(project / "results/motion/split1/cnn3d/seed0/history.csv")
    for column in ("train_loss", "val_loss", "val_top1", "learning_rate"):
        found = {event.step: event.value for event in shown.Scalars(column)}
        assert found == pytest.approx(dict(zip(history["epoch"], history[column], strict=True)), rel=1e-5)
    metrics = json.loads((project / "results/motion/split1/cnn3d/seed0/metrics.json").read_text())
    assert [event.value for event in shown.Scalars("test_top1")] == pytest.approx([metrics["top1"]])
    assert not (project / "logs/tensorboard/motion/split1/cnn2d_mean").exists()


def test_without_record_it_stops_with_one_line_and_keeps_the_checkpoint(project: Path) -> None:
    failing = DIVERGES | {"learning_rate": 1e4, "warmup_epochs": 1.5, "epochs": 60, "gradient_clip": 1e30}
    write_config(project, tiny.config(run__models=["cnn2d_lstm"], models__cnn2d_lstm__training=failing))
    done = snakemake(project, check=False)
    log = (project / "logs/train_model/motion/split1/cnn2d_lstm/seed0.log").read_text()
    assert done.returncode != 0
    assert log.splitlines()[-1].startswith("error: training: the loss is")
    assert "Traceback" not in log
    checkpoint = project / "results/motion/split1/cnn2d_lstm/seed0/checkpoint.pt"
    assert checkpoint.exists() == ("epoch   1/60" in log)


def processes(folder: Path, project: Path, options: Path) -> subprocess.Popen:
    """Two processes that train one model together on the CPU."""
    results = project / "results/motion"
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"),
        *(project / "scripts/train_model.py", "--options", options, "--seed", 0, "--device", "cpu"),
        *("--videos", results / "videos.csv", "--split", results / "splits/split1.csv"),
        *("--frames", results / "frames", "--folder", folder, "--checkpoint-minutes", 1e-6, "--workers", 0),
    ]
    return subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ
    )


def test_two_processes_stop_together_and_go_on_to_the_same_bytes(project: Path, tmp_path: Path) -> None:
    config = tiny.config(models__cnn3d__training=REFIT | {"epochs": 30, "patience": None})
    options = tmp_path / "options.json"
    options.write_text(json.dumps(schema.model_options(config, "motion", "cnn3d")))
    whole = processes(tmp_path / "whole", project, options)
    assert whole.wait(300) == 0, whole.stdout.read()[-3000:]
    stopped = processes(tmp_path / "stopped", project, options)
    checkpoint, end = tmp_path / "stopped/checkpoint.pt", time.monotonic() + 120
    while not checkpoint.exists() and time.monotonic() < end:
        time.sleep(0.02)
    stopped.send_signal(signal.SIGTERM)
    assert stopped.wait(120) != 0
    assert checkpoint.exists()
    again = processes(tmp_path / "stopped", project, options)
    assert again.wait(300) == 0
    assert "resuming after epoch" in again.stdout.read()
    for name in FILES:
        assert (tmp_path / "stopped" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert json.loads((tmp_path / "whole/options.json").read_text())["devices"] == 2
    assert not checkpoint.exists()
