"""Each process gets a GPU of its own; the lock goes when the process dies."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from conftest import PROJECT

HOLD = (
    "import sys, time; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from vidbench.compute import gpus\n"
    "gpus.POLL_SECONDS = 0.05; print(gpus.acquire_gpu(['a', 'b'], Path(sys.argv[2])), flush=True); time.sleep(60)"
)


def holder(folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-c", HOLD, str(PROJECT / "scripts"), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_take_two_gpus_and_a_third_waits_for_a_death(tmp_path: Path) -> None:
    folder, started = tmp_path / "locks", []
    try:
        for expected in ("0", "1"):
            started.append(holder(folder))
            assert started[-1].stdout.readline().strip() == expected
        started.append(holder(folder))
        assert "all 2 GPUs are taken by other jobs" in started[2].stdout.readline()
        time.sleep(0.3)
        assert started[2].poll() is None
        started[1].send_signal(signal.SIGKILL)
        assert started[2].stdout.readline().strip() == "1"
    finally:
        for process in started:
            process.kill()
            process.wait()
