"""Kills at any moment: the next command ends with what an undisturbed run gives."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest
import tiny

from workflow.conftest import copy_project, running, snakemake, write_config

pytestmark = pytest.mark.slow
FILES = ("weights.safetensors", "history.csv", "predictions.h5", "metrics.json")
RUN = Path("results/motion/split1/cnn3d/seed0")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A folder, and the outputs of a run that nothing disturbed."""
    folder = copy_project(tmp_path_factory.mktemp("kill"))
    training = tiny.TRAINING | {"epochs": 250, "patience": None, "checkpoint_minutes": 0.001}
    write_config(folder, tiny.config(run__models=["cnn3d"], datasets__motion__training=training))
    snakemake(folder)
    return folder, {name: (folder / RUN / name).read_bytes() for name in FILES}


def forget_training(folder: Path) -> None:
    """Remove the training and all that was made from it: Snakemake makes no lost file that nothing needs."""
    shutil.rmtree(folder / RUN)
    for name in ("report.html", "motion/comparison.csv", "motion/summary.csv", "motion/pairwise.csv"):
        (folder / "results" / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "results/motion/figures", ignore_errors=True)


def processes(folder: Path, script: str) -> list[int]:
    """Numbers of the python processes that run `script` in `folder`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            here = (entry / "cwd").resolve() == folder.resolve()
        except OSError:
            continue
        if here and b"python" in words[0] and any(word.endswith(script.encode()) for word in words[1:2]):
            found.append(int(entry.name))
    return found


def wait_for_training(folder: Path, epochs: int) -> int:
    """Wait until the training has finished some epochs; return its process number."""
    log = folder / "logs/train_model/motion/split1/cnn3d/seed0.log"
    end = time.monotonic() + 120
    while time.monotonic() < end:
        running_now = processes(folder, "train_model.py")
        if running_now and log.exists() and log.read_text().count("epoch ") >= epochs:
            return running_now[0]
        time.sleep(0.02)
    raise AssertionError("the training did not start")


def same_bytes(folder: Path, expected: dict[str, bytes]) -> None:
    for name, content in expected.items():
        assert (folder / RUN / name).read_bytes() == content, name


def went_on(folder: Path) -> bool:
    return "going on after" in (folder / "logs/train_model/motion/split1/cnn3d/seed0.log").read_text()


@pytest.mark.parametrize("epochs", [2, 120])
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_training_ends_with_the_same_bytes(project, epochs: int, sent: signal.Signals) -> None:
    folder, expected = project
    forget_training(folder)
    with running(folder) as process:
        os.kill(wait_for_training(folder, epochs), sent)
        assert process.wait(120) != 0
    assert (folder / RUN / "checkpoint.pt").exists()
    assert not (folder / RUN / "weights.safetensors").exists()
    snakemake(folder)
    assert went_on(folder)
    same_bytes(folder, expected)
    assert not (folder / RUN / "checkpoint.pt").exists()


def test_snakemake_killed_leaves_a_lock_and_an_orphan_and_still_ends_right(project) -> None:
    folder, expected = project
    forget_training(folder)
    with running(folder) as process:
        trainer = wait_for_training(folder, 3)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        refused = snakemake(folder, check=False)
        assert refused.returncode != 0
        assert "--unlock" in refused.stdout
        snakemake(folder, "--unlock")
        assert Path(f"/proc/{trainer}").exists()  # it lives on, and must not write beside its successor
        snakemake(folder)
    same_bytes(folder, expected)


def test_ctrl_c_saves(project) -> None:
    folder, expected = project
    forget_training(folder)
    with running(folder) as process:
        wait_for_training(folder, 5)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(120) != 0
    snakemake(folder)
    assert went_on(folder)
    same_bytes(folder, expected)


def test_other_settings_start_over_and_say_so(project) -> None:
    folder, _ = project
    forget_training(folder)
    with running(folder) as process:
        os.kill(wait_for_training(folder, 2), signal.SIGKILL)
        process.wait(120)
    old = (folder / "tiny.yaml").read_text()
    training = tiny.TRAINING | {"epochs": 3, "patience": None}
    write_config(folder, tiny.config(run__models=["cnn3d"], datasets__motion__training=training))
    snakemake(folder)
    log = (folder / "logs/train_model/motion/split1/cnn3d/seed0.log").read_text()
    assert "starting over" in log
    assert (folder / RUN / "history.csv").read_text().count("\n") == 4
    (folder / "tiny.yaml").write_text(old)


def test_killed_extractions_end_with_the_same_content(project) -> None:
    folder, _ = project
    shards = sorted((folder / "results/motion/frames").glob("*.h5"))
    expected = {path: path.read_bytes() for path in shards}
    for pause in (0.05, 0.2, 0.4):
        for path in shards:
            path.unlink()
        with running(folder, "frames") as process:
            end = time.monotonic() + 60
            while not list(folder.glob("results/motion/frames/.*.spool/*.json")) and time.monotonic() < end:
                time.sleep(0.01)
            time.sleep(pause)
            for pid in processes(folder, "extract_frames.py"):
                os.kill(pid, signal.SIGKILL)
            process.wait(120)
        snakemake(folder, "frames")
        assert {path: path.read_bytes() for path in shards} == expected
        assert not list(folder.glob("results/motion/frames/.*.spool"))
