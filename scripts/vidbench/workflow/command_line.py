"""Checks of the command line where Snakemake would end with a traceback; profiles/*/config.yaml call it.

It runs before anything else, and imports the standard library only.
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
    """Exit with one line where the command line is a mistake; set a folder for caches where home is read-only."""
    for option, value in _values(arguments):
        if option in FILES and not os.path.exists(value):
            sys.exit(f"error: {option}: {value}: no such file; {_advice(option, value)}")
        if option in SETTINGS and "=" not in value:
            sys.exit(f"error: {option}: '{value}' is no NAME=VALUE; {ORDER}: snakemake {value} {option} ...")
    _place_caches()


def _values(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each value of FILES and SETTINGS with its option."""
    option = ""
    for argument in arguments:
        if argument.startswith("-"):
            option, equals, value = argument.partition("=")
            if equals:
                yield option, value
                option = ""  # --option=value has one value only
        elif option in FILES or option in SETTINGS:
            yield option, argument


def _advice(option: str, value: str) -> str:
    folder, name = os.path.split(value)
    if not folder and not os.path.splitext(name)[1]:
        return f"is it a target? Then {ORDER}: snakemake {value} {option} ..."
    names = os.listdir(folder or ".") if os.path.isdir(folder or ".") else []
    nearest = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {os.path.join(folder, nearest[0])}?" if nearest else "correct the path"


def _place_caches() -> None:
    """Set .snakemake/cache as the folder of caches, which Snakemake needs, where the home folder is read-only."""
    if _can_write(Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))):
        return
    cache = Path(".snakemake", "cache").resolve()
    if not _can_write(cache):
        sys.exit(
            "error: neither the home folder nor this one can be written to; set XDG_CACHE_HOME to a folder that can"
        )
    os.environ["XDG_CACHE_HOME"] = str(cache)


def _can_write(folder: Path) -> bool:
    """Return whether a folder, which is created, can be written to."""
    probe = folder / f".writable.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return folder.is_absolute()
