"""The tests of several splits: the videos that each split tests, and the seeds of each model that have all splits."""

from pathlib import Path

from vidbench.errors import UserError
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run
from vidbench.files import read_csv
from vidbench.video import Video

Tests = dict[str, list[Video]]  # split -> the videos that it tests
RunsByModel = dict[str, dict[int, dict[str, Run]]]  # model -> seed -> split -> run


def read_tests(splits: list[Path], videos: list[Video], subset: str, runs: list[Run]) -> Tests:
    """Read the videos that each split of some runs has in a subset; UserError for an unknown split or video."""
    paths = {path.stem: path for path in splits}
    if unknown := [run for run in runs if run.split not in paths]:
        raise UserError(f"{unknown[0].folder}: its split '{unknown[0].split}' is not among --splits")
    by_name = {video.id: video for video in videos}
    used = {run.split for run in runs}
    tests = {}
    for path in (path for split, path in paths.items() if split in used):
        names = [row["video"] for row in read_csv(path) if row["subset"] == subset]
        if unlisted := [name for name in names if name not in by_name]:
            raise UserError(f"{path}: video '{unlisted[0]}' is not in videos.csv; make the split again")
        tests[path.stem] = [by_name[name] for name in names]
    return tests


def select_complete_seeds(runs: list[Run]) -> RunsByModel:
    """Select the runs of the seeds that have every split that any run has; UserError for a model without such a seed.

    Pooled with the others, a seed that lacks a split would be compared on other videos.
    """
    splits = {run.split for run in runs}
    by_model: RunsByModel = {}
    for run in runs:
        by_model.setdefault(run.model, {}).setdefault(run.seed, {})[run.split] = run
    complete: RunsByModel = {}
    for model, seeds in by_model.items():
        complete[model] = {seed: by_split for seed, by_split in seeds.items() if set(by_split) == splits}
        if not complete[model]:
            seed, by_split = max(seeds.items(), key=lambda item: len(item[1]))
            missing = ", ".join(sorted(splits - set(by_split)))
            raise UserError(
                f"{model}: no seed of it has all splits: seed {seed} lacks {missing}, which other models have; train it"
                " there, or leave the model or the split out"
            )
    return complete


def select_decoded_tests(tests: Tests, runs: list[Run], subset: str, condition: str) -> Tests:
    """Select the tests whose video every run has a prediction for, so that models are compared on the same videos."""
    decoded: dict[str, set[str]] = {}
    for run in runs:
        names = Predictions.videos_of(run.predictions, subset, condition)
        decoded[run.split] = decoded.get(run.split, names) & names
    return {split: [video for video in tested if video.id in decoded[split]] for split, tested in tests.items()}
