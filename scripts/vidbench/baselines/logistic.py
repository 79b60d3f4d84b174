"""Multinomial logistic regression with an L2 penalty, on standardised features.

The objective, mean cross-entropy + strength / 2 * |W|^2 with free intercepts, is convex: its minimum depends on no
seed and on no start. It is scikit-learn's with C = 1 / (strength * N).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

NEGLIGIBLE = 1e-6  # a spread below this share of the values themselves is rounding
GRADIENT = 1e-7  # largest element of the gradient at the minimum
MAX_UPDATES = 5000
ABSENT = 10.0  # by how much the logit of a class without a training video is below the others


@dataclass(frozen=True)
class Standardisation:
    """Mean and scale of each feature, (D,); a feature that does not vary becomes 0."""

    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> "Standardisation":
        """Return that of the rows of x, (N, D)."""
        mean, deviation = x.mean(axis=0), x.std(axis=0)
        varies = deviation > NEGLIGIBLE * np.abs(x).max(axis=0)
        return cls(mean, np.where(varies, deviation, np.inf))

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Return the standardised rows, (N, D)."""
        return (x - self.mean) / self.scale


def predict_each(
    strengths: Sequence[float], x: np.ndarray, targets: np.ndarray, new: np.ndarray, num_classes: int
) -> Iterator[np.ndarray]:
    """Yield the logits (n, K) of new rows (n, D) for each strength, fitted on rows x (N, D) of classes targets (N,).

    A class without a row is never predicted: its logit is `ABSENT` below the smallest of the others.
    """
    standardisation = Standardisation.of(x)
    rows, new = standardisation.apply(x), standardisation.apply(new)
    present, codes = np.unique(targets, return_inverse=True)
    for strength in strengths:
        weights, intercepts = fit(rows, codes, strength)
        known = new @ weights.T + intercepts  # (n, K present)
        logits = np.repeat(known.min(axis=1, keepdims=True) - ABSENT, num_classes, axis=1)
        logits[:, present] = known
        yield logits


def fit(x: np.ndarray, codes: np.ndarray, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (K, D) and intercepts (K,) at the minimum, for rows x (N, D) of classes codes (N,), all present.

    The intercepts' sum is 0, as they are only determined up to a constant.
    """
    from scipy.optimize import minimize

    num_rows, num_features = x.shape
    num_classes = int(codes.max()) + 1
    truth = np.zeros((num_rows, num_classes))
    truth[np.arange(num_rows), codes] = 1

    def objective(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        matrix = parameters.reshape(num_classes, num_features + 1)
        weights, intercepts = matrix[:, :-1], matrix[:, -1]
        logs = log_softmax(x @ weights.T + intercepts)
        error = (np.exp(logs) - truth) / num_rows  # (N, K)
        gradient = np.hstack([error.T @ x + strength * weights, error.sum(axis=0)[:, None]])
        loss = -(logs * truth).sum() / num_rows + strength / 2 * (weights**2).sum()
        return float(loss), gradient.ravel()

    found = minimize(
        objective, np.zeros(num_classes * (num_features + 1)), jac=True, method="L-BFGS-B",
        options={"gtol": GRADIENT, "ftol": 0, "maxiter": MAX_UPDATES, "maxfun": 2 * MAX_UPDATES, "maxcor": 20},
    )  # fmt: skip
    matrix = found.x.reshape(num_classes, num_features + 1)
    return matrix[:, :-1], matrix[:, -1] - matrix[:, -1].mean()


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return the logarithms (N, K) of the classes' probabilities."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
