"""How often chance alone makes the answer speak of a simpler explanation, or advise a next step: docs/next_steps.md.

Example:
    PYTHONPATH=scripts:tests:tests/helpers python tests/reproduce/next_steps.py docs/next_steps.md --data-sets 500
"""

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from evaluation import write_between
from scipy import special
from simulation.drawing import World, draw
from simulation.structures import Structure, absent, few, gestures, published

from vidbench.evaluation.alternatives import Sample, compare
from vidbench.evaluation.class_pairs import find_confused
from vidbench.evaluation.error_causes import find_error_cause
from vidbench.evaluation.explanations import Standing
from vidbench.evaluation.learning_curves import Curve
from vidbench.evaluation.test_results import TestResults
from vidbench.models.options import ModelOptions
from vidbench.video import Video

SEED = 7
Counts = dict[str, float]


@dataclass(frozen=True)
class Row:
    """A line of a table: what is drawn, how it is counted, and a bound of the first count, in percent."""

    words: str
    count: Callable[[int], Counts]
    bound: float | None = None


def sample(structure: Structure) -> Sample:
    return Sample(structure.group, structure.label)


def standings(structure: Structure, accuracies: tuple[float, float], sets: int) -> Counts:
    """How a model stands against a simpler explanation with these true accuracies."""
    counts = dict.fromkeys(Standing, 0)
    for chunk in draw(World(accuracies), structure, sets, SEED):
        for model, other in chunk[:, :, 0].astype(float):
            found = compare("duration", model, other, sample(structure))
            if found:
                counts[found.standing] += 1
    return {name: count / sets for name, count in counts.items()}


def causes(structure: Structure, accuracy: float, sets: int, effect: float = 0, likeness: float = 0.9) -> Counts:
    """How often a property is said to explain the errors.

    `effect`: the share of the videos with the largest 30 % of a property that fail by it; `likeness`: the part of a
    property that a group has in common.
    """
    random = np.random.default_rng(SEED)
    found = 0
    for chunk in draw(World((accuracy,)), structure, sets, SEED):
        for correct in chunk[:, 0, 0].astype(float):
            values = {name: grouped(structure, likeness, random) for name in ("duration", "frame rate", "size")}
            hard = random.random(len(correct)) < effect * (values["duration"] > np.quantile(values["duration"], 0.7))
            found += find_error_cause(np.where(hard, 0, correct), values, sample(structure)) is not None
    return {"said": found / sets}


def grouped(structure: Structure, likeness: float, random: np.random.Generator) -> np.ndarray:
    """A property of each video (N,), of which a part is that of its group."""
    own, common = random.standard_normal(len(structure.group)), random.standard_normal(structure.group.max() + 1)
    return np.sqrt(likeness) * common[structure.group] + np.sqrt(1 - likeness) * own


@dataclass(frozen=True)
class Answered(TestResults):
    """Results of drawn answers, without files."""

    answers: np.ndarray = field(default_factory=lambda: np.empty(0))

    def predicted(self, model: str) -> np.ndarray:
        return self.answers[None]


def confusions(structure: Structure, right: float, sets: int, pairs: int) -> Counts:
    """How often a pair of classes is said not to be told apart.

    Of the videos of `pairs` pairs this share is right, and the others are taken for the other class of their pair; half
    of what decides is a group's. All other videos are right.
    """
    random, counts = np.random.default_rng(SEED), 0
    numbers = zip(structure.group.tolist(), structure.label.tolist(), strict=True)
    videos = [Video(str(place), "", str(label), str(group)) for place, (group, label) in enumerate(numbers)]
    classes = sorted({video.label for video in videos})
    paired = structure.label < 2 * pairs
    for _ in range(sets):
        correct = grouped(structure, 0.5, random) < special.ndtri(right)
        said = np.where(correct | ~paired, structure.label, structure.label ^ 1)
        answers = np.array([classes.index(str(label)) for label in said])
        counts += bool(find_confused(Answered({"split1": videos}, classes, {}, answers=answers), "m"))
    return {"said": counts / sets}


def curves(kind: str, noise: float, sets: int, epochs: int = 30) -> Counts:
    """How often the curve of a training of this kind is said to underfit, to be improving and to overfit.

    `noise`: standard deviation of the validation loss from epoch to epoch, as a share of what guessing loses; half of
    it stays for the next epoch.
    """
    random, e = np.random.default_rng(SEED), np.arange(1, epochs + 1)
    schedule = (1 + np.cos(np.pi * e / epochs)) / 2  # what a cosine schedule leaves
    train, val = {
        "converged": (np.exp(-e / 4), 0.25 + 0.7 * np.exp(-e / 4)),
        "flat from the middle on": (np.exp(-e / 4), np.maximum(1 - e / 15 * 0.6, 0.4)),
        "ends with its cosine schedule": tuple(0.2 + 0.55 * np.exp(-e / 4) + 0.25 * schedule for _ in range(2)),
        "half learned, far from its end": (1 - 0.6 * e / epochs, 1 - 0.5 * e / epochs),
        "learns nothing": (np.ones(epochs), np.full(epochs, 1.02)),
        "overfits after a quarter": (
            np.exp(-e / 4),
            0.5 + 0.5 * np.exp(-e / 3) + 0.015 * np.maximum(e - epochs / 4, 0),
        ),
    }[kind]
    options = ModelOptions.from_dict({"architecture": "cnn3d", "training": {"epochs": epochs}})
    counts = np.zeros(3)
    for _ in range(sets):
        steps, drift = random.normal(0, noise, epochs), np.zeros(epochs)
        for place in range(epochs):
            drift[place] = steps[place] + (0.5 * drift[place - 1] if place else 0)
        rows = zip(
            train * math.log(10),
            np.maximum(val + drift, 0) * math.log(10),
            random.normal(0.5, 0.05, epochs),
            strict=True,
        )
        found = Curve.of(
            [dict(zip(("train_loss", "val_loss", "val_top1"), row, strict=True)) for row in rows], options, 10, 100
        )
        if found:
            counts += (found.underfits, found.improves, found.overfits)
    return dict(zip(("underfits", "improves", "overfits"), counts / sets, strict=True))


def tables() -> Iterator[tuple[str, tuple[str, ...], list[Row]]]:
    """The tables: their captions, the columns that count, and their rows."""
    places = {"UCF101": published("ucf101", 1), "gestures, 27 groups": gestures(), "60 videos in 12 groups": few()}
    yield (
        "How a model stands against a simpler explanation of 80 % less its lead, in % of the data sets",
        (Standing.NO_MORE, Standing.NOT_SHOWN, Standing.UNCLEAR),
        [
            Row(f"{name}, the model better by {100 * lead:.0f} points",
                lambda sets, s=structure, lead=lead: standings(s, (0.8, 0.8 - lead), sets), 5 if lead >= 0.05 else None)
            for name, structure in places.items() for lead in (0, 0.05, 0.1, 0.2)
        ],
    )  # fmt: skip
    yield (
        "A property is said to explain the errors, in % of the data sets; three properties, alike within groups",
        ("said",),
        [
            *(Row(f"{name}, no property does, accuracy {accuracy}",
                  lambda sets, s=structure, a=accuracy: causes(s, a, sets), 6.5)
              for name, structure in places.items() for accuracy in (0.5, 0.8)),
            *(Row(f"{name}, 80 % of the videos with the largest 30 % of a property fail, of others 5 %",
                  lambda sets, s=structure: causes(s, 0.95, sets, 0.8))
              for name, structure in places.items()),
        ],
    )  # fmt: skip
    hands = places["gestures, 27 groups"]
    yield (
        "A pair of classes is said not to be told apart, in % of the data sets (gestures, ten classes)",
        ("said",),
        [
            Row(f"{'five pairs' if pairs == 5 else 'one pair'}, {100 * right:.0f} % right",
                lambda sets, right=right, pairs=pairs: confusions(hands, right, sets, pairs),
                None if right < 0.75 else 5)
            for pairs, right in ((1, 0.5), (1, 0.6), (1, 0.75), (5, 0.75), (5, 0.85))
        ],
    )  # fmt: skip
    yield (
        "Said of the curves of trainings, in % of them (30 epochs; noise of the validation loss from epoch to"
        " epoch, as a share of what guessing loses)",
        ("underfits", "improves", "overfits"),
        [
            Row(f"{kind}, noise {noise:.2f}", lambda sets, kind=kind, noise=noise: curves(kind, noise, sets))
            for kind in ("converged", "flat from the middle on", "ends with its cosine schedule", "learns nothing",
                         "half learned, far from its end", "overfits after a quarter")
            for noise in (0.02, 0.05)
        ],
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path, help="Markdown file that has the two marks")
    parser.add_argument("--data-sets", type=int, default=500, help="drawn for each row (default: %(default)s)")
    arguments = parser.parse_args()
    if reason := absent():
        sys.exit(f"error: {reason}")
    start, parts, missed = time.monotonic(), [], []
    for caption, columns, rows in tables():
        lines = [f"| | {' | '.join(columns)} | bound |", f"| --- |{' ---: |' * (len(columns) + 1)}"]
        for row in rows:
            counts = {name: 100 * share for name, share in row.count(arguments.data_sets).items()}
            cells = " | ".join(f"{counts[name]:.1f}" for name in columns)
            lines.append(f"| {row.words} | {cells} | {'' if row.bound is None else f'at most {row.bound:g}'} |")
            print(lines[-1], flush=True)
            if row.bound is not None and counts[columns[0]] > row.bound:
                missed.append(row.words)
        parts.append(f"{caption}.\n\n" + "\n".join(lines))
    made = (
        f"Made by `make reproduce-next_steps` in {(time.monotonic() - start) / 60:.1f} minutes: {arguments.data_sets:,}"
    )
    write_between(arguments.page, "\n\n".join([*parts, f"{made} data sets per row, seed {SEED}."]))
    if missed:
        sys.exit(f"error: a bound was missed: {missed}")


if __name__ == "__main__":
    main()
