"""Answers as a table on the terminal, as CSV, and as JSON with one line per video. Imports no torch."""

import csv
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TextIO

from vidbench.errors import UserError
from vidbench.files import atomic_path, write_errors
from vidbench.formatting import percent
from vidbench.inference.classification import Classification
from vidbench.inference.label_answer import LabelAnswer
from vidbench.video import SEPARATOR

COLUMNS = ("video", "status", "class", "probability", "unknown", "message")
NOTHING = "-"  # on the terminal, where a video is given no label
UNKNOWN = "unknown"  # in place of a class, on the terminal
TERMINAL = "-"  # as a file name: standard output
MAX_NAMES = 20  # of videos that could not be classified, on the last line


class Writer(Protocol):
    """Takes one answer after another."""

    def write(self, answer: Classification) -> None:
        """Write an answer."""
        ...


@contextmanager
def open_output(path: str) -> Iterator[TextIO]:
    """Yield standard output for `-`, else a file that gets its name at the end; what is no file is written to itself.

    UserError, before anything is computed, where it is a folder.
    """
    if path == TERMINAL:
        yield sys.stdout
        return
    if os.path.isdir(path):
        raise UserError(f"{path}: is a folder; name a file in it")
    if os.path.exists(path) and not os.path.isfile(path):  # /dev/stdout, a pipe: nothing may take its place
        with write_errors(path), open(path, "w", newline="", encoding="utf-8") as file:
            yield file
        return
    with atomic_path(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        yield file


class CsvWriter:
    """A row per video: COLUMNS, and the probability of each class."""

    def __init__(self, file: TextIO, classes: Sequence[str]) -> None:
        self._rows = csv.writer(file, lineterminator="\n")
        self._file = file
        self._rows.writerow([*COLUMNS, *(f"p({name})" for name in classes)])

    def write(self, answer: Classification) -> None:
        """Write an answer; cells without a value are empty."""
        row = describe(answer)
        cells = ["" if row[name] is None else row[name] for name in COLUMNS]
        probabilities = answer.probabilities.tolist() if answer.is_classified else [""] * len(answer.classes)
        self._rows.writerow([make_writable(cell) for cell in [*cells, *probabilities]])
        self._file.flush()


class JsonWriter:
    """A line per video: COLUMNS as keys, and `probabilities` by class."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, answer: Classification) -> None:
        """Write an answer."""
        probabilities = dict(zip(answer.classes, answer.probabilities.tolist(), strict=True))
        row = describe(answer) | {"probabilities": probabilities if answer.is_classified else None}
        if isinstance(answer, LabelAnswer):
            row |= {"labels": list(answer.labels)}
        self._file.write(make_writable(json.dumps(row, ensure_ascii=False, allow_nan=False)) + "\n")
        self._file.flush()


class TableWriter:
    """A line per video, with its most probable classes before its name, which may be long."""

    def __init__(
        self, file: TextIO, classes: Sequence[str], top: int, mark_unknown: bool, *, multi: bool = False
    ) -> None:
        """`top`: number of classes per video; `mark_unknown`: show which are below the threshold.

        `multi`: a video may have several labels: they come behind the probabilities, before its name.
        """
        self._file = file
        self._multi = multi
        self._top = min(top, len(classes))
        self._width = max(map(len, [*classes, UNKNOWN]))
        self._mark_unknown = mark_unknown
        self._print(
            ["answer"] if mark_unknown else [],
            [f"{place}." for place in range(1, self._top + 1)],
            self._name("labels", "video"),
        )

    def write(self, answer: Classification) -> None:
        """Print an answer."""
        if not answer.is_classified:
            print(make_printable(f"{answer.video}: not classified: {answer.message}"), file=self._file, flush=True)
            return
        cells = [f"{label:<{self._width}} {percent(p):>7}" for label, p in answer.top(self._top)]
        said = [UNKNOWN if answer.is_unknown else answer.label] if self._mark_unknown else []
        remark = f" (in part: {answer.message})" if answer.message else ""
        self._print(said, cells, self._name(SEPARATOR.join(answer.labels) or NOTHING, f"{answer.video}{remark}"))

    def _name(self, labels: str, name: str) -> str:
        return f"{labels}  {name}" if self._multi else name

    def _print(self, answer: Sequence[str], cells: Sequence[str], name: str) -> None:
        padded = [f"{text:<{self._width}}" for text in answer] + [f"{cell:<{self._width + 8}}" for cell in cells]
        print(make_printable("  ".join([*padded, name])), file=self._file, flush=True)


@dataclass
class Tally:
    """How many videos were classified, and which were not."""

    classified: int = 0
    unknown: int = 0
    failed: list[Classification] = field(default_factory=list)

    def write(self, answer: Classification) -> None:
        """Count an answer."""
        self.classified += answer.is_classified
        self.unknown += answer.is_unknown
        if not answer.is_classified:
            self.failed.append(answer)

    def describe(self, mark_unknown: bool) -> str:
        """Return the last line: the numbers, and the videos without an answer with the reasons."""
        total = self.classified + len(self.failed)
        if not total:
            return "0 videos: nothing to classify"
        words = f"{total} video{'s' * (total > 1)}: {self.classified} classified"
        words += f", {self.unknown} of them unknown" if mark_unknown else ""
        if not self.failed:
            return words
        names = "; ".join(f"{answer.video} ({answer.message})" for answer in self.failed[:MAX_NAMES])
        more = f"; and {len(self.failed) - MAX_NAMES} more" if len(self.failed) > MAX_NAMES else ""
        return make_printable(f"{words}, {len(self.failed)} not: {names}{more}")


def describe(answer: Classification) -> dict[str, Any]:
    """Return the values of COLUMNS; None where there is none, as of `unknown` without a threshold."""
    known = answer.is_classified
    return {
        "video": answer.video,
        "status": answer.status,
        "class": _said(answer) if known else None,
        "probability": answer.probability if known else None,
        "unknown": answer.is_unknown if known and answer.threshold is not None else None,
        "message": answer.message,
    }


def _said(answer: Classification) -> str:
    """Return the class, or, of several labels per video, those that are given, with SEPARATOR between them."""
    return SEPARATOR.join(answer.labels) if isinstance(answer, LabelAnswer) else answer.label


def make_printable(text: str) -> str:
    """Return text for one line of a terminal: with escapes for line ends, control codes and what is no UTF-8."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def make_writable(value: Any) -> Any:
    """Return text with escapes for what is no UTF-8, as names of files may hold."""
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
