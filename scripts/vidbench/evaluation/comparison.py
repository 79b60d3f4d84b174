"""The comparison of all models of one data set: accuracies, paired tests, verdicts and costs."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from math import nan
from statistics import mean, median, median_low
from typing import Any

import numpy as np

from vidbench.datasets.fractions import fraction_of
from vidbench.evaluation import energy, power, significance
from vidbench.evaluation.pareto import on_front
from vidbench.evaluation.runs import Run
from vidbench.evaluation.tables import ModelSummary, PairedDifference
from vidbench.evaluation.test_results import TestResults
from vidbench.evaluation.verdicts import decide
from vidbench.files import read_json

COST = ("best_batch", "ms_per_clip_best_batch", "gflops", "peak_memory_mb", "train_peak_memory_mb")
COMPARISON = (
    "dataset", "split", "model", "seed", "status", "top1", "top5", "mean_class_accuracy", "val_top1", "num_videos",
    "best_epoch", "epochs", "train_seconds", "ms_per_clip", "parameters",
    "trial", "sweep_seconds", "fraction", "train_videos", "train_clips_per_second", *COST,
)  # fmt: skip


def comparison_row(run: Run) -> dict[str, Any]:
    """Read the row of one trained model: accuracy, training, cost; `trial` and `sweep_seconds` only of a swept one."""
    time, options = run.json("training_time.json"), run.json("options.json")
    # The cost first: its trial may be that of another split.
    everything: dict[str, Any] = {"sweep_seconds": None} | read_cost(run, options) | {"trial": None}
    everything |= options | time | run.json("metrics.json")
    everything |= {"fraction": fraction_of(run.split), "train_videos": everything["videos"]["train"]}
    everything |= {"dataset": run.dataset, "split": run.split, "model": run.model, "seed": run.seed}
    return {column: everything[column] for column in COMPARISON} | {
        column: everything.get(column) for column in energy.COLUMNS
    }


def read_cost(run: Run, options: dict) -> dict[str, Any]:
    """Read what a model costs; a baseline costs what the model `cost_of` does, whose backbone it has."""
    if "cost_of" not in options:
        return read_json(run.cost)
    if options["cost_of"] is None:
        return {"parameters": 0, **dict.fromkeys(("ms_per_clip", *COST))}
    return read_json(run.cost.with_name(f"{options['cost_of']}.json"))


def diverged_runs(rows: list[dict], models: list[str]) -> dict[str, int]:
    """Count the full trainings of each model that diverged, from rows of comparison.csv."""
    diverged = [row["model"] for row in rows if row["status"] != "ok" and row["fraction"] == 1]
    return {model: diverged.count(model) for model in models}


def sound_models(diverged: dict[str, int]) -> set[str]:
    """Return the models none of whose full trainings diverged; all models where there is none."""
    return {model for model, count in diverged.items() if not count} or set(diverged)


def pairwise_rows(results: TestResults, sound: set[str] | None = None) -> list[PairedDifference]:
    """Test every pair of models: paired group t, Holm-adjusted over all pairs, and the difference it would detect.

    The variance over seeds is pooled over the `sound` models (default: all), because a training that diverged says
    nothing about the others. Numbers are NaN, or infinite, where they are not known.
    """
    tests = paired_tests(results, sound)
    seeds = {model: len(results.drawn_accuracies(model)) for model in results.models}
    rows = [
        PairedDifference(
            model_a=a,
            model_b=b,
            difference=test.difference,
            low=test.low,
            high=test.high,
            p_value=test.p_value,
            p_holm=None,  # adjusted below, over all pairs
            about=significance.subject(seeds[a], seeds[b]),
            standard_error=test.standard_error,
            **power.power_columns(test, len(results.structure.sizes), len(tests)),
        )
        for (a, b), test in tests.items()
    ]
    adjusted = significance.holm(np.array([row.p_value for row in rows]))
    return [replace(row, p_holm=p) for row, p in zip(rows, adjusted.tolist(), strict=True)]


def paired_tests(
    results: TestResults, sound: set[str] | None = None
) -> dict[tuple[str, str], significance.Comparison[float]]:
    """Test every pair of models, not adjusted for their number; `sound`: as in pairwise_rows."""
    sums = {model: group_sums(results, model) for model in results.models}
    seeds = {model: results.drawn_accuracies(model) for model in results.models}
    spread = pooled_spread(results, sound)
    return {
        (a, b): significance.paired_differences(
            sums[a] - sums[b], results.structure, seeds[a], seeds[b], spread
        ).as_floats()
        for a, b in combinations(results.models, 2)
    }


def pooled_spread(results: TestResults, sound: set[str] | None = None) -> significance.SeedVariance:
    """Return the variance over seeds, pooled over the `sound` models (default: all)."""
    models = [model for model in results.models if sound is None or model in sound]
    return significance.pooled_seed_variance([results.drawn_accuracies(model) for model in models])


def group_sums(results: TestResults, model: str) -> np.ndarray:
    """Return the number of right videos in each group (G,), mean over seeds."""
    return results.structure.sums(results.correct(model).mean(axis=0))


def resolution(results: TestResults, pairs: list[PairedDifference], sound: set[str]) -> dict[str, object]:
    """Return the content of resolution.json: the differences that this data set can detect."""
    groups = results.structure
    between = [pair for pair in pairs if pair.models <= sound]
    content = power.resolution(len(groups.sizes), groups.effective, results.enough_groups, between or pairs)
    return {**content, "tests": len(pairs)}


def summary_rows(rows: list[dict], results: TestResults, pairs: list[PairedDifference]) -> list[ModelSummary]:
    """Return one row per model, the most accurate first; `rows`, `pairs`: those of comparison.csv and pairwise.csv."""
    models = results.models
    diverged = diverged_runs(rows, models)
    accuracy = np.array([results.correct(model).mean() for model in models])
    has_diverged = np.array([diverged[model] > 0 for model in models])
    verdicts = decide(accuracy, p_matrix(models, pairs), has_diverged, results.enough_groups)
    summary = []
    for model, verdict in zip(models, verdicts, strict=True):
        full = [row for row in rows if row["model"] == model and row["fraction"] == 1]
        summary.append(
            ModelSummary(
                **accuracy_columns(model, full, results),
                **cost_columns(full),
                verdict=verdict,
                tied_with_best=verdict.tied_with_best,
                diverged_runs=diverged[model],
                baseline=results.baselines.get(model, ""),
                on_front=None,  # decided below, over all models
            )
        )
    times = [nan if row.diverged_runs or row.ms_per_clip is None else row.ms_per_clip for row in summary]
    front = on_front([row.top1 for row in summary], times)
    summary = [replace(row, on_front=is_on_front) for row, is_on_front in zip(summary, front, strict=True)]
    summary = mark_energy_front(summary)
    return sorted(summary, key=lambda row: -row.top1)


def mark_energy_front(summary: list[ModelSummary]) -> list[ModelSummary]:
    """Say which models are on the front of accuracy and energy per clip, where all models' was measured."""
    sources = energy.common_sources(summary)
    if not sources:
        return summary
    joules = [nan if row.diverged_runs else energy.joules_per_clip(row, sources) for row in summary]
    front = on_front([row.top1 for row in summary], joules)
    return [replace(row, on_energy_front=is_on_front) for row, is_on_front in zip(summary, front, strict=True)]


def p_matrix(models: list[str], pairs: list[PairedDifference]) -> np.ndarray:
    """Return the p value of each pair of models (M, M), not adjusted; NaN on the diagonal."""
    matrix = np.full((len(models), len(models)), np.nan)
    for pair in pairs:
        a, b = models.index(pair.model_a), models.index(pair.model_b)
        matrix[a, b] = matrix[b, a] = pair.p_value
    return matrix


def accuracy_columns(model: str, rows: list[dict], results: TestResults) -> dict[str, Any]:
    """Return a model's accuracy and its numbers of seeds, splits and videos; `rows`: its rows of comparison.csv."""
    top1, low, high = significance.intervals(group_sums(results, model), results.structure)
    seeds = results.accuracies(model)
    missing = sorted(set().union(*results.seeds.values()) - set(results.seeds[model]))
    missing = [] if model in results.baselines else missing  # one fit stands for all seeds
    return {
        "model": model, "top1": float(top1), "top1_low": float(low), "top1_high": float(high),
        "top1_seed_sd": float(seeds.std(ddof=1)) if len(seeds) > 1 else None,
        "num_seeds": len(seeds), "seeds_missing": " ".join(map(str, missing)),
        "num_splits": len({row["split"] for row in rows}), "num_videos": len(results.videos),
        "num_groups": len(results.structure.sizes),
    }  # fmt: skip


def cost_columns(rows: list[dict]) -> dict[str, Any]:
    """Costs over a model's runs: medians of times, means of those in training, the largest memory; None if unknown."""

    def over(statistic: Callable[[list], object], *names: str) -> dict[str, object]:
        values = {name: [row.get(name) for row in rows] for name in names}
        return {name: None if None in of_runs else statistic(of_runs) for name, of_runs in values.items()}

    return {
        "parameters": rows[0]["parameters"],
        "train_seconds": float(np.mean([row["train_seconds"] for row in rows])),
        **over(lambda values: float(np.median(values)), "ms_per_clip"),
        **over(mean, "train_clips_per_second"),
        **over(median_low, "best_batch"),
        **over(median, "ms_per_clip_best_batch", "gflops"),
        **over(max, "peak_memory_mb", "train_peak_memory_mb"),
        **over(median, *energy.PER_CLIP.values(), *energy.BEST_BATCH.values()),
        **over(mean, *energy.TRAINING.values()),
    }
