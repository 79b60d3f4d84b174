"""What happened to the jobs of a run, from the records that Snakemake logs: with any logger plugin, or none."""

import csv
import logging
import re
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TERMINATING = "Terminating processes on user request"  # what Snakemake says after Ctrl-C
ENDING = "Will exit after finishing currently running jobs"  # after SIGTERM
KILLED = re.compile(r"CalledProcessError.*(?:non-zero exit status 137|SIGKILL)", re.DOTALL)


@dataclass
class Attempt:
    """One start of one job. Times are seconds since the epoch."""

    job: int
    rule: str
    wildcards: dict[str, str]
    cores: int  # on all its machines
    gpus: int
    local: bool
    logs: list[str]
    benchmark: str | None
    started: float
    ended: float | None = None
    finished: bool = False
    stopped: bool = False  # by Ctrl-C, which jobs on the same machine get, too
    message: str = ""  # what the executor said of its failure
    more_logs: list[str] = field(default_factory=list)  # of a job on a cluster: what its scheduler wrote
    grouped: bool = False  # with others in one job of the cluster, which failed
    outputs: list[str] = field(default_factory=list)
    killed: bool = False  # by SIGKILL, here

    @property
    def failed(self) -> bool:
        """Whether it ended, and not well."""
        return self.ended is not None and not self.finished and not self.stopped

    def seconds(self, now: float) -> float | None:
        """How long it computed; None where that is not known, for a cluster's queue does not count as computing."""
        if self.finished and self.benchmark and (measured := benchmark_seconds(self.benchmark)) is not None:
            return measured
        if self.local:
            return (self.ended or now) - self.started
        if self.failed and self.ended and not self.grouped and (start := start_on_node(self.more_logs)):
            # A cluster is asked now and then: Snakemake sees a job's end late.
            return max(0, min(self.ended, last_written([*self.logs, *self.more_logs])) - start)
        return None


def start_on_node(logs: list[str]) -> float | None:
    """When a job last started on its node, by the log that Snakemake writes there; None where it is not told."""
    for log in logs:
        with suppress(OSError, ValueError):
            text = Path(log).read_text(encoding="utf-8", errors="replace")
            if starts := re.findall(r"^\[(.+)\]\nrule ", text, re.MULTILINE):
                return time.mktime(time.strptime(starts[-1]))
    return None


def benchmark_seconds(path: str) -> float | None:
    """Seconds that a job's benchmark file holds; None where it cannot be read."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            return sum(float(row["s"]) for row in csv.DictReader(file, delimiter="\t"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def last_written(files: Iterable[str]) -> float:
    """When the last of some files was written to; 0 where there is none."""
    times = [0.0]
    for file in files:
        with suppress(OSError):
            times.append(Path(file).stat().st_mtime)
    return max(times)


class RunEvents(logging.Handler):
    """Remembers every attempt of every job that runs a command, in `attempts`."""

    def __init__(self) -> None:
        super().__init__()
        self.attempts: list[Attempt] = []
        self.asked_to_stop = False
        self._terminating = False
        self._last: dict[int, Attempt] = {}  # by job

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record; one that is not as expected must not disturb the run."""
        try:
            self._take(str(getattr(record, "event", "")), record)
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Leave out what cannot be understood."""

    def _take(self, event: str, record: Any) -> None:
        if not event and (message := record.getMessage()).startswith((TERMINATING, ENDING)):
            self.asked_to_stop = True
            self._terminating = self._terminating or message.startswith(TERMINATING)
        elif event == "job_info" and record.shellcmd:
            self._start(record)
        elif event == "error":
            self._take_exit(record.getMessage())
        elif event == "job_finished" and (attempt := self._last.get(record.job_id)):
            attempt.finished, attempt.ended = True, record.created
        elif event == "job_error" and (attempt := self._last.get(record.jobid)):
            attempt.ended, attempt.stopped = record.created, self._terminating
            attempt.message = attempt.message or str(record.rule_msg or "")
            self._add_logs(attempt, record.log)
        elif event == "group_error":
            for info in record.job_error_info:
                if attempt := self._last.get(info["jobid"]):
                    attempt.grouped = True
                    self._add_logs(attempt, record.aux_logs)

    def _take_exit(self, text: str) -> None:
        """How a command ended, which Snakemake tells before it tells which job failed."""
        if KILLED.search(text):
            for attempt in self._last.values():
                attempt.killed = attempt.killed or (attempt.ended is None and any(log in text for log in attempt.logs))

    def _start(self, record: Any) -> None:
        attempt = Attempt(
            job=record.jobid,
            rule=record.rule_name,
            wildcards=dict(record.wildcards or {}),
            cores=int(record.threads) * int(record.resources.get("nodes", 1)),
            gpus=int(record.resources.get("gpu", 0)),
            local=bool(record.local),
            logs=list(map(str, record.log)),
            benchmark=str(record.benchmark) if record.benchmark else None,
            started=record.created,
            outputs=list(map(str, getattr(record, "output", None) or [])),
        )
        self.attempts.append(attempt)
        self._last[attempt.job] = attempt

    def take_finished(self, outputs: Mapping[int, Iterable[str]]) -> None:
        """Jobs that Snakemake knows as finished, with their outputs: with --quiet it sends no record of their end."""
        for job, files in outputs.items():
            attempt = self._last.get(job)
            if attempt and attempt.ended is None:
                ended = last_written([attempt.benchmark] if attempt.benchmark else []) or last_written(files)
                attempt.finished, attempt.ended = True, max(attempt.started, ended)

    @staticmethod
    def _add_logs(attempt: Attempt, logs: list[str]) -> None:
        for log in map(_relative, logs):
            if log not in (*attempt.logs, *attempt.more_logs):
                attempt.more_logs.append(log)

    def last(self, job: int) -> Attempt | None:
        """The last attempt of a job."""
        return self._last.get(job)

    def finished(self) -> list[Attempt]:
        """Attempts that ended well: one a job."""
        return [attempt for attempt in self.attempts if attempt.finished]

    def failed(self) -> list[Attempt]:
        """The last attempts of the jobs that failed for good."""
        return [attempt for attempt in self._last.values() if attempt.failed]

    def repeated(self) -> list[Attempt]:
        """Attempts that failed and were followed by another one."""
        return [attempt for attempt in self.attempts if attempt.failed and attempt is not self._last[attempt.job]]

    def stopped(self) -> list[Attempt]:
        """Attempts that were ended by Ctrl-C, or had no end when the run ended."""
        return [attempt for attempt in self._last.values() if attempt.stopped or attempt.ended is None]


def _relative(path: str) -> str:
    """A path below the working directory, from there."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
