"""Several processes give what one gives: gradients, losses, validation."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import PROJECT

TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node")


def step(processes: int, output: Path, accumulate: int, validation: int, *more: str) -> dict[str, torch.Tensor]:
    """What tests/helpers/distributed_step.py writes."""
    paths = os.pathsep.join(str(PROJECT / name) for name in ("scripts", "tests/helpers"))
    script = (str(PROJECT / "tests/helpers/distributed_step.py"), str(output), str(accumulate), str(validation), *more)
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
    same(alone, step(processes, tmp_path / "together.pt", accumulate, validation))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    """What one process gives, neither recomputed nor compiled."""
    return step(1, tmp_path_factory.mktemp("plain") / "alone.pt", 2, 4)


@pytest.mark.parametrize(
    "more",
    [("recompute",), pytest.param(("compile",), marks=pytest.mark.slow), ("recompute", "compile")],
    ids="_".join,
)
def test_recomputed_and_compiled_they_still_do(plain: dict, tmp_path: Path, more: tuple[str, ...]) -> None:
    """Batch norm's statistics, over the batch of both, move once per step, and its sums are exchanged in each pass."""
    same(plain, step(2, tmp_path / "together.pt", 2, 4, *more))


@pytest.mark.slow
def test_low_rank_matrices_are_trained_as_by_one(tmp_path: Path) -> None:
    """Recomputed and accumulated, too: what is frozen takes no part in what the processes exchange."""
    alone = step(1, tmp_path / "alone.pt", 2, 4, "lora")
    together = step(2, tmp_path / "together.pt", 2, 4, "lora", "recompute")
    assert any(tensor.abs().max() > 0 for name, tensor in alone.items() if name.endswith("lora_up"))
    close(alone, together)


def test_they_agree_on_precise_statistics(plain: dict, tmp_path: Path) -> None:
    alone = step(1, tmp_path / "alone.pt", 2, 4, "precise")
    same(alone, step(2, tmp_path / "together.pt", 2, 4, "precise"))
    assert not torch.allclose(alone["0.1.running_mean"], plain["0.1.running_mean"], rtol=1e-2)
    assert not torch.equal(alone["val"], plain["val"])


def same(alone: dict[str, torch.Tensor], together: dict[str, torch.Tensor]) -> None:
    """What one process and several have is the same but for rounding, and the count of batches exactly."""
    assert alone["0.1.num_batches_tracked"] > 1
    close(alone, together)


def close(alone: dict[str, torch.Tensor], together: dict[str, torch.Tensor]) -> None:
    assert alone.keys() == together.keys()
    for name, tensor in alone.items():
        assert torch.allclose(tensor, together[name], rtol=1e-4, atol=1e-6), name
