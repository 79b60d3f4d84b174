"""Which column of a CSV file says what."""

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
    """Places of the columns, counted from 0; None where there is none."""

    path: int
    label: int
    group: int | None = None
    start: int | None = None
    end: int | None = None
    subsets: list[int] = field(default_factory=list)  # of split1, split2 ...

    @property
    def has_pieces(self) -> bool:
        """Whether rows may be pieces of files."""
        return self.start is not None or self.end is not None


def choose(header: Header) -> tuple[Columns, list[str]]:
    """What each column says, with remarks on other names and on columns that are not used.

    Raise UserError where two columns may say the same, or one would be ignored that was certainly meant to be used.
    """
    places, remarks = {}, []
    for role in ROLES:
        places[role] = _find(header, role)
        if places[role] is not None and header.keys[places[role]] != role:
            remarks.append(f"column '{header.names[places[role]]}' is taken as {role}")
    for role in ("path", "label"):
        if places[role] is None:
            names = [name for name in header.names if name]
            hint = did_you_mean(role, names)
            raise UserError(f"{header.where}: has no column '{role}'; name it in the first line, {hint}")
    subsets = find_subsets(header)
    columns = Columns(**places, subsets=subsets.places)
    used = {*places.values(), *subsets.places}
    _refuse_ignored(header, columns, used)
    unused = _unused(header, {*used, *subsets.explained})
    return columns, [*remarks, *subsets.remarks, *unused]


def _find(header: Header, role: str) -> int | None:
    """The place of a role's own name, or of the only other one; those of a last resort come behind."""
    for keys in ((role,), OTHER_NAMES[role], LAST_RESORT.get(role, ())):
        places = header.places(keys)
        if role == "group" and keys != (role,):
            places = [place for place in places if len(header.values(place)) > 1]  # one value groups nothing
        if places:
            return header.only(role, places)
    return None


def _refuse_ignored(header: Header, columns: Columns, used: set[int | None]) -> None:
    """Raise UserError for a mistyped column, and for intervals that are not in seconds or lack their end."""
    known = {*OTHER_NAMES["group"], *OTHER_NAMES["subset"]}
    for place, key in enumerate(header.keys):
        name = header.names[place]
        nearest = difflib.get_close_matches(key, ("group", "subset"), n=1, cutoff=0.8)
        if place in used or (nearest and key in known) or re.fullmatch(r"subset\d", key):
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


def _unused(header: Header, known: set[int | None]) -> list[str]:
    """A remark on the columns that nothing is taken from; one without a name counts where it holds something."""
    names = [
        f"'{name}'" if name else f"number {place + 1} (without a name)"
        for place, name in enumerate(header.names)
        if place not in known and (name or header.values(place))
    ]
    if not names:
        return []
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return [f"columns that are not used: {', '.join(names[:NAMED])}{more}"]
