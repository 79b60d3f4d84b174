"""What Snakemake ends with, in one line that says what to do."""

import logging
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from vidbench.errors import did_you_mean

TARGET = re.compile(r"No rule to produce (.+?) \(if you use input functions")
FAILED_COMMAND = re.compile(r"RuleException:\nCalledProcessError in file ")
NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded")
READ_ONLY = re.compile(r"(?:Read-only file system|Permission denied): '([^']+)'")
OF_FUNCTION = re.compile(r"^Error:\n\s+UserError: (.+)$", re.MULTILINE)  # of an input or params function
# The summary and the lines of the failed jobs say it better.
SAID_ELSEWHERE = (
    "Exiting because a job execution failed",
    "WorkflowError:\nAt least one job did not complete successfully",
)


def explain(record: logging.LogRecord, targets: Iterable[str]) -> str | None:
    """Return the line for an error record, "" where another one says it, None where Snakemake's own is to stand.

    `targets`: names of rules that can be asked for.
    """
    text = str(record.getMessage())
    if text.startswith(SAID_ELSEWHERE) or FAILED_COMMAND.match(text):
        return ""
    if str(getattr(record, "exception", "")) == "LockException":
        return _explain_lock()
    for pattern, explanation in EXPLANATIONS:
        if match := pattern.search(text):
            return f"error: {explanation(match, targets)}"
    return None


def _explain_lock() -> str:
    return (
        f"error: {os.getcwd()}: locked by another run here, or by one that was killed. Where `ps -ef | grep snakemake`"
        " shows none, on no machine that uses this folder, unlock it with `snakemake --unlock` and the options of your"
        " run; results stay as they are"
    )


def _explain_target(match: re.Match, targets: Iterable[str]) -> str:
    name = match[1]
    if "/" in name:
        return f"{name}: no step makes this file; check the names of data set, split and model against the config"
    if Path(name).suffix in (".yaml", ".yml", ".json"):
        return f"'{name}' was taken for a target: a config file stands behind --configfile"
    return f"'{name}': no such target; {did_you_mean(name, targets)}"


def _explain_space(match: re.Match, targets: Iterable[str]) -> str:
    return (
        f"{match[0].lower()}: make room where this folder and results/ are, then run the same command again; what is"
        " done stays done"
    )


def _explain_permission(match: re.Match, targets: Iterable[str]) -> str:
    return f"{match[1]}: cannot be written to; run where you may write, or have its rights changed"


def _explain_function(match: re.Match, targets: Iterable[str]) -> str:
    return match[1]


EXPLANATIONS: tuple[tuple[re.Pattern, Callable[[re.Match, Iterable[str]], str]], ...] = (
    (TARGET, _explain_target),
    (NO_SPACE, _explain_space),
    (READ_ONLY, _explain_permission),
    (OF_FUNCTION, _explain_function),
)
