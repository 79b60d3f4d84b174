"""Calibration of probabilities: temperature, expected calibration error, reliability; needs no torch.

Confidence is the probability of the predicted class (top label). Method and formulas: docs/evaluation.md.
"""

from typing import Any

import numpy as np
from scipy.special import log_softmax

from vidbench.evaluation.metrics import SubsetResult, brier_scores, log_losses

BINS = 15  # at most
MIN_BIN = 10  # videos per bin: of fewer, the accuracy says nothing
MIN_TEMPERATURE = 0.05
MAX_TEMPERATURE = 20.0
MIN_VIDEOS = 60  # validation videos, below which there is a warning about the temperature
DRAWS = 1000  # simulated errors of a calibrated model


def scale(log_probabilities: np.ndarray, temperature: float | np.ndarray) -> np.ndarray:
    """Return log softmax(log p / T), (N, K), of probabilities p averaged over views.

    The predicted class stays the same, and T = 1 changes nothing. `temperature`: one number, or (N, 1).
    """
    return log_softmax(log_probabilities / temperature, axis=1)


def fit_temperature(log_probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Return the temperature with the smallest log loss, within the bounds; for N videos that have probabilities."""
    from scipy.optimize import minimize_scalar  # here: it takes as long as the rest of a small step

    def loss(logarithm: float) -> float:
        # Convex in 1/T, so there is one minimum. It is searched for on the scale of log T.
        return float(log_losses(scale(log_probabilities, np.exp(logarithm)), truth).mean())

    bounds = (np.log(MIN_TEMPERATURE), np.log(MAX_TEMPERATURE))
    result: Any = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6})
    return float(np.clip(np.exp(min((float(result.x), *bounds), key=loss)), MIN_TEMPERATURE, MAX_TEMPERATURE))


def number_of_bins(videos: float) -> int:
    """Return how many bins some videos are divided into: BINS, or fewer, so that each holds MIN_BIN videos."""
    return int(np.clip((videos + 1e-9) // MIN_BIN, 1, BINS))


def assign_bins(confidence: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Return the bin (N,) of each video; bins have equal mass but for ties: equal confidences share one bin."""
    weights = np.ones(len(confidence)) if weights is None else weights
    _, block = np.unique(confidence, return_inverse=True)
    mass = np.bincount(block, weights=weights)
    bins = number_of_bins(mass.sum())
    before = np.concatenate([[0.0], np.cumsum(mass)[:-1]])
    return np.minimum((before * bins / mass.sum() + 1e-9).astype(int), bins - 1)[block]


def reliability(
    confidence: np.ndarray, correct: np.ndarray, weights: np.ndarray | None = None
) -> list[dict[str, float]]:
    """Return one row per bin that has videos: their number, mean confidence and accuracy."""
    weights = np.ones(len(confidence)) if weights is None else weights
    number = assign_bins(confidence, weights)
    mass, sure, right = (np.bincount(number, weights=weights * x, minlength=BINS) for x in (1, confidence, correct))
    return [
        {
            "bin": int(b),
            "videos": float(mass[b]),
            "confidence": float(sure[b] / mass[b]),
            "accuracy": float(right[b] / mass[b]),
        }
        for b in np.flatnonzero(mass)
    ]


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the expected calibration error: the mean over bins, by their mass, of |accuracy - confidence|."""
    weights = np.ones(len(confidence)) if weights is None else weights
    gap = np.bincount(assign_bins(confidence, weights), weights=weights * (correct - confidence))
    return float(np.abs(gap).sum() / weights.sum())


def null_range(
    confidence: np.ndarray, weights: np.ndarray | None = None, draws: int = DRAWS, seed: int = 0
) -> tuple[float, float]:
    """Return the central 95 % range of the error of a calibrated model with these confidences.

    It is simulated, with right ~ Bernoulli(confidence): a finite number of videos has an error above 0 in any case.
    """
    weights = np.ones(len(confidence)) if weights is None else weights
    order = np.argsort(confidence, kind="stable")
    confidence, weights = confidence[order], weights[order]
    first = np.unique(assign_bins(confidence, weights), return_index=True)[1]  # bins are runs of sorted confidences
    random = np.random.default_rng(seed)
    errors = np.empty(draws)
    for draw in range(draws):  # one at a time: all at once would hold draws x videos numbers
        gap = weights * ((random.random(len(confidence)) < confidence) - confidence)
        errors[draw] = np.abs(np.add.reduceat(gap, first)).sum()
    low, high = np.quantile(errors / weights.sum(), [0.025, 0.975])
    return float(low), float(high)


def confidences(log_probabilities: np.ndarray) -> np.ndarray:
    """Return the probability (N,) of the most probable class."""
    return np.exp(log_probabilities.max(axis=1))


def temperature_warning(temperature: float, videos: int) -> str | None:
    """Return the reasons to distrust a fitted temperature; None without one."""
    reasons = []
    if videos < MIN_VIDEOS:
        reasons.append(f"its temperature was fitted on {videos} validation videos, fewer than {MIN_VIDEOS}")
    if is_at_bound(temperature):
        reasons.append(f"its temperature is at the bound of {MIN_TEMPERATURE:g} to {MAX_TEMPERATURE:g}")
    return "; ".join(reasons) or None


def is_at_bound(temperature: float) -> bool:
    """Return whether a fitted temperature says nothing, as where all validation videos are right."""
    return temperature < MIN_TEMPERATURE * 1.01 or temperature > MAX_TEMPERATURE / 1.01


def usable_temperature(temperature: float) -> float:
    """Return the temperature to answer with: 1 for one at a bound, which would make all probabilities 0 or 1."""
    return 1.0 if is_at_bound(temperature) else temperature


def calibration(validation: SubsetResult, test: SubsetResult) -> dict[str, Any]:
    """Return the calibration of metrics.json: of test videos with probabilities, by the temperature of validation ones.

    None in place of what cannot be computed, because no video of a subset has probabilities.
    """
    fitting = validation.has_probabilities
    tested = test.has_probabilities
    temperature = None
    reason = "no validation video has probabilities"
    if fitting.any():
        temperature = fit_temperature(validation.log_probabilities[fitting], validation.truth[fitting])
        reason = temperature_warning(temperature, int(fitting.sum()))
    correct = test.correct[tested]
    truth = test.truth[tested]
    plain = test.log_probabilities[tested]
    scaled = None if temperature is None else scale(plain, temperature)
    scores: dict[str, object] = {"temperature": temperature, "calibration_warning": reason}
    return scores | _errors(plain, truth, correct, "") | _errors(scaled, truth, correct, "_scaled")


def _errors(log_probabilities: np.ndarray | None, truth: np.ndarray, correct: np.ndarray, end: str) -> dict[str, Any]:
    """Return the scores of N tests' probabilities, their names with this end; None for all where there are none."""
    ece = f"ece{end}"
    names = [ece, f"{ece}_null_low", f"{ece}_null_high", f"reliability{end}", f"log_loss{end}", f"brier{end}"]
    if log_probabilities is None or len(correct) == 0:
        return dict.fromkeys(names)
    sure = confidences(log_probabilities)
    error = expected_calibration_error(sure, correct)
    log_loss = float(log_losses(log_probabilities, truth).mean())
    brier = float(brier_scores(log_probabilities, truth).mean())
    values = (error, *null_range(sure), reliability(sure, correct), log_loss, brier)
    return dict(zip(names, values, strict=True))
