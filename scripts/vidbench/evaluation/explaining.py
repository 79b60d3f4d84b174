"""Find simpler explanations of what a data set's best model reaches, and what limits it, from the files of its runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidbench.clips.frame_orders import SINGLE_FRAME
from vidbench.evaluation.alternatives import Sample, compare
from vidbench.evaluation.class_pairs import find_confused
from vidbench.evaluation.error_causes import NUMBERS, find_error_cause
from vidbench.evaluation.explanations import Alternative, ErrorCause, Explanations, Learning
from vidbench.evaluation.few_groups import compare_in_few_groups
from vidbench.evaluation.file_clues import Inspected, predict_by_file
from vidbench.evaluation.learning_curves import Curve, TrainingSize, summarise
from vidbench.evaluation.more_videos import narrowing
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run
from vidbench.evaluation.test_results import TestResults
from vidbench.files import read_csv
from vidbench.models.options import ModelOptions
from vidbench.video import Video

FILE_PROPERTIES = "file_properties"  # the baseline of baselines/options.py that sees no picture


@dataclass(frozen=True)
class Tests:
    """The tests of all models of a data set, and where they come from."""

    __test__ = False  # or pytest collects it, because of its name

    runs: list[Run]
    videos: list[Video]
    splits: list[Path]
    unreadable: str

    def read(self, condition: str = "normal") -> TestResults:
        """Read the results under a condition."""
        return TestResults.read(self.runs, self.videos, self.splits, condition=condition, unreadable=self.unreadable)


def explain(tests: Tests, inspected: Inspected) -> Explanations:
    """Find what explains the best model's accuracy more simply, and what limits the models."""
    results = tests.read()
    model = best_model(results)
    tested = Sample(results.groups, results.labels)
    correct = results.correct(model).mean(axis=0)
    return Explanations(
        model=model,
        file_property=compare_with_files(results, model, inspected, tests, tested),
        all_properties=compare_with_all_properties(results, model),
        single_frame=compare_with_one_frame(results, model, tests, tested),
        errors=find_cause(results, correct, inspected),
        narrowing=narrowing(correct, results.structure),
        confused=find_confused(results, model, sound_others(results, model)),
        learning=learning(tests),
    )


def best_model(results: TestResults) -> str:
    """Return the most accurate model that sees pictures and of which no training diverged, where there is one."""
    seeing = _seeing(results) or results.models
    sound = [model for model in seeing if not _diverged(results, model)] or seeing
    return max(sound, key=lambda model: results.correct(model).mean())


def sound_others(results: TestResults, best: str) -> list[str]:
    """Return the other models that see pictures and of which no training diverged, the most accurate first."""
    others = [model for model in _seeing(results) if model != best and not _diverged(results, model)]
    return sorted(others, key=lambda model: -results.correct(model).mean())


def _seeing(results: TestResults) -> list[str]:
    return [model for model in results.models if results.baselines.get(model) != FILE_PROPERTIES]


def _diverged(results: TestResults, model: str) -> bool:
    runs = [run for by_split in results.runs[model].values() for run in by_split.values()]
    return any(run.json("options.json")["status"] != "ok" for run in runs)


def compare_with_files(
    results: TestResults, model: str, inspected: Inspected, tests: Tests, tested: Sample
) -> Alternative | None:
    """Compare a model with the property of the files that tells most; None where none tells anything."""
    found = predict_by_file(results, inspected, tests.videos, tests.splits)
    if found is None:
        return None
    name, predicted = found
    if not results.enough_groups:
        return compare_in_few_groups(name, results.predicted(model), predicted[None], results)
    right = results.pool(predicted == results.truth)
    correct = results.correct(model).mean(axis=0)
    return compare(name, correct, right, tested, results.drawn_accuracies(model))


def compare_with_all_properties(results: TestResults, model: str) -> Alternative | None:
    """Compare a model with the baseline that has the files' properties alone, where no test compares models."""
    files = next((name for name, kind in results.baselines.items() if kind == FILE_PROPERTIES), None)
    if results.enough_groups or files is None or files == model:
        return None
    return compare_in_few_groups(FILE_PROPERTIES, results.predicted(model), results.predicted(files), results)


def compare_with_one_frame(results: TestResults, model: str, tests: Tests, tested: Sample) -> Alternative | None:
    """Compare a model with itself on one frame in place of all; None where the run has no such test."""
    own = [run for run in tests.runs if run.model == model]
    if not all(SINGLE_FRAME in Predictions.conditions_of(run.predictions) for run in own):
        return None
    single = Tests(own, tests.videos, tests.splits, tests.unreadable).read(SINGLE_FRAME)
    if single.test_videos != results.test_videos:  # some could be decoded for others only
        return None
    if not results.enough_groups:
        return compare_in_few_groups(SINGLE_FRAME, results.predicted(model), single.predicted(model), results)
    right, right_by_one = (found.correct(model).mean(axis=0) for found in (results, single))
    return compare(SINGLE_FRAME, right, right_by_one, tested)


def find_cause(results: TestResults, correct: np.ndarray, inspected: Inspected) -> ErrorCause | None:
    """Find the property of the files that tells a model's errors, among the videos that were decoded."""
    known = np.array([video.id in inspected for video in results.videos])
    rows = [inspected[video.id] for video in results.videos if video.id in inspected]
    values = {
        name: np.array([[number(row[column]) for column in columns] for row in rows]).prod(axis=1)
        for name, columns in NUMBERS.items()
        if rows
    }
    values = {name: column for name, column in values.items() if np.isfinite(column).all()}
    return find_error_cause(correct[known], values, Sample(results.groups[known], results.labels[known]))


def number(cell: str) -> float:
    """Return the number in a cell; NaN where there is none."""
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def learning(tests: Tests) -> list[Learning]:
    """Read the learning curves of all trained models, in the order of the runs."""
    groups = {video.id: video.group for video in tests.videos}
    sizes = {path.stem: train_size(path, groups) for path in tests.splits}
    by_model: dict[str, list[Run]] = {}
    for run in tests.runs:
        if not run.baseline and (run.folder / "history.csv").exists():
            by_model.setdefault(run.model, []).append(run)
    return [found for model, own in by_model.items() if (found := _learning(model, own, sizes))]


def train_size(split: Path, groups: Mapping[str, str]) -> TrainingSize:
    """Count the training videos of a split, and their groups."""
    names = [row["video"] for row in read_csv(split) if row["subset"] == "train"]
    return TrainingSize(len(names), len({groups[name] for name in names}))


def _learning(model: str, runs: Sequence[Run], sizes: Mapping[str, TrainingSize]) -> Learning | None:
    records = [run.json("options.json") for run in runs]
    options = [ModelOptions.from_dict(record["options"]) for record in records]
    classes = len(records[0]["classes"])
    curves = [
        Curve.of(run.history(), option, classes, record["videos"]["val"])
        for run, option, record in zip(runs, options, records, strict=True)
    ]
    known = [curve for curve in curves if curve]
    return summarise(model, known, options[0], classes, [sizes[run.split] for run in runs]) if known else None
