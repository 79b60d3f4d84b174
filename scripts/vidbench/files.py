"""Reading and writing files: atomically, with errors as one line, under a lock; and their hashes."""

import csv
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from vidbench.errors import UserError

NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
NO_LOCKS_WARNING = (
    "this disk has no file locks, so continuing without one: let no job of an earlier, killed Snakemake still run"
)
CHUNK = 1 << 20  # bytes that are read at a time
HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.pth$")
HDF5_REASON = re.compile(r"error message = '([^']+)'")


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside `path`; move it there when the block ends without an error."""
    path = Path(path)
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with write_errors(path):
            yield temporary
            os.replace(temporary, path)
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        else:
            temporary.unlink(missing_ok=True)


def reason_of(error: Exception) -> str:
    """Return what went wrong in a few words; HDF5 hides it inside a long message."""
    match = HDF5_REASON.search(str(error))
    return match[1] if match else getattr(error, "strerror", None) or " ".join(str(error).split())


@contextmanager
def write_errors(path: Path | str) -> Iterator[None]:
    """Turn an OSError of the block, e.g. a full disk, into one line that names `path`."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written: {reason_of(error)}; free the disk or fix this, and run again"
        ) from error


def check_readable(path: Path | str) -> None:
    """Read a whole file; UserError if the system fails to: gone, no permission, a failing or lost disk.

    Says nothing about the content of a file that can be read.
    """
    try:
        with open(path, "rb") as file:
            while file.read(CHUNK):
                pass
    except OSError as error:
        raise UserError(
            f"{path}: cannot be read: {error.strerror}; nothing is stored of it. Make it readable, and run again"
        ) from error


def remove_leftovers(folder: Path | str) -> None:
    """Remove temporary files of killed processes; the caller holds the folder's lock."""
    for path in Path(folder).glob(".*.tmp"):
        path.unlink()


def make_folder(path: Path | str) -> Path:
    """Create a folder and its parents; UserError if that is not possible."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path}: cannot create this folder: {error.strerror}") from error
    return Path(path)


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path | str, value: object) -> None:
    """Write JSON atomically, indented; the same value always gives the same bytes."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_csv(path: Path | str, rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Write dictionaries as rows of a CSV file, atomically; `columns` are their keys, in the order of the file."""
    with atomic_path(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_csv(path: Path | str) -> list[dict[str, str]]:
    """Read a CSV file (UTF-8, with or without a byte order mark): one dictionary per row.

    UserError if it cannot be read, has a column twice, or a quote that is never closed, which would swallow all rows
    after it.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, strict=True)
            columns = [column for column in rows.fieldnames or [] if column]
            if repeated := [column for column in columns if columns.count(column) > 1]:
                raise UserError(f"{path}: has the column '{repeated[0]}' more than once; keep one of them")
            return list(rows)
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: not a CSV file in UTF-8: {error}") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error


def read_json(path: Path | str) -> dict:
    """Read a JSON file; UserError if it cannot be read."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: cannot be read as JSON: {' '.join(str(error).split())}") from error


def read_json_map(path: Path | str, what: str = "configuration of a model") -> dict:
    """Read a JSON file that has to hold a map; UserError if it cannot be read, or holds none and so no `what`."""
    content = read_json(path)
    if not isinstance(content, dict):
        raise UserError(f"{path}: holds no {what}")
    return content


def digest(value: object) -> str:
    """Return the SHA-256, in hex, of a JSON-serialisable value: equal for equal content."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def file_sha256(path: Path | str) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def exclusive(path: Path | str) -> Iterator[None]:
    """Hold a lock on `path` while the block runs; wait if another process holds it.

    When Snakemake is killed its children live on: without the lock such an orphan would write at the same time as its
    successor. The kernel frees a lockf lock when its process dies, and, unlike flock, it does not survive in forked
    DataLoader workers. On a disk without locks the block runs without one, after a warning: the user cannot change
    that, and one Snakemake at a time needs no lock.
    """
    make_folder(Path(path).parent)
    with write_errors(path):
        file = open(path, "a")  # noqa: SIM115 - closed below; errors of the block itself are not write errors
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in NO_LOCKS:
                print(f"WARNING: {path}: {NO_LOCKS_WARNING}", flush=True)
            else:
                print(f"{path}: another process is working here, waiting for it to end", flush=True)
                fcntl.lockf(file, fcntl.LOCK_EX)
        yield


def hash_contradiction(path: Path, name: str) -> str | None:
    """Return how the file `path` contradicts the hash in `name`; None if it does not, or if the name has no hash.

    Names of torchvision's weights end in the first digits of their SHA-256. OSError if the file cannot be read.
    """
    match = HASH_IN_NAME.search(name)
    if match is None or (actual := file_sha256(path)).startswith(match[1]):
        return None
    return f"its SHA-256 begins with {actual[: len(match[1])]}, not {match[1]}"
