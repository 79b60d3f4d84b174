"""Each process gets a GPU of its own; the lock goes when the process dies; no training waits with half of its GPUs."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import PROJECT

HOLD = (
    "import sys, time; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from vidbench.compute import gpus\n"
    "gpus.POLL_SECONDS = 0.05; ranks = gpus.LocalRanks.of_torchrun()\n"
    "print(gpus.acquire_gpu(['a', 'b'], ranks, Path(sys.argv[2])), flush=True); time.sleep(60)"
)
# As torchrun: one process per GPU, killed together with it.
TRAINING = (
    "import os, subprocess, sys\n"
    "ranks = [subprocess.Popen([sys.executable, '-c', *sys.argv[1:]], env=os.environ | {'LOCAL_RANK': str(rank)},\n"
    "         stdout=subprocess.PIPE, text=True) for rank in range(2)]\n"
    "taken = [next(filter(str.isdigit, map(str.strip, rank.stdout))) for rank in ranks]\n"
    "print(*taken, flush=True)\n"
    "[rank.wait() for rank in ranks]"
)


@contextmanager
def starter(folder: Path) -> Iterator[Callable[[bool], subprocess.Popen]]:
    """Start processes that take one GPU and hold it or, as a training of two, both; all are killed at the end."""
    started: list[subprocess.Popen] = []

    def start(as_training: bool = False) -> subprocess.Popen:
        words = [HOLD, str(PROJECT / "scripts"), str(folder)]
        command = [sys.executable, "-c", *([TRAINING] if as_training else []), *words]
        environment = os.environ | ({"LOCAL_WORLD_SIZE": "2"} if as_training else {})
        started.append(
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True)
        )
        return started[-1]

    try:
        yield start
    finally:
        for process in started:
            kill(process)


def kill(process: subprocess.Popen) -> None:
    """Kill a process with its children, once."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_two_processes_take_two_gpus_and_a_third_waits_for_a_death(tmp_path: Path) -> None:
    with starter(tmp_path / "locks") as start:
        first, second = start(), start()
        assert sorted(process.stdout.readline().strip() for process in (first, second)) == ["0", "1"]
        third = start()
        assert "all 2 GPUs are taken by other jobs" in third.stdout.readline()
        time.sleep(0.3)
        assert third.poll() is None
        kill(second)
        assert third.stdout.readline().strip() in ("0", "1")


def test_of_two_trainings_on_two_gpus_one_takes_both_and_the_other_follows(tmp_path: Path) -> None:
    """Each used to take one, and to wait for the other's for ever."""
    with starter(tmp_path / "locks") as start:
        trainings = [start(as_training=True), start(as_training=True)]
        while trainings:
            select.select([each.stdout for each in trainings], [], [], 60)
            time.sleep(0.5)
            ready = [each for each in trainings if _has_line(each)]
            assert len(ready) == 1
            assert sorted(ready[0].stdout.readline().split()) == ["0", "1"]
            kill(ready[0])
            trainings.remove(ready[0])


def test_a_training_that_waits_for_two_gpus_holds_none(tmp_path: Path) -> None:
    with starter(tmp_path / "locks") as start:
        first = start()
        taken = first.stdout.readline().strip()
        training = start(as_training=True)
        time.sleep(2)
        other = start()
        assert {taken, other.stdout.readline().strip()} == {"0", "1"}
        assert not _has_line(training)
        kill(first)
        kill(other)
        assert sorted(training.stdout.readline().split()) == ["0", "1"]


def _has_line(process: subprocess.Popen) -> bool:
    """Whether a process has written something that has not been read."""
    return bool(select.select([process.stdout], [], [], 0)[0])
