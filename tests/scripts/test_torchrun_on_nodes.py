"""A training on several machines: what is started from what Slurm says, and that it gives what one process gives."""

import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest
import torch
import torchrun_on_nodes
from conftest import PROJECT, run_script

from vidbench.errors import UserError

SECOND_OF_THREE = {"SLURM_JOB_ID": "77", "SLURM_STEP_NUM_NODES": "3", "SLURM_NODEID": "1"}
ARGUMENTS = Namespace(cores=8, gpus=6, meet_at="first:1234", command=["train.py", "--seed", "0"])


def test_torchrun_is_told_what_slurm_granted() -> None:
    command = torchrun_on_nodes.torchrun(ARGUMENTS, SECOND_OF_THREE | {"CUDA_VISIBLE_DEVICES": "0,3"})
    text = " ".join(command)
    assert "torch.distributed.run --nnodes 3 --nproc-per-node 2 --rdzv-backend c10d" in text
    assert "--rdzv-endpoint first:1234 --rdzv-id 77 --rdzv-conf is_host=false" in text
    assert command[-3:] == ARGUMENTS.command
    first = torchrun_on_nodes.torchrun(ARGUMENTS, SECOND_OF_THREE | {"SLURM_NODEID": "0"})
    assert "is_host=true" in first


@pytest.mark.parametrize(
    ("gpus", "environment", "expected"),
    [
        (4, {"CUDA_VISIBLE_DEVICES": "0,1,2"}, 3),  # 3 + 1: machines need not have been given the same
        (4, {"CUDA_VISIBLE_DEVICES": "2"}, 1),
        (4, {"SLURM_GPUS_ON_NODE": "2"}, 2),
        (4, {"CUDA_VISIBLE_DEVICES": ""}, 1),
        (4, {}, 1),
        (0, {"CUDA_VISIBLE_DEVICES": "0,1"}, 1),
    ],
)
def test_a_machine_has_a_process_for_each_gpu_that_it_was_granted(
    gpus: int, environment: dict[str, str], expected: int
) -> None:
    assert torchrun_on_nodes.count_processes(gpus, environment) == expected


def test_srun_starts_a_task_on_each_machine_and_ends_all_with_the_first_that_fails() -> None:
    command = torchrun_on_nodes.srun(ARGUMENTS, 3, "first:1234")
    assert command[:5] == ["srun", "--nodes=3", "--ntasks-per-node=1", "--cpus-per-task=8", "--kill-on-bad-exit=1"]
    assert command[command.index("--meet-at") + 1 :] == ["first:1234", *ARGUMENTS.command]


def test_slurm_is_asked_where_its_variable_is_not_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert torchrun_on_nodes.granted_nodes({"SLURM_JOB_ID": "77", "SLURM_JOB_NUM_NODES": "4"}) == 4
    squeue = tmp_path / "squeue"
    squeue.write_text('#!/bin/sh\ntest "$3" = 77 && echo 5\n')
    squeue.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert torchrun_on_nodes.granted_nodes({"SLURM_JOB_ID": "77"}) == 5
    with pytest.raises(UserError, match="does not say how many machines"):
        torchrun_on_nodes.granted_nodes({"SLURM_JOB_ID": "78"})


def test_outside_of_slurm_it_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    done = run_script("torchrun_on_nodes.py", "--cores", 1, "--gpus", 0, "x.py", cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr == "error: training.nodes: several machines need Slurm, and this is no Slurm job\n"


def test_two_machines_train_like_one_process(tmp_path: Path) -> None:
    """Two tasks as srun starts them, of two processes and of one, against one process of the same script."""
    paths = os.pathsep.join(str(PROJECT / name) for name in ("scripts", "tests/helpers"))
    environment = os.environ | SECOND_OF_THREE | {"PYTHONPATH": paths, "SLURM_STEP_NUM_NODES": "2"}
    step = (str(PROJECT / "tests/helpers/distributed_step.py"), str(tmp_path / "together.pt"), "1", "12")
    start = (str(PROJECT / "scripts/torchrun_on_nodes.py"), "--cores", "1", "--gpus", "3")
    meeting = f"localhost:{torchrun_on_nodes.find_free_port()}"
    tasks = [
        subprocess.Popen(
            [sys.executable, *start, "--meet-at", meeting, *step],
            env=environment | {"SLURM_NODEID": str(node), "CUDA_VISIBLE_DEVICES": devices},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for node, devices in enumerate(("0,1", "0"))
    ]
    alone = (sys.executable, step[0], str(tmp_path / "alone.pt"), *step[2:])
    subprocess.run(alone, env=os.environ | {"PYTHONPATH": paths}, check=True)
    for task in tasks:
        said = task.communicate(timeout=200)[0]
        assert task.returncode == 0, said[-3000:]
    expected = torch.load(tmp_path / "alone.pt", weights_only=True)
    found = torch.load(tmp_path / "together.pt", weights_only=True)
    for name, tensor in expected.items():
        assert torch.allclose(tensor, found[name], rtol=1e-4, atol=1e-6), name
