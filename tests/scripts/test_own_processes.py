"""Modules whose claims are about processes: locks, limits of open files, peaks of memory."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from conftest import PROJECT

from vidbench.hdf5 import open_to_write


def test_a_lock_is_waited_for_and_freed_when_its_holder_is_killed(tmp_path: Path) -> None:
    hold = (
        f"import sys, time; sys.path.insert(0, {str(PROJECT / 'scripts')!r});"
        "from vidbench.files import exclusive\n"
        "with exclusive(sys.argv[1]): print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", hold, str(tmp_path / "lock")]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "held\n"
    second = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert "another process is working here" in second.stdout.readline()
    time.sleep(0.2)
    assert second.poll() is None
    os.kill(first.pid, 9)
    assert second.stdout.readline() == "held\n"
    second.kill()


def test_too_many_open_files_for_real(tmp_path: Path) -> None:
    shard = tmp_path / "0.h5"
    with open_to_write(shard) as file:
        file["frames"] = np.arange(1 << 16)
    code = (
        "import resource, sys\nfrom vidbench.hdf5 import open_to_read, reading\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 64))\n"
        "with reading(sys.argv[1], 'frame store'), open_to_read(sys.argv[1]): pass"
    )
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "scripts")}
    done = subprocess.run([sys.executable, "-c", code, shard], env=environment, capture_output=True, text=True)
    assert "0.h5: cannot be read: Too many open files" in done.stderr


PEAKS = """
import torch
from vidbench.compute import memory
cpu = torch.device("cpu")
held = torch.ones(50_000_000)  # 200 MB
before = memory.peak_mb(cpu)
del held
memory.reset_peak(cpu)
low = memory.peak_mb(cpu)
assert torch.ones(50_000_000).any()
print(before, low, memory.peak_mb(cpu), memory.kind(cpu))
"""


def test_the_peak_is_of_memory_that_was_held_since_the_reset() -> None:
    """In a process of its own: in a large one the system may take pages away meanwhile."""
    command = [sys.executable, "-c", PEAKS]
    text = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT / "scripts").stdout
    before, low, again, kind = text.split()
    assert float(before) > float(low) + 90
    assert float(again) > float(low) + 90
    assert kind == "process"
