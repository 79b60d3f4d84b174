"""Ensembles, against loops over videos and planted answers."""

import numpy as np
import pytest
from answered import CLASSES, LABELS, MODELS, VIDEOS, random_split, random_splits, results_of, split_of
from hypothesis import given, settings
from hypothesis import strategies as st

from vidbench.evaluation import significance
from vidbench.evaluation.ensembles import ensemble_rows
from vidbench.evaluation.error_overlap import overlap_rows


def test_equal_answers_gain_nothing_and_agree_in_full() -> None:
    """Three models that are one: kappa 1, gain 0 with p 1, whatever the seeds."""
    one = random_split("split1", list(LABELS), np.random.default_rng(0), 2, 0)
    tests = results_of([split_of("split1", list(LABELS), dict.fromkeys(MODELS, one.probabilities["one"]))], CLASSES)
    rows = ensemble_rows(tests, tests)
    gains = {(row.kind, row.members): row.gain for row in rows if row.kind != "seeds"}
    assert set(gains.values()) == {0.0}
    assert len(gains) == 4
    assert not any(row.beyond_chance for row in rows if row.kind != "seeds")
    cross = [row for row in overlap_rows(tests) if row["model_a"] != row["model_b"]]
    within = [row for row in overlap_rows(tests) if row["model_a"] == row["model_b"]]
    assert all(row["kappa"] > within[0]["kappa"] for row in cross)  # two of four pairs of seeds are the same


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(0, 2))
def test_ensembles_are_means_of_probabilities(number: int, seeds: int, unreadable: int) -> None:
    tested = random_splits(number, seeds, unreadable)
    tests = results_of(tested, CLASSES)
    rows = {(row.kind, row.members): row for row in ensemble_rows(tests, tests)}
    assert len(rows) == (3 if seeds > 1 else 0) + 3 + 1

    def correct(networks: list[tuple[str, int]]) -> dict[str, float]:
        by_video: dict[str, list[bool]] = {}
        for one in tested:
            mean = np.mean([one.probabilities[model][seed] for model, seed in networks], axis=0)
            for video, row in zip(one.videos, mean, strict=True):
                right = not np.isnan(row).any() and CLASSES[int(row.argmax())] == video.label
                by_video.setdefault(video.id, []).append(right)
        return {video: float(np.mean(by_video[video])) for video in sorted(by_video)}

    def matrix(networks: list[list[tuple[str, int]]]) -> np.ndarray:
        return np.array([list(correct(some).values()) for some in networks])

    everything = {
        ("pair", "one + three"): matrix([[("one", seed), ("three", seed)] for seed in range(seeds)]),
        ("all", "one + two + three"): matrix([[(model, seed) for model in MODELS] for seed in range(seeds)]),
    }
    if seeds > 1:
        everything["seeds", "two"] = matrix([[("two", seed) for seed in range(seeds)]])
    alone = {model: matrix([[(model, seed)] for seed in range(seeds)]) for model in MODELS}
    groups = np.array([VIDEOS[video].group for video in correct([("one", 0)])])
    for key, values in everything.items():
        row = rows[key]
        best = max(key[1].split(" + "), key=lambda model: alone[model].mean())
        test = significance.paired_difference(
            values.mean(axis=0), alone[best].mean(axis=0), groups, values.mean(axis=1), alone[best].mean(axis=1)
        )
        assert row.top1 == pytest.approx(values.mean())
        assert row.best_single == best
        assert (row.gain, row.p_value) == pytest.approx((test.difference, test.p_value), abs=1e-9)


def test_the_pair_is_chosen_on_validation_alone() -> None:
    """In the test the pair of one and two is perfect, in validation the pair of two and three."""
    names = list(LABELS)
    truth = np.array([CLASSES.index(LABELS[video]) for video in names])
    good, bad = np.eye(3)[truth] * 0.8 + 0.05, np.eye(3)[(truth + 1) % 3] * 0.8 + 0.05
    test = split_of("split1", names, {"one": {0: good}, "two": {0: good}, "three": {0: bad}})
    val = split_of("split1", names, {"one": {0: bad}, "two": {0: good}, "three": {0: good}})
    gains = ensemble_rows(results_of([test], CLASSES), results_of([val], CLASSES, "val"))
    rows = {row.members: row for row in gains if row.kind == "pair"}
    assert [name for name, row in rows.items() if row.chosen_on_validation] == ["two + three"]
    assert rows["one + two"].top1 == 1
