"""Finding a manifest's columns: path, label, group, piece and subsets."""

import difflib
import re
from dataclasses import dataclass, field

from vidbench.datasets.manifest_header import LAST_RESORT, OTHER_NAMES, Header
from vidbench.datasets.manifest_subsets import find_subsets
from vidbench.errors import UserError, did_you_mean

ROLES = ("path", "label", "group", "start", "end")
NOT_SECONDS = re.compile(
    r"(start|begin|first|end|stop|last)(frame|frames|index|idx|ms|msec|milliseconds)|frame(start|begin|end|stop)"
)
NAMED = 12  # columns that a remark names


@dataclass(frozen=True)
class Columns:
    """The places of the columns, counted from 0; None for a missing one."""

    path: int
    label: int
    group: int | None = None
    start: int | None = None
    end: int | None = None
    subsets: list[int] = field(default_factory=list)  # of split1, split2 ...

    @property
    def has_pieces(self) -> bool:
        """True where rows may be pieces of files."""
        return self.start is not None or self.end is not None


def find_columns(header: Header) -> tuple[Columns, list[str]]:
    """Return the columns, with remarks on other names and on columns that are not used.

    Raise UserError where two columns may have one role, or one would be ignored that was certainly meant to be used.
    """
    places = {}
    remarks = []
    for role in ROLES:
        places[role] = place = _find(header, role)
        if place is not None and header.keys[place] != role:
            remarks.append(f"column '{header.names[place]}' is taken as {role}")
    for role in ("path", "label"):
        if places[role] is None:
            names = [name for name in header.names if name]
            hint = did_you_mean(role, names)
            raise UserError(f"{header.where}: has no column '{role}'; name it in the first line, {hint}")
    subsets = find_subsets(header)
    columns = Columns(**places, subsets=subsets.places)
    used = {*places.values(), *subsets.places}
    _refuse_ignored(header, columns, used)
    unused = _remark_on_unused(header, {*used, *subsets.explained})
    return columns, [*remarks, *subsets.remarks, *unused]


def _find(header: Header, role: str) -> int | None:
    """Return the place of the column with a role's own name, else with the only other one, else of a last resort."""
    for keys in ((role,), OTHER_NAMES[role], LAST_RESORT.get(role, ())):
        places = header.places(keys)
        if role == "group" and keys != (role,):
            places = [place for place in places if len(header.values(place)) > 1]  # one value groups nothing
        if places:
            return header.only(role, places)
    return None


def _refuse_ignored(header: Header, columns: Columns, used: set[int | None]) -> None:
    """Raise UserError for a mistyped column, and for pieces whose times are not in seconds or have no end."""
    known = {*OTHER_NAMES["group"], *OTHER_NAMES["subset"]}
    for index, key in enumerate(header.keys):
        name = header.names[index]
        nearest = difflib.get_close_matches(key, ("group", "subset"), n=1, cutoff=0.8)
        if index in used or (nearest and key in known) or re.fullmatch(r"subset\d", key):
            continue
        if nearest:
            raise UserError(
                f"{header.where}: the column '{name}' would be ignored; name it '{nearest[0]}' in the first line"
            )
        if NOT_SECONDS.fullmatch(key) and not columns.has_pieces:
            raise UserError(
                f"{header.where}: the column '{name}' is not in seconds; write the columns start and end in seconds"
                " (or mm:ss.s), or rename it if it says something else"
            )
        if key in ("duration", "length") and columns.start is not None and columns.end is None:
            raise UserError(f"{header.where}: has start and {name}, but no end; write a column end, in seconds")


def _remark_on_unused(header: Header, used: set[int | None]) -> list[str]:
    """Return a remark on the columns that are not used; one without a name counts where it holds something."""
    names = [
        f"'{name}'" if name else f"number {index + 1} (without a name)"
        for index, name in enumerate(header.names)
        if index not in used and (name or header.values(index))
    ]
    if not names:
        return []
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return [f"columns that are not used: {', '.join(names[:NAMED])}{more}"]
