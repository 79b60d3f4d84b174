"""The table of docs/open_set.md: how well scores tell videos of no class from test videos, over trainings."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy.special import log_softmax, logsumexp, softmax

from vidbench.evaluation.calibration import fit_temperature, usable_temperature
from vidbench.evaluation.rejection import find_threshold

Outputs = dict[str, np.ndarray]  # of one training, as open_set.py writes them
KEPT = 0.9  # of the test videos
STRANGERS = ("left out", "movements")
TEXT = """# Which score tells videos of no class apart

## Gestures, one of them left out

{trainings} trainings of `cnn3d`, each without the videos of one of the ten gestures, by the options and folds of
[gestures.md](gestures.md). Of no class are then all {left_out} videos of the gestures left out, which are close to the
known ones, and in each training the {movements} other movements of hands. AUROC: the probability that a test video of a
known class scores higher than one of no class. "At 90 %": the share of those of no class below the score that keeps
90 % of the *test* videos. In brackets: the difference to the highest probability, with its standard error over the
trainings.

| score | AUROC, left out | AUROC, movements | at 90 %, left out | at 90 %, movements |
| --- | ---: | ---: | ---: | ---: |
{rows}

The highest probability and the entropy are of probabilities after temperature scaling; the nearest neighbour is that
among the training videos, by the cosine of what enters the last layer, and a class mean is that of their features.

## Motion without its order

Test videos of the embedded data set with one frame in place of all, and with their frames shuffled, show none of its
six motions. Means over {models} models of `make run`, and the difference to the highest probability as above.

| score | AUROC, one frame | AUROC, shuffled | at 90 %, one frame | at 90 %, shuffled |
| --- | ---: | ---: | ---: | ---: |
{motion}

## What is stored

A bound of the entropy: it is better than the highest probability with the movements, and about equal elsewhere. The
highest logit and energy are better with what is far from the classes, and clearly worse with what is close to them. The
nearest neighbour promises more, but needs the features of all training videos beside the weights, and its differences
between the gestures are large; it is not built in.

## How many test videos are kept

The bound is to keep 90 %. Means over the trainings with a gesture left out, with about {validation} validation videos:

| bound of the entropy | kept | rejected, left out | rejected, movements |
| --- | ---: | ---: | ---: |
{thresholds}

Both are a value of the validation videos: the plain quantile is reached by 90 % of *them*, of which a new video counts
as one more; the one that is stored takes that into account (docs/evaluation.md). What is left of the difference to 90 %
is not due to the number of videos: the best epoch is chosen on the same videos, and the test has other scenes.

Made by `make reproduce-open_set` after `make reproduce-gestures` and `make run`.
"""


def describe(paths: Sequence[Path], motion: tuple[int, str]) -> str:
    """The page, of the outputs of all trainings; `motion`: the number of models of that table, and its rows."""
    trainings = [dict(np.load(path)) for path in paths]
    values = {name: np.array([measure(score, each) for each in trainings]) for name, score in SCORES.items()}
    first = next(iter(values.values()))
    return TEXT.format(
        trainings=len(trainings), left_out=sum(len(each["left out logits"]) for each in trainings),
        movements=len(trainings[0]["movements logits"]), models=motion[0], motion=motion[1],
        rows="\n".join(describe_score(name, rows, first) for name, rows in values.items()),
        validation=round(np.mean([len(each["val logits"]) for each in trainings])),
        thresholds="\n".join(describe_threshold(name, rule, trainings) for name, rule in THRESHOLDS.items()),
    )  # fmt: skip


def probabilities(outputs: Outputs, subset: str) -> np.ndarray:
    """The calibrated probabilities (N, K) of a subset, mean over views."""

    def average(name: str) -> np.ndarray:
        logits = outputs[f"{name} logits"].astype(np.float64)
        return logsumexp(log_softmax(logits, axis=-1), axis=1) - np.log(logits.shape[1])

    temperature = usable_temperature(fit_temperature(average("val"), outputs["val targets"]))
    return softmax(average(subset) / temperature, axis=1)


def highest_probability(outputs: Outputs, subset: str) -> np.ndarray:
    return probabilities(outputs, subset).max(axis=1)


def negative_entropy(outputs: Outputs, subset: str) -> np.ndarray:
    p = probabilities(outputs, subset)
    return (p * np.log(np.maximum(p, 1e-300))).sum(axis=1)


def highest_logit(outputs: Outputs, subset: str) -> np.ndarray:
    return outputs[f"{subset} logits"].astype(np.float64).mean(axis=1).max(axis=1)


def energy(outputs: Outputs, subset: str) -> np.ndarray:
    return logsumexp(outputs[f"{subset} logits"].astype(np.float64), axis=-1).mean(axis=1)


def directions(outputs: Outputs, subset: str) -> np.ndarray:
    """Features (N, D) of length 1, mean over views."""
    return unit(outputs[f"{subset} features"].astype(np.float64).mean(axis=1))


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def nearest_neighbour(outputs: Outputs, subset: str) -> np.ndarray:
    return (directions(outputs, subset) @ directions(outputs, "train").T).max(axis=1)


def class_mean(outputs: Outputs, subset: str) -> np.ndarray:
    train, targets = outputs["train features"].astype(np.float64).mean(axis=1), outputs["train targets"]
    means = np.stack([train[targets == number].mean(axis=0) for number in range(targets.max() + 1)])
    return (directions(outputs, subset) @ unit(means).T).max(axis=1)


SCORES: dict[str, Callable[[Outputs, str], np.ndarray]] = {
    "highest probability": highest_probability,
    "entropy": negative_entropy,
    "highest logit": highest_logit,
    "energy": energy,
    "nearest neighbour": nearest_neighbour,
    "class mean": class_mean,
}


def plain_quantile(scores: np.ndarray) -> float:
    """The largest score that the share KEPT of these reaches."""
    return float(np.sort(scores)[int(len(scores) * (1 - KEPT) + 1e-9)])


THRESHOLDS: dict[str, Callable[[np.ndarray], float]] = {
    "plain quantile": plain_quantile,
    "as it is stored": find_threshold,
}


def measure(score: Callable[[Outputs, str], np.ndarray], outputs: Outputs) -> list[float]:
    """AUROC, and the share at 90 %, of both kinds of strangers."""
    test = score(outputs, "test")
    strangers = [score(outputs, name) for name in STRANGERS]
    ranks = [(test[:, None] > other).mean() + (test[:, None] == other).mean() / 2 for other in strangers]
    return [*ranks, *((other < plain_quantile(test)).mean() for other in strangers)]


def describe_score(name: str, rows: np.ndarray, reference: np.ndarray) -> str:
    """A row of the table from values (trainings, 4)."""
    means = rows.mean(axis=0)
    cells = [f"{mean:.3f}" for mean in means[:2]] + [f"{100 * mean:.0f} %" for mean in means[2:]]
    if rows is not reference:
        difference = rows - reference
        errors = difference.std(axis=0, ddof=1) / len(rows) ** 0.5
        pairs = list(zip(difference.mean(axis=0), errors, strict=True))
        cells = [
            f"{cell} ({mean:+.3f} ± {error:.3f})" for cell, (mean, error) in zip(cells[:2], pairs[:2], strict=True)
        ]
        cells += [
            f"{100 * m:.0f} % ({100 * d:+.0f} ± {100 * e:.0f})" for m, (d, e) in zip(means[2:], pairs[2:], strict=True)
        ]
    return f"| {name} | {' | '.join(cells)} |"


def describe_threshold(name: str, rule: Callable[[np.ndarray], float], trainings: Sequence[Outputs]) -> str:
    """A row of the table of thresholds."""
    values = []
    for outputs in trainings:
        threshold = rule(negative_entropy(outputs, "val"))
        reached = {each: negative_entropy(outputs, each) >= threshold for each in ("test", *STRANGERS)}
        values.append([reached["test"].mean(), *(1 - reached[each].mean() for each in STRANGERS)])
    return f"| {name} | {' | '.join(f'{100 * value:.0f} %' for value in np.mean(values, axis=0))} |"
