"""Compute the scores of all models of a data set other than top-1, pooled over splits and seeds, with intervals.

Example:
    python scripts/compare_scores.py --runs results/motion/split1/*/seed*/metrics.json \\
        --videos results/motion/videos.csv --splits results/motion/splits/*.csv --folder results/motion

Only runs of full splits count. Writes into the folder
    scores.csv        one row per model and score: value (mean over seeds), 95 % interval by group
    class_scores.csv  one row per model and class: accuracy with its interval, F1, average precision
    ladder.csv        one row per model and protocol: top-1 of the same logits with fewer clips and crops
    calibration.csv   one row per model and bin of confidence, before and after temperature scaling
    selective.csv     accuracy of each model on its most confident videos, by their share (coverage)
"""

from pathlib import Path

from vidbench import cli
from vidbench.datasets.fractions import is_variant
from vidbench.evaluation.model_scores import ModelScores
from vidbench.evaluation.runs import runs
from vidbench.evaluation.score_tables import TABLES
from vidbench.evaluation.test_results import TestResults
from vidbench.files import write_csv
from vidbench.video import read_videos


def main() -> None:
    parser = cli.make_parser(__doc__)
    cli.add_comparison_arguments(parser, "metrics.json")
    parser.add_argument("--folder", type=Path, required=True, help="where the tables go")
    arguments = parser.parse_args()
    full = [run for run in runs(arguments.runs) if not is_variant(run.split)]
    tests = TestResults.read(full, read_videos(arguments.videos), arguments.splits, unreadable=arguments.unreadable)
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
    for model in tests.models:  # one at a time: logits of many models may not fit in memory
        scores = ModelScores.read(tests, model)
        for name, (make, _) in TABLES.items():
            rows[name] += [{"model": model, **row} for row in make(scores)]
    for name, (_, columns) in TABLES.items():
        write_csv(arguments.folder / f"{name}.csv", rows[name], columns)


if __name__ == "__main__":
    cli.run(main)
