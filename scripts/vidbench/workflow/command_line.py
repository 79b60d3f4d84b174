"""What Snakemake would end with a traceback for, before it has read any of our files; profiles/*/config.yaml call it.

Imports nothing but Python's own: it is run before anything else.
"""

import difflib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

FILES = ("--configfile", "--configfiles")
SETTINGS = ("--config", "-C")
ORDER = "targets come right behind the word snakemake"


def check(arguments: Sequence[str]) -> None:
    """End with one line where the command line cannot be meant so; give the caches a place where home has none."""
    for option, value in _values(arguments):
        if option in FILES and not os.path.exists(value):
            sys.exit(f"error: {option}: {value}: no such file; {_advice(option, value)}")
        if option in SETTINGS and "=" not in value:
            sys.exit(f"error: {option}: '{value}' is no NAME=VALUE; {ORDER}: snakemake {value} {option} ...")
    _place_caches()


def _values(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each value of FILES and SETTINGS with its option."""
    option = ""
    for argument in arguments:
        if argument.startswith("-"):
            option, equals, value = argument.partition("=")
            if equals:
                yield option, value
                option = ""  # that takes one value
        elif option in FILES or option in SETTINGS:
            yield option, argument


def _advice(option: str, value: str) -> str:
    folder, name = os.path.split(value)
    if not folder and not os.path.splitext(name)[1]:
        return f"is it a target? Then {ORDER}: snakemake {value} {option} ..."
    there = os.listdir(folder or ".") if os.path.isdir(folder or ".") else []
    nearest = difflib.get_close_matches(name, there, n=1)
    return f"did you mean {os.path.join(folder, nearest[0])}?" if nearest else "correct the path"


def _place_caches() -> None:
    """Let caches lie in .snakemake/ where the home folder cannot be written to: Snakemake needs one."""
    if _can_write(Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))):
        return
    instead = Path(".snakemake", "cache").resolve()
    if not _can_write(instead):
        sys.exit(
            "error: neither the home folder nor this one can be written to; set XDG_CACHE_HOME to a folder that can"
        )
    os.environ["XDG_CACHE_HOME"] = str(instead)


def _can_write(folder: Path) -> bool:
    """Whether files can be put into a folder, which is created."""
    probe = folder / f".writable.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return folder.is_absolute()
