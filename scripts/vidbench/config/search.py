"""Random search: ranges of settings, the trials that are drawn from them, and the budget, which is one for all models.

The draws are known before any job: a value is a function of `search.seed`, its key and its number alone. So more trials
keep those that are there, and two models with the same range are given the same values. Imports no torch.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from vidbench.errors import UserError
from vidbench.evaluation.rungs import rung_folder

DIGITS = 3  # significant ones of a number that is drawn, so that the folder's name holds all of it
GOLDEN = 0.618  # a share of a range at which there is no integer, mostly
MAX_DRAWS = 100  # per trial, until nothing new is found
Range = Mapping[str, list]  # one kind with its ends, or values: {log: [0.0001, 0.1]}
Settings = dict[str, object]  # by dotted key


@dataclass(frozen=True)
class Budget:
    """What each searched model gets on each split: as many trials, and as long trainings. The schema's `search`."""

    method: str = "random"  # or halving
    trials: int = 16
    seconds: float | None = None  # of training, all trials of a seed together
    seed: int = 0
    factor: int = 3
    rungs: int | None = None

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Budget":
        """Read the section of a configuration; UserError where halving has too few trials."""
        budget = cls(**(config.get("search") or {}))
        if not budget.is_halving:
            return budget
        if budget.num_rungs < 2 or budget.sizes[-1] < 1:
            raise UserError(
                f"config: search: {budget.trials} trials are too few to keep one of {budget.factor} in each of"
                f" {max(2, budget.num_rungs)} rungs; raise trials, or lower factor or rungs"
            )
        return budget

    @property
    def is_halving(self) -> bool:
        return self.method == "halving"

    @property
    def num_rungs(self) -> int:
        """Rungs of successive halving, the first one included; 1 for random search."""
        if not self.is_halving:
            return 1
        return self.rungs or _largest_power(self.trials, self.factor) + 1

    @property
    def sizes(self) -> list[int]:
        """Trials in each rung."""
        return [self.trials // self.factor**rung for rung in range(self.num_rungs)]

    def share(self, rung: int) -> float:
        """Return the part of its whole training that a trial has had at the end of a rung, counted from 1.

        It is factor times that of the rung before, of epochs as of seconds.
        """
        return self.factor ** (rung - self.num_rungs) if self.is_halving else 1.0

    def later_folders(self, model: str) -> list[str]:
        """Return the folders of the trials of all rungs but the first, below that of the split: cnn3d/rung2/1."""
        places = enumerate(self.sizes[1:], start=2)
        return [rung_folder(model, rung, place) for rung, size in places for place in range(1, size + 1)]

    @property
    def trial_seconds(self) -> float | None:
        """Seconds of a whole training, such that all trials together have `seconds`; None where they are not limited.

        A rung adds to each of its trials the share that it has beyond that of the rung before.
        """
        if self.seconds is None:
            return None
        shares = [0.0, *(self.share(rung) for rung in range(1, self.num_rungs + 1))]
        whole = sum(size * (shares[rung + 1] - shares[rung]) for rung, size in enumerate(self.sizes))
        return self.seconds / whole


def _largest_power(number: int, base: int) -> int:
    """Return the largest p with base ** p <= number."""
    power = 0
    while base ** (power + 1) <= number:
        power += 1
    return power


def draw(
    ranges: Mapping[str, Range], budget: Budget, where: str, name_of: Callable[[Settings], str]
) -> dict[str, Settings]:
    """Return the settings of each trial by its name; no two are alike. UserError where there are not as many."""
    found: dict[str, Settings] = {}
    for number, settings in enumerate(_draws(ranges, budget.seed)):
        if len(found) == budget.trials:
            return found
        if number == MAX_DRAWS * budget.trials:
            break
        found.setdefault(name_of(settings), settings)
    raise UserError(
        f"{where}: only {len(found)} different trials could be drawn, but search.trials is {budget.trials}; widen a"
        " range, or lower search.trials for all models"
    )


def _draws(ranges: Mapping[str, Range], seed: int) -> Iterator[Settings]:
    for number in count():
        yield {key: _value(form, _uniform(seed, key, number)) for key, form in ranges.items()}


def _uniform(seed: int, key: str, number: int) -> float:
    """Return a number in [0, 1), the same on every machine and with every version of every library."""
    digest = hashlib.sha256(f"{seed} {key} {number}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48  # 48 bits: a float holds them exactly


def _value(form: Range, share: float) -> object:
    """Return the value at a share in [0, 1) of a range."""
    ((kind, ends),) = form.items()
    if kind == "choice":
        return ends[int(share * len(ends))]
    low, high = ends
    if kind == "int":
        return low + int(share * (high - low + 1))
    value = low + share * (high - low) if kind == "uniform" else low * (high / low) ** share
    return min(max(float(f"{value:.{DIGITS}g}"), low), high)


def check_ranges(where: str, ranges: Mapping[str, Range]) -> None:
    """Raise UserError for a range whose ends are wrong; `where`: of the model's `search`, for the message."""
    for key, form in ranges.items():
        ((kind, ends),) = form.items()
        if kind == "choice":
            continue
        low, high = ends
        text = f"{where}.{key}: {kind}: [{low}, {high}]"
        if kind == "log" and low <= 0:
            raise UserError(f"{text} begins at {low}, but a range of logarithms has to begin above 0, e.g. at 0.0001")
        if high < low:
            raise UserError(f"{text} ends below its beginning; write [{high}, {low}]")
        if high == low:
            raise UserError(f"{text} is a single value; set {key} in the model's entry instead, or widen the range")


def ends(ranges: Mapping[str, Range]) -> list[tuple[str, object]]:
    """Return (key, value) of the ends of each range, or its values: where they are valid, all that is drawn is.

    With numbers of any kind one between the ends comes, too, that is no integer: the key may take integers only.
    """
    found = []
    for key, form in ranges.items():
        ((kind, values),) = form.items()
        found += [(key, value) for value in values]
        if kind in ("log", "uniform"):
            low, high = values
            found.append((key, low + (high - low) * GOLDEN))
    return found
