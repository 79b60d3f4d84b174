"""Own videos, listed in a CSV file with the columns path, label and optionally group and subset."""

import difflib
import re
from collections import Counter
from pathlib import Path

from vidbench.datasets.own import SUBSETS, check, checked_label
from vidbench.datasets.video import Video, more_columns
from vidbench.errors import UserError, did_you_mean
from vidbench.files import read_csv_lines

OPTIONAL = ("group", "subset")
SEVERAL = re.compile(r"subset[2-9]")
DELIMITERS = ",;\t"  # a spreadsheet writes semicolons where the comma stands in numbers


def videos(options: dict, folder: Path | str | None = None) -> list[Video]:
    """The manifest's videos in its order, each checked; `folder` is not used: files stay where they are."""
    manifest = options["manifest"]
    lines = read_csv_lines(manifest, DELIMITERS)
    if not lines:
        raise UserError(f"{manifest}: lists no video; it needs a header (path,label,group) and a row a video")
    columns = [column for column in lines[0][1] if column is not None]
    _check_columns(manifest, columns)
    subsets = ["subset", *more_columns(columns)]
    root = Path(options["root"]) if options.get("root") else Path(manifest).parent
    found = [_video(row, root, subsets, f"{manifest}, line {line}") for line, row in lines]
    repeated = [path for path, count in Counter(video.video for video in found).items() if count > 1]
    if repeated:
        raise UserError(f"{manifest}: '{repeated[0]}' stands there more than once; keep one of its rows")
    return found


def download(options: dict, folder: Path | str) -> list[dict]:
    """Nothing to fetch: the files are checked and read where they are."""
    check(videos(options), options["manifest"])
    return []


def _check_columns(manifest: str, columns: list[str]) -> None:
    for column in columns:
        wanted = difflib.get_close_matches(column.strip().lower(), OPTIONAL, n=1, cutoff=0.8)
        wanted = [column.strip().lower()] if SEVERAL.fullmatch(column.strip().lower()) else wanted
        if wanted and column not in OPTIONAL and column not in more_columns(columns):
            raise UserError(
                f"{manifest}: the column '{column}' would be ignored; name it '{wanted[0]}' in the first line"
            )
    for needed in ("path", "label"):
        if needed not in columns:
            raise UserError(
                f"{manifest}: has no column '{needed}'; name it in the first line, {did_you_mean(needed, columns)}"
            )


def _video(row: dict[str, str], root: Path, subsets: list[str], where: str) -> Video:
    if None in row:
        raise UserError(f"{where}: has more values than the first line has columns; put values with commas in quotes")
    path, label = (row.get("path") or "").strip(), (row.get("label") or "").strip()
    if not path or not label:
        raise UserError(f"{where}: {'path' if not path else 'label'} is empty")
    official = [(row.get(column) or "").strip() for column in subsets]
    for column, subset in zip(subsets, official, strict=True):
        if subset not in SUBSETS:
            raise UserError(f"{where}: {column} '{subset}' is none of train, val and test")
    group = (row.get("group") or "").strip()
    if not group.isprintable():
        raise UserError(f"{where}: the group has control characters, or a quote that ends elsewhere; correct it")
    return Video(path, str(root / path), checked_label(label, where), group or path, official[0], tuple(official[1:]))
