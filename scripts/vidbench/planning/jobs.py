"""The number of jobs of each rule, for a run from nothing to the report.

The numbers are those of `snakemake --dry-run`; tests/workflow/test_plan.py compares the two.
"""

from collections import Counter

from vidbench.datasets import fractions
from vidbench.workflow.across_figures import across_figures, compared_datasets
from vidbench.workflow.figures import RunProperties, drawn_figures
from vidbench.workflow.run import DataSet, Run


def count_jobs(run: Run) -> dict[str, int]:
    """Count jobs by rule, without the rules that only gather files (all, figures ...)."""
    jobs: Counter[str] = Counter()
    for data in run.datasets:
        for stage_jobs in (_data_jobs, _training_jobs, _evaluation_jobs, _figure_jobs):
            jobs.update(stage_jobs(run, data))
    jobs["download_data"] = len({data.source for data in run.datasets})
    jobs["fetch_weights"] = len(run.official_weights)
    jobs["build_report"] = 1
    if len(compared_datasets(run)) > 1:
        jobs["compare_data_sets"] = 1
        jobs.update({f"plot_{name}": 1 for name in across_figures(run)})
    return {rule: number for rule, number in jobs.items() if number}


def _num_runs(run: Run, data: DataSet) -> int:
    """Return the number of models that are predicted: one per split, model and seed."""
    return len(data.split_names) * (len(run.tested) - len(run.baselines))


def _data_jobs(run: Run, data: DataSet) -> dict[str, int]:
    names = {*data.split_names, *data.full_splits, *map(fractions.full_split, data.split_names)}
    once = ("index_videos", "inspect_videos", "diagnose_data", *([] if data.multi else ["measure_difficulty"]))
    return {
        **dict.fromkeys(once, 1),
        "extract_frames": data.shards,
        "find_duplicates": int(data.entry["leak_check"]),
        "make_splits": len(names),
    }


def _training_jobs(run: Run, data: DataSet) -> dict[str, int]:
    of_model = len(data.split_names) * len(run.seeds)
    sweeps = len(data.split_names) * len(run.swept)
    halved = [model for model in run.swept if run.later_rungs(model)]
    return {
        "extract_features": data.shards * len(data.backbones),
        "train_model": of_model * (len(run.trained) - len(run.zero_shot)),
        "embed_class_names": len(data.split_names) * len(run.zero_shot),
        "fit_baseline": len(data.split_names) * len(run.baselines),
        "rank_trials": len(data.split_names) * len(halved) * (run.budget.num_rungs - 1),
        "continue_trial": of_model * sum(len(run.later_rungs(model)) for model in halved),
        "select_trial": sweeps,
        "promote_trial": sweeps * len(run.seeds),
    }


def _evaluation_jobs(run: Run, data: DataSet) -> dict[str, int]:
    of_one_label = (
        *("compare_models", "compare_errors", "compare_scores", "explain_scores", "find_label_issues"),
        "make_tables",
    )
    once = ("compare_labels",) if data.multi else of_one_label
    explained = run.explained > 0 and not data.multi
    return {
        "predict_videos": _num_runs(run, data),
        "score_predictions": len(data.split_names) * len(run.tested),
        **dict.fromkeys(once, 1),
        "measure_cost": len(run.models),
        "select_explained_videos": int(explained),
        "compute_activation_maps": len(run.models) if explained else 0,
        "measure_motion_use": int(run.shuffles > 0 and not data.multi),
        "forecast_accuracy": int(data.split_names != data.full_splits),
    }


def _figure_jobs(run: Run, data: DataSet) -> dict[str, int]:
    return {f"plot_{name}": 1 for name in drawn_figures(RunProperties.of_data_set(run, data))}
