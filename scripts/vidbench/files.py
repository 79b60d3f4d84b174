"""Writing files so that a killed process leaves nothing half-written, and telling files apart."""

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
    "this disk has no file locks, so going on without one: let no job of an earlier, killed Snakemake still run"
)
CHUNK = 1 << 20
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
    """What went wrong, in a few words; HDF5 says it in the middle of many."""
    found = HDF5_REASON.search(str(error))
    return found[1] if found else getattr(error, "strerror", None) or " ".join(str(error).split())


@contextmanager
def write_errors(path: Path | str) -> Iterator[None]:
    """Turn an OSError of the block, e.g. a full disk, into one line that names `path`."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written: {reason_of(error)}; free the disk or mend this, and run again"
        ) from error


def check_readable(path: Path | str) -> None:
    """Read a whole file; UserError where the system does not let it: gone, no permission, a failing or lost disk.

    What is wrong with a file that can be read is its content's matter.
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
    """Create a folder and its parents; raise UserError where that is not possible."""
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
    """Write dictionaries as CSV rows atomically, with `columns` in their order."""
    with atomic_path(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_csv(path: Path | str) -> list[dict[str, str]]:
    """Read a CSV file of ours (UTF-8, with or without a byte order mark) as one dictionary a row.

    A quote that nothing ends is an error, or else it would swallow all rows behind it.
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
    """Read a JSON file that one of the steps wrote."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read as JSON: {error}") from error


def digest(value: object) -> str:
    """SHA-256 of a JSON-serialisable value: equal for equal content."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def file_sha256(path: Path | str) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def exclusive(path: Path | str) -> Iterator[None]:
    """Hold a lock on `path` while the block runs; wait if another process holds it.

    When Snakemake is killed its children live on: without the lock such an orphan would write
    beside its successor. The kernel frees a lockf lock when its process dies, and, unlike flock,
    it does not survive in forked DataLoader workers. Where the disk has no locks the block runs without
    one, after a warning: nobody could mend that, and one Snakemake at a time needs none.
    """
    make_folder(Path(path).parent)
    with write_errors(path):
        file = open(path, "a")  # noqa: SIM115 - closed below; only opening it is this function's own trouble
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in NO_LOCKS:
                print(f"WARNING: {path}: {NO_LOCKS_WARNING}", flush=True)
            else:
                print(f"{path}: another process is at work here, waiting for it to end", flush=True)
                fcntl.lockf(file, fcntl.LOCK_EX)
        yield


def hash_contradiction(path: Path, name: str) -> str | None:
    """What is wrong with the file `path`, which should be the one called `name`; None: nothing, or no hash there.

    Names of torchvision's weights end in the first digits of their SHA-256. OSError where the file cannot be read.
    """
    named = HASH_IN_NAME.search(name)
    if named is None or (found := file_sha256(path)).startswith(named[1]):
        return None
    return f"its SHA-256 begins with {found[: len(named[1])]}, not {named[1]}"
