"""Own videos, listed in a CSV file with the columns path, label and optionally group and subset."""

import difflib
import os
import stat
from collections import Counter
from pathlib import Path

from vidbench.datasets.video import Video
from vidbench.errors import UserError, did_you_mean
from vidbench.files import read_csv

OPTIONAL = ("group", "subset")
LONGEST_LABEL = 200
SUBSETS = ("train", "val", "test", "")


def videos(options: dict, folder: Path | str | None = None) -> list[Video]:
    """The manifest's videos in its order, each checked; `folder` is not used: files stay where they are."""
    manifest = options["manifest"]
    rows = read_csv(manifest)
    if not rows:
        raise UserError(f"{manifest}: lists no video; it needs a header (path,label,group) and a row a video")
    _check_columns(manifest, list(rows[0]))
    root = Path(options["root"]) if options.get("root") else Path(manifest).parent
    found = [_video(row, root, f"{manifest}, line {line}") for line, row in enumerate(rows, start=2)]
    repeated = [path for path, count in Counter(video.video for video in found).items() if count > 1]
    if repeated:
        raise UserError(f"{manifest}: '{repeated[0]}' stands there more than once; keep one of its rows")
    return found


def check(found: list[Video], manifest: str) -> None:
    """Raise UserError where a file is missing or a class cannot be learned and tested."""
    identities = [(video, _identity(video.path)) for video in found]
    missing = [video.path for video, identity in identities if identity is None]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise UserError(f"{manifest}: no such file: {missing[0]}{more}; correct the path, or `root` in the config")
    files: dict[tuple[int, int], str] = {}
    for video, identity in identities:
        first = files.setdefault(identity, video.video)
        if first != video.video:
            raise UserError(f"{manifest}: '{first}' and '{video.video}' are the same file; keep one of the two rows")
    groups: dict[str, set[str]] = {}
    for video in found:
        groups.setdefault(video.label, set()).add(video.group)
    if len(groups) < 2:
        raise UserError(f"{manifest}: has only the class '{found[0].label}'; there is nothing to tell apart")
    counts = Counter(video.label for video in found)
    for label, members in groups.items():
        if counts[label] == 1:
            raise UserError(f"{manifest}: class '{label}' has one video; it needs at least two, to train and to test")
        if len(members) == 1:
            raise UserError(
                f"{manifest}: all videos of class '{label}' are in the group '{min(members)}';"
                " it needs at least two groups, to train and to test"
            )


def _identity(path: str) -> tuple[int, int] | None:
    """Device and inode of a file, by one call a file: there may be hundreds of thousands. None where there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):  # ValueError: a null byte in the name
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def download(options: dict, folder: Path | str) -> list[dict]:
    """Nothing to fetch: the files are checked and read where they are."""
    check(videos(options), options["manifest"])
    return []


def _check_columns(manifest: str, columns: list[str]) -> None:
    for column in columns:
        wanted = difflib.get_close_matches(column.strip().lower(), OPTIONAL, n=1, cutoff=0.8)
        if wanted and column not in OPTIONAL:
            raise UserError(
                f"{manifest}: the column '{column}' would be ignored; name it '{wanted[0]}' in the first line"
            )
    for needed in ("path", "label"):
        if needed not in columns:
            raise UserError(
                f"{manifest}: has no column '{needed}'; name it in the first line, {did_you_mean(needed, columns)}"
            )


def _video(row: dict[str, str], root: Path, where: str) -> Video:
    path, label = (row.get("path") or "").strip(), (row.get("label") or "").strip()
    if not path or not label:
        raise UserError(f"{where}: {'path' if not path else 'label'} is empty")
    if not label.isprintable() or len(label) > LONGEST_LABEL:
        raise UserError(
            f"{where}: the label is no name: it has control characters, or more than {LONGEST_LABEL} letters"
        )
    subset = (row.get("subset") or "").strip()
    if subset not in SUBSETS:
        raise UserError(f"{where}: subset '{subset}' is none of train, val and test")
    group = (row.get("group") or "").strip() or path
    return Video(path, str(root / path), label, group, subset)
