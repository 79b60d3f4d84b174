"""Whether probabilities mean what they say: temperature, expected calibration error, reliability; needs no torch.

Confidence is the probability of the predicted class (top label). Method and formulas: docs/evaluation.md.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from vidbench.evaluation.metrics import Scored, brier_scores, log_losses

BINS = 15  # at most
MIN_BIN = 10  # videos per bin: of fewer, a share of right ones says nothing
MIN_TEMPERATURE, MAX_TEMPERATURE = 0.05, 20.0  # temperatures that are tried
MIN_VIDEOS = 60  # of validation, under which a temperature is doubtful
DRAWS = 1000  # of the error of a calibrated model


def scale(log_probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """(N, K) log of softmax(log p / T), p averaged over views: the predicted class stays, and T = 1 changes nothing."""
    return log_softmax(log_probabilities / temperature, axis=1)


def fit_temperature(log_probabilities: np.ndarray, truth: np.ndarray) -> float:
    """The temperature with the smallest log loss, within the bounds; both arrays of videos with probabilities only."""

    def loss(logarithm: float) -> float:
        # Convex in 1/T, so there is one minimum.
        return float(log_losses(scale(log_probabilities, np.exp(logarithm)), truth).mean())

    bounds = (np.log(MIN_TEMPERATURE), np.log(MAX_TEMPERATURE))
    found = float(minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6}).x)
    return float(np.clip(np.exp(min((found, *bounds), key=loss)), MIN_TEMPERATURE, MAX_TEMPERATURE))


def number_of_bins(videos: float) -> int:
    """Return how many bins so many videos are divided into: BINS, or fewer, so that each holds MIN_BIN videos."""
    return int(np.clip((videos + 1e-9) // MIN_BIN, 1, BINS))


def bin_numbers(confidence: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """(N,) bin of each video, of equal mass but for ties: equal confidences stand in the bin of the first of them."""
    weights = np.ones(len(confidence)) if weights is None else weights
    _, block = np.unique(confidence, return_inverse=True)
    mass = np.bincount(block, weights=weights)
    bins = number_of_bins(mass.sum())
    before = np.concatenate([[0.0], np.cumsum(mass)[:-1]])
    return np.minimum((before * bins / mass.sum() + 1e-9).astype(int), bins - 1)[block]


def reliability(
    confidence: np.ndarray, correct: np.ndarray, weights: np.ndarray | None = None
) -> list[dict[str, float]]:
    """Each bin that has videos: their number, mean confidence and accuracy."""
    weights = np.ones(len(confidence)) if weights is None else weights
    number = bin_numbers(confidence, weights)
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


def expected_error(confidence: np.ndarray, correct: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Expected calibration error: mean over bins, by their mass, of |accuracy - confidence|."""
    weights = np.ones(len(confidence)) if weights is None else weights
    gap = np.bincount(bin_numbers(confidence, weights), weights=weights * (correct - confidence))
    return float(np.abs(gap).sum() / weights.sum())


def null_range(
    confidence: np.ndarray, weights: np.ndarray | None = None, draws: int = DRAWS, seed: int = 0
) -> tuple[float, float]:
    """Where 95 % of the errors of a calibrated model with these confidences lie: right ~ Bernoulli(confidence)."""
    weights = np.ones(len(confidence)) if weights is None else weights
    order = np.argsort(confidence, kind="stable")
    confidence, weights = confidence[order], weights[order]
    first = np.unique(bin_numbers(confidence, weights), return_index=True)[1]  # bins are runs of sorted confidences
    random = np.random.default_rng(seed)
    errors = np.empty(draws)
    for draw in range(draws):  # one at a time: all at once would hold draws x videos numbers
        gap = weights * ((random.random(len(confidence)) < confidence) - confidence)
        errors[draw] = np.abs(np.add.reduceat(gap, first)).sum()
    low, high = np.quantile(errors / weights.sum(), [0.025, 0.975])
    return float(low), float(high)


def confidences(log_probabilities: np.ndarray) -> np.ndarray:
    """(N,) probability of the most probable class."""
    return np.exp(log_probabilities.max(axis=1))


def warning(temperature: float, videos: int) -> str | None:
    """What makes a fitted temperature doubtful."""
    reasons = []
    if videos < MIN_VIDEOS:
        reasons.append(f"fitted on {videos} validation videos, fewer than {MIN_VIDEOS}")
    if temperature < MIN_TEMPERATURE * 1.01 or temperature > MAX_TEMPERATURE / 1.01:
        reasons.append(f"the temperature stands at the bound of {MIN_TEMPERATURE:g} to {MAX_TEMPERATURE:g}")
    return "; ".join(reasons) or None


def calibration(validation: Scored, test: Scored) -> dict[str, object]:
    """The calibration of metrics.json: of the test videos with probabilities, with the validation's temperature.

    None in place of what cannot be computed, because no video of a subset has probabilities.
    """
    fitting, tested = validation.has_probabilities, test.has_probabilities
    temperature, reason = None, "no validation video has probabilities"
    if fitting.any():
        temperature = fit_temperature(validation.log_probabilities[fitting], validation.truth[fitting])
        reason = warning(temperature, int(fitting.sum()))
    correct, truth, plain = test.correct[tested], test.truth[tested], test.log_probabilities[tested]
    scaled = None if temperature is None else scale(plain, temperature)
    found: dict[str, object] = {"temperature": temperature, "calibration_warning": reason}
    for log_probabilities, end in ((plain, ""), (scaled, "_scaled")):
        found |= _errors(log_probabilities, correct, end)
        usable = log_probabilities is not None and len(correct) > 0
        found[f"log_loss{end}"] = float(log_losses(log_probabilities, truth).mean()) if usable else None
        found[f"brier{end}"] = float(brier_scores(log_probabilities, truth).mean()) if usable else None
    return found


def _errors(log_probabilities: np.ndarray | None, correct: np.ndarray, end: str) -> dict[str, object]:
    names = [f"ece{end}", f"ece{end}_null_low", f"ece{end}_null_high", f"reliability{end}"]
    if log_probabilities is None or len(correct) == 0:
        return dict.fromkeys(names)
    sure = confidences(log_probabilities)
    bins: Sequence[dict[str, float]] = reliability(sure, correct)
    return dict(zip(names, (expected_error(sure, correct), *null_range(sure), bins), strict=True))
