"""The neighbours against scikit-learn's."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from vidbench.baselines import neighbours


def planted(num_rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    targets = np.arange(num_rows) % 3
    return np.random.default_rng(9).normal(size=(3, 8))[targets] + random.normal(size=(num_rows, 8)), targets


@pytest.mark.parametrize("metric", neighbours.METRICS)
@pytest.mark.parametrize("k", [1, 3, 7])
def test_votes_are_scikit_learns(k: int, metric: str) -> None:
    (x, targets), (new, _) = planted(60, 0), planted(700, 1)  # more than a chunk
    (logits,) = neighbours.predict_each([(k, metric)], x, targets, new, 3)
    shares = KNeighborsClassifier(k, metric=metric, algorithm="brute").fit(x, targets).predict_proba(new)
    votes = np.exp(logits) * (k + 1) - 1 / 3
    assert votes == pytest.approx(k * shares, abs=2 * neighbours.TIE)
    clear = np.sort(shares, axis=1)[:, -1] > np.sort(shares, axis=1)[:, -2]
    assert clear.sum() > 500
    assert np.array_equal(logits.argmax(axis=1)[clear], shares.argmax(axis=1)[clear])


def test_of_equally_many_votes_the_nearest_wins() -> None:
    x, targets = np.array([[1.0], [2], [3], [4]]), np.array([1, 0, 0, 1])
    (logits,) = neighbours.predict_each([(4, neighbours.EUCLIDEAN)], x, targets, np.array([[0.0], [5]]), 2)
    assert logits.argmax(axis=1).tolist() == [1, 1]
    (logits,) = neighbours.predict_each([(2, neighbours.EUCLIDEAN)], x, targets, np.array([[1.4], [1.6]]), 2)
    assert logits.argmax(axis=1).tolist() == [1, 0]


def test_fewer_rows_than_k_all_vote() -> None:
    x, targets = planted(6, 0)
    many, all_of_them = neighbours.predict_each([(20, "cosine"), (6, "cosine")], x, targets, x, 4)
    assert np.array_equal(many, all_of_them)
    assert np.isfinite(many).all()


def test_a_vector_of_zeros_has_neighbours_too() -> None:
    x, targets = planted(6, 0)
    (logits,) = neighbours.predict_each([(3, "cosine")], x, targets, np.zeros((1, 8)), 3)
    assert np.isfinite(logits).all()
