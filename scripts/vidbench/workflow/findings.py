"""What the doctor finds is said on the terminal as soon as it is known, and trainings of that data set wait for it.

They wait by the order of jobs alone. As an input, even an ancient one, a diagnosis that is gone would train again.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidbench.files import read_json

LOOKS = ("diagnosis.json", "inspection.csv", "duplicates.csv")


@dataclass
class Pending:
    """A data set whose diagnosis is made in this run: Snakemake's jobs."""

    diagnosis: Any
    looks: list[Any]  # what it is made from, and itself
    trainings: list[Any] = field(default_factory=list)  # that wait for it


class Findings(logging.Handler):
    """Says the doctor's findings of data sets, once each, in time; it never makes a run fail."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """`say`: puts a line on the terminal."""
        super().__init__()
        self._say = say
        self._said: set[Path] = set()
        self._pending: dict[Path, Pending] = {}
        self._dag: Any = None

    def watch(self, dag: Any, folders: Iterable[Path]) -> None:
        """Say what is known already of the data sets with these results, and let trainings wait for the rest."""
        folders, jobs = list(folders), list(dag.needrun_jobs())
        self._dag = dag
        made = {str(output): job for job in jobs for output in job.output}
        for folder in folders:
            looks = [made[path] for name in LOOKS if (path := str(folder / name)) in made]
            if (diagnosis := made.get(str(folder / LOOKS[0]))) is not None:
                self._pending[folder] = Pending(diagnosis, looks)
                self._hold(self._pending[folder], [job for job in jobs if _trains(job, folder)])
        self.say_rest(dag, folders)

    def say_rest(self, dag: Any, folders: Iterable[Path]) -> None:
        """Say what has not been said of this run's data; not what a diagnosis tells that was to be made again.

        A diagnosis that is no part of this run, e.g. of `snakemake plan`, may be of another configuration's splits.
        """
        of_run = {str(output) for job in dag.jobs for output in job.output}
        for folder in folders:
            pending = self._pending.get(folder)
            is_current = pending is None or dag.finished(pending.diagnosis)
            if is_current and str(folder / LOOKS[0]) in of_run:
                self.say(folder)

    def say(self, folder: Path) -> None:
        """Say what a diagnosis holds, where there is one, once."""
        path = folder / LOOKS[0]
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
            if self._pending:
                self._take(str(getattr(record, "event", "")), record)
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Leave out what cannot be understood."""

    def _take(self, event: str, record: Any) -> None:
        # With --quiet no record tells of a job's end: the next job's start does.
        if event not in ("job_info", "job_finished", "job_error"):
            return
        for folder, pending in list(self._pending.items()):
            ended = event == "job_finished" and record.job_id == pending.diagnosis.jobid
            if ended or self._dag.finished(pending.diagnosis):
                del self._pending[folder]
                self.say(folder)
            elif event == "job_error" and record.jobid in [job.jobid for job in pending.looks]:
                self._release(pending)

    def _hold(self, pending: Pending, trainings: list[Any]) -> None:
        """Let trainings wait for a diagnosis, as if it were an input; which jobs are to run is settled by now."""
        for job in trainings:
            if pending.diagnosis not in self._dag.dependencies[job]:
                self._dag.depending[pending.diagnosis][job] = set()
                self._dag._n_until_ready[job] += 1
                self._dag._ready_jobs.discard(job)
                pending.trainings.append(job)

    def _release(self, pending: Pending) -> None:
        """A look at the data has failed: with --keep-going, trainings start that do not need it."""
        for job in pending.trainings:
            del self._dag.depending[pending.diagnosis][job]
            self._dag._n_until_ready[job] -= 1
        self._dag.update_ready(pending.trainings)
        pending.trainings = []


def _trains(job: Any, folder: Path) -> bool:
    """Whether a job is a training on a data set; a module's rules have a prefix."""
    return job.rule.name.endswith("train_model") and any(Path(path).is_relative_to(folder) for path in job.output)
