"""Pairs of classes that a model cannot tell apart, and what its accuracy would be if each pair were one class."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vidbench.evaluation.confusions import count_confusions
from vidbench.evaluation.explanations import ClassPair
from vidbench.evaluation.groups import Groups
from vidbench.evaluation.motion_use import estimate_share
from vidbench.evaluation.significance import LEVEL, MIN_GROUPS, t_quantile
from vidbench.evaluation.test_results import TestResults

MAX_RIGHT = 0.75  # half way from guessing one of two to knowing: a pair that is surely below is not told apart
MIN_GAIN = 0.02  # in accuracy, by making the pair one class
MIN_CLASSES = 3  # of two there would be one left


def find_confused(results: TestResults, model: str, others: Sequence[str] = ()) -> list[ClassPair]:
    """Return the pairs of classes that a model does not tell apart, those with the largest gain first.

    A pair counts where merging it gains MIN_GAIN and the interval of its right share ends below MAX_RIGHT. `others`:
    the models that may tell it apart, the most accurate first.
    """
    if len(results.classes) < MIN_CLASSES:
        return []
    table = count_confusions(results, model)
    gains = np.triu(table + table.T) / len(results.videos)  # (K, K)
    pairs = [pair for a, b in np.argwhere(gains >= MIN_GAIN).tolist() if (pair := _pair(results, model, a, b))]
    confused = [pair for pair in pairs if _bound(pair, len(pairs)) < MAX_RIGHT]
    confused = [replace(pair, told_by=_told_by(results, others, pair)) for pair in confused]
    return sorted(confused, key=lambda pair: (-pair.gain, pair.a, pair.b))


def _told_by(results: TestResults, models: Sequence[str], pair: ClassPair) -> str:
    """Return the first model whose right share of a pair is surely above MAX_RIGHT; "" where there is none."""
    a, b = (results.classes.index(label) for label in (pair.a, pair.b))
    for model in models:
        found = _pair(results, model, a, b)
        if found and 2 * found.right - _bound(found, len(models)) > MAX_RIGHT:  # the interval is symmetric
            return model
    return ""


def _bound(pair: ClassPair, tests: int) -> float:
    """Return the upper end of a pair's interval at Bonferroni's level for so many pairs."""
    from scipy.special import stdtrit

    freedom = pair.groups - 1
    return pair.right + (pair.high - pair.right) * stdtrit(freedom, 1 - LEVEL / 2 / tests) / t_quantile(freedom)


def _pair(results: TestResults, model: str, a: int, b: int) -> ClassPair | None:
    truth, predicted = results.truth, results.predicted(model)  # (T,), (S, T)
    of_pair = np.isin(truth, (a, b)) & np.isin(predicted, (a, b))
    mistaken = results.pool((of_pair & (predicted != truth)).mean(axis=0))  # (N,)
    members = np.isin(results.labels, (results.classes[a], results.classes[b]))
    groups = results.groups[members]
    if Groups.of(groups).effective < MIN_GROUPS:
        return None
    answered = results.pool(of_pair.mean(axis=0))[members]
    if not answered.any():
        return None
    right = estimate_share(answered - mistaken[members], answered, groups)
    names = (results.classes[a], results.classes[b])
    numbers = (float(answered.sum()), len(np.unique(groups)), float(mistaken.mean()))
    return ClassPair(*names, right.value, right.low, right.high, *numbers)
