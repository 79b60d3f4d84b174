"""One model on two machines of a real Slurm: the weights of one process, and resuming after a lost job."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import tiny
from safetensors.torch import load_file
from slurm import cluster

from vidbench.files import read_csv, read_json
from workflow.conftest import copy_project, snakemake, write_config

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]
RUN = "results/motion/split1/cnn3d/seed0"
# SGD: unlike AdamW it shows gradients of a wrong size, and does not amplify the rounding of small ones.
SGD = {"optimizer": "sgd", "learning_rate": 5e-4}
TRAINING = tiny.TRAINING | SGD | {"epochs": 40, "patience": None, "checkpoint_minutes": 1e-6, "workers": 0}
ON_SLURM = (
    *("--workflow-profile", "profiles/slurm", "--configfile", "tiny.yaml"),
    *("--slurm-init-seconds-before-status-checks", "2"),
    # As docs/training.md says.
    *("--set-resources", "train_model:gpu_model='h100'", "train_model:slurm_extra='--gpus-per-node=h100:1'"),
)


def config(**training: object) -> dict:
    return tiny.config(run__models=["cnn3d"], device="auto", datasets__motion__training=TRAINING | training)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose model was trained by one process."""
    folder = copy_project(tmp_path_factory.mktemp("nodes") / "a folder")
    cluster.accept_missing_gpus(folder)
    write_config(folder, config())
    snakemake(folder, "models", env=os.environ)
    shutil.copytree(folder / RUN, folder / "alone")
    write_config(folder, config(nodes=2))
    return folder


@pytest.fixture(scope="module")
def together(project: Path, slurm: None) -> Path:
    """What Slurm's two machines make of it; the cluster stays."""
    with open(project / "run.log", "w") as log:
        assert train(project, log).wait(600) == 0, (project / "run.log").read_text()[-5000:]
    shutil.copytree(project / RUN, project / "together")
    return project / "together"


def train(project: Path, log: object) -> subprocess.Popen:
    command = [*cluster.SNAKEMAKE, "models", *ON_SLURM]
    return subprocess.Popen(command, cwd=project, stdout=log, stderr=subprocess.STDOUT)


def job(state: str) -> str | None:
    """Number of the last training in that state that has two machines."""
    lines = cluster.run("squeue", "-h", "-t", state, "-o", "%i %D %k").stdout.splitlines()
    found = [line.split()[0] for line in lines if line.split()[1] == "2" and "train_model" in line]
    return found[-1] if found else None


@pytest.mark.parametrize(
    ("training", "expected"),
    [
        ({"gpus": 2, "nodes": 3}, ["gpu=6", "nodes=3", "mpi=srun", "tasks=3", "tasks_per_gpu=0"]),
        ({"gpus": 2}, ["gpu=2", "nodes=1"]),
    ],
)
def test_what_a_training_asks_for(tmp_path: Path, training: dict, expected: list[str]) -> None:
    folder = copy_project(tmp_path)
    write_config(folder, config(**training, batch_size=16) | {"device": "cuda"})
    said = snakemake(
        folder, "--dry-run", "models", "--workflow-profile", "profiles/slurm", "--resources", "gpu=8"
    ).stdout
    resources = said.split("rule train_model:")[1].split("resources: ")[1].splitlines()[0].split(", ")
    kinds = ("gpu", "nodes", "mpi", "tasks", "tasks_per_gpu")
    assert [resource for resource in resources if resource.split("=")[0] in kinds] == expected


def test_two_machines_give_the_weights_of_one_process(project: Path, together: Path) -> None:
    details = cluster.run("scontrol", "show", "job", job("CD")).stdout
    for asked in ("NumNodes=2", "NumTasks=2", "TresPerJob=gres:gpu:h100:2", "TresPerNode=gres:gpu:h100:1"):
        assert asked in details, details
    assert read_json(together / "options.json")["devices"] == 2
    alone, shared = (load_file(folder / "weights.safetensors") for folder in (project / "alone", together))
    worst = max((tensor - shared[name]).abs().max().item() for name, tensor in alone.items())
    print(f"largest difference of a weight: {worst:.1e}")
    assert worst < 1e-5
    # Later on 40 epochs amplify the rounding, in which a sum over one process and one over two differ.
    histories = [read_csv(folder / "history.csv")[:15] for folder in (project / "alone", together)]
    for one, two in zip(*histories, strict=True):
        assert float(one["val_loss"]) == pytest.approx(float(two["val_loss"]), rel=1e-5)


def test_a_cancelled_job_goes_on_to_the_same_bytes(project: Path, together: Path) -> None:
    shutil.rmtree(project / RUN)
    training_log = project / "logs/train_model/motion/split1/cnn3d/seed0.log"
    training_log.unlink()
    with open(project / "run.log", "w") as log:
        process, limit = train(project, log), time.monotonic() + 300
        while not (training_log.exists() and training_log.read_text().count("epoch ") >= 5):
            assert time.monotonic() < limit, (project / "run.log").read_text()[-5000:]
            assert process.poll() is None, (project / "run.log").read_text()[-5000:]
            time.sleep(0.05)
        cluster.run("scancel", job("R"))
        assert process.wait(600) == 0, (project / "run.log").read_text()[-5000:]
    assert training_log.read_text().count("resuming after epoch") == 1
    for name in ("weights.safetensors", "history.csv", "options.json"):
        assert (project / RUN / name).read_bytes() == (together / name).read_bytes(), name
    assert not (project / RUN / "checkpoint.pt").exists()
