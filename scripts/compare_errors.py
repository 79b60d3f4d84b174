"""Analyse errors: confused classes, confident errors, errors in common, and what averaging models gains.

Example:
    python scripts/compare_errors.py --runs results/motion/split1/*/seed*/predictions.h5 \\
        --videos results/motion/videos.csv --splits results/motion/splits/split1.csv \\
        --difficulty results/motion/difficulty.csv --folder results/motion

Writes into the folder (docs/evaluation.md has the formulas)
    confused_pairs.csv          one row per model, true and predicted class (empty model: mean over all models)
    errors.csv                  the most confident errors of each model, its seeds' probabilities averaged
    overlap.csv                 one row per pair of models: whether they err on the same videos
    ensembles.csv               accuracy of averaged probabilities, and the gain over the best single model
    accuracy_by_difficulty.csv  accuracy of each model by the videos' duration and motion
Only runs of full splits count.
"""

from dataclasses import asdict
from pathlib import Path

from vidbench import cli
from vidbench.datasets.fractions import is_variant
from vidbench.errors import UserError
from vidbench.evaluation.by_difficulty import BY_DIFFICULTY, difficulty_rows
from vidbench.evaluation.confusions import ERRORS, PAIRS, error_rows, pair_rows
from vidbench.evaluation.ensembles import ensemble_rows, list_networks
from vidbench.evaluation.error_overlap import OVERLAP, overlap_rows
from vidbench.evaluation.runs import runs
from vidbench.evaluation.tables import EnsembleGain, columns
from vidbench.evaluation.test_results import TestResults
from vidbench.files import read_csv, write_csv
from vidbench.video import read_videos


def main() -> None:
    parser = cli.make_parser(__doc__)
    cli.add_comparison_arguments(parser, "predictions.h5")
    parser.add_argument("--difficulty", type=Path, required=True, help="difficulty.csv")
    parser.add_argument("--folder", type=Path, required=True, help="where the five tables go")
    arguments = parser.parse_args()
    videos = read_videos(arguments.videos)
    difficulty = {row["video"]: row for row in read_csv(arguments.difficulty)}
    full = [run for run in runs(arguments.runs) if not is_variant(run.split)]
    if not full:
        raise UserError("--runs: none is of a full split; name predictions.h5 of at least one")
    test = TestResults.read(full, videos, arguments.splits, unreadable=arguments.unreadable)
    if not test.videos:
        raise UserError("--splits: none of their test videos could be decoded; see inspection.csv")
    validation = TestResults.read(full, videos, arguments.splits, subset="val")
    for results in (test, validation):
        results.read_answers(list_networks(test.seeds, test.baselines))  # all at once, so that each file is read once
    tables = {
        "confused_pairs": (pair_rows(test), PAIRS),
        "errors": (error_rows(test), ERRORS),
        "overlap": (overlap_rows(test), OVERLAP),
        "ensembles": (map(asdict, ensemble_rows(test, validation)), columns(EnsembleGain)),
        "accuracy_by_difficulty": (difficulty_rows(test, difficulty), BY_DIFFICULTY),
    }
    for name, (rows, header) in tables.items():
        write_csv(arguments.folder / f"{name}.csv", rows, header)


if __name__ == "__main__":
    cli.run(main)
