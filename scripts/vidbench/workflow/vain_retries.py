"""Jobs whose failure more time and memory would not cure are not started again by --retries, a profile's attempts.

Snakemake repeats each failed job; no exit code tells it not to. So the job is told that this was its last attempt,
between Snakemake's record of the failure and its decision, by a part of Snakemake that has no public name; without it
jobs are repeated as before.
"""

import logging
from typing import Any

from vidbench.compute import failures
from vidbench.workflow.failure_reasons import last_lines


class VainRetries(logging.Handler):
    """Takes Snakemake's records of failed jobs; it never makes a run fail."""

    def __init__(self) -> None:
        super().__init__()
        self._dag: Any = None

    def watch(self, dag: Any) -> None:
        """From here on look at the failed jobs of `dag`."""
        self._dag = dag

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record; one that is not as expected must not disturb the run."""
        try:
            if self._dag is not None and str(getattr(record, "event", "")) == "job_error":
                self._take(getattr(record, "jobid", None))
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Leave out what cannot be understood."""

    def _take(self, number: Any) -> None:
        for job in self._dag.needrun_jobs():
            if job.jobid == number and any(map(is_final, job.log)):
                # Not `job.attempt`, which computes the resources again that Snakemake is about to give back.
                job._attempt = max(job._attempt, job.restart_times + 1)


def is_final(log: str) -> bool:
    """Return whether a job's log ends with an error that another attempt would end with, too."""
    errors = [line for line in last_lines(str(log)) if line.startswith("error: ")]
    return bool(errors) and errors[-1].removeprefix("error: ").startswith(failures.FINAL)
