"""Compare all models of a data set: which is best, with what certainty, and what each costs.

Example:
    python scripts/compare_models.py --runs results/motion/split1/*/seed*/metrics.json \\
        --videos results/motion/videos.csv --splits results/motion/splits/*.csv --folder results/motion

Writes into the folder
    comparison.csv   one row per split, model and seed, also of splits with a fraction of the training videos
    summary.csv      one row per model: accuracy pooled over splits, mean over seeds, 95 % interval by group
                     (of full splits only, like pairwise.csv), verdict: best, tied, behind, unknown or diverged
    pairwise.csv     one row per pair of models: difference, interval, p value, Holm-adjusted p, detectable difference
    resolution.json  the smallest difference that this data set can detect, and the groups needed for smaller ones
"""

from pathlib import Path

from vidbench import cli
from vidbench.datasets.fractions import is_variant
from vidbench.evaluation import comparison, power
from vidbench.evaluation.energy import measured_columns
from vidbench.evaluation.runs import runs
from vidbench.evaluation.tables import ModelSummary, PairedDifference, write_table
from vidbench.evaluation.test_results import TestResults
from vidbench.files import write_csv, write_json
from vidbench.video import read_videos


def main() -> None:
    parser = cli.make_parser(__doc__)
    cli.add_comparison_arguments(parser, "metrics.json")
    parser.add_argument("--folder", type=Path, required=True, help="where the tables go")
    arguments = parser.parse_args()
    trained = runs(arguments.runs)
    full = [run for run in trained if not is_variant(run.split)]
    results = TestResults.read(full, read_videos(arguments.videos), arguments.splits, unreadable=arguments.unreadable)
    rows = [comparison.comparison_row(run) for run in trained]
    sound = comparison.sound_models(comparison.diverged_runs(rows, results.models))
    pairs = comparison.pairwise_rows(results, sound)
    summary = comparison.summary_rows(rows, results, pairs)
    folder = arguments.folder
    shown = (*comparison.COMPARISON, *measured_columns(rows))
    write_csv(folder / "comparison.csv", [{column: row[column] for column in shown} for row in rows], shown)
    write_table(folder / "pairwise.csv", map(power.without_infinite, pairs), PairedDifference)
    write_table(folder / "summary.csv", summary, ModelSummary)
    write_json(folder / "resolution.json", comparison.resolution(results, pairs, sound))


if __name__ == "__main__":
    cli.run(main)
