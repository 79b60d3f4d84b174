"""Params functions that any rule may use."""

import inspect

import pytest

from vidbench.errors import UserError
from vidbench.workflow.params import in_json, one_line, optional, without_rerun


def test_options_are_json_in_one_order() -> None:
    assert in_json(lambda wildcards: {"b": 1, "a": wildcards})("x") == '{"a": "x", "b": 1}'


def test_a_flag_stands_where_its_input_has_files() -> None:
    argument = optional("--whole", "whole")
    assert argument(None, {"whole": ["a", "b"]}) == ["--whole", "a", "b"]
    assert argument(None, {"whole": []}) == argument(None, {}) == []


def test_what_takes_threads_never_makes_a_job_run_again() -> None:
    """Snakemake goes by the names of a function's parameters."""
    function = without_rerun(in_json(lambda wildcards: wildcards))
    assert list(inspect.signature(function).parameters) == ["wildcards", "threads"]
    assert function({"a": 1}, 4) == '{"a": 1}'


def test_bad_input_is_one_line() -> None:
    def check(value: int) -> int:
        if value < 0:
            raise UserError("config: below 0")
        return value

    assert one_line(check, 1) == 1
    with pytest.raises(SystemExit, match=r"^error: config: below 0$"):
        one_line(check, -1)
