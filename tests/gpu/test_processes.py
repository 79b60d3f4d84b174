"""One training of two processes, on two GPUs by NCCL or on one by gloo, ends where that of one process does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

pytestmark = pytest.mark.gpu
PROJECT = Path(__file__).resolve().parents[2]
TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
LIMIT = 240  # seconds
WAYS = {  # name -> training options
    "eager": (),
    "recomputed": ("activation_checkpointing=true",),
    "compiled": ("compile=true",),
    "compiled and recomputed": ("compile=true", "activation_checkpointing=true"),
}


@pytest.fixture(scope="module")
def subject(device: torch.device, tiny: bool) -> tuple[str, str, str]:
    """Device, network, pixels of a side."""
    return (device.type, *(("cnn3d", "16") if tiny else ("r3d_18", "64")))


@pytest.fixture(scope="module")
def alone(subject: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    """The end of one process's training."""
    return states((), tmp_path_factory.mktemp("alone") / "alone.pt", *subject)


@pytest.mark.parametrize(
    "way",
    [pytest.param(way, marks=pytest.mark.gpu(seconds=120 if "compiled" in way else 30)) for way in WAYS],
)
def test_two_processes_train_like_one(
    way: str, subject: tuple[str, ...], alone: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """Batch norm has the statistics of the whole batch, and counts each batch once."""
    if "compiled" in way and subject[0] == "cpu":
        pytest.skip("compiling takes a minute on a CPU")
    both = states(TORCHRUN, tmp_path / "both.pt", *subject, *WAYS[way])
    assert alone.keys() == both.keys()
    for name, expected in alone.items():
        assert torch.allclose(both[name].double(), expected.double(), rtol=1e-2, atol=1e-4), name
        if name.endswith("num_batches_tracked"):
            assert both[name] == 2, name


def states(start: tuple[str, ...], output: Path, *arguments: str) -> dict[str, torch.Tensor]:
    """What tests/helpers/rank_steps.py writes."""
    script = str(PROJECT / "tests" / "helpers" / "rank_steps.py")
    paths = [str(PROJECT / "scripts"), str(PROJECT / "tests" / "helpers"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    command = [sys.executable, *start, script, str(output), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr[-3000:]
    return torch.load(output, weights_only=True)
