"""Why a job failed, in one line: from its log, or from what the cluster's scheduler said."""

import os
import re
import shutil
from pathlib import Path

from vidbench.workflow.job_events import Attempt

MIN_FREE = 2**20  # bytes; with fewer a disk is full
NO_SPACE = "no space left on the disk of this folder's logs: make room there"
STATES = {
    "TIMEOUT": "over its time limit",
    "DEADLINE": "over its deadline",
    "OUT_OF_MEMORY": "over its memory",
    "CANCELLED": "cancelled",
    "PREEMPTED": "preempted",
    "NODE_FAIL": "its node failed",
    "BOOT_FAIL": "its node did not start",
}
KIND = r"[\w.]*(?:Error|Exception|Interrupt|Interrupted)"
REASONS = (  # lines of a log that tell the reason, the best ones first
    re.compile(r"^(?:(?:[\w./-]+: )?error|interrupted): ", re.IGNORECASE),  # ours, or argparse's
    re.compile(rf"^(?!\S*ChildFailedError){KIND}: *\S"),
    re.compile(rf"^(?!\S*ChildFailedError){KIND}\b"),
    re.compile(rf"^{KIND}\b"),
)
SBATCH = re.compile(r"(sbatch: error: .*?)(?:'\.)?\s*(?:\n|sbatch: error:|sbatch call:|$)")
RANK = re.compile(r"^\[rank\d+\]: ?")  # which of a training's processes wrote a line
TAIL = 100_000  # bytes of a log that are searched
MAX_LENGTH = 300  # characters of a reason
KILLED = (
    "killed, most often because the machine had no memory left: run fewer jobs at once (--cores), or lower"
    " training.batch_size or training.workers"
)


def reason(attempt: Attempt) -> str:
    """Why an attempt failed."""
    if refused := SBATCH.search(attempt.message):
        return f"{_short(refused.group(1))}; see the top of the Slurm profile"
    state = slurm_state(attempt.message)
    if state in STATES:
        return f"{STATES[state]} (Slurm: {state})"
    lines = [line for log in attempt.logs for line in last_lines(log)]
    for pattern in REASONS:
        if message := _last(lines, pattern):
            return _short(message)
    if attempt.killed:
        return KILLED
    if not lines and any(map(_is_full, attempt.logs)):
        return NO_SPACE
    ends = f"; its log ends with: {lines[-1]}" if lines else ""
    return _short(f"{_executor_said(attempt.message, state) or 'ended without a reason, killed?'}{ends}")


def slurm_state(message: str) -> str | None:
    """The state of a job that Snakemake's Slurm executor tells of, e.g. TIMEOUT."""
    match = re.search(r"SLURM status is: '(\w+)", message)
    return match.group(1) if match else None


def last_lines(path: str) -> list[str]:
    """The last lines of a log that hold something, without ranks; [] where there is no log."""
    try:
        with Path(path).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    lines = [RANK.sub("", line).strip() for line in re.split(r"[\r\n]+", text)]
    return [line for line in lines if line]


def _is_full(log: str) -> bool:
    """Whether the disk that a log was to be written to is full."""
    try:
        return shutil.disk_usage(Path(log).parent).free < MIN_FREE
    except OSError:
        return False


def _last(lines: list[str], pattern: re.Pattern) -> str | None:
    return next((line for line in reversed(lines) if pattern.match(line)), None)


def _executor_said(message: str, state: str | None) -> str:
    if state:
        return f"failed (Slurm: {state})"
    return message.partition("For further error details")[0].strip()


def _short(text: str) -> str:
    """Leave out the middle of a long text: what to do, and with which file, stands at its end."""
    text = " ".join(text.split())
    half = MAX_LENGTH // 2
    return text if len(text) <= MAX_LENGTH else f"{text[:half]}…{text[1 - half :]}"
