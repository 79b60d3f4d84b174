"""The regression against scikit-learn's, and against the conditions of its minimum."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from vidbench.baselines import logistic


def planted(num_rows: int, num_features: int, num_classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows around a centre per class, on scales that differ a thousandfold."""
    random = np.random.default_rng(seed)
    targets = np.arange(num_rows) % num_classes
    centres = random.normal(size=(num_classes, num_features))
    rows = centres[targets] + 2 * random.normal(size=(num_rows, num_features))
    return rows * 10.0 ** random.uniform(-2, 1, num_features) + 3, targets


@pytest.mark.parametrize("strength", [1e-3, 1e-1, 1])
@pytest.mark.parametrize("num_features", [5, 90])
def test_is_scikit_learns_at_the_same_strength(strength: float, num_features: int) -> None:
    x, targets = planted(60, num_features, 3)
    new, _ = planted(20, num_features, 3, seed=1)
    (logits,) = logistic.predict_each([strength], x, targets, new, 3)
    scaler = StandardScaler().fit(x)
    other = LogisticRegression(C=1 / (strength * len(x)), tol=1e-9, max_iter=100_000)
    other.fit(scaler.transform(x), targets)
    assert np.exp(logistic.log_softmax(logits)) == pytest.approx(other.predict_proba(scaler.transform(new)), abs=1e-4)


def test_two_classes_have_a_row_of_weights_each() -> None:
    x, targets = planted(40, 4, 2)
    weights, intercepts = logistic.fit(x, targets, 0.1)
    assert weights[0] == pytest.approx(-weights[1], abs=1e-5)
    # Two rows w and -w share the penalty: it is that of one row 2w at half the strength.
    other = LogisticRegression(C=2 / (0.1 * len(x)), tol=1e-9, max_iter=100_000).fit(x, targets)
    assert weights[1] - weights[0] == pytest.approx(other.coef_[0], abs=1e-4)
    assert intercepts.sum() == pytest.approx(0, abs=1e-12)


def test_each_strength_is_fitted_by_itself() -> None:
    x, targets = planted(30, 6, 3)
    alone = [next(logistic.predict_each([strength], x, targets, x, 3)) for strength in (0.01, 1)]
    for one, among in zip(alone, logistic.predict_each([0.01, 1], x, targets, x, 3), strict=True):
        assert np.array_equal(one, among)


def test_a_class_without_a_row_is_never_predicted() -> None:
    x, targets = planted(30, 6, 3)
    targets = np.array([0, 2, 3])[targets]  # neither 1 nor 4
    (logits,) = logistic.predict_each([0.1], x, targets, x, 5)
    assert np.isfinite(logits).all()
    assert set(logits.argmax(axis=1)) <= {0, 2, 3}
    assert logits[:, [1, 4]].max(axis=1) == pytest.approx(logits[:, [0, 2, 3]].min(axis=1) - logistic.ABSENT)


def test_a_single_class_is_always_predicted() -> None:
    (logits,) = logistic.predict_each([0.1], np.eye(4), np.ones(4, int), np.zeros((2, 4)), 2)
    assert logits.argmax(axis=1).tolist() == [1, 1]


def test_features_that_do_not_vary_count_nothing() -> None:
    x, targets = planted(30, 6, 3)
    constant = np.full((30, 1), 1 / 3) * (1 + 1e-9 * np.random.default_rng(0).normal(size=(30, 1)))
    (plain,) = logistic.predict_each([0.1], x, targets, x, 3)
    more = np.hstack([x, constant, 0 * constant])
    (wider,) = logistic.predict_each([0.1], more, targets, more, 3)
    assert wider == pytest.approx(plain, abs=1e-6)
