"""Own videos, listed in a CSV file: a row per video, or per piece of one, with at least its path and its label.

docs/datasets.md describes the columns; manifest_header.py has the other names that they may have.
"""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from vidbench.datasets.listing import Listing
from vidbench.datasets.manifest_columns import Columns, find_columns
from vidbench.datasets.manifest_header import Header
from vidbench.datasets.manifest_paths import Files
from vidbench.datasets.manifest_text import Table, read_table
from vidbench.datasets.own_checks import check, read_label
from vidbench.datasets.pieces import parse_interval, piece_name
from vidbench.datasets.subset_words import subset_of
from vidbench.datasets.white_space import BLANKS, tidy
from vidbench.errors import UserError
from vidbench.video import MULTI, SEPARATOR, Video


def videos(options: dict, folder: Path | str | None = None) -> list[Video]:
    """Return the manifest's videos in its order, each checked; `folder` is not used: files stay where they are."""
    return listing(options, folder).videos


def listing(options: dict, folder: Path | str | None = None) -> Listing:
    """Return the manifest's videos, with remarks on how it was read; `folder` is not used."""
    manifest = options["manifest"]
    table = read_table(manifest)
    if not table.rows:
        raise UserError(f"{manifest}: lists no video; it needs a header (path,label,group) and a row per video")
    columns, remarks = find_columns(Header(manifest, table.header, table.rows))
    root = Path(options["root"]) if options.get("root") else Path(manifest).parent
    rows = _Rows(manifest, table, columns, Files(manifest, root), multi=options.get("labels") == MULTI)
    numbered_videos = [(line, video) for line, row in table.rows if (video := rows.read_video(line, row))]
    if not numbered_videos:
        raise UserError(f"{manifest}: lists no video; all {len(table.rows)} rows are empty or comments (#)")
    _refuse_repeated(manifest, numbered_videos)
    if rows.comments:
        remarks.append(f"{rows.comments} lines that begin with # are comments (no such file)")
    remarks = [f"{manifest}: {remark}" for remark in [*table.remarks, *remarks]]
    return Listing([video for _, video in numbered_videos], remarks)


def download(options: dict, folder: Path | str) -> list[dict]:
    """Check the files; nothing is fetched, they are read where they are."""
    check(videos(options), options["manifest"])
    return []


def _refuse_repeated(manifest: str, numbered_videos: list[tuple[int, Video]]) -> None:
    """Raise UserError for a video in two lines."""
    rows: dict[str, tuple[int, Video]] = {}
    for line, video in numbered_videos:
        first_line, first = rows.setdefault(video.id, (line, video))
        if first is video:
            continue
        twice = f"{manifest}: '{video.id}' is listed more than once, in lines {first_line} and {line}"
        if first.label == video.label:
            raise UserError(f"{twice}; keep one of its rows")
        raise UserError(
            f"{twice}, with two labels, '{first.label}' and '{video.label}'; keep the row that is right, or one with"
            " both where `labels: multi` is set"
        )


def _begins_with_sign(row: list[str]) -> bool:
    return row[0].lstrip()[:1] == "#"


class _Rows:
    """Makes videos of rows. Equal labels, groups and subsets of many rows are read once."""

    def __init__(self, manifest: str, table: Table, columns: Columns, files: Files, *, multi: bool = False) -> None:
        """`multi`: whether a cell may hold several labels."""
        self.manifest = manifest
        self.multi = multi
        self.columns = columns
        self.files = files
        self.width = len(table.header)
        self.delimiter = table.delimiter
        self.comments = 0
        self._labels: dict[str, str] = {}  # by cell
        self._groups: dict[str, str] = {}
        self._subsets: dict[str, str] = {}
        self._names = table.header

    def read_video(self, line: int, row: list[str]) -> Video | None:
        """Return the video of a row; None for an empty row or a comment."""
        if len(row) != self.width:
            row = self._fit_to_header(line, row)
        columns = self.columns
        name = row[columns.path].strip(BLANKS)
        label = row[columns.label]
        if (not name or _begins_with_sign(row)) and self._is_left_out(line, row, name):
            return None
        if not name:
            raise UserError(f"{self._where(line)}: path is empty")
        name, path = self.files.find(name, line)
        label = self._labels.get(label) or self._remember(self._labels, label, self._read_label, line)
        group = "" if columns.group is None else row[columns.group]
        group = group and (self._groups.get(group) or self._remember(self._groups, group, self._read_group, line))
        subsets = tuple(self._read_subset(row[place], place, line) for place in columns.subsets) or ("",)
        start = end = None
        if columns.has_pieces:
            start, end = self._read_interval(row, line)
            name = unicodedata.normalize("NFC", str(PurePosixPath(name)))  # ./a.mp4 and a.mp4 are one group
        name_of_piece = piece_name(name, start, end)
        return Video(name_of_piece, path, label, group or name, subsets[0], subsets[1:], start, end, self.multi)

    def _where(self, line: int) -> str:
        return f"{self.manifest}, line {line}"

    def _fit_to_header(self, line: int, row: list[str]) -> list[str]:
        """Return a row with the header's number of cells; missing ones are empty. UserError where it has more."""
        if any(cell.strip(BLANKS) for cell in row[self.width :]) and not _begins_with_sign(row):
            raise UserError(
                f"{self._where(line)}: has more values than the first line has columns; put values with"
                f" {'commas' if self.delimiter == ',' else repr(self.delimiter)} in quotes"
            )
        return (row + [""] * self.width)[: self.width]

    def _is_left_out(self, line: int, row: list[str], name: str) -> bool:
        """Return whether a row is empty, or a comment: one that begins with # and names no existing file."""
        if not any(cell.strip(BLANKS) for cell in row):
            return True
        if not _begins_with_sign(row) or (name.startswith("#") and os.path.exists(self.files.find(name, line)[1])):
            return False
        self.comments += 1
        return True

    def _remember(self, values: dict[str, str], cell: str, read: Callable[[str, str], str], line: int) -> str:
        """Return what `read` makes of a cell, and keep it in `values` for the next cell like it."""
        values[cell] = read(cell, self._where(line))
        return values[cell]

    def _read_label(self, cell: str, where: str) -> str:
        if not cell.strip(BLANKS):
            raise UserError(f"{where}: label is empty")
        if self.multi:
            return self._read_labels(cell, where)
        return read_label(cell, where)

    def _read_labels(self, cell: str, where: str) -> str:
        """Return the labels of a cell, sorted, each once; UserError for an empty one, as in `run;;jump`."""
        names = [read_label(part, where) if part.strip(BLANKS) else "" for part in cell.split(SEPARATOR)]
        if not all(names):
            raise UserError(
                f"{where}: '{tidy(cell)}' has an empty label between or beside its '{SEPARATOR}'; leave it out"
            )
        return SEPARATOR.join(sorted(set(names)))

    def _read_group(self, cell: str, where: str) -> str:
        group = tidy(cell)
        if not group.isprintable():
            raise UserError(f"{where}: the group has control characters, or a quote that ends elsewhere; correct it")
        return group

    def _read_subset(self, cell: str, place: int, line: int) -> str:
        if cell not in self._subsets:
            if (subset := subset_of(tidy(cell))) is None:
                name, word = (" ".join(text.split()) for text in (self._names[place], cell))
                raise UserError(
                    f"{self._where(line)}: {name} '{word}' is none of train, val and test;"
                    " correct it, or rename the column if it says something else"
                )
            self._subsets[cell] = subset
        return self._subsets[cell]

    def _read_interval(self, row: list[str], line: int) -> tuple[float | None, float | None]:
        places = (self.columns.start, self.columns.end)
        start, end = ("" if place is None else " ".join(row[place].strip(BLANKS).split()) for place in places)
        try:
            return parse_interval(start, end, comma=self.delimiter != ",")
        except ValueError as error:
            raise UserError(f"{self._where(line)}: {error}; correct start and end") from error
