"""What validation videos tell of the probabilities of labels: a temperature, and from which value a label is given."""

from typing import Any

import numpy as np

from vidbench.evaluation.calibration import MAX_TEMPERATURE, MIN_TEMPERATURE, temperature_warning, usable_temperature
from vidbench.evaluation.label_results import LabelResult
from vidbench.evaluation.log_loss import MIN_PROBABILITY

USUAL = 0.5  # the threshold of a label that has too few validation videos to choose one
MIN_VIDEOS = 3  # validation videos with a label, and without


def scale_labels(probabilities: np.ndarray, temperature: float | np.ndarray) -> np.ndarray:
    """Return sigmoid(logit(p) / T), (N, K): the order of the probabilities of a label stays; 0 stays 0, 1 stays 1."""
    from scipy.special import expit, logit

    with np.errstate(divide="ignore"):
        return expit(logit(probabilities) / temperature)


def label_losses(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the binary cross entropy (N, K) in nats, at most -log MIN_PROBABILITY."""
    given = np.where(truth, probabilities, 1 - probabilities)
    return -np.log(np.clip(given, MIN_PROBABILITY, None))


def fit_label_temperature(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Return the one temperature of all labels with the smallest mean loss, within calibration's bounds."""
    from scipy.optimize import minimize_scalar

    def loss(logarithm: float) -> float:
        return float(label_losses(scale_labels(probabilities, np.exp(logarithm)), truth).mean())

    bounds = (np.log(MIN_TEMPERATURE), np.log(MAX_TEMPERATURE))
    result: Any = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6})
    return float(np.clip(np.exp(min((float(result.x), *bounds), key=loss)), MIN_TEMPERATURE, MAX_TEMPERATURE))


def choose_threshold(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Return the threshold of one label with the largest F1 of these videos, (N,); of equal ones the nearest to 1/2.

    It lies midway between two probabilities. USUAL where fewer than MIN_VIDEOS have the label, or lack it.
    """
    if min(truth.sum(), (~truth).sum()) < MIN_VIDEOS:
        return USUAL
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # the last video that a threshold lets in
    hits = np.cumsum(truth[order])[last]
    f1 = 2 * hits / (last + 1 + truth.sum())
    below = np.append(ranked[last[:-1] + 1], 0.0)  # the next lower probability
    middle = (ranked[last] + below) / 2
    best = np.flatnonzero(f1 >= f1.max() - 1e-12)
    return float(middle[best][np.abs(middle[best] - USUAL).argmin()])


def read_validation(validation: LabelResult) -> dict[str, object]:
    """Return temperature, its warning, and the thresholds by label, of calibrated probabilities, for metrics.json."""
    known = validation.has_probabilities
    if not known.any():
        usual = dict.fromkeys(validation.classes, USUAL)
        reason = "no validation video has probabilities"
        return {"temperature": None, "calibration_warning": reason, "thresholds": usual}
    p, truth = validation.probabilities[known], validation.truth[known]
    temperature = fit_label_temperature(p, truth)
    scaled = scale_labels(p, usable_temperature(temperature))
    thresholds = {
        name: choose_threshold(scaled[:, place], truth[:, place]) for place, name in enumerate(validation.classes)
    }
    warning = temperature_warning(temperature, int(known.sum()))
    return {"temperature": temperature, "calibration_warning": warning, "thresholds": thresholds}


def give_labels(result: LabelResult, validated: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return calibrated probabilities (N, K), and a mask (N, K) of the labels given, by what read_validation() says."""
    temperature = validated["temperature"]
    scaled = scale_labels(result.probabilities, 1.0 if temperature is None else usable_temperature(temperature))
    thresholds = np.array([validated["thresholds"][name] for name in result.classes])
    return scaled, (scaled >= thresholds) & result.has_probabilities[:, None]
