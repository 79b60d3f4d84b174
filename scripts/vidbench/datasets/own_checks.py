"""Checks of a person's own videos, however they are listed."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from vidbench import file_tree
from vidbench.datasets.pieces import check_one_spelling
from vidbench.datasets.white_space import strange_character, tidy
from vidbench.errors import UserError
from vidbench.video import Video

MAX_LABEL_LENGTH = 200
PIECES_ARE_A_GROUP = " (pieces of one file are one group, unless a column group says otherwise)"


def read_label(label: str, where: str) -> str:
    """Return the label with plain blanks; UserError, beginning with `where`, if no table or figure can show it."""
    name = tidy(label)
    if strange := strange_character(name):
        raise UserError(f"{where}: the label is no name: {strange} of {name!r}; write it without")
    if not name or len(name) > MAX_LABEL_LENGTH:
        raise UserError(f"{where}: the label is no name: it is empty, or has more than {MAX_LABEL_LENGTH} letters")
    return name


def check(videos: Sequence[Video], where: str) -> None:
    """Raise UserError where a file is missing or a class cannot be learned and tested; `where` lists the videos."""
    _check_files(videos, where)
    _check_labels(videos, where)
    groups: dict[str, set[str]] = {}  # by label
    for video in videos:
        for label in video.labels:
            groups.setdefault(label, set()).add(video.group)
    if len(groups) < 2:
        raise UserError(f"{where}: has only the class '{videos[0].label}'; there is nothing to tell apart")
    counts = Counter(label for video in videos for label in video.labels)
    if videos[0].multi:
        _check_contrasts(counts, len(videos), where)
    for label, class_groups in groups.items():
        if counts[label] == 1:
            raise UserError(f"{where}: class '{label}' has one video; it needs at least two, to train and to test")
        if len(class_groups) == 1:
            raise UserError(
                f"{where}: all videos of class '{label}' are in the group '{min(class_groups)}';"
                " it needs at least two groups, to train and to test"
                f"{PIECES_ARE_A_GROUP if any(video.is_piece for video in videos) else ''}"
            )


def _check_contrasts(counts: Counter[str], videos: int, where: str) -> None:
    """Raise UserError where every video has a label, of several: nothing shows what lacks it."""
    if general := [label for label, count in counts.items() if count == videos]:
        raise UserError(f"{where}: all videos have the label '{general[0]}'; nothing lacks it; leave this label out")


def _check_files(videos: Sequence[Video], where: str) -> None:
    identities = [(video, file_tree.identity(video.path)) for video in videos]
    missing = [video.path for video, identity in identities if identity is None]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise UserError(f"{where}: no such file: {missing[0]}{more}; correct the path, or `root` in the config")
    files: dict[file_tree.Identity, Video] = {}
    for video, identity in identities:
        assert identity is not None  # none is missing
        first = files.setdefault(identity, video)
        if first is not video:
            check_one_spelling(first, video, where)


def _check_labels(videos: Sequence[Video], where: str) -> None:
    """Raise UserError for two labels that differ only in case or in the form of a letter, and would be two classes."""
    spellings: dict[str, str] = {}
    for label in dict.fromkeys(label for video in videos for label in video.labels):
        first = spellings.setdefault(unicodedata.normalize("NFKC", label).casefold(), label)
        if first != label:
            raise UserError(f"{where}: the labels {first!r} and {label!r} differ only in spelling; write them alike")
