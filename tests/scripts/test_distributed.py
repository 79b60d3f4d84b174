"""Several processes give what one gives: gradients, losses, validation."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import PROJECT

TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node")


def step(processes: int, output: Path, accumulate: int, validation: int) -> dict[str, torch.Tensor]:
    """What tests/helpers/distributed_step.py writes."""
    paths = os.pathsep.join(str(PROJECT / name) for name in ("scripts", "tests/helpers"))
    script = (str(PROJECT / "tests/helpers/distributed_step.py"), str(output), str(accumulate), str(validation))
    start = (*TORCHRUN, str(processes)) if processes > 1 else (sys.executable,)
    done = subprocess.run([*start, *script], env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return torch.load(output, weights_only=True)


@pytest.mark.parametrize(("processes", "accumulate", "validation"), [(2, 1, 12), (2, 2, 12), (3, 1, 2)])
def test_processes_train_and_validate_like_one(
    tmp_path: Path, processes: int, accumulate: int, validation: int
) -> None:
    """28 videos in batches of 9, so that the last one has 1 and is dropped; validation may be fewer than processes."""
    alone = step(1, tmp_path / "alone.pt", accumulate, validation)
    together = step(processes, tmp_path / "together.pt", accumulate, validation)
    assert alone.keys() == together.keys()
    for name, tensor in alone.items():
        assert torch.allclose(tensor, together[name], rtol=1e-4, atol=1e-6), name
