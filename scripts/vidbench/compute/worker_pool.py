"""Worker processes that do not outlive the process they work for."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor


def process_pool(jobs: int, initializer: Callable | None = None, initargs: tuple = ()) -> ProcessPoolExecutor:
    """A pool whose workers end when their parent was killed; else they would wait for work for ever."""
    return ProcessPoolExecutor(jobs, initializer=_begin, initargs=(os.getpid(), initializer, initargs))


def _begin(parent: int, initializer: Callable | None, initargs: tuple) -> None:
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if initializer is not None:
        initializer(*initargs)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
