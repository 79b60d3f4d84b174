"""What is said where the processes that read clips die, or have no room to hand them over."""

import os
import subprocess
import sys

import pytest
from conftest import PROJECT

from vidbench import errors

READ = """
import torch
from vidbench import cli
from vidbench.clips.loader import Loader

class Clips(torch.utils.data.Dataset):
    def __getitem__(self, item):
        shape = (8, 3, 256, 256) if EQUAL else (8, 3, 256, 256 + item[1])
        return torch.zeros(shape, dtype=torch.uint8), 0, item[1]

def main():
    for clips, _, members in Loader(torch.device("cpu"), 2)(Clips(), [[(0, 0), (0, 1)]] * 6):
        assert all(clip.shape[:2] == (8, 3) for clip in clips) and members.tolist() == [0, 1]

cli.run(main)
"""


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("DataLoader worker (pid 7) is killed by signal: Bus error. It is possible that ...", "training.workers: 0"),
        ("Caught RuntimeError in DataLoader worker process 0.\nunable to allocate shared memory(shm)", "--shm-size"),
        ("Caught RuntimeError in DataLoader worker process 1.\nunable to write to file </torch_1>", "/dev/shm ("),
        ("DataLoader worker (pid 7) is killed by signal: Killed. ", "for want of memory"),
        ("DataLoader worker (pid(s) 7) exited unexpectedly", "lower training.workers"),
    ],
)
def test_a_dead_worker_is_one_line(message: str, words: str) -> None:
    said = errors.explain_worker_death(message)
    assert words in said
    assert "\n" not in said


@pytest.mark.parametrize("message", ["", "shared memory", "Caught ValueError in DataLoader worker process 0.\nno such"])
def test_other_errors_are_left_alone(message: str) -> None:
    assert errors.explain_worker_death(message) is None


@pytest.mark.slow
@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("megabytes", [1, 64])
def test_too_little_shared_memory_for_real(equal: bool, megabytes: int) -> None:
    """Two clips of 1.6 MB a batch: in 1 MB they have no room; torch's own way then waits for ever."""
    small = ["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o size={megabytes}m tmpfs /dev/shm && exec "$@"', "sh"]
    if subprocess.run([*small, "true"], capture_output=True).returncode:
        pytest.skip("no right to mount a small /dev/shm here")
    command = [*small, sys.executable, "-c", f"EQUAL = {equal}\n{READ}"]
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "scripts")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == (megabytes == 1), done.stderr
    assert ("error: /dev/shm (1 MB) is too small" in done.stderr) == (megabytes == 1)
