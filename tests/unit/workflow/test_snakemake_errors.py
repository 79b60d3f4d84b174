"""What Snakemake ends with, and what is said instead."""

import logging

import pytest
from records import record

from vidbench.workflow.snakemake_errors import explain


def explained(text: str, exception: str = "WorkflowError") -> str | None:
    return explain(record(0, "error", logging.ERROR, text, exception=exception), ["doctor", "plan", "report"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("docter", "error: 'docter': no such target; did you mean 'doctor'?"),
        ("mine.yaml", "error: 'mine.yaml' was taken for a target: a config file stands behind --configfile"),
        ("results/motion/sumary.csv", "no step makes this file; check the names of data set, split and model"),
    ],
)
def test_a_target_that_is_none(name: str, words: str) -> None:
    text = f"MissingRuleException:\nNo rule to produce {name} (if you use input functions make sure that ...)."
    assert words in str(explained(text, "MissingRuleException"))


def test_a_locked_folder_is_never_to_be_deleted() -> None:
    line = str(explained("LockException:\nError: Directory cannot be locked.", "LockException"))
    assert "snakemake --unlock" in line
    assert "ps -ef | grep snakemake" in line
    assert "delete" not in line
    assert "rm " not in line


def test_a_full_disk_and_a_folder_that_cannot_be_written_to() -> None:
    assert "error: no space left on device: make room" in str(explained("OSError: [Errno 28] No space left on device"))
    denied = "PermissionError: [Errno 13] Permission denied: '.snakemake/metadata/x'"
    assert "error: .snakemake/metadata/x: cannot be written to" in str(explained(denied))


def test_what_an_input_function_refuses_is_said_without_its_traceback() -> None:
    text = (
        'InputFunctionException in rule share_model in file "rules/share.smk", line 5:\nError:\n'
        "  UserError: share: own has several labels per video\nWildcards:\n  dataset=own\nTraceback:\n  File ..."
    )
    assert explained(text) == "error: share: own has several labels per video"


def test_what_the_summary_says_is_not_said_twice_and_all_else_is_snakemakes() -> None:
    assert explained("WorkflowError:\nAt least one job did not complete successfully.") == ""
    assert explained("Exiting because a job execution failed. Look above for error messages") == ""
    assert explained("RuleException:\nCalledProcessError in file \"x\", line 3:\nCommand 'python' returned 1") == ""
    assert explained("AmbiguousRuleException:\nRules a and b are ambiguous") is None
