"""How many labels are wrong: estimated on simulated videos of which it is known."""

import numpy as np
import pytest

from vidbench.evaluation.calibration import scale
from vidbench.evaluation.label_noise import LabelNoise


def draw(random: np.random.Generator, videos: int, share: float, spread: float = 0.15) -> tuple[np.ndarray, ...]:
    """True classes (N,) of 6, labels of which a share is wrong, and the log probabilities that the classes have."""
    probabilities = random.dirichlet(np.full(6, spread), videos)
    classes = (random.random((videos, 1)) > probabilities.cumsum(axis=1)[:, :-1]).sum(axis=1)
    swapped = random.random(videos) < share
    labels = np.where(swapped, (classes + random.integers(1, 6, videos)) % 6, classes)
    return classes, labels, np.log(probabilities + 1e-12)


@pytest.mark.parametrize("share", [0, 0.05, 0.2])
@pytest.mark.parametrize("temperature", [0.5, 1, 2])
def test_share_and_temperature_are_found(share: float, temperature: float) -> None:
    _, labels, logs = draw(np.random.default_rng(1), 4000, share)
    noise = LabelNoise.fit(labels, scale(logs, 1 / temperature))
    assert noise.share == pytest.approx(share, abs=0.015)
    assert noise.temperature == pytest.approx(temperature, rel=0.15)


def test_a_label_is_as_often_wrong_as_is_said() -> None:
    classes, labels, logs = draw(np.random.default_rng(2), 20000, 0.05)
    noise = LabelNoise.fit(labels, logs)
    wrong = noise.wrong(labels, np.exp(scale(logs, noise.temperature)))
    for low, high in ((0.0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 1.0)):
        said = (wrong >= low) & (wrong <= high)
        assert (labels != classes)[said].mean() == pytest.approx(wrong[said].mean(), abs=0.05)


@pytest.mark.parametrize("spread", [0.15, 1.5])  # accuracies of about 90 and 40 %
def test_wrong_labels_are_seldom_claimed_where_there_are_none(spread: float) -> None:
    random = np.random.default_rng(3)
    fits = [LabelNoise.fit(*draw(random, 150, 0, spread)[1:]) for _ in range(40)]
    assert sum(noise.share > 0 for noise in fits) <= 4


def test_few_right_labels_are_not_made_wrong_by_one_error() -> None:
    """Twelve hesitant answers, of which one is wrong."""
    labels = np.zeros(12, int)
    probabilities = np.tile([0.6, 0.2, 0.2], (12, 1))
    probabilities[0] = [0.3, 0.5, 0.2]
    noise = LabelNoise.fit(labels, np.log(probabilities))
    assert noise.wrong(labels, np.exp(scale(np.log(probabilities), noise.temperature))).sum() < 0.5


def test_no_label_is_wrong_where_all_are_certain() -> None:
    labels = np.arange(6) % 2
    logs = np.log(np.where(labels[:, None] == [0, 1], 1 - 1e-12, 1e-12))
    noise = LabelNoise.fit(labels, logs)
    assert noise.share == 0
    assert noise.wrong(labels, np.exp(scale(logs, noise.temperature))).sum() == 0
