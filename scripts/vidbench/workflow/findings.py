"""What the doctor finds is said on the terminal as soon as it is known; trainings of that data set wait for it."""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from vidbench.files import read_json

DIAGNOSIS = "diagnosis.json"
PASSED = ".diagnosed"  # an input of each training; made after the diagnosis


class Findings(logging.Handler):
    """Says the doctor's findings of data sets, once each, in time; it never makes a run fail."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """`say`: puts a line on the terminal."""
        super().__init__()
        self._say = say
        self._said: set[Path] = set()
        self._pending: dict[Path, Any] = {}  # the diagnosis's job, by the data set's results
        self._dag: Any = None

    def watch(self, dag: Any, folders: Iterable[Path]) -> None:
        """Say what is known already of the data sets with these results; the rest is said when it is made."""
        self._dag = dag
        made = {str(output): job for job in dag.needrun_jobs() for output in job.output}
        for folder in folders:
            job = made.get(str(folder / DIAGNOSIS))
            if job is None:
                self.say(folder)
            else:
                self._pending[folder] = job

    def say_rest(self, folders: Iterable[Path]) -> None:
        """Say what has not been said; not what a diagnosis tells that was to be made again, and was not."""
        for folder in folders:
            pending = self._pending.get(folder)
            if pending is None or self._dag.finished(pending):
                self.say(folder)

    def say(self, folder: Path) -> None:
        """Say what a diagnosis holds, where there is one, once."""
        path = folder / DIAGNOSIS
        if folder in self._said or not path.exists():
            return
        self._said.add(folder)
        found = read_json(path)
        for line in [*([found["summary"]] if "summary" in found else []), *found.get("notes", [])]:
            self._say(f"{folder.name}: {line}")
        for line in found.get("warnings", []):
            self._say(f"WARNING: {folder.name}: {line}")

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record of Snakemake's; one that is not as expected must not disturb the run."""
        try:
            self._take(str(getattr(record, "event", "")), record)
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Leave out what cannot be understood."""

    def _take(self, event: str, record: Any) -> None:
        # With --quiet no record tells of a job's end: the start of one that waited for it does.
        for folder, job in list(self._pending.items()):
            ended = event == "job_finished" and record.job_id == job.jobid
            if ended or (event == "job_info" and str(folder / PASSED) in map(str, record.input or ())):
                del self._pending[folder]
                self.say(folder)
