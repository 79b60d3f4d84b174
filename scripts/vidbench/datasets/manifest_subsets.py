"""The columns of a CSV file that assign videos to training, validation and test, and their words."""

from dataclasses import dataclass, field

from vidbench.datasets.manifest_header import Header, are_numbers
from vidbench.datasets.subset_words import may_be_test, subset_of
from vidbench.errors import UserError

OWN_FOLDS = (
    "write a column subset, subset2 ... for each split, with train, val and test; or rename the column if it says"
    " something else"
)


@dataclass
class Subsets:
    """The places of the columns of split1, split2 ...; `explained`: others that a remark names."""

    places: list[int] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    explained: set[int] = field(default_factory=set)


def find_subsets(header: Header) -> Subsets:
    """Return the columns subset, subset2 ... or, without them, the only column or series with another name."""
    if places := _find_series(header, "subset"):
        return Subsets(places, _remark_on_words(header, places))
    subsets = Subsets()
    candidates = [places for family in ("split", "set", "partition") if (places := _find_series(header, family))]
    for place in header.places({"subsets", "splits", "datasplit", "phase", "fold"}):
        if header.keys[place] == "fold" and are_numbers(header.values(place)):
            subsets.explained.add(place)
            subsets.remarks.append(
                f"column '{header.names[place]}' is not used: folds are made by group; for your own {OWN_FOLDS}"
            )
        else:
            candidates.append([place])
    if not candidates:
        return subsets
    if len(candidates) > 1:
        header.only("subset", [places[0] for places in candidates])
    subsets.places = candidates[0]
    _refuse_numbers(header, subsets.places)
    names = ", ".join(f"'{header.names[place]}'" for place in subsets.places)
    remark = (
        "column {} is taken as subset" if len(subsets.places) == 1 else "columns {} are taken as the splits' subsets"
    )
    subsets.remarks += [remark.format(names), *_remark_on_words(header, subsets.places)]
    return subsets


def _find_series(header: Header, family: str) -> list[int]:
    """Return the places of `family` or family1, family2 ...; raise UserError for a gap in our own names."""
    places = {
        number: header.only(family, candidates)
        for number in range(1, 10)
        if (candidates := header.places({f"{family}{number}", *([family] if number == 1 else [])}))
    }
    series = [places[number] for number in range(1, 10) if all(before in places for before in range(1, number + 1))]
    if family == "subset" and len(series) < len(places):
        number = min(set(places) - set(range(1, len(series) + 1)))
        before = "subset" if number == 2 else f"subset{number - 1}"
        raise UserError(
            f"{header.where}: the column 'subset{number}' would be ignored, because there is no '{before}'; number"
            " them without a gap"
        )
    return series


def _refuse_numbers(header: Header, places: list[int]) -> None:
    for place in places:
        if are_numbers(values := header.values(place)):
            raise UserError(
                f"{header.where}: the column '{header.names[place]}' holds numbers (e.g. {min(values)}), not train, val"
                f" and test; {OWN_FOLDS}"
            )


def _refuse_two_meanings(header: Header, place: int) -> None:
    """Raise UserError for `eval` beside `val` in a column: `eval` is perhaps the test."""
    words = sorted(word for word in header.values(place) if subset_of(word) == "val")
    unsure = [word for word in words if may_be_test(word)]
    if sure := [word for word in words if unsure and word not in unsure]:
        raise UserError(
            f"{header.where}: the column '{header.names[place]}' holds '{unsure[0]}' beside '{sure[0]}', and it may"
            f" mean validation or the test; write val or test instead of '{unsure[0]}'"
        )


def _remark_on_words(header: Header, places: list[int]) -> list[str]:
    """Return a remark on other words for train, val or test; UserError where one has two meanings."""
    for place in places:
        _refuse_two_meanings(header, place)
    words = {word: subset_of(word) for place in places for word in header.values(place)}
    synonyms = [f"'{word}' as {subset}" for word, subset in sorted(words.items()) if subset not in (None, word.lower())]
    return [f"in the subsets, {', '.join(synonyms)}"] if synonyms else []
