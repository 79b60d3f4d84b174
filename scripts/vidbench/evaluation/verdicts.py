"""The verdict on each model, divergence included, and its words."""

from enum import StrEnum

import numpy as np

from vidbench.evaluation.significance import tied_with_best


class Verdict(StrEnum):
    """The result of the comparison for one model; the value is what summary.csv holds."""

    BEST = "best"  # the only model that is not told apart from the most accurate one
    TIED = "tied"  # not told apart from any sound model that scored higher
    BEHIND = "behind"
    UNKNOWN = "unknown"  # too few groups for a test
    DIVERGED = "diverged"  # a training of it diverged: what it would have reached is unknown

    @property
    def sign(self) -> str:
        """One character for tables."""
        return _SIGNS.get(self, "")

    @property
    def short(self) -> str:
        """The words for a table."""
        return f"{self.sign} {self.value}" if self.sign else "too few groups"

    @property
    def words(self) -> str:
        """The words beside a model in a figure."""
        return {Verdict.TIED: "tied with the best", Verdict.UNKNOWN: "too few groups"}.get(self, self.value)

    @property
    def tied_with_best(self) -> bool | None:
        """True where the model is tied with the best, or is the best; None where that is not known."""
        if self in (Verdict.UNKNOWN, Verdict.DIVERGED):
            return None
        return self is not Verdict.BEHIND


_SIGNS = {Verdict.BEST: "◆", Verdict.TIED: "◆", Verdict.BEHIND: "○", Verdict.DIVERGED: "×"}
SIGNS = tuple(dict.fromkeys(_SIGNS.values()))


def decide(accuracies: np.ndarray, p_values: np.ndarray, diverged: np.ndarray, enough_groups: bool) -> list[Verdict]:
    """Decide the verdict on each of M models; accuracies (M,), p_values (M, M) as in tied_with_best.

    diverged (M,) bool: a training of the model diverged. Such a model does not affect the sound ones: none is behind
    it, and the only sound model among several tied ones is the best.
    """
    if not enough_groups:
        return [Verdict.DIVERGED if has_diverged else Verdict.UNKNOWN for has_diverged in diverged.tolist()]
    tied = tied_with_best(accuracies, np.where(diverged[None, :], np.nan, p_values))
    leading = Verdict.BEST if (tied & ~diverged).sum() == 1 else Verdict.TIED
    return [
        Verdict.DIVERGED if has_diverged else leading if is_tied else Verdict.BEHIND
        for has_diverged, is_tied in zip(diverged.tolist(), tied.tolist(), strict=True)
    ]
