"""Compare all models of one data set: who is best, how sure that is, and what each costs.

Example:
    python scripts/compare_models.py --runs results/motion/split1/*/seed*/metrics.json \\
        --videos results/motion/videos.csv --splits results/motion/splits/*.csv --folder results/motion

Writes into the folder
    comparison.csv   one row a split, model and seed, variants with a fraction of the training videos included
    summary.csv      one row a model: accuracy pooled over splits, mean over seeds, 95 % interval by group
                     (of full splits alone, like pairwise.csv)
    pairwise.csv     one row a pair of models: difference, interval, p value, Holm-adjusted p value
"""

from itertools import combinations
from pathlib import Path

import numpy as np

from vidbench import cli, statistics
from vidbench.datasets.video import Video, read_videos
from vidbench.files import write_csv
from vidbench.fractions import fraction_of, is_variant
from vidbench.pooling import Pooled, pool
from vidbench.results import Run, runs

COMPARISON = (
    "dataset", "split", "model", "seed", "status", "top1", "top5", "mean_class_accuracy", "val_top1", "num_videos",
    "best_epoch", "epochs", "train_seconds", "ms_per_clip", "parameters",
    "trial", "sweep_seconds", "fraction", "train_videos",
)  # fmt: skip
SUMMARY = (
    "model", "top1", "top1_low", "top1_high", "top1_seed_sd", "tied_with_best", "num_seeds", "num_splits",
    "num_videos", "num_groups", "train_seconds", "ms_per_clip", "parameters",
)  # fmt: skip
PAIRWISE = ("model_a", "model_b", "difference", "low", "high", "p_value", "p_holm", "about")


def main() -> None:
    parser = cli.parser(__doc__)
    parser.add_argument("--runs", type=Path, nargs="+", required=True, help="metrics.json of every run")
    parser.add_argument("--videos", type=Path, required=True, help="videos.csv")
    parser.add_argument("--splits", type=Path, nargs="+", required=True, help="the splits' CSV files")
    parser.add_argument("--folder", type=Path, required=True, help="where the three tables go")
    arguments = parser.parse_args()
    videos = {video.video: video for video in read_videos(arguments.videos)}
    found = runs(arguments.runs)
    rows = [comparison_row(run) for run in found]
    pooled, tested = pool([run for run in found if not is_variant(run.split)], videos, arguments.splits)
    pairs = pairwise_rows(pooled, tested, videos)
    write_csv(arguments.folder / "comparison.csv", rows, COMPARISON)
    write_csv(arguments.folder / "pairwise.csv", pairs, PAIRWISE)
    write_csv(arguments.folder / "summary.csv", summary_rows(rows, pooled, tested, videos, pairs), SUMMARY)


def comparison_row(run: Run) -> dict[str, object]:
    """One trained model: accuracy, training and cost; `trial` and `sweep_seconds` only of a swept one."""
    everything = {**run.json("options.json"), **run.json("cost.json"), **run.json("metrics.json")}
    everything = {"trial": None, "sweep_seconds": None} | everything
    everything |= {"fraction": fraction_of(run.split), "train_videos": everything["videos"]["train"]}
    everything |= {"dataset": run.dataset, "split": run.split, "model": run.model, "seed": run.seed}
    return {column: everything[column] for column in COMPARISON}


def pairwise_rows(pooled: dict[str, Pooled], tested: list[str], videos: dict[str, Video]) -> list[dict[str, object]]:
    """Paired group t of every pair of models, Holm-adjusted over all pairs."""
    groups = np.array([videos[video].group for video in tested])
    matrix = {model: results.matrix(tested) for model, results in pooled.items()}
    rows = []
    for a, b in combinations(pooled, 2):
        seeds = [matrix[model].mean(axis=1) for model in (a, b)]
        test = statistics.paired_difference(matrix[a].mean(axis=0), matrix[b].mean(axis=0), groups, *seeds)
        about = "architectures" if min(map(len, seeds)) >= 3 else "these trained weights"
        rows.append({"model_a": a, "model_b": b, **vars(test), "about": about})
    adjusted = statistics.holm(np.array([row["p_value"] for row in rows]))
    return [row | {"p_holm": p} for row, p in zip(rows, adjusted.tolist(), strict=True)]


def summary_rows(
    rows: list[dict], pooled: dict[str, Pooled], tested: list[str], videos: dict[str, Video], pairs: list[dict]
) -> list[dict[str, object]]:
    """One row a model, the most accurate first."""
    models = list(pooled)
    groups = np.array([videos[video].group for video in tested])
    classes = np.array([videos[video].label for video in tested])
    matrices = [pooled[model].matrix(tested) for model in models]
    accuracy = np.array([matrix.mean() for matrix in matrices])
    p_values = np.full((len(models), len(models)), np.nan)
    for pair in pairs:
        a, b = models.index(pair["model_a"]), models.index(pair["model_b"])
        p_values[a, b] = p_values[b, a] = pair["p_value"]
    tied = statistics.tied_with_best(accuracy, p_values)
    summary = []
    for place, model in enumerate(models):
        own = [row for row in rows if row["model"] == model and row["fraction"] == 1]
        matrix = matrices[place]
        interval = statistics.accuracy_interval(matrix.mean(axis=0), groups, classes)
        summary.append({
            "model": model, "top1": interval.value, "top1_low": interval.low, "top1_high": interval.high,
            "top1_seed_sd": float(matrix.mean(axis=1).std(ddof=1)) if len(matrix) > 1 else "",
            "tied_with_best": bool(tied[place]), "num_seeds": len(matrix),
            "num_splits": len({row["split"] for row in own}), "num_videos": len(tested),
            "num_groups": len(set(groups)), "parameters": own[0]["parameters"],
            "train_seconds": float(np.mean([row["train_seconds"] for row in own])),
            "ms_per_clip": float(np.median([row["ms_per_clip"] for row in own])),
        })  # fmt: skip
    return sorted(summary, key=lambda row: -row["top1"])


if __name__ == "__main__":
    cli.run(main)
