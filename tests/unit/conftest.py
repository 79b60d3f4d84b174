"""Unit tests start no process but programs that tell of files and machines: other processes are in tests/scripts."""

import multiprocessing.process
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAMS = ("ffmpeg", "nvidia-smi", "sinfo")  # and stand-ins for them
FORKS = ("fork", "forkpty", "posix_spawn", "posix_spawnp", "system")  # of os


@pytest.fixture(scope="module", autouse=True)
def _no_process() -> Iterator[None]:
    """Fail a test that starts a process, also one whose error is caught by the code under test, or in a thread.

    Per module, so that its own fixtures are watched, too.
    """
    started: list[str] = []

    def refuse(what: str) -> None:
        started.append(what)
        pytest.fail(f"a unit test starts a process: {what}; move it to tests/scripts")

    popen = subprocess.Popen.__init__

    def start_program(process: subprocess.Popen, args: object, *more: object, **options: object) -> None:
        program = os.fsdecode(args if isinstance(args, str | bytes | os.PathLike) else next(iter(args)))
        if not any(name in Path(program).name for name in PROGRAMS):
            refuse(program)
        popen(process, args, *more, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", start_program)
        patch.setattr(multiprocessing.process.BaseProcess, "start", lambda process: refuse(repr(process)))
        for name in FORKS:
            patch.setattr(os, name, lambda *_, name=name, **__: refuse(f"os.{name}"))
        yield
    assert not started, "unit tests of this file start processes"
