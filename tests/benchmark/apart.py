"""Work in a process of its own, with a limit of time, and a budget of time for all of it."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

T = TypeVar("T")


class Failed(Exception):
    """The work ended with an error, or its process died; the message is one line."""


class Budget:
    """Seconds that may be spent, from now on."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds, negative after the end."""
        return self._end - self._clock()


def run_apart(work: Callable[[], T], seconds: float) -> T:
    """Return work() of a forked process; Failed where it raised or died, TimeoutError after `seconds`.

    The process, and all that it has started, is killed. So the memory of a GPU is free afterwards, whatever happened.
    A GPU may not have been used before the fork.
    """
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_work_and_send, args=(work, sending))
    process.start()
    sending.close()
    answer: object = None
    died = False
    try:
        arrived = receiving.poll(max(0.0, seconds))
        answer = receiving.recv() if arrived else None
    except EOFError:
        died = True
    finally:
        _kill(process.pid)
        process.join()
    if died:
        raise Failed(f"its process ended with exit code {process.exitcode}")
    if isinstance(answer, _Error):
        raise Failed(answer.text)
    if not isinstance(answer, _Value):
        raise TimeoutError
    return answer.value


class _Error:
    def __init__(self, text: str) -> None:
        self.text = text


class _Value(Generic[T]):
    def __init__(self, value: T) -> None:
        self.value = value


def _work_and_send(work: Callable[[], object], sending: Connection) -> None:
    os.setsid()  # what it starts is in its process group
    try:
        answer = _Value(work())
    except Exception as error:
        answer = _Error(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
    sending.send(answer)


def _kill(process: int | None) -> None:
    """Kill a process with its group; it may not have one yet, or be gone."""
    assert process is not None
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
