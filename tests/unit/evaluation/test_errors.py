"""Tables of errors: against loops over videos, scikit-learn, and planted answers."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from answered import Split, results_of
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from vidbench.datasets.video import Video
from vidbench.evaluation import metrics, significance
from vidbench.evaluation.answers import most_probable
from vidbench.evaluation.by_difficulty import MIN_BIN, difficulty_rows, quantile_bins
from vidbench.evaluation.confusions import error_rows, pair_rows
from vidbench.evaluation.ensembles import ensemble_rows
from vidbench.evaluation.error_overlap import agreement, overlap_rows
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.test_results import TestResults
from vidbench.mistakes.motion import differences

CLASSES = ["a", "b", "c"]
LABELS = {f"v{n:02d}": CLASSES[n % 3] for n in range(40)}
VIDEOS = {name: Video(name, name, label, f"g{n // 2}") for n, (name, label) in enumerate(LABELS.items())}
MODELS = ("one", "two", "three")


def split_of(name: str, videos: list[str], runs: dict[str, dict[int, np.ndarray]]) -> Split:
    return Split(name, [VIDEOS[video] for video in videos], runs)


def random_split(name: str, videos: list[str], random: np.random.Generator, seeds: int, unreadable: int) -> Split:
    """Random answers to some videos, the first of which have no frames."""
    runs = {model: {} for model in MODELS}
    for model, seed in product(MODELS, range(seeds)):
        found = random.dirichlet(np.ones(3), len(videos))
        found[:unreadable] = np.nan
        runs[model][seed] = found
    return split_of(name, videos, runs)


def random_splits(number: int, seeds: int = 2, unreadable: int = 0) -> list[Split]:
    """Two splits that share some test videos; an unreadable video is one in both."""
    random = np.random.default_rng(number)
    names = list(LABELS)
    return [
        random_split(f"split{n + 1}",
                     names[:unreadable] + sorted(random.choice(names[unreadable:], 20, replace=False)),
                     random, seeds, unreadable)
        for n in range(2)
    ]  # fmt: skip


def answers(tests: TestResults, model: str) -> dict[str, list[list[int]]]:
    """Video -> a list a split of each seed's answer: what the tables are held against."""
    found: dict[str, list[list[int]]] = {}
    for place, video in enumerate(tests.test_videos):
        found.setdefault(video, []).append(tests.predicted(model)[:, place].tolist())
    return found


@settings(deadline=None, max_examples=20)
@example(154140, 2, 2)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(0, 2))
def test_confused_pairs_are_counted_by_video(number: int, seeds: int, unreadable: int) -> None:
    tests = results_of(random_splits(number, seeds, unreadable), CLASSES)
    rows = {(row["model"], row["truth"], row["predicted"]): row for row in pair_rows(tests)}
    for model in MODELS:
        expected: Counter = Counter()
        for video, splits in answers(tests, model).items():
            for split in splits:
                for answer in split:
                    if answer >= 0 and CLASSES[answer] != LABELS[video]:
                        expected[LABELS[video], CLASSES[answer]] += 1 / len(splits) / seeds
        assert {key[1:]: row["count"] for key, row in rows.items() if key[0] == model} == pytest.approx(expected)
    for (model, truth, taken), row in rows.items():
        assert row["share"] == pytest.approx(row["count"] / row["videos"], abs=1e-5)
        assert LABELS[row["example"]] == truth
        said = answers(tests, row["example_model"])[row["example"]]
        own = [place for place, video in enumerate(tests.test_videos) if video == row["example"]]
        together = tests.together(row["example_model"]).predicted[own]  # the seeds' mean may say what no seed says
        assert any(CLASSES.index(taken) in split for split in (*said, together))
        assert model in ("", row["example_model"])
        assert row["other_example"] == "" or LABELS[row["other_example"]] == taken


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(0, 2))
def test_overlap_is_the_mean_over_pairs_of_seeds(number: int, seeds: int, unreadable: int) -> None:
    tests = results_of(random_splits(number, seeds, unreadable), CLASSES)
    for row in overlap_rows(tests):
        a, b = (answers(tests, row[key]) for key in ("model_a", "model_b"))
        same = row["model_a"] == row["model_b"]
        pairs = [(i, j) for i in range(seeds) for j in range(seeds) if not (same and i == j)]
        both, only_a, alike, videos = 0.0, 0.0, 0.0, 0
        for video, truth in ((video, CLASSES.index(LABELS[video])) for video in a):
            if a[video][0][0] < 0:
                continue
            videos += 1
            for split_a, split_b in zip(a[video], b[video], strict=True):
                for i, j in pairs:
                    weight = 1 / len(pairs) / len(a[video])
                    both += weight * (split_a[i] != truth and split_b[j] != truth)
                    only_a += weight * (split_a[i] != truth and split_b[j] == truth)
                    alike += weight * (split_a[i] != truth and split_b[j] == split_a[i])
        assert (row["num_videos"], row["num_unreadable"]) == (videos, unreadable)
        assert row["both_wrong"] == pytest.approx(both / videos)
        assert row["only_a"] == pytest.approx(only_a / videos)
        assert row["same_class"] == pytest.approx(alike / both if both else "")
    assert len(overlap_rows(tests)) == (6 if seeds > 1 else 3)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=30))
def test_kappa_and_jaccard(wrong: list[tuple[bool, bool]]) -> None:
    a, b = np.array(wrong).T
    found = agreement((a & b).mean(), a.mean(), b.mean(), 0.0)
    if 0 < a.mean() < 1 and 0 < b.mean() < 1:
        assert found["kappa"] == pytest.approx(cohen_kappa_score(a, b))
    else:
        assert found["kappa"] == ""
    assert found["jaccard"] == pytest.approx((a & b).sum() / (a | b).sum() if (a | b).any() else "")


def test_independent_errors_have_the_expected_overlap() -> None:
    found = agreement(0.06, 0.3, 0.2, 0.01)
    assert found["kappa"] == pytest.approx(0)
    assert found["jaccard"] == pytest.approx(found["expected_jaccard"])


def test_equal_answers_gain_nothing_and_agree_in_full() -> None:
    """Three models that are one: kappa 1, gain 0 with p 1, whatever the seeds."""
    one = random_split("split1", list(LABELS), np.random.default_rng(0), 2, 0)
    tests = results_of([split_of("split1", list(LABELS), dict.fromkeys(MODELS, one.probabilities["one"]))], CLASSES)
    rows = ensemble_rows(tests, tests)
    gains = {(row["kind"], row["members"]): row["gain"] for row in rows if row["kind"] != "seeds"}
    assert set(gains.values()) == {0.0}
    assert len(gains) == 4
    assert not any(row["beyond_chance"] for row in rows if row["kind"] != "seeds")
    cross = [row for row in overlap_rows(tests) if row["model_a"] != row["model_b"]]
    within = [row for row in overlap_rows(tests) if row["model_a"] == row["model_b"]]
    assert all(row["kappa"] > within[0]["kappa"] for row in cross)  # two of four pairs of seeds are the same


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(0, 2))
def test_ensembles_are_means_of_probabilities(number: int, seeds: int, unreadable: int) -> None:
    tested = random_splits(number, seeds, unreadable)
    tests = results_of(tested, CLASSES)
    rows = {(row["kind"], row["members"]): row for row in ensemble_rows(tests, tests)}
    assert len(rows) == (3 if seeds > 1 else 0) + 3 + 1

    def correct(networks: list[tuple[str, int]]) -> dict[str, float]:
        found: dict[str, list[bool]] = {}
        for one in tested:
            mean = np.mean([one.probabilities[model][seed] for model, seed in networks], axis=0)
            for video, row in zip(one.videos, mean, strict=True):
                right = not np.isnan(row).any() and CLASSES[int(row.argmax())] == video.label
                found.setdefault(video.video, []).append(right)
        return {video: float(np.mean(found[video])) for video in sorted(found)}

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
        assert row["top1"] == pytest.approx(values.mean())
        assert row["best_single"] == best
        assert (row["gain"], row["p_value"]) == pytest.approx((test.difference, test.p_value), abs=1e-9)


def test_the_pair_is_chosen_on_validation_alone() -> None:
    """In the test the pair of one and two is perfect, in validation the pair of two and three."""
    names = list(LABELS)
    truth = np.array([CLASSES.index(LABELS[video]) for video in names])
    good, bad = np.eye(3)[truth] * 0.8 + 0.05, np.eye(3)[(truth + 1) % 3] * 0.8 + 0.05
    test = split_of("split1", names, {"one": {0: good}, "two": {0: good}, "three": {0: bad}})
    val = split_of("split1", names, {"one": {0: bad}, "two": {0: good}, "three": {0: good}})
    found = ensemble_rows(results_of([test], CLASSES), results_of([val], CLASSES, "val"))
    rows = {row["members"]: row for row in found if row["kind"] == "pair"}
    assert [name for name, row in rows.items() if row["chosen_on_validation"]] == ["two + three"]
    assert rows["one + two"]["top1"] == 1


def test_confident_errors_stand_first_and_say_who_is_right() -> None:
    videos = [Video(name, name, "a", name) for name in "xyz"]
    sure = np.array([[0.1, 0.9, 0.0], [0.3, 0.1, 0.6], [np.nan] * 3])
    right = np.array([[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [np.nan] * 3])
    tests = results_of([Split("s", videos, {"m": {0: sure, 1: right}, "n": {0: right}})], CLASSES)
    rows = error_rows(tests)
    # The mean of m's two seeds is right about x (by the first of equal ones) and takes y for b.
    assert [(row["model"], row["video"], row["predicted"], row["confidence"]) for row in rows] == [
        ("m", "y", "b", 0.5), ("n", "y", "b", 0.9),
    ]  # fmt: skip
    assert [(row["others_right"], row["num_others"], row["seeds_wrong"]) for row in rows] == [(0, 1, 1.0), (0, 1, 1.0)]


@given(st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=1, max_size=8))
def test_predictions_are_those_of_the_scores_ties_included(logits: list[list[int]]) -> None:
    names = list(LABELS)[: len(logits)]
    predictions = Predictions(
        names, ["test"] * len(names), ["normal"] * len(names), ["view"], CLASSES, np.array(logits, np.float32)[:, None]
    )
    expected = metrics.scored(predictions, "test", names, LABELS).predicted
    assert np.array_equal(most_probable(predictions.probabilities("test")[1]), expected)


@given(st.lists(st.one_of(st.integers(0, 5).map(float), st.floats(0, 100)), min_size=1, max_size=300))
def test_quantile_bins_keep_order_and_ties(values: list[float]) -> None:
    number = quantile_bins(np.array(values))
    assert sorted(set(number.tolist())) == list(range(number.max() + 1))
    for value, bin_ in zip(values, number, strict=True):
        assert all((other < value) <= (there <= bin_) for other, there in zip(values, number, strict=True))
        assert all(there == bin_ for other, there in zip(values, number, strict=True) if other == value)


def test_quantile_bins_are_equally_large_and_one_for_equal_values() -> None:
    assert np.bincount(quantile_bins(np.arange(6.0 * MIN_BIN))).tolist() == [MIN_BIN] * 6
    assert quantile_bins(np.full(500, 3.0)).max() == 0
    assert quantile_bins(np.linspace(3.0, 3.1, 500)).max() == 0
    assert np.bincount(quantile_bins(np.repeat([1.0, 9.0], [30, 170]))).tolist() == [30, 170]


@pytest.mark.parametrize("unreadable", [0, 2])
def test_accuracy_by_difficulty_adds_up_to_the_accuracy(unreadable: int) -> None:
    tests = results_of(random_splits(1, 2, unreadable), CLASSES)
    measured = {video: {"duration": str(n), "motion": ""} for n, video in enumerate(LABELS)}
    for video in list(LABELS)[:unreadable]:
        measured[video] = {"duration": "", "motion": ""}
    rows = difficulty_rows(tests, measured)
    assert {row["quantity"] for row in rows} == {"duration"}
    for model in MODELS:
        own = [row for row in rows if row["model"] == model]
        total = sum(row["accuracy"] * row["videos"] for row in own)
        means = [
            np.mean([[answer == CLASSES.index(LABELS[video]) for answer in split] for split in splits])
            for video, splits in answers(tests, model).items()
        ]
        assert total == pytest.approx(sum(means))
        assert sum(row["videos"] for row in own) == len(means) - unreadable


def test_motion_is_the_mean_gray_difference() -> None:
    random = np.random.default_rng(0)
    frames = random.integers(0, 256, (5, 6, 7, 3), np.uint8)
    gray = frames @ np.array([0.299, 0.587, 0.114])
    expected = np.abs(np.diff(gray, axis=0)).mean(axis=(1, 2))
    assert differences(frames) == pytest.approx(expected, abs=1.0)
    white = np.stack([np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)])
    assert differences(white).tolist() == [255.0]


def test_videos_of_a_diverged_model_are_not_unreadable_for_the_others() -> None:
    videos = [Video(name, name, label, name) for name, label in zip("abc", "aab", strict=True)]
    sound = np.array([[0.9, 0.1, 0], [0.1, 0.9, 0], [np.nan] * 3])
    runs = {"sound": {0: sound}, "nan": {0: np.full((3, 3), np.nan)}}
    (row,) = overlap_rows(results_of([Split("s", videos, runs)], CLASSES))
    assert (row["both_wrong"], row["num_videos"], row["num_unreadable"]) == (0.5, 2, 1)
