"""Whether a model's errors lie where a property of the files is large, or small: e.g. in the long videos."""

from collections.abc import Mapping

import numpy as np

from vidbench.evaluation.alternatives import Sample
from vidbench.evaluation.explanations import ErrorCause
from vidbench.evaluation.groups import Groups
from vidbench.evaluation.significance import LEVEL, MIN_GROUPS, t_quantile

STRONG = 0.25  # from 1/2: three of four pairs of a wrong and a right video are in the same order
MIN_ERRORS = 10  # videos that are wrong, and that are right
MIN_WRONG_GROUPS = 5  # with an error: errors of few groups are no property's
NUMBERS = {"duration": ("duration",), "frame rate": ("source_fps",), "size": ("source_height", "source_width")}


def find_error_cause(correct: np.ndarray, values: Mapping[str, np.ndarray], tested: Sample) -> ErrorCause | None:
    """Return the property that tells most of a model's errors, where that is much and no chance.

    `correct` (N,) from 0 to 1, mean over seeds; `values`: of each property, (N,). Wrong and right videos of the same
    class are compared: that one class is harder than another and also longer is no cause. Method: docs/next_steps.md.
    """
    groups = Groups.of(tested.groups)
    wrong = 1 - correct
    if (
        groups.effective < MIN_GROUPS
        or min(wrong.sum(), correct.sum()) < MIN_ERRORS
        or (groups.sums(wrong) > 0).sum() < MIN_WRONG_GROUPS
    ):
        return None
    varied = {name: column for name, column in values.items() if len(np.unique(column)) > 1}
    found = [_cause(name, correct, column, tested, groups, len(varied)) for name, column in varied.items()]
    return max(filter(None, found), key=lambda cause: abs(cause.auc - 0.5), default=None)


def _cause(
    name: str, correct: np.ndarray, values: np.ndarray, tested: Sample, groups: Groups, tests: int
) -> ErrorCause | None:
    """Return a property's part in the errors; None where it is small, or chance at Bonferroni's level of `tests`."""
    auc, parts = clustered_auc(1 - correct, values, tested.classes)
    if np.isnan(auc) or abs(auc - 0.5) < STRONG:
        return None
    sums = groups.sums(parts)
    with_errors = int((groups.sums(1 - correct) > 0).sum())  # the other groups say little of where errors lie
    freedom = min(groups.effective, with_errors) - 1
    error = float(np.sqrt(((sums / (1 - groups.sizes / groups.total)) ** 2).sum()))  # as with each group left out
    from scipy.special import stdtr

    if error > 0 and 2 * stdtr(freedom, -abs(auc - 0.5) / error) > LEVEL / tests:
        return None
    half = float(t_quantile(freedom)) * error
    border = float(np.median(values))
    above = values > border
    if not above.any() or above.all():
        return None
    shares = (float(correct[above].mean()), float(correct[~above].mean()))
    return ErrorCause(name, auc, max(auc - half, 0), min(auc + half, 1), border, *shares)


def clustered_auc(wrong: np.ndarray, values: np.ndarray, classes: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the share of pairs of one class whose wrong video has the larger value, and its parts (N,); a tie is half.

    `wrong` (N,) from 0 to 1: a video that is wrong in half of the trainings is half of a wrong and half of a right one.
    The parts are what each video adds to the linearised error of the share (Obuchowski 1997, for data in clusters).
    """
    won, pairs = np.zeros(len(wrong)), np.zeros(len(wrong))  # of pairs with this video
    won_as_wrong, pairs_as_wrong = 0.0, 0.0
    for name in np.unique(classes):
        members = np.flatnonzero(classes == name)
        w, r, value = wrong[members], 1 - wrong[members], values[members]
        right_below, wrong_above = _below(value, r), _below(-value, w)
        # No video is a pair with itself: it would count half.
        as_wrong, as_right = w * (right_below - r / 2), r * (wrong_above - w / 2)
        counts_as_wrong, counts_as_right = w * (r.sum() - r), r * (w.sum() - w)
        won[members], pairs[members] = as_wrong + as_right, counts_as_wrong + counts_as_right
        won_as_wrong, pairs_as_wrong = won_as_wrong + as_wrong.sum(), pairs_as_wrong + counts_as_wrong.sum()
    if not pairs_as_wrong:
        return np.nan, won
    auc = float(won_as_wrong / pairs_as_wrong)
    return auc, (won - auc * pairs) / pairs_as_wrong


def _below(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return for each value (n,) the weight of all that are below it, and half of that of its equals."""
    _, place = np.unique(values, return_inverse=True)
    totals = np.bincount(place, weights)
    return (np.cumsum(totals) - totals / 2)[place]
