"""Compare all models of a data set whose videos may have several labels each.

Example:
    python scripts/compare_labels.py --runs results/mine/fold*/*/seed*/metrics.json \\
        --videos results/mine/videos.csv --splits results/mine/splits/*.csv --folder results/mine

Writes into the folder
    label_summary.csv       one row per model: mean average precision (mAP), F1, exact matches, with 95 % intervals by
                            group, calibration, verdict: best, tied, behind, unknown or diverged
    label_pairs.csv         one row per pair of models: difference of mAP, interval, p value, Holm-adjusted p
    label_scores.csv        one row per model and label: average precision with its interval, F1, threshold
    label_calibration.csv   one row per model and bin of probability, before and after temperature scaling
    label_cooccurrence.csv  one row per model, label that videos have and label that they were given
    label_runs.csv          one row per split, model and seed
    label_resolution.json   the smallest difference that this data set can detect
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vidbench import cli
from vidbench.evaluation import label_tables, power
from vidbench.evaluation.comparison import p_matrix, read_cost, sound_models
from vidbench.evaluation.energy import COLUMNS, measured_columns
from vidbench.evaluation.label_tests import LabelTests, ModelPrecision, pair_rows
from vidbench.evaluation.runs import Run, runs
from vidbench.evaluation.tables import PairedDifference, write_table
from vidbench.evaluation.verdicts import decide
from vidbench.files import write_csv, write_json
from vidbench.video import read_videos

Rows = list[dict[str, object]]


def main() -> None:
    parser = cli.make_parser(__doc__)
    cli.add_comparison_arguments(parser, "metrics.json")
    parser.add_argument("--folder", type=Path, required=True, help="where the tables go")
    arguments = parser.parse_args()
    trained = runs(arguments.runs)
    tests = LabelTests.read(trained, read_videos(arguments.videos), arguments.splits, arguments.unreadable)
    run_rows = [run_row(run) for run in trained]
    samples = tests.resamples()
    summary: list[dict] = []
    precisions: list[ModelPrecision] = []
    labels: Rows = []
    bins: Rows = []
    pairs: Rows = []
    for model in tests.tests.models:  # one at a time: the probabilities of many models may not fit in memory
        answers = tests.read_model(model)
        precision = ModelPrecision.of(model, answers, samples, model in tests.tests.baselines)
        precisions.append(precision)
        own = [row for row in run_rows if row["model"] == model]
        summary.append(label_tables.summary_row(tests, precision, answers, own))
        labels += label_tables.label_rows(tests, model, answers)
        bins += label_tables.bin_rows(model, answers, samples.row_weights)
        pairs += label_tables.pair_counts(tests, model, answers)
    sound = sound_models({row["model"]: row["diverged_runs"] for row in summary})
    differences = pair_rows(precisions, sound, tests.tests.groups)
    folder = arguments.folder
    columns = (*label_tables.SUMMARY, *measured_columns(summary))
    write_csv(folder / "label_summary.csv", pick(with_verdicts(summary, differences, tests), columns), columns)
    write_table(folder / "label_pairs.csv", map(power.without_infinite, differences), PairedDifference)
    write_csv(folder / "label_scores.csv", labels, label_tables.LABELS)
    write_csv(folder / "label_calibration.csv", bins, label_tables.BINS)
    write_csv(folder / "label_cooccurrence.csv", pairs, label_tables.PAIRS)
    columns = (*label_tables.RUNS, *measured_columns(run_rows))
    write_csv(folder / "label_runs.csv", pick(run_rows, columns), columns)
    write_json(folder / "label_resolution.json", resolution(differences, sound, tests))


def pick(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> Rows:
    """Return these columns of the rows."""
    return [{name: row[name] for name in columns} for row in rows]


def run_row(run: Run) -> dict:
    """Return the row of one training in label_runs.csv."""
    options, metrics = run.json("options.json"), run.json("metrics.json")
    everything = {"best_epoch": None, "epochs": None} | read_cost(run, options) | options | metrics
    everything |= run.json("training_time.json") | {"split": run.split, "model": run.model, "seed": run.seed}
    names = (*COLUMNS, "train_clips_per_second", "best_batch", "ms_per_clip_best_batch", "gflops", "peak_memory_mb")
    more = (*names, "train_peak_memory_mb")  # that the means over runs are made of
    return {name: everything.get(name) for name in (*label_tables.RUNS, *more)}


def with_verdicts(summary: list[dict], pairs: list[PairedDifference], tests: LabelTests) -> list[dict]:
    """Return the rows with the verdict on each model, the highest mean average precision first."""
    models = [row["model"] for row in summary]
    values = np.array([row["mean_average_precision"] for row in summary])
    diverged = np.array([row["diverged_runs"] > 0 for row in summary])
    verdicts = decide(values, p_matrix(models, pairs), diverged, tests.enough_groups)
    order = np.argsort(-values, kind="stable").tolist()
    return [summary[place] | {"verdict": verdicts[place]} for place in order]


def resolution(pairs: list[PairedDifference], sound: set[str], tests: LabelTests) -> dict:
    """Return the differences of mean average precision that this data set can detect."""
    between = [pair for pair in pairs if pair.models <= sound]
    groups = len(np.unique(tests.tests.groups))
    return power.resolution(groups, tests.effective_groups, tests.enough_groups, between or pairs)


if __name__ == "__main__":
    cli.run(main)
