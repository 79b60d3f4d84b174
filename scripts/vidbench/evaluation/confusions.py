"""Pairs of classes that are confused, with examples to look at; the most confident errors."""

from collections.abc import Callable, Iterator

import numpy as np

from vidbench.evaluation.metrics import NO_PREDICTION
from vidbench.evaluation.test_results import TestResults

PAIRS = (
    "model", "truth", "predicted", "count", "videos", "share",
    "example", "example_split", "example_model", "other_example", "other_correct",
)  # fmt: skip
ERRORS = (
    "model", "video", "split", "truth", "predicted", "confidence", "seeds_wrong", "others_right", "num_others",
)  # fmt: skip
MAX_PAIRS = MAX_ERRORS = 1000  # per model


def pair_rows(results: TestResults) -> list[dict[str, object]]:
    """Return rows of PAIRS, the most confused pair first: for all models (their mean; empty name), then for each."""
    rows = list(_rows(results, "", results.models))
    for model in results.models:
        rows += _rows(results, model, [model])
    return rows


def _rows(results: TestResults, name: str, models: list[str]) -> Iterator[dict[str, object]]:
    """Yield the confused pairs of some models, in which each model counts equally."""
    table = np.mean([count_confusions(results, model) for model in models], axis=0)
    videos = np.bincount(results.truth, weights=results.weight, minlength=len(results.classes))
    pairs = np.argwhere(table > 0)
    share = {(truth, label): table[truth, label] / videos[truth] for truth, label in map(tuple, pairs.tolist())}
    for truth, label in sorted(share, key=lambda pair: (-table[pair], -share[pair], pair))[:MAX_PAIRS]:
        yield {
            "model": name, "truth": results.classes[truth], "predicted": results.classes[label],
            "count": round(float(table[truth, label]), 6), "videos": round(float(videos[truth]), 6),
            "share": round(float(share[truth, label]), 6),
            **_find_example(results, models, truth, label), **_find_counterpart(results, models, label),
        }  # fmt: skip


def count_confusions(results: TestResults, model: str) -> np.ndarray:
    """Count videos by true class and wrong predicted class, (K, K), mean over seeds; 0 on the diagonal."""
    table = np.zeros((len(results.classes),) * 2)
    predicted = results.predicted(model)
    for answers in predicted:
        wrong = (answers != NO_PREDICTION) & (answers != results.truth)
        np.add.at(table, (results.truth[wrong], answers[wrong]), results.weight[wrong] / len(predicted))
    return table


def _find_example(results: TestResults, models: list[str], truth: int, label: int) -> dict[str, object]:
    """Find the video of class `truth` that a model most confidently predicts as `label`."""
    tests = np.flatnonzero(results.truth == truth)

    def rank(model: str) -> np.ndarray:
        """Return a rank per test, higher for a better example.

        It is 1 + confidence where the seeds' mean predicts `label`, else the share of the seeds that do.
        """
        answers = results.mean_answers(model)
        seeds = (results.predicted(model)[:, tests] == label).mean(axis=0)
        return np.where(answers.predicted[tests] == label, 1 + answers.confidence[tests], seeds)

    model, index = _find_best(models, rank)
    test = tests[index]
    return {
        "example": results.test_videos[test], "example_split": results.test_splits[test], "example_model": model,
    }  # fmt: skip


def _find_counterpart(results: TestResults, models: list[str], label: int) -> dict[str, object]:
    """Find the video of class `label` that a model most confidently classifies correctly, or any that has frames."""
    tests = np.flatnonzero((results.truth == label) & results.answered)
    if not len(tests):
        return {"other_example": "", "other_correct": ""}

    def rank(model: str) -> np.ndarray:
        answers = results.mean_answers(model)
        return np.where(answers.predicted[tests] == label, 1 + answers.confidence[tests], 0)

    model, index = _find_best(models, rank)
    test = tests[index]
    right = bool(results.mean_answers(model).predicted[test] == label)
    return {"other_example": results.test_videos[test], "other_correct": right}


def _find_best(models: list[str], rank: Callable[[str], np.ndarray]) -> tuple[str, int]:
    """Return the model with the highest rank and the place of that test; the first of equal ones."""
    ranks = np.stack([rank(model) for model in models])  # (M, tests of a class)
    model, index = np.unravel_index(ranks.argmax(), ranks.shape)
    return models[model], int(index)


def error_rows(results: TestResults) -> list[dict[str, object]]:
    """Return rows of ERRORS: wrong answers of each model, its seeds' probabilities averaged; most confident first."""
    answers = {model: results.mean_answers(model) for model in results.models}
    number_right = np.sum([average.predicted == results.truth for average in answers.values()], axis=0)
    rows = []
    for model, average in answers.items():
        wrong = np.flatnonzero((average.predicted != results.truth) & (average.predicted != NO_PREDICTION))
        order = wrong[np.argsort(-average.confidence[wrong], kind="stable")][:MAX_ERRORS]
        seeds_wrong = results.wrong(model)
        rows += [
            {
                "model": model, "video": results.test_videos[test], "split": results.test_splits[test],
                "truth": results.classes[results.truth[test]],
                "predicted": results.classes[average.predicted[test]],
                "confidence": round(float(average.confidence[test]), 6),
                "seeds_wrong": round(float(seeds_wrong[test]), 6),
                "others_right": int(number_right[test]), "num_others": len(results.models) - 1,
            }
            for test in order.tolist()
        ]  # fmt: skip
    return rows
