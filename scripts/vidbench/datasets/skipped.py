"""The files and folders that are left out of a data set, and why: nothing is left out silently."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from vidbench.errors import UserError
from vidbench.files import read_csv, write_csv

COLUMNS = ("path", "reason")
NAMED = 3  # endings or names that the line shows for each reason


class Reason(Enum):
    """Why something is left out: the words for one and for several; and what the line shows, endings or names."""

    LIKE_VIDEO = (
        "file that looks like a video, but lacks a video's ending (rename it)",
        "files that look like videos, but lack a video's ending (rename them)",
        "name",
    )
    UNKNOWN = ("file of unknown ending", "files of unknown ending", "ending")
    UNFINISHED = ("unfinished download", "unfinished downloads", "ending")
    ARCHIVE = ("archive (unpack it if it holds videos)", "archives (unpack them if they hold videos)", "name")
    NOT_LISTED = ("video that is in no official list", "videos that are in no official list", "name")
    DOUBLE = ("video of which another file is used", "videos of which other files are used", "name")
    FRAMES = ("folder with frames of a video beside it", "folders with frames of videos beside them", "name")
    BESIDE = ("image beside videos", "images beside videos", "ending")
    THUMBNAILS = ("folder of thumbnails", "folders of thumbnails", "name")
    PREVIEW = ("preview of a video beside it", "previews of videos beside them", "ending")
    CAMERA = ("side file of a camera", "side files of cameras", "ending")
    OTHER = ("file of another kind", "files of other kinds", "ending")
    NO_VIDEOS = ("folder without videos", "folders without videos", "name")
    LINK = ("link to a folder that is read already", "links to folders that are read already", "name")
    SYSTEM_FOLDER = ("folder that is hidden or a system's", "folders that are hidden or a system's", "name")
    SYSTEM_FILE = ("file that is hidden or a system's", "files that are hidden or a system's", "name")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder that is left out."""

    path: str
    reason: Reason

    @property
    def short(self) -> str:
        """The file's ending or name, as the line shows it."""
        name = os.path.basename(self.path)
        if self.reason.value[2] == "ending":
            return ending_of(name) or "no ending"
        return "._*" if name.startswith("._") else name


def ending_of(name: str) -> str:
    """Return the ending of a file's name in lower case, e.g. `.mp4`; also for `a.mp4 `."""
    return os.path.splitext(name)[1].strip().lower()


def summary(skipped: Sequence[Skipped]) -> str:
    """Return numbers by reason, with the most frequent endings or names: `12 files of unknown ending (.dav 12)`."""
    by_reason: dict[Reason, list[Skipped]] = defaultdict(list)
    for entry in skipped:
        by_reason[entry.reason].append(entry)
    return ", ".join(_summarise(reason, by_reason[reason]) for reason in Reason if reason in by_reason)


def _summarise(reason: Reason, entries: Sequence[Skipped]) -> str:
    counts = Counter(entry.short for entry in entries)
    most_frequent = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:NAMED]
    examples = [f"{name!r}"[1:-1] + (f" {count}" if count > 1 else "") for name, count in most_frequent]
    more = ", ..." if len(counts) > NAMED else ""
    singular, plural, _ = reason.value
    return f"{len(entries)} {singular if len(entries) == 1 else plural} ({', '.join(examples)}{more})"


def line(skipped: Sequence[Skipped], table: str) -> str:
    """Return the terminal's line on all that is left out; `table`, a file, lists it one by one."""
    return f"left out: {summary(skipped)}; see {table}"


def write_skipped(path: Path | str, skipped: Iterable[Skipped]) -> None:
    """Write skipped.csv: one row per file or folder, also where there is none."""
    write_csv(path, _rows(skipped), COLUMNS)


def refresh(path: Path | str, skipped: Sequence[Skipped]) -> None:
    """Write a table where it has changed: a file that is left out makes no step run again."""
    try:
        is_current = read_csv(path) == _rows(skipped) if os.path.exists(path) else not skipped
    except UserError:
        is_current = False
    if not is_current:
        write_skipped(path, skipped)


def _rows(skipped: Iterable[Skipped]) -> list[dict[str, object]]:
    # A name that is no UTF-8 cannot be written as it is.
    return [
        {"path": entry.path.encode(errors="backslashreplace").decode(), "reason": entry.reason.value[0]}
        for entry in skipped
    ]
