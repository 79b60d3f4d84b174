"""Pairs of classes that are taken for each other, with examples to look at; the most confident errors."""

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
MAX_PAIRS = MAX_ERRORS = 1000  # of each model


def pair_rows(results: TestResults) -> list[dict[str, object]]:
    """Rows of PAIRS: of each model, and with an empty model of all (their mean); the most confused pair first."""
    rows = list(_rows(results, "", results.models))
    for model in results.models:
        rows += _rows(results, model, [model])
    return rows


def _rows(results: TestResults, name: str, models: list[str]) -> Iterator[dict[str, object]]:
    """The confused pairs of some models taken together."""
    table = np.mean([count_confusions(results, model) for model in models], axis=0)
    videos = np.bincount(results.truth, weights=results.weight, minlength=len(results.classes))
    pairs = np.argwhere(table > 0)
    share = {(truth, taken): table[truth, taken] / videos[truth] for truth, taken in map(tuple, pairs.tolist())}
    for truth, taken in sorted(share, key=lambda pair: (-table[pair], -share[pair], pair))[:MAX_PAIRS]:
        yield {
            "model": name, "truth": results.classes[truth], "predicted": results.classes[taken],
            "count": round(float(table[truth, taken]), 6), "videos": round(float(videos[truth]), 6),
            "share": round(float(share[truth, taken]), 6),
            **_example(results, models, truth, taken), **_counterpart(results, models, taken),
        }  # fmt: skip


def count_confusions(results: TestResults, model: str) -> np.ndarray:
    """(K, K) number of videos of each true class taken for another, mean over seeds; 0 on the diagonal."""
    table = np.zeros((len(results.classes),) * 2)
    predicted = results.predicted(model)
    for answers in predicted:
        seen = (answers != NO_PREDICTION) & (answers != results.truth)
        np.add.at(table, (results.truth[seen], answers[seen]), results.weight[seen] / len(predicted))
    return table


def _example(results: TestResults, models: list[str], truth: int, taken: int) -> dict[str, object]:
    """The video of `truth` that a model most surely takes for `taken`."""
    own = np.flatnonzero(results.truth == truth)

    def rank(model: str) -> np.ndarray:
        """Higher for a better example: the seeds' mean says so, and surely; else more of the seeds do."""
        together = results.mean_answers(model)
        seeds = (results.predicted(model)[:, own] == taken).mean(axis=0)
        return np.where(together.predicted[own] == taken, 1 + together.confidence[own], seeds)

    model, place = _best(models, rank)
    test = own[place]
    return {
        "example": results.test_videos[test], "example_split": results.test_splits[test], "example_model": model,
    }  # fmt: skip


def _counterpart(results: TestResults, models: list[str], label: int) -> dict[str, object]:
    """A video of the class itself: the one that a model most surely classifies correctly, or any that has frames."""
    own = np.flatnonzero((results.truth == label) & results.answered)
    if not len(own):
        return {"other_example": "", "other_correct": ""}

    def rank(model: str) -> np.ndarray:
        together = results.mean_answers(model)
        return np.where(together.predicted[own] == label, 1 + together.confidence[own], 0)

    model, place = _best(models, rank)
    test = own[place]
    right = bool(results.mean_answers(model).predicted[test] == label)
    return {"other_example": results.test_videos[test], "other_correct": right}


def _best(models: list[str], rank: Callable[[str], np.ndarray]) -> tuple[str, int]:
    """The model whose rank is highest somewhere, and where; the first of equal ones."""
    ranks = np.stack([rank(model) for model in models])  # (M, tests of a class)
    model, place = np.unravel_index(ranks.argmax(), ranks.shape)
    return models[model], int(place)


def error_rows(results: TestResults) -> list[dict[str, object]]:
    """Rows of ERRORS: wrong answers of each model's seeds taken together, the most confident first."""
    answers = {model: results.mean_answers(model) for model in results.models}
    number_right = np.sum([together.predicted == results.truth for together in answers.values()], axis=0)
    rows = []
    for model, together in answers.items():
        wrong = np.flatnonzero((together.predicted != results.truth) & (together.predicted != NO_PREDICTION))
        order = wrong[np.argsort(-together.confidence[wrong], kind="stable")][:MAX_ERRORS]
        seeds = results.wrong(model)
        rows += [
            {
                "model": model, "video": results.test_videos[test], "split": results.test_splits[test],
                "truth": results.classes[results.truth[test]],
                "predicted": results.classes[together.predicted[test]],
                "confidence": round(float(together.confidence[test]), 6), "seeds_wrong": round(float(seeds[test]), 6),
                "others_right": int(number_right[test]), "num_others": len(results.models) - 1,
            }
            for test in order.tolist()
        ]  # fmt: skip
    return rows
