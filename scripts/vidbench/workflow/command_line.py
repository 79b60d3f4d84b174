"""Checks of the command line where Snakemake would end with a traceback; profiles/*/config.yaml call it.

Imports nothing of the project: it is run before anything else.
"""

import difflib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

FILES = ("--configfile", "--configfiles")
SNAKEFILE, FOLDER = ("-s", "--snakefile"), ("-d", "--directory")
DEFAULT = "config/config.yaml"
SETTINGS = ("--config", "-C")
ORDER = "targets come right behind the word snakemake"


def check(arguments: Sequence[str]) -> None:
    """Exit with one line where the command line is a mistake; set a folder for caches where home is read-only."""
    for option, value in _values(arguments):
        if option in FILES and (trouble := _trouble(option, value)):
            sys.exit(f"error: {option}: {value}: {trouble}")
        if option in SETTINGS and "=" not in value:
            sys.exit(f"error: {option}: '{value}' is no NAME=VALUE; {ORDER}: snakemake {value} {option} ...")
    _check_folder(dict(_values(arguments)))
    _place_caches()


def _check_folder(options: dict[str, str]) -> None:
    """End with one line where the workflow is started in another folder, without a config file of its own there."""
    snakefile = next((options[option] for option in SNAKEFILE if option in options), "")
    names_config = any(option in options for option in FILES)
    elsewhere = os.path.dirname(snakefile)
    if not elsewhere or names_config or any(option in options for option in FOLDER) or os.path.exists(DEFAULT):
        return
    if os.path.exists(os.path.join(elsewhere, DEFAULT)):
        sys.exit(
            f"error: {DEFAULT}: not in this folder, {os.getcwd()}; go to the workflow's first, cd {elsewhere}, or name"
            " a config file: --configfile FILE"
        )


def _values(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each value of the options above with its option."""
    option = ""
    for argument in arguments:
        if argument.startswith("-"):
            option, equals, value = argument.partition("=")
            if equals:
                yield option, value
                option = ""  # --option=value has one value only
        elif option in (*FILES, *SETTINGS, *SNAKEFILE, *FOLDER):
            yield option, argument


def _trouble(option: str, path: str) -> str | None:
    """Why a file is no config file, and what to do; None where it is one."""
    if not os.path.exists(path):
        return f"no such file; {_advice(option, path)}"
    if os.path.isdir(path):
        return f"is a folder; {_is_target(option, path)}"
    try:
        with open(path, "rb") as file:
            trouble = _trouble_in(file.read())
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return f"{trouble}; or: {_is_target(option, path)}" if trouble and not _is_config_name(path) else trouble


def _trouble_in(content: bytes) -> str | None:
    """Why a file's content is neither JSON nor YAML with keys at its top level."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"line {content[: error.start].count(10) + 1} is not in UTF-8; save the file as UTF-8"
    try:
        tree = json.loads(text)
    except ValueError:
        try:
            tree = yaml.safe_load(text)
        except yaml.YAMLError as error:
            return f"is no YAML{_place(error)}"
    if tree is None:
        return "is empty; write into it what differs from config/config.yaml"
    return None if isinstance(tree, dict) else "has no keys at its top level, such as `run:` or `datasets:`"


def _place(error: yaml.YAMLError) -> str:
    """Where in a file YAML ends, and why, with what helps most often."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    where = f": line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    if problem and "'\\t'" in problem:
        return f"{where}: a tab; indent with blanks"
    return f"{where}: {problem or error}; look at the indentation, brackets and quotes there and in the line before"


def _is_config_name(path: str) -> bool:
    return os.path.splitext(path)[1].lower() in (".yaml", ".yml", ".json")


def _is_target(option: str, name: str) -> str:
    return f"is it a target? Then {ORDER}: snakemake {name} {option} ..."


def _advice(option: str, value: str) -> str:
    folder, name = os.path.split(value)
    if not _is_config_name(name) and (not folder or folder.split(os.sep)[0] == "results"):
        return _is_target(option, value)
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
