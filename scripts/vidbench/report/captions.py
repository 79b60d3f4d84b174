"""The text under a figure, report/{name}.rst, without the sentences on what this run does not have.

These are Jinja conditions on the names below. Snakemake's own report knows none of them and shows every sentence.
"""

from pathlib import Path

from jinja2 import Template

from vidbench.evaluation.energy import common_sources
from vidbench.formatting import known
from vidbench.plotting.limits import MAX_CLASS_POINTS, MAX_CLASSES, MAX_LADDERS, MAX_PAIR_ROWS
from vidbench.report.dataset_results import DatasetResults


def caption(folder: Path, name: str, results: DatasetResults, num_classes: int) -> str:
    """Return the text of `folder`/{name}.rst in one line."""
    template = Template((folder / f"{name}.rst").read_text(encoding="utf-8"))
    return " ".join(template.render(conditions(results, num_classes)).split())


def conditions(results: DatasetResults, num_classes: int) -> dict[str, bool]:
    """Return what a run has, by the names in the captions."""
    models = len(results.summary)
    ladder = results.drawn.get("ladder", [])
    ladders = len({row["model"] for row in ladder})
    accuracies = {row.top1 for row in results.summary} | {float(row["top1"]) for row in ladder if known(row["top1"])}
    return {
        "several_seeds": any(row.num_seeds > 1 for row in results.summary),
        "diverged": any(row.diverged for row in results.summary),
        "no_interval": any(row.top1_low is None for row in results.summary),
        "all_or_nothing": bool(accuracies & {0.0, 1.0}),
        "pair_rows": len(results.pairwise) <= MAX_PAIR_ROWS,
        "pair_matrix": len(results.pairwise) > MAX_PAIR_ROWS,
        "many_classes": num_classes > MAX_CLASSES,
        "class_points": models <= MAX_CLASS_POINTS,
        "class_cells": models > MAX_CLASS_POINTS,
        "crops": any(int(row["crops"]) > 1 for row in ladder) and ladders <= MAX_LADDERS,
        "view_times": any(known(row.get("ms_per_video", "")) for row in ladder),
        "few_ladders": ladders <= MAX_LADDERS,
        "many_ladders": ladders > MAX_LADDERS,
        "energy": bool(common_sources(results.summary)),
    }
