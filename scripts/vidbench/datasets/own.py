"""What is checked of a person's own videos, however they are listed."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from vidbench import file_tree
from vidbench.datasets.video import Video
from vidbench.errors import UserError

LONGEST_LABEL = 200
SUBSETS = ("train", "val", "test", "")


def checked_label(label: str, where: str) -> str:
    """The label, or UserError where it cannot stand in a table or a figure; `where` begins the message."""
    if not label.isprintable() or len(label) > LONGEST_LABEL:
        raise UserError(
            f"{where}: the label is no name: it has control characters, or more than {LONGEST_LABEL} letters"
        )
    return label


def check(found: Sequence[Video], where: str) -> None:
    """Raise UserError where a file is missing or a class cannot be learned and tested; `where` lists the videos."""
    _check_files(found, where)
    _check_labels(found, where)
    groups: dict[str, set[str]] = {}
    for video in found:
        groups.setdefault(video.label, set()).add(video.group)
    if len(groups) < 2:
        raise UserError(f"{where}: has only the class '{found[0].label}'; there is nothing to tell apart")
    counts = Counter(video.label for video in found)
    for label, members in groups.items():
        if counts[label] == 1:
            raise UserError(f"{where}: class '{label}' has one video; it needs at least two, to train and to test")
        if len(members) == 1:
            raise UserError(
                f"{where}: all videos of class '{label}' are in the group '{min(members)}';"
                " it needs at least two groups, to train and to test"
            )


def _check_files(found: Sequence[Video], where: str) -> None:
    identities = [(video, _identity(video.path)) for video in found]
    missing = [video.path for video, identity in identities if identity is None]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise UserError(f"{where}: no such file: {missing[0]}{more}; correct the path, or `root` in the config")
    files: dict[file_tree.Identity, str] = {}
    for video, identity in identities:
        first = files.setdefault(identity, video.video)
        if first != video.video:
            raise UserError(f"{where}: '{first}' and '{video.video}' are the same file; keep one of the two")


def _check_labels(found: Sequence[Video], where: str) -> None:
    """Labels that a reader takes for one would be two classes."""
    spellings: dict[str, str] = {}
    for label in dict.fromkeys(video.label for video in found):
        known = spellings.setdefault(unicodedata.normalize("NFKC", label).casefold(), label)
        if known != label:
            raise UserError(f"{where}: the labels {known!r} and {label!r} differ only in spelling; write them alike")


def _identity(path: str) -> file_tree.Identity | None:
    return file_tree.identity(path)
