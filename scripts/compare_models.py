"""Compare all models of one data set: who is best, how sure that is, and what each costs.

Example:
    python scripts/compare_models.py --runs results/motion/split1/*/seed*/metrics.json \\
        --videos results/motion/videos.csv --splits results/motion/splits/*.csv --folder results/motion

Writes into the folder
    comparison.csv   one row a split, model and seed, variants with a fraction of the training videos included
    summary.csv      one row a model: accuracy pooled over splits, mean over seeds, 95 % interval by group
                     (of full splits alone, like pairwise.csv), verdict: best, tied, behind or unknown
    pairwise.csv     one row a pair of models: difference, interval, p value, Holm-adjusted p value, what would be found
    resolution.json  what difference this data set can resolve, and the groups that smaller ones would need
"""

from dataclasses import dataclass
from itertools import combinations
from math import nan
from pathlib import Path
from statistics import mean, median, median_low

import numpy as np

from vidbench import cli
from vidbench.datasets.video import Video, read_videos
from vidbench.evaluation import power, significance
from vidbench.evaluation.groups import Groups
from vidbench.evaluation.pareto import on_front
from vidbench.evaluation.pooling import pool
from vidbench.evaluation.runs import Run, runs
from vidbench.files import write_csv, write_json
from vidbench.fractions import fraction_of, is_variant

COST = ("best_batch", "ms_per_clip_best_batch", "gflops", "peak_memory_mb", "train_peak_memory_mb")
COMPARISON = (
    "dataset", "split", "model", "seed", "status", "top1", "top5", "mean_class_accuracy", "val_top1", "num_videos",
    "best_epoch", "epochs", "train_seconds", "ms_per_clip", "parameters",
    "trial", "sweep_seconds", "fraction", "train_videos", "train_clips_per_second", *COST,
)  # fmt: skip
SUMMARY = (
    "model", "top1", "top1_low", "top1_high", "top1_seed_sd", "tied_with_best", "num_seeds", "num_splits",
    "num_videos", "num_groups", "train_seconds", "ms_per_clip", "parameters",
    "train_clips_per_second", *COST, "on_front", "verdict", "diverged_runs", "seeds_missing",
)  # fmt: skip
PAIRWISE = (
    "model_a", "model_b", "difference", "low", "high", "p_value", "p_holm", "about",
    "standard_error", "detectable", "groups_for_1", "groups_for_2", "groups_for_5",
)  # fmt: skip


def main() -> None:
    parser = cli.parser(__doc__)
    cli.add_comparison_arguments(parser, "metrics.json")
    parser.add_argument("--folder", type=Path, required=True, help="where the tables go")
    arguments = parser.parse_args()
    videos = {video.video: video for video in read_videos(arguments.videos)}
    found = runs(arguments.runs)
    rows = [comparison_row(run) for run in found]
    full = [run for run in found if not is_variant(run.split)]
    compared = read_results(full, videos, arguments.splits, arguments.unreadable)
    sound = sound_models(rows, list(compared.matrices))
    pairs = pairwise_rows(compared, sound)
    write_csv(arguments.folder / "comparison.csv", rows, COMPARISON)
    write_csv(arguments.folder / "pairwise.csv", map(power.without_infinite, pairs), PAIRWISE)
    write_csv(arguments.folder / "summary.csv", summary_rows(rows, compared, pairs), SUMMARY)
    groups = compared.groups
    between = [pair for pair in pairs if {pair["model_a"], pair["model_b"]} <= sound]
    can = power.resolution(len(groups.sizes), groups.effective, compared.enough_groups, between or pairs)
    write_json(arguments.folder / "resolution.json", can | {"tests": len(pairs)})


@dataclass(frozen=True)
class Results:
    """Right or wrong of every model on the same N videos, pooled over splits."""

    groups: Groups  # of the videos, the classes as strata where they can be
    matrices: dict[str, np.ndarray]  # model -> (S, N), a row a seed
    seeds: dict[str, list[int]]

    @property
    def enough_groups(self) -> bool:
        """Whether anything is said about how sure a number is."""
        return self.groups.effective >= significance.FEWEST_GROUPS

    def accuracies(self, model: str) -> np.ndarray:
        """(S,) accuracy of each seed."""
        return self.matrices[model].mean(axis=1)

    def sums(self, model: str) -> np.ndarray:
        """(G,) right videos of each group, mean over seeds."""
        return self.groups.sums(self.matrices[model].mean(axis=0))


def read_results(found: list[Run], videos: dict[str, Video], splits: list[Path], unreadable: str) -> Results:
    """From the predictions of all runs; `unreadable` as in metrics.scored."""
    pooled, tested = pool(found, videos, splits, unreadable=unreadable)
    groups = np.array([videos[video].group for video in tested])
    classes = np.array([videos[video].label for video in tested])
    matrices = {model: results.matrix(tested) for model, results in pooled.items()}
    return Results(Groups.of(groups, classes), matrices, {model: list(pooled[model].seeds) for model in pooled})


def comparison_row(run: Run) -> dict[str, object]:
    """One trained model: accuracy, training and cost; `trial` and `sweep_seconds` only of a swept one."""
    everything = {**run.json("options.json"), **run.json("cost.json"), **run.json("metrics.json")}
    everything = {"trial": None, "sweep_seconds": None} | everything
    everything |= {"fraction": fraction_of(run.split), "train_videos": everything["videos"]["train"]}
    everything |= {"dataset": run.dataset, "split": run.split, "model": run.model, "seed": run.seed}
    return {column: everything[column] for column in COMPARISON}


def sound_models(rows: list[dict], models: list[str]) -> set[str]:
    """The models whose full trainings all ended well; all models where there is none."""
    diverged = {row["model"] for row in rows if row["status"] != "ok" and row["fraction"] == 1}
    return set(models) - diverged or set(models)


def pairwise_rows(results: Results, sound: set[str] | None = None) -> list[dict[str, object]]:
    """Paired group t of every pair of models, Holm-adjusted over all pairs, and what such a test would find.

    The variance over seeds is pooled over the `sound` models (default: all): a training that diverged says nothing of
    the others.
    """
    groups, models = results.groups, list(results.matrices)
    sums = {model: results.sums(model) for model in models}
    seeds = {model: results.accuracies(model) for model in models}
    spread = significance.pooled_seed_variance([seeds[model] for model in models if sound is None or model in sound])
    pairs = list(combinations(models, 2))
    rows = []
    for a, b in pairs:
        test = significance.paired_differences(sums[a] - sums[b], groups, seeds[a], seeds[b], spread)
        enough = min(len(seeds[a]), len(seeds[b])) >= significance.FEWEST_SEEDS
        about = "architectures" if enough else "these trained weights"
        found = {name: float(value) for name, value in vars(test).items()}
        columns = power.power_columns(test, len(groups.sizes), len(pairs))
        rows.append({"model_a": a, "model_b": b, "about": about} | found | columns)
    adjusted = significance.holm(np.array([row["p_value"] for row in rows]))
    rows = [row | {"p_holm": p} for row, p in zip(rows, adjusted.tolist(), strict=True)]
    return [{column: row[column] for column in PAIRWISE} for row in rows]


def summary_rows(rows: list[dict], results: Results, pairs: list[dict]) -> list[dict[str, object]]:
    """One row a model, the most accurate first."""
    models = list(results.matrices)
    accuracy = np.array([results.matrices[model].mean() for model in models])
    p_values = np.full((len(models), len(models)), np.nan)
    for pair in pairs:
        a, b = models.index(pair["model_a"]), models.index(pair["model_b"])
        p_values[a, b] = p_values[b, a] = pair["p_value"]
    own = {model: [row for row in rows if row["model"] == model and row["fraction"] == 1] for model in models}
    diverged = [sum(row["status"] != "ok" for row in own[model]) for model in models]
    verdicts = significance.verdicts(accuracy, p_values, np.array(diverged) == 0, results.enough_groups)
    summary = [
        summary_row(model, own[model], results) | {"diverged_runs": count, **verdict_columns(verdict)}
        for model, count, verdict in zip(models, diverged, verdicts, strict=True)
    ]
    times = [nan if row["diverged_runs"] else row["ms_per_clip"] for row in summary]
    for row, stands in zip(summary, on_front([row["top1"] for row in summary], times), strict=True):
        row["on_front"] = stands
    return sorted(summary, key=lambda row: -row["top1"])


def verdict_columns(verdict: str) -> dict[str, object]:
    """The verdict, and whether the model is tied with the best: empty where nothing is known."""
    return {"verdict": verdict, "tied_with_best": "" if verdict == "unknown" else verdict != "behind"}


def summary_row(model: str, own: list[dict], results: Results) -> dict[str, object]:
    """Accuracy and cost of a model, from its rows of comparison.csv and its pooled results."""
    top1, low, high = significance.intervals(results.sums(model), results.groups)
    seeds = results.accuracies(model)
    lacking = [seed for seed in sorted(set().union(*results.seeds.values())) if seed not in results.seeds[model]]
    return {
        "model": model, "top1": float(top1), "top1_low": float(low), "top1_high": float(high),
        "top1_seed_sd": float(seeds.std(ddof=1)) if len(seeds) > 1 else "",
        "num_seeds": len(seeds), "seeds_missing": " ".join(map(str, lacking)),
        "num_splits": len({row["split"] for row in own}), "num_videos": results.matrices[model].shape[1],
        "num_groups": len(results.groups.sizes), "parameters": own[0]["parameters"],
        "train_seconds": float(np.mean([row["train_seconds"] for row in own])),
        "ms_per_clip": float(np.median([row["ms_per_clip"] for row in own])),
    } | cost_over_runs(own)  # fmt: skip


def cost_over_runs(rows: list[dict]) -> dict[str, object]:
    """The columns COST of a model's runs: median of times, largest of memory; the rate of training is a mean."""
    values = {column: [row[column] for row in rows] for column in ("train_clips_per_second", *COST)}
    summaries = dict.fromkeys(COST, median) | {"train_clips_per_second": mean, "best_batch": median_low}
    summaries |= {"peak_memory_mb": max, "train_peak_memory_mb": max}
    return {column: summaries[column](found) for column, found in values.items()}


if __name__ == "__main__":
    cli.run(main)
