"""What a person sees of a run, in words: a line per step, progress, warnings, and errors with their reason.

Snakemake's own lines go to its log; with -p (--printshellcmds) or --verbose also to the terminal, in place of these.
"""

import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from vidbench.workflow import snakemake_errors
from vidbench.workflow.job_events import TERMINATING, RunEvents
from vidbench.workflow.narrator import Narrator
from vidbench.workflow.progress import Capacity, PlannedTimes
from vidbench.workflow.screen import RED, YELLOW, Screen

TICK = 2.0  # seconds between two drawings of the bar
# Snakemake's lines without an event that a person needs: why nothing runs, and what takes minutes.
NOTHING = "Nothing to be done"
SHOWN = re.compile(rf"({NOTHING}|Building DAG|Creating conda env|Downloading |Pulling )")
EXECUTION = ("workflow_started", "resources_info", "run_info")  # events that only a run has
# A warning that says nothing: the page of the unfinished run is there before the rule that makes the last one.
LIVE_PAGE = re.compile(r"Warning: the following output files of rule \w*build_report were not present")
RESTART = re.compile(r"Trying to restart job (\d+)")


class Terminal(logging.Filter):
    """A filter of Snakemake's handler for the terminal: what it can say in words it says itself, and lets nothing pass.

    It never makes a run fail: what it cannot understand passes, and Snakemake says it.
    """

    def __init__(self, events: RunEvents) -> None:
        """`events`: has to hear of a record before this filter."""
        super().__init__()
        self._events = events
        self._screen = Screen(sys.stderr)
        self._targets: Callable[[], Iterable[str]] = tuple
        self._say_known: Callable[[], object] = tuple
        self._lock = threading.RLock()
        self._armed = False  # whether Snakemake's lines are to be replaced, from when jobs are to run
        self._in_words = False  # whether they are
        self._narrator: Narrator | None = None
        self._warned: set[str] = set()
        self._ended = threading.Event()

    def attach(self, screen: Screen, targets: Callable[[], Iterable[str]]) -> None:
        """Say things there; `targets`: gives what can be asked for, once the Snakefile is read."""
        self._screen = screen
        self._targets = targets

    def remind(self, say_known: Callable[[], object]) -> None:
        """Where all is done already, call `say_known`: silence would read as if nothing had been found."""
        self._say_known = say_known

    def replace(self) -> None:
        """Say in words what happens once Snakemake sets out to run jobs: not what --lint, --unlock and the like say."""
        self._armed = True

    @property
    def replaces(self) -> bool:
        """Whether Snakemake's lines are to be replaced."""
        return self._armed

    def say(self, text: str, colour: int | None = None) -> None:
        """Say something about the run, above the bar."""
        with self._lock:
            self._screen.say(text, colour)

    def begin(
        self,
        jobs: list[Any],
        planned: PlannedTimes,
        capacity: Capacity,
        with_progress: bool,
        logs: list[str],
        kinds: Mapping[str, str],
    ) -> None:
        """Before the first job.

        `jobs`: Snakemake's, all that are to run and have a command; `logs`: its own; `kinds`: of data sets, by source.
        """
        named = [(job.rule.name, dict(job.wildcards_dict)) for job in jobs]
        narrator = Narrator(self._screen, named, planned, capacity, kinds)
        with self._lock:
            self._narrator = narrator
            self._in_words = True
            if with_progress:
                narrator.say_what_will_run()
                self._screen.say("".join(f"  Snakemake's own lines: {os.path.relpath(log)}\n" for log in logs[-1:]))
                self._screen.open_bar(narrator.progress.total)
                threading.Thread(target=self._tick, daemon=True, name="progress").start()

    def failures_in_sight(self) -> frozenset[int]:
        """Return the jobs whose failure has just been said."""
        return self._narrator.failures_in_sight() if self._narrator else frozenset()

    def end(self) -> None:
        """After the last job: no bar any more."""
        self._ended.set()
        with self._lock:
            self._screen.close_bar()

    def filter(self, record: logging.LogRecord) -> bool:
        """Say a record in words, or let it pass; an error in here lets it pass, too."""
        try:
            with self._lock:
                return self._passes(str(getattr(record, "event", None) or ""), record)
        except Exception:
            return True

    def _passes(self, event: str, record: Any) -> bool:
        if record.levelno >= logging.ERROR and event not in ("job_error", "group_error"):
            return self._passes_error(record)
        self._in_words = self._armed and (self._in_words or event in EXECUTION)
        if event == "job_info" and self._narrator is None:
            self._armed = self._in_words = False  # --no-hooks, --touch: nobody has begun
        if not self._in_words:
            return True
        if event in ("job_info", "job_finished", "job_error") and self._narrator is not None:
            self._take_job(self._narrator, event, record)
        elif record.levelno == logging.WARNING:
            self._warn(record.getMessage().strip())
        elif not event:
            return self._passes_line(record.getMessage())
        return False

    def _take_job(self, narrator: Narrator, event: str, record: Any) -> None:
        attempt = self._events.last(record.job_id if event == "job_finished" else record.jobid)
        if attempt is not None:
            take = {"job_info": narrator.start, "job_finished": narrator.finish, "job_error": narrator.fail}
            take[event](attempt)

    def _passes_line(self, line: str) -> bool:
        """Say that a person stops the run, or that a job is tried again; of the rest few lines pass."""
        if line.startswith(TERMINATING):
            self._screen.say("stopping; trainings save where they are ...", YELLOW)
        elif self._narrator and (job := RESTART.search(line)) and (attempt := self._events.last(int(job[1]))):
            self._narrator.restart(attempt)
        elif SHOWN.match(line):
            self._screen.clear_bar()
            if self._armed and line.startswith(NOTHING):
                self._say_known()
            return True
        return False

    def _passes_error(self, record: logging.LogRecord) -> bool:
        line = snakemake_errors.explain(record, self._targets())
        if line is None:
            self._screen.clear_bar()
            return True
        if line:
            self._screen.say(line, RED)
        return False

    def _warn(self, text: str) -> None:
        """Say a warning that tells something, once: a cluster's are the same for each job."""
        if text not in self._warned and not LIVE_PAGE.match(text):
            self._warned.add(text)
            self._screen.say(f"WARNING: {text}", YELLOW)

    def _tick(self) -> None:
        while not self._ended.wait(TICK):
            with suppress(Exception), self._lock:
                if self._narrator is not None and not self._ended.is_set():
                    self._narrator.report_progress()
                    self._narrator.draw_bar()
