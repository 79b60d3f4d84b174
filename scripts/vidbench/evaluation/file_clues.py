"""What one property of the files, e.g. their length, tells of the classes of the test videos, without a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidbench.doctor.shortcuts import MAX_VIDEOS, PROPERTIES, as_numbers, cross_validate, make_tree
from vidbench.evaluation.metrics import NO_PREDICTION
from vidbench.evaluation.test_results import TestResults
from vidbench.files import read_csv
from vidbench.video import Video

FAILED = "failed"  # frames/store.py: no frame could be decoded
Inspected = Mapping[str, Mapping[str, str]]  # video -> its row of inspection.csv


@dataclass(frozen=True)
class Learnable:
    """The videos that a split trains and validates on, as far as frames of them were decoded."""

    names: list[str]  # n
    classes: np.ndarray  # (n,) numbers
    groups: np.ndarray  # (n,)

    @classmethod
    def read(cls, split: Path, videos: Mapping[str, Video], classes: Sequence[str], known: Inspected) -> "Learnable":
        """Read them from the file of a split."""
        names = [row["video"] for row in read_csv(split) if row["subset"] in ("train", "val")]
        number = {label: index for index, label in enumerate(classes)}
        names = [name for name in names if name in known and videos[name].label in number]
        labels = np.array([number[videos[name].label] for name in names], int)
        return cls(names, labels, np.array([videos[name].group for name in names]))


def decoded(rows: Sequence[Mapping[str, str]]) -> Inspected:
    """Return the rows of inspection.csv of the videos of which frames were decoded, by their names."""
    return {row["video"]: row for row in rows if row["status"] != FAILED}


def predict_by_file(
    results: TestResults, known: Inspected, videos: Sequence[Video], splits: Sequence[Path]
) -> tuple[str, np.ndarray] | None:
    """Return the property that tells most of the training videos' classes, and its predictions for the tests, (T,).

    It is chosen and fitted on training and validation videos, so that no test video has a part in it; NO_PREDICTION
    where a video was not decoded. None where no property varies, or too few groups are there to choose by.
    """
    by_name = {video.id: video for video in videos}
    paths = {path.stem: path for path in splits}
    learnable = {split: Learnable.read(paths[split], by_name, results.classes, known) for split in results.tests}
    told = {name: _tells(columns, learnable, known) for name, columns in PROPERTIES.items()}
    best = max(told, key=lambda name: told[name])
    if not told[best]:
        return None
    tests = [
        _predict(PROPERTIES[best], learnable[split], [video.id for video in tested], known)
        for split, tested in results.tests.items()
    ]
    return best, np.concatenate(tests)


def _tells(columns: Sequence[str], splits: Mapping[str, Learnable], known: Inspected) -> float:
    """Return the share of the training videos whose class is told, mean over splits; 0 where nothing can be told."""
    shares = []
    for training in splits.values():
        sample = np.random.default_rng(0).permutation(len(training.names))[:MAX_VIDEOS]
        values = _values(columns, [training.names[place] for place in sample], known)
        classes, groups = training.classes[sample], training.groups[sample]
        if len(np.unique(groups)) < 2 or len(np.unique(classes)) < 2 or len(np.unique(values, axis=0)) < 2:
            return 0.0
        shares.append(cross_validate(values, classes, groups))
    return float(np.mean(shares))


def _predict(columns: Sequence[str], training: Learnable, tests: Sequence[str], known: Inspected) -> np.ndarray:
    """Return the class that a property of each test's video predicts, (n,), after a fit on the training videos."""
    found = np.array([name in known for name in tests])
    predicted = np.full(len(tests), NO_PREDICTION)
    if not found.any():
        return predicted
    tested = [name for name in tests if name in known]
    values = _values(columns, [*training.names, *tested], known)  # together: text becomes its rank among all
    fitted = make_tree(int(training.classes.max()) + 1).fit(values[: len(training.names)], training.classes)
    predicted[found] = fitted.predict(values[len(training.names) :])
    return predicted


def _values(columns: Sequence[str], names: Sequence[str], known: Inspected) -> np.ndarray:
    """Return the values of some columns (n, C) of videos."""
    return as_numbers([[known[name][column] for column in columns] for name in names])
