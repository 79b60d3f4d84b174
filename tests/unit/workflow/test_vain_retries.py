"""Jobs that another attempt would not help have no other one."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from vidbench.compute import torch_errors
from vidbench.errors import UserError
from vidbench.workflow.vain_retries import VainRetries

TOO_SMALL = torch_errors.explain(torch.OutOfMemoryError("CUDA out of memory."), 16, torch_errors.TRAIN)


def failed(number: int) -> logging.LogRecord:
    return logging.makeLogRecord({"event": "job_error", "jobid": number})


@pytest.mark.parametrize(
    ("log", "attempts_left"),
    [
        (f"epoch 1\nerror: {TOO_SMALL}\n", False),
        (f"[rank1]: error: {TOO_SMALL}\nChildFailedError\n", False),
        ("error: torch.compile fails on this machine: x; set training.compile: false\n", False),
        ("error: main memory is too small: lower training.batch_size\n", True),
        ("error: results/x: cannot be written: no space left\n", True),
        (f"error: {TOO_SMALL}\nnext step\nerror: another\n", True),
        ("slurmstepd: CANCELLED DUE TO TIME LIMIT\n", True),
        (None, True),
    ],
)
def test_a_job_that_fails_for_a_reason_of_its_own_is_not_repeated(
    log: str | None, attempts_left: bool, tmp_path: Path
) -> None:
    path = tmp_path / "job.log"
    if log is not None:
        path.write_text(log)
    jobs = [SimpleNamespace(jobid=number, log=[str(path)], restart_times=3, _attempt=1) for number in (4, 5)]
    handler = VainRetries()
    handler.emit(failed(4))  # before there are jobs
    handler.watch(SimpleNamespace(needrun_jobs=lambda: jobs))
    handler.emit(failed(4))
    # As Snakemake's scheduler decides.
    assert [job.restart_times > job._attempt - 1 for job in jobs] == [attempts_left, True]


def test_what_is_not_understood_does_not_end_the_run() -> None:
    handler = VainRetries()
    handler.watch(SimpleNamespace(needrun_jobs=lambda: [SimpleNamespace()]))
    handler.emit(failed(4))


def test_the_lines_are_those_that_the_steps_write() -> None:
    assert TOO_SMALL is not None
    assert str(UserError(TOO_SMALL)).startswith("the GPU's memory is too small for batches of 16 clips: ")
