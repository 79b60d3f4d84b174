"""Params functions that any rule may use.

A job runs again when the value of a params function changes, unless the function takes `threads`.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vidbench.errors import UserError


def one_line(function: Callable, *arguments: object) -> Any:
    """Call `function`; bad input ends Snakemake with one line instead of a traceback."""
    try:
        return function(*arguments)
    except UserError as error:
        sys.exit(f"error: {error}")


def in_json(options: Callable[[Any], object]) -> Callable[[Any], str]:
    """Params function: the result of the function `options` as JSON, one argument of a command line."""
    return lambda wildcards: json.dumps(options(wildcards), sort_keys=True)


def optional(flag: str, files: str) -> Callable[[Any, Mapping], list[str]]:
    """Params function: a flag and the input named `files`, if there is one."""

    def arguments(wildcards: Any, input: Mapping[str, Sequence[str]]) -> list[str]:
        return [flag, *(input.get(files) or [])] if input.get(files) else []

    return arguments


def without_rerun(function: Callable[[Any], Any]) -> Callable[[Any, int], Any]:
    """Params function: the value of `function`, which never makes a job run again."""

    def value(wildcards: Any, threads: int) -> Any:
        return function(wildcards)

    return value
