"""Pairs of classes that are taken for each other, with examples to look at; the most confident errors."""

from collections.abc import Callable, Iterator

import numpy as np

from vidbench.evaluation.answers import Answered
from vidbench.evaluation.metrics import UNREADABLE

PAIRS = (
    "model", "truth", "predicted", "count", "videos", "share",
    "example", "example_split", "example_model", "other_example", "other_correct",
)  # fmt: skip
ERRORS = (
    "model", "video", "split", "truth", "predicted", "confidence", "seeds_wrong", "others_right", "num_others",
)  # fmt: skip
MOST_PAIRS = MOST_ERRORS = 1000  # of each model


def pair_rows(tests: Answered) -> list[dict[str, object]]:
    """Rows of PAIRS: of each model, and with an empty model of all (their mean); the most confused pair first."""
    rows = list(_rows(tests, "", list(tests.models)))
    for model in tests.models:
        rows += _rows(tests, model, [model])
    return rows


def _rows(tests: Answered, name: str, models: list[str]) -> Iterator[dict[str, object]]:
    """The confused pairs of some models taken together."""
    table = np.mean([confused(tests, model) for model in models], axis=0)
    videos = np.bincount(tests.truth, weights=tests.weight, minlength=len(tests.classes))
    pairs = np.argwhere(table > 0)
    share = {(truth, taken): table[truth, taken] / videos[truth] for truth, taken in map(tuple, pairs.tolist())}
    for truth, taken in sorted(share, key=lambda pair: (-table[pair], -share[pair], pair))[:MOST_PAIRS]:
        yield {
            "model": name, "truth": tests.classes[truth], "predicted": tests.classes[taken],
            "count": round(float(table[truth, taken]), 6), "videos": round(float(videos[truth]), 6),
            "share": round(float(share[truth, taken]), 6),
            **_example(tests, models, truth, taken), **_counterpart(tests, models, taken),
        }  # fmt: skip


def confused(tests: Answered, model: str) -> np.ndarray:
    """(K, K) number of videos of each true class taken for another, mean over seeds; 0 on the diagonal."""
    table = np.zeros((len(tests.classes),) * 2)
    predicted = tests.models[model].predicted
    for answers in predicted:
        seen = (answers != UNREADABLE) & (answers != tests.truth)
        np.add.at(table, (tests.truth[seen], answers[seen]), tests.weight[seen] / len(predicted))
    return table


def _example(tests: Answered, models: list[str], truth: int, taken: int) -> dict[str, object]:
    """The video of `truth` that a model most surely takes for `taken`."""
    own = np.flatnonzero(tests.truth == truth)

    def rank(model: str) -> np.ndarray:
        """Higher for a better example: the seeds' mean says so, and surely; else more of the seeds do."""
        answers = tests.models[model]
        seeds = (answers.predicted[:, own] == taken).mean(axis=0)
        return np.where(answers.together[own] == taken, 1 + answers.confidence[own], seeds)

    model, place = _best(models, rank)
    return {"example": tests.videos[own[place]], "example_split": tests.splits[own[place]], "example_model": model}


def _counterpart(tests: Answered, models: list[str], label: int) -> dict[str, object]:
    """A video of the class itself: the one that a model most surely classifies correctly, or any that has frames."""
    own = np.flatnonzero((tests.truth == label) & tests.readable)
    if not len(own):
        return {"other_example": "", "other_correct": ""}

    def rank(model: str) -> np.ndarray:
        answers = tests.models[model]
        return np.where(answers.together[own] == label, 1 + answers.confidence[own], 0)

    model, place = _best(models, rank)
    test = own[place]
    return {"other_example": tests.videos[test], "other_correct": bool(tests.models[model].together[test] == label)}


def _best(models: list[str], rank: Callable[[str], np.ndarray]) -> tuple[str, int]:
    """The model whose rank is highest somewhere, and where; the first of equal ones."""
    ranks = np.stack([rank(model) for model in models])  # (M, tests of a class)
    model, place = np.unravel_index(ranks.argmax(), ranks.shape)
    return models[model], int(place)


def error_rows(tests: Answered) -> list[dict[str, object]]:
    """Rows of ERRORS: wrong answers of each model's seeds taken together, the most confident first."""
    right = {model: answers.together == tests.truth for model, answers in tests.models.items()}
    number_right = np.sum(list(right.values()), axis=0)
    rows = []
    for model, answers in tests.models.items():
        wrong = np.flatnonzero(~right[model] & (answers.together != UNREADABLE))
        order = wrong[np.argsort(-answers.confidence[wrong], kind="stable")][:MOST_ERRORS]
        seeds = tests.wrong(model)
        rows += [
            {
                "model": model, "video": tests.videos[test], "split": tests.splits[test],
                "truth": tests.classes[tests.truth[test]], "predicted": tests.classes[answers.together[test]],
                "confidence": round(float(answers.confidence[test]), 6), "seeds_wrong": round(float(seeds[test]), 6),
                "others_right": int(number_right[test]), "num_others": len(tests.models) - 1,
            }
            for test in order.tolist()
        ]  # fmt: skip
    return rows
