"""Kills at any moment: the next command ends with what an undisturbed run gives."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import tiny

from workflow.conftest import copy_project, processes, running, snakemake, write_config

pytestmark = pytest.mark.slow
FILES = ("weights.safetensors", "history.csv", "predictions.h5", "metrics.json")
RUN = Path("results/motion/split1/cnn3d/seed0")
TARGET = str(RUN / "metrics.json")
LOG = Path("logs/train_model/motion/split1/cnn3d/seed0.log")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A folder, and the outputs of a run that nothing disturbed."""
    folder = copy_project(tmp_path_factory.mktemp("kill"))
    training = tiny.TRAINING | {"epochs": 120, "patience": None, "checkpoint_minutes": 0.001}
    write_config(folder, tiny.config(run__models=["cnn3d"], datasets__motion__training=training))
    snakemake(folder, TARGET)
    return folder, {name: (folder / RUN / name).read_bytes() for name in FILES}


def forget_training(folder: Path) -> None:
    """Remove the training and all that was made from it."""
    shutil.rmtree(folder / RUN)


def spooled(folder: Path) -> int:
    """Videos that extractions have finished and not yet put into a shard."""
    return len(list(folder.glob("results/motion/frames/.*.spool/*.json")))


def wait_until(condition: Callable[[], object], what: str) -> object:
    """Wait until the condition holds, on a busy machine, too; return what it gives."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited in vain: {what}")


def log_of(folder: Path) -> str:
    """The training's log so far; Snakemake removes it before each attempt."""
    with suppress(FileNotFoundError):
        return (folder / LOG).read_text()
    return ""


def wait_for_training(folder: Path, epochs: int) -> int:
    """Wait until the training has finished some epochs; return its process number."""

    def far_enough() -> list[int]:
        return processes(folder, "train_model.py") if log_of(folder).count("epoch ") >= epochs else []

    return wait_until(far_enough, "the training's epochs")[0]


def same_bytes(folder: Path, expected: dict[str, bytes]) -> None:
    for name, content in expected.items():
        assert (folder / RUN / name).read_bytes() == content, name


def went_on(folder: Path) -> bool:
    return "resuming after" in log_of(folder)


@pytest.mark.parametrize("epochs", [2, 60])
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_training_ends_with_the_same_bytes(project, epochs: int, sent: signal.Signals) -> None:
    folder, expected = project
    forget_training(folder)
    with running(folder, TARGET) as process:
        os.kill(wait_for_training(folder, epochs), sent)
        assert process.wait(300) != 0
    assert (folder / RUN / "checkpoint.pt").exists()
    assert not (folder / RUN / "weights.safetensors").exists()
    snakemake(folder, TARGET)
    assert went_on(folder)
    same_bytes(folder, expected)
    assert not (folder / RUN / "checkpoint.pt").exists()


def test_snakemake_killed_leaves_a_lock_and_an_orphan_and_still_ends_right(project) -> None:
    folder, expected = project
    forget_training(folder)
    with running(folder, TARGET) as process:
        trainer = wait_for_training(folder, 3)
        os.kill(trainer, signal.SIGSTOP)  # it would else end before its successor starts
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        refused = snakemake(folder, TARGET, check=False)
        assert refused.returncode != 0
        assert "--unlock" in refused.stdout
        snakemake(folder, "--unlock")
        checkpoint = (folder / RUN / "checkpoint.pt").read_bytes()
        with running(folder, TARGET) as successor:
            wait_until(lambda: "another process is working here" in log_of(folder), "the successor at the lock")
            assert (folder / RUN / "checkpoint.pt").read_bytes() == checkpoint
            os.kill(trainer, signal.SIGCONT)  # while both live, only the first writes
            assert successor.wait(300) == 0
    assert log_of(folder).count("another process is working here") == 1
    same_bytes(folder, expected)


def test_ctrl_c_saves(project) -> None:
    folder, expected = project
    forget_training(folder)
    with running(folder, TARGET) as process:
        wait_for_training(folder, 5)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(300) != 0
    snakemake(folder, TARGET)
    assert went_on(folder)
    same_bytes(folder, expected)


def test_other_settings_start_over_and_say_so(project) -> None:
    folder, _ = project
    forget_training(folder)
    with running(folder, TARGET) as process:
        os.kill(wait_for_training(folder, 2), signal.SIGKILL)
        process.wait(300)
    old = (folder / "tiny.yaml").read_text()
    training = tiny.TRAINING | {"epochs": 3, "patience": None}
    write_config(folder, tiny.config(run__models=["cnn3d"], datasets__motion__training=training))
    snakemake(folder, TARGET)
    assert "starting over" in log_of(folder)
    assert (folder / RUN / "history.csv").read_text().count("\n") == 4
    (folder / "tiny.yaml").write_text(old)


def test_killed_extractions_end_with_the_same_content(project) -> None:
    folder, _ = project
    shards = sorted((folder / "results/motion/frames").glob("*.h5"))
    expected = {path: path.read_bytes() for path in shards}
    killed = 0
    for videos in (1, 4, 8):
        for path in shards:
            path.unlink()
        with running(folder, "frames") as process:
            wait_until(lambda: spooled(folder) >= videos or process.poll() is not None, "extracted videos")  # noqa: B023
            for pid in processes(folder, "extract_frames.py"):
                with suppress(ProcessLookupError):  # it may have ended in the meantime
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
            process.wait(300)
        snakemake(folder, "frames")
        assert {path: path.read_bytes() for path in shards} == expected
        assert not list(folder.glob("results/motion/frames/.*.spool"))
    assert killed
