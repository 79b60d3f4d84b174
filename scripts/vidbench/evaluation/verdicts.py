"""The verdict on each model: decided here, divergence included, and told in words that are kept here too."""

from enum import StrEnum

import numpy as np

from vidbench.evaluation.significance import tied_with_best


class Verdict(StrEnum):
    """What the comparison says of a model; the value is what summary.csv holds."""

    BEST = "best"  # the only one that is not told apart from the best
    TIED = "tied"  # not told apart from any sound model that scored higher
    BEHIND = "behind"
    UNKNOWN = "unknown"  # too few groups to say
    DIVERGED = "diverged"  # a training of it did: what it would have reached is unknown

    @property
    def sign(self) -> str:
        """One letter for tables."""
        return _SIGNS.get(self, "")

    @property
    def short(self) -> str:
        """In a table."""
        return f"{self.sign} {self.value}" if self.sign else "too few groups"

    @property
    def words(self) -> str:
        """Beside a model in a figure."""
        return {Verdict.TIED: "tied with the best", Verdict.UNKNOWN: "too few groups"}.get(self, self.value)

    @property
    def tied_with_best(self) -> bool | None:
        """Whether the model is tied with the best, or is the best; None where nothing is known."""
        if self in (Verdict.UNKNOWN, Verdict.DIVERGED):
            return None
        return self is not Verdict.BEHIND


_SIGNS = {Verdict.BEST: "◆", Verdict.TIED: "◆", Verdict.BEHIND: "○", Verdict.DIVERGED: "×"}
SIGNS = tuple(dict.fromkeys(_SIGNS.values()))


def decide(accuracies: np.ndarray, p_values: np.ndarray, diverged: np.ndarray, enough_groups: bool) -> list[Verdict]:
    """The verdict on each of M models; accuracies (M,), p_values (M, M) as in tied_with_best.

    diverged (M,) bool: a training of the model diverged. Such a model takes no place from a sound one: it leaves nobody
    behind, and the only sound model of several tied ones is the best.
    """
    if not enough_groups:
        return [Verdict.DIVERGED if bad else Verdict.UNKNOWN for bad in diverged.tolist()]
    tied = tied_with_best(accuracies, np.where(diverged[None, :], np.nan, p_values))
    leading = Verdict.BEST if (tied & ~diverged).sum() == 1 else Verdict.TIED
    return [
        Verdict.DIVERGED if bad else leading if ahead else Verdict.BEHIND
        for bad, ahead in zip(diverged.tolist(), tied.tolist(), strict=True)
    ]
