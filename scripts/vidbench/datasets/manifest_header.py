"""The first line of a CSV file: other names that people give to columns, and the values in a column."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property

from vidbench.datasets.white_space import tidy
from vidbench.errors import UserError

# Without case, blanks, underscores and signs: "Video File" is videofile.
OTHER_NAMES = {
    "path": (
        "video", "file", "filename", "filepath", "videopath", "videofile", "videofilename", "clip", "clippath",
        "clipfile", "relativepath", "relpath", "fullpath", "paths", "videos", "files", "filenames",
    ),
    "label": (
        "class", "category", "action", "classname", "labelname", "categoryname", "actionname", "target", "activity",
        "gesture", "actionlabel", "classlabel", "labels", "classes",
    ),
    "group": tuple(
        name + ending
        for name in (
            "group", "subject", "person", "participant", "scene", "source", "actor", "speaker", "performer", "signer",
            "user", "patient", "individual", "player", "athlete", "driver", "volunteer", "animal", "recording",
            "session", "movie", "film", "sourcevideo", "originalvideo", "youtube",
        )
        for ending in ("", "s", "id", "ids", "name", "no", "nr", "number", "key")
        if name + ending not in ("group", "youtube")
    ),
    "subset": ("subsets", "split", "set", "partition", "splits", "datasplit", "phase", "fold"),
    "start": (
        "starttime", "begin", "from", "starts", "startsec", "startsecs", "startseconds", "startins", "timestart",
        "tstart", "onset", "segmentstart", "clipstart", "startstamp", "starttimestamp", "begintime",
    ),
    "end": (
        "endtime", "stop", "to", "ends", "endsec", "endsecs", "endseconds", "endins", "timeend", "tend",
        "segmentend", "clipend", "endstamp", "endtimestamp", "stoptime", "finish",
    ),
}  # fmt: skip
LAST_RESORT = {"path": ("name", "clipname", "videoname")}  # where no other column is the path


def key_of(heading: str) -> str:
    """Return a heading without case, blanks and signs.

    >>> key_of("Start (s)")
    'starts'
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", heading)).casefold()


def is_header(cells: Sequence[str]) -> bool:
    """Return whether cells name both a path and a label."""
    keys = set(map(key_of, cells))
    return all(keys & {role, *OTHER_NAMES[role], *LAST_RESORT.get(role, ())} for role in ("path", "label"))


def are_numbers(values: Iterable[str]) -> bool:
    """Return whether there are values, and all are numbers."""
    values = list(values)
    return bool(values) and all(re.fullmatch(r"[+-]?\d+([.,]\d+)?", value) for value in values)


class Header:
    """The headings of a manifest and the values of their columns."""

    def __init__(self, where: str, headings: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> None:
        """`where` begins messages; `rows`: number of the line, and cells."""
        self.where = where
        self.rows = rows
        self.names = [" ".join(tidy(heading).split()) for heading in headings]
        self.keys = list(map(key_of, self.names))

    @cached_property
    def _values(self) -> dict[int, set[str]]:
        return {}

    def values(self, place: int) -> set[str]:
        """Return the distinct values of a column, without ""."""
        if place not in self._values:
            cells = {row[place] for _, row in self.rows if place < len(row)}
            self._values[place] = set(map(tidy, cells)) - {""}
        return self._values[place]

    def places(self, keys: Iterable[str]) -> list[int]:
        """Return the places of the columns with one of `keys`."""
        keys = set(keys)
        return [index for index, key in enumerate(self.keys) if key in keys]

    def only(self, role: str, places: Sequence[int]) -> int:
        """Return the only one of `places`; raise UserError where there are several: one would be ignored."""
        if len(places) == 1:
            return places[0]
        first, second = (self.names[place] for place in places[:2])
        if key_of(first) == key_of(second):
            raise UserError(f"{self.where}: has the column '{second}' more than once; keep one of them")
        raise UserError(
            f"{self.where}: the columns '{first}' and '{second}' may both be the {role}; name one of them '{role}'"
        )
