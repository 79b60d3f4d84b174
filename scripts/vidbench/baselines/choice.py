"""Fitting a baseline: its setting is chosen on validation, then it is fitted on training and validation together."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from vidbench.baselines import file_properties, logistic, neighbours
from vidbench.baselines.options import FILE_PROPERTIES, KNN, BaselineOptions

Setting = dict[str, float | int | str]


@dataclass(frozen=True)
class Examples:
    """Videos as rows: x (N, D), and their classes (N,)."""

    x: np.ndarray
    targets: np.ndarray

    def and_(self, other: "Examples") -> "Examples":
        """Return these and others together."""
        return Examples(np.vstack([self.x, other.x]), np.concatenate([self.targets, other.targets]))


@dataclass(frozen=True)
class Candidate:
    """A setting with its result on the validation videos, after a fit on the training videos alone."""

    setting: Setting
    val_top1: float
    val_loss: float


@dataclass(frozen=True)
class Fitted:
    """Logits (n, K) of the validation and test videos, and how the setting was chosen.

    Those of the validation videos are of the fit without them: temperature and ensembles are chosen by them.
    """

    chosen: Candidate
    candidates: list[Candidate]
    val: np.ndarray
    test: np.ndarray


def list_settings(options: BaselineOptions) -> list[Setting]:
    """Return the settings to choose from, the smoothest first, which wins where several are equally good."""
    if options.kind == KNN:
        counts = sorted(options.neighbours, reverse=True)
        return [{"k": k, "metric": metric} for k, metric in product(counts, options.metrics)]
    return [{"strength": strength} for strength in sorted(options.strengths, reverse=True)]


def fit(options: BaselineOptions, train: Examples, val: Examples, test: np.ndarray, num_classes: int) -> Fitted:
    """Choose a setting on validation, and predict; test: (n, D)."""
    settings = list_settings(options)
    logits = list(predict_each(options.kind, settings, train, val.x, num_classes))
    candidates = [
        Candidate(setting, *_scores(values, val.targets)) for setting, values in zip(settings, logits, strict=True)
    ]
    best = max(range(len(settings)), key=lambda place: rank(candidates[place], options.kind))
    (predicted,) = predict_each(options.kind, [settings[best]], train.and_(val), test, num_classes)
    return Fitted(candidates[best], candidates, logits[best], predicted)


def rank(candidate: Candidate, kind: str) -> tuple[float, float]:
    """Return what is higher for a better setting: of regressions the log loss decides, of neighbours the accuracy.

    On a dozen validation videos one of them moves an accuracy by more than most strengths do. But votes have no log
    loss to speak of: it only says how many vote.
    """
    accuracy, loss = candidate.val_top1, -candidate.val_loss
    return (accuracy, loss) if kind == KNN else (loss, accuracy)


def predict_each(
    kind: str, settings: list[Setting], known: Examples, new: np.ndarray, num_classes: int
) -> Iterator[np.ndarray]:
    """Yield the logits (n, K) of new rows (n, D) for each setting, fitted on the known ones."""
    if kind == KNN:
        pairs = [(int(setting["k"]), str(setting["metric"])) for setting in settings]
        yield from neighbours.predict_each(pairs, known.x, known.targets, new, num_classes)
        return
    x = known.x
    if kind == FILE_PROPERTIES:
        edges = [file_properties.bin_edges(column) for column in x.T]
        x, new = (file_properties.encode(values, edges) for values in (x, new))
    strengths = [float(setting["strength"]) for setting in settings]
    yield from logistic.predict_each(strengths, x, known.targets, new, num_classes)


def _scores(logits: np.ndarray, targets: np.ndarray) -> tuple[float, float]:
    """Return accuracy and log loss of logits (n, K) for these classes (n,)."""
    logs = logistic.log_softmax(logits)
    return float((logits.argmax(axis=1) == targets).mean()), -float(logs[np.arange(len(targets)), targets].mean())
