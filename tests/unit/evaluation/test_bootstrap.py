"""Resampled scores equal scikit-learn's with weights; their spread is what other samples of groups show."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from vidbench.evaluation import bootstrap
from vidbench.evaluation.groups import assign_strata
from vidbench.evaluation.metrics import NO_PREDICTION, SubsetResult
from vidbench.evaluation.significance import accuracy_interval, group_variance


def case(seed: int, classes: int, count: int, ties: bool) -> tuple[SubsetResult, bootstrap.Resamples]:
    """Random results, some without prediction, and a few resamples of 12 groups."""
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.ones(classes), count)
    p = np.round(p, 1) if ties else p
    ranked = np.argsort(-p, axis=1, kind="stable")
    ranked[random.random(count) < 0.1] = NO_PREDICTION
    names = [f"c{place}" for place in range(classes)]
    with np.errstate(divide="ignore"):
        videos = [f"v{place}" for place in range(count)]
        result = SubsetResult(videos, random.integers(0, classes, count), ranked, names, np.log(p), [])
    groups = random.integers(0, 12, count)
    weights = bootstrap.draw_group_weights(np.zeros(12, int), draws=5, seed=seed)
    return result, bootstrap.Resamples(weights, groups, random.choice([0.5, 1.0], count))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 8), st.integers(1, 80), st.booleans())
def test_resampled_scores_equal_scikit_learns_with_weights(seed: int, classes: int, count: int, ties: bool) -> None:
    result, samples = case(seed, classes, count, ties)
    if any(not (row[samples.group] > 0).any() for row in samples.weights):
        return  # a resample without any video
    p = np.exp(result.log_probabilities)
    recall, f1 = bootstrap.recall_and_f1(samples, result)
    precision = bootstrap.mean_average_precision(samples, result.truth, p)
    for place, row in enumerate(samples.weights):
        row_weights = row[samples.group] * samples.row_weights
        drawn = row_weights > 0
        present = np.unique(result.truth[drawn])
        options = {"labels": present, "average": "macro", "zero_division": 0, "sample_weight": row_weights}
        assert f1[place] == pytest.approx(reference.f1_score(result.truth, result.predicted, **options), rel=1e-4)
        expected = reference.recall_score(result.truth, result.predicted, **options)
        assert recall[place] == pytest.approx(expected, rel=1e-4)
        scores = [
            reference.average_precision_score(result.truth[drawn] == c, p[drawn, c], sample_weight=row_weights[drawn])
            for c in present
        ]
        assert precision[place] == pytest.approx(np.mean(scores), rel=1e-4)


def grouped(seed: int, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Right or wrong of 4 videos a group, whose chance differs between groups."""
    random = np.random.default_rng(seed)
    number = np.repeat(np.arange(groups), 4)
    return (random.random(4 * groups) < random.beta(3, 1, groups)[number]).astype(float), number


def test_the_spread_of_a_mean_is_the_formulas() -> None:
    """The bootstrap of a plain mean by group has the variance of the formula, with few groups, too."""
    values, number = grouped(0, 12)
    samples = bootstrap.Resamples(bootstrap.draw_group_weights(np.zeros(12, int), 20000), number, np.ones(len(number)))
    spread = bootstrap.means(samples, values).var()
    assert spread == pytest.approx(group_variance(values, number), rel=0.05)


def test_an_accuracys_interval_is_nearly_that_of_the_formula() -> None:
    values, number = grouped(1, 150)
    samples = bootstrap.Resamples(bootstrap.draw_group_weights(np.zeros(150, int)), number, np.ones(len(number)))
    got = bootstrap.fraction_interval(values.mean(), bootstrap.means(samples, values), number, stratified=False)
    expected = accuracy_interval(values, number, np.arange(len(number)) % 4)
    assert (got.low, got.high) == pytest.approx((expected.low, expected.high), abs=0.01)


def test_strata_are_classes_where_groups_lie_in_one() -> None:
    groups, classes = np.repeat(np.arange(6), 2), np.repeat(["a", "b"], 6)
    assert assign_strata(groups, classes).tolist() == [0, 0, 0, 1, 1, 1]
    assert not assign_strata(groups, np.tile(["a", "b"], 6)).any()  # groups in both classes
    assert not assign_strata(np.repeat([0, 1, 1], 4), np.repeat(["a", "b", "b"], 4)).any()  # one group alone
    weights = bootstrap.draw_group_weights(assign_strata(groups, classes), 50)
    assert weights[:, :3].sum(axis=1) == pytest.approx(3)  # each class keeps its size
    assert np.array_equal(weights, bootstrap.draw_group_weights(assign_strata(groups, classes), 50))  # seeded


def test_too_few_groups_have_no_interval() -> None:
    few = np.repeat(np.arange(9), 5)
    assert np.isnan(bootstrap.fraction_interval(0.5, np.array([0.4, 0.6]), few, stratified=False).low)
    assert np.isnan(bootstrap.loss_interval(0.5, np.array([0.4, 0.6]), few).high)


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_all_right_or_all_wrong_has_the_width_of_an_accuracy(p: float) -> None:
    number = np.repeat(np.arange(20), 3)
    got = bootstrap.fraction_interval(p, np.full(100, p), number, stratified=False)
    expected = accuracy_interval(np.full(60, p), number, np.zeros(60))
    assert (got.low, got.high) == pytest.approx((expected.low, expected.high), abs=0.01)


def test_intervals_cover() -> None:
    """Of macro F1 and the log loss, over 200 samples of 40 groups; the truth is that of very many groups."""

    def sample(seed: int, groups: int) -> tuple[SubsetResult, np.ndarray]:
        random = np.random.default_rng(seed)
        number = np.repeat(np.arange(groups), 5)
        truth = random.integers(0, 3, len(number))
        ease = random.normal(1, 1, groups)[number]
        logits = random.normal(size=(len(number), 3)) + ease[:, None] * np.eye(3)[truth]
        log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        ranked = np.argsort(-log_p, axis=1)
        return SubsetResult([str(place) for place in number], truth, ranked, ["a", "b", "c"], log_p, []), number

    def scores(result: SubsetResult, samples: bootstrap.Resamples) -> tuple[np.ndarray, np.ndarray]:
        losses = -result.log_probabilities[np.arange(len(result.truth)), result.truth]
        return bootstrap.recall_and_f1(samples, result)[1], bootstrap.means(samples, losses)

    big, number = sample(10**6, 20000)
    everyone = bootstrap.Resamples(np.ones((1, 20000), np.float32), number, np.ones(len(number)))
    true_f1, true_loss = (float(values[0]) for values in scores(big, everyone))
    covered = []
    for seed in range(200):
        result, number = sample(seed, 40)
        weights = np.vstack([np.ones((1, 40), np.float32), bootstrap.draw_group_weights(np.zeros(40, int), 300, seed)])
        f1, loss = scores(result, bootstrap.Resamples(weights, number, np.ones(200)))
        intervals = (
            bootstrap.fraction_interval(float(f1[0]), f1[1:], number, stratified=False),
            bootstrap.loss_interval(float(loss[0]), loss[1:], number),
        )
        covered.append([got.low <= true <= got.high for got, true in zip(intervals, (true_f1, true_loss), strict=True)])
    assert (np.mean(covered, axis=0) >= 0.91).all()
    assert (np.mean(covered, axis=0) <= 0.99).all()
