"""Predictions for planted data sets (planted.py), so that they can be compared with each other without any training."""

from pathlib import Path

import numpy as np
from planted import Planted, plant

from vidbench.evaluation.predictions import Predictions
from vidbench.files import read_csv, write_csv

LIKENESS = 0.5  # of videos of a group
SHARED = 0.6  # of what makes a video hard: for all models
SEED_SD = 0.1  # of what a seed adds to the right answers


def plant_with_predictions(folder: Path, planted: Planted, seed: int) -> Path:
    """Write results/{name} with predictions.h5 of each run: as many right answers as the model's accuracy says."""
    results = plant(folder, planted)
    random = np.random.default_rng(seed)
    rows = [row | {"path": f"{planted.name}/{row['path']}"} for row in read_csv(results / "videos.csv")]
    write_csv(results / "videos.csv", rows, tuple(rows[0]))
    truth = np.array([planted.classes.index(row["label"]) for row in rows])
    _, group = np.unique([row["group"] for row in rows], return_inverse=True)
    common = _ease(random, group)
    for model in planted.models:
        own = SHARED**0.5 * common + (1 - SHARED) ** 0.5 * _ease(random, group)
        for split in model.splits:
            for number in model.seeds:
                ease = own + SEED_SD * random.standard_normal(len(rows))
                right = np.argsort(np.argsort(-ease)) < round(model.top1 * len(rows))
                path = results / split / model.name / f"seed{number}" / "predictions.h5"
                write_answers(path, [row["video"] for row in rows], planted.classes, truth, right)
    return results


def _ease(random: np.random.Generator, group: np.ndarray) -> np.ndarray:
    """How easy each video is, (N,); alike in a group."""
    of_group = random.standard_normal(group.max() + 1)[group]
    return LIKENESS**0.5 * of_group + (1 - LIKENESS) ** 0.5 * random.standard_normal(len(group))


def write_answers(
    path: Path, videos: list[str], classes: tuple[str, ...], truth: np.ndarray, right: np.ndarray
) -> None:
    """Write predictions.h5 of test videos, of one view; a wrong answer is the class after the right one."""
    names = sorted(classes)
    numbers = np.array([names.index(classes[label]) for label in truth])
    logits = np.zeros((len(videos), 1, len(names)), np.float32)
    logits[np.arange(len(videos)), 0, np.where(right, numbers, (numbers + 1) % len(names))] = 3
    Predictions(videos, ["test"] * len(videos), ["normal"] * len(videos), ["clip0 crop0"], names, logits).write(path)
