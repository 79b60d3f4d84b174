"""The process that writes a training into its trackers: the training never waits for one, nor ends by one.

Their packages bring threads, handlers of signals, versions of other packages and network traffic. None of that is in
the training's own process, whose bytes, therefore, are those of a training without trackers.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

SCRIPT = Path(__file__).resolve().parents[2] / "track_training.py"
END_SECONDS = 180  # that the trackers may take at the end of a training
COMPLETE = "`python scripts/track_training.py` completes them"
STOP_SECONDS = 10  # and where it was interrupted: Slurm and a person do not wait


class TrackerProcess:
    """Sends a training's epochs to its trackers; without trackers it does nothing."""

    def __init__(self, trackers: Sequence[str], logs: Path | None, folder: Path, start: Mapping[str, object]) -> None:
        """`folder`: of the training's outputs; `start`: its `fingerprint` and `config`, for trackers to show."""
        self.process: subprocess.Popen | None = None
        if trackers and logs:
            command = [sys.executable, SCRIPT, "--follow", *_arguments(trackers, logs, folder)]
            try:
                self.process = subprocess.Popen(command, stdin=subprocess.PIPE)
            except OSError as error:
                _warn(f"not started: {error.strerror}")
                return
            os.set_blocking(self._pipe, False)
            self._send(start)

    def log(self, values: Mapping[str, float]) -> None:
        """Send an epoch: its row of the history, and more."""
        self._send({"values": values})

    def finish(self) -> None:
        """Say that the training is over, and wait until the trackers have everything."""
        self._send({"end": True})
        self._wait(END_SECONDS)

    @property
    def _pipe(self) -> int:
        assert self.process is not None
        assert self.process.stdin is not None
        return self.process.stdin.fileno()

    def _send(self, message: Mapping[str, object]) -> None:
        """Write a line; where the pipe is full or closed, drop the trackers: nothing waits for them."""
        if self.process is None:
            return
        line = json.dumps(message).encode() + b"\n"
        try:
            if os.write(self._pipe, line) == len(line):
                return
            reason = "do not take what they are sent"
        except BlockingIOError:
            reason = "do not take what they are sent"
        except OSError:
            reason = "have ended"
        _warn(f"{reason}; the training goes on without them")
        self._kill()

    def _wait(self, seconds: float) -> None:
        if self.process is None:
            return
        try:
            if code := self.process.wait(seconds):
                _warn(f"ended with code {code}; {COMPLETE}")
        except subprocess.TimeoutExpired:
            _warn(f"had not ended after {seconds} s, and were stopped; {COMPLETE}")
        self._kill()

    def _kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def __enter__(self) -> "TrackerProcess":
        return self

    def __exit__(self, _kind: type | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        """End the trackers of a training that was interrupted or has failed: its runs stay open."""
        self._send({"end": False})
        self._wait(STOP_SECONDS)


NO_TRACKERS = TrackerProcess((), None, Path(), {})


def complete(trackers: Sequence[str], logs: Path, folder: Path) -> None:
    """Write a finished training's scores, and what its runs lack, into its trackers; a failure is a warning."""
    command = [sys.executable, SCRIPT, *_arguments(trackers, logs, folder)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=END_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        _warn(f"had not ended after {END_SECONDS} s, and were stopped")
    except OSError as error:
        _warn(f"not started: {error.strerror}")
    else:
        if done.returncode:
            _warn(f"ended with code {done.returncode}")


def _arguments(trackers: Sequence[str], logs: Path, folder: Path) -> list[str | Path]:
    return ["--trackers", *trackers, "--logs", logs, "--folder", folder]


def _warn(words: str) -> None:
    print(f"WARNING: trackers: {words}", flush=True)
