"""Own videos, listed in a CSV file: a row per video, or per piece of one, with at least its path and its label.

docs/datasets.md says which columns there are; manifest_header.py has the other names that are taken for them.
"""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from vidbench.datasets.listing import Listing
from vidbench.datasets.manifest_columns import Columns, choose
from vidbench.datasets.manifest_header import Header
from vidbench.datasets.manifest_paths import Files
from vidbench.datasets.manifest_text import Table, read_table
from vidbench.datasets.own_checks import check, checked_label
from vidbench.datasets.pieces import interval, name_of
from vidbench.datasets.subset_words import subset_of
from vidbench.datasets.white_space import BLANKS, tidy
from vidbench.errors import UserError
from vidbench.video import Video


def videos(options: dict, folder: Path | str | None = None) -> list[Video]:
    """The manifest's videos in its order, each checked; `folder` is not used: files stay where they are."""
    return listing(options, folder).videos


def listing(options: dict, folder: Path | str | None = None) -> Listing:
    """As videos, with what is to be said of how the manifest was read."""
    manifest = options["manifest"]
    table = read_table(manifest)
    if not table.rows:
        raise UserError(f"{manifest}: lists no video; it needs a header (path,label,group) and a row a video")
    columns, remarks = choose(Header(manifest, table.header, table.rows))
    root = Path(options["root"]) if options.get("root") else Path(manifest).parent
    rows = _Rows(manifest, table, columns, Files(manifest, root))
    found = [(line, video) for line, row in table.rows if (video := rows.video(line, row))]
    if not found:
        raise UserError(f"{manifest}: lists no video; all {len(table.rows)} rows are empty or comments (#)")
    _refuse_repeated(manifest, found)
    if rows.comments:
        remarks.append(f"{rows.comments} lines that begin with # are comments (no such file)")
    return Listing([video for _, video in found], [f"{manifest}: {remark}" for remark in [*table.remarks, *remarks]])


def download(options: dict, folder: Path | str) -> list[dict]:
    """Nothing to fetch: the files are checked and read where they are."""
    check(videos(options), options["manifest"])
    return []


def _refuse_repeated(manifest: str, found: list[tuple[int, Video]]) -> None:
    if len({video.video for _, video in found}) == len(found):
        return
    lines: dict[str, int] = {}
    for line, video in found:
        if (first := lines.setdefault(video.video, line)) != line:
            raise UserError(
                f"{manifest}: '{video.video}' stands there more than once, in lines {first} and {line}; keep one of its"
                " rows"
            )


def _begins_with_sign(row: list[str]) -> bool:
    return row[0].lstrip()[:1] == "#"


class _Rows:
    """Makes videos of rows. What stands in many cells is looked at once."""

    def __init__(self, manifest: str, table: Table, columns: Columns, files: Files) -> None:
        self.manifest, self.columns, self.files = manifest, columns, files
        self.width, self.delimiter = len(table.header), table.delimiter
        self.comments = 0
        self._labels: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._subsets: dict[str, str] = {}
        self._names = table.header

    def video(self, line: int, row: list[str]) -> Video | None:
        """The video of a row; None for an empty one and for a comment."""
        if len(row) != self.width:
            row = self._fitted(line, row)
        columns = self.columns
        name, label = row[columns.path].strip(BLANKS), row[columns.label]
        if (not name or _begins_with_sign(row)) and self._is_left_out(line, row, name):
            return None
        if not name:
            raise UserError(f"{self._where(line)}: path is empty")
        name, path = self.files.find(name, line)
        label = self._labels.get(label) or self._once(self._labels, label, self._label, line)
        group = "" if columns.group is None else row[columns.group]
        group = group and (self._groups.get(group) or self._once(self._groups, group, self._group, line))
        subsets = tuple(self._subset(row[place], place, line) for place in columns.subsets) or ("",)
        start = end = None
        if columns.has_pieces:
            start, end = self._interval(row, line)
            name = unicodedata.normalize("NFC", str(PurePosixPath(name)))  # ./a.mp4 and a.mp4 are one group
        return Video(name_of(name, start, end), path, label, group or name, subsets[0], subsets[1:], start, end)

    def _where(self, line: int) -> str:
        return f"{self.manifest}, line {line}"

    def _fitted(self, line: int, row: list[str]) -> list[str]:
        """A row with as many cells as the header; those that lack are empty."""
        if any(cell.strip(BLANKS) for cell in row[self.width :]) and not _begins_with_sign(row):
            raise UserError(
                f"{self._where(line)}: has more values than the first line has columns; put values with"
                f" {'commas' if self.delimiter == ',' else repr(self.delimiter)} in quotes"
            )
        return (row + [""] * self.width)[: self.width]

    def _is_left_out(self, line: int, row: list[str], name: str) -> bool:
        """Whether a row is empty, or a comment: one that begins with # and names no file that is there."""
        if not any(cell.strip(BLANKS) for cell in row):
            return True
        if not _begins_with_sign(row) or (name.startswith("#") and os.path.exists(self.files.find(name, line)[1])):
            return False
        self.comments += 1
        return True

    def _once(self, known: dict[str, str], cell: str, look: Callable[[str, str], str], line: int) -> str:
        """What `look` makes of a cell, kept for the next cell like it."""
        known[cell] = look(cell, self._where(line))
        return known[cell]

    def _label(self, cell: str, where: str) -> str:
        if not cell.strip(BLANKS):
            raise UserError(f"{where}: label is empty")
        return checked_label(cell, where)

    def _group(self, cell: str, where: str) -> str:
        group = tidy(cell)
        if not group.isprintable():
            raise UserError(f"{where}: the group has control characters, or a quote that ends elsewhere; correct it")
        return group

    def _subset(self, cell: str, place: int, line: int) -> str:
        if cell not in self._subsets:
            if (subset := subset_of(tidy(cell))) is None:
                name, word = (" ".join(text.split()) for text in (self._names[place], cell))
                raise UserError(
                    f"{self._where(line)}: {name} '{word}' is none of train, val and test;"
                    " correct it, or rename the column if it says something else"
                )
            self._subsets[cell] = subset
        return self._subsets[cell]

    def _interval(self, row: list[str], line: int) -> tuple[float | None, float | None]:
        places = (self.columns.start, self.columns.end)
        start, end = ("" if place is None else " ".join(row[place].strip(BLANKS).split()) for place in places)
        try:
            return interval(start, end, comma=self.delimiter != ",")
        except ValueError as error:
            raise UserError(f"{self._where(line)}: {error}; correct start and end") from error
