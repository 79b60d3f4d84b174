"""What a run has to fetch of pretrained weights, said before its first job: files, sizes, addresses."""

import sys
from functools import cache
from pathlib import Path
from typing import Any

from vidbench.models import official_weights
from vidbench.models.network import Weights
from vidbench.models.tables.file_sizes import TABLE
from vidbench.workflow.files import Paths
from vidbench.workflow.resources import Invocation
from vidbench.workflow.run import Run

RULE = "fetch_weights"


def report_planned(run: Run, paths: Paths, workflow: Any) -> None:
    """In a dry run, print what would be fetched; its jobs are not known yet."""
    if Invocation(workflow).is_dry:
        _print(run, paths)


def report_needed(run: Run, paths: Paths, workflow: Any) -> None:
    """Before the first job, print what is fetched, where one of the jobs does that."""
    if any(job.rule.name == RULE for job in workflow.dag.needrun_jobs()):
        _print(run, paths)


def _print(run: Run, paths: Paths) -> None:
    for line in describe_missing(run, Path(paths.resources, "weights")):
        print(line, file=sys.stderr)


def describe_missing(run: Run, folder: Path) -> list[str]:
    """Return lines on the files of weights that a run's models start from and `folder` lacks; [] for none.

    `folder`: resources/weights.
    """
    missing = {model: weights for model, weights in _weights_of_models(run).items() if not _is_there(weights, folder)}
    if not missing:
        return []
    files = {weights.file: weights for weights in missing.values()}
    sizes = [megabytes_of(weights.network, weights.name) for weights in files.values()]
    megabytes = f"{sum(map(float, filter(None, sizes))):.0f} MB in " if all(sizes) else ""
    lines = [
        f"Weights to fetch first: {megabytes}{len(files)} file{'s' * (len(files) > 1)}. Without a network, put into"
        f" {folder}/incoming/:",
        *(_describe(weights, run) for weights in files.values()),
    ]
    if others := [model for model in run.models if run.first_trained(model) not in missing]:
        words = f"--config 'run={{models: [{', '.join(others)}]}}'"
        lines.append(f"  Without any of them: add {words}, the models that need none")
    return lines


def _weights_of_models(run: Run) -> dict[str, Weights]:
    """Return the official weights, or those of the Hub, that each model starts from; none and a file are left out."""
    found = {}
    for data in run.datasets:
        for model in run.trained:
            if names := data.official_weights(model):
                architecture, name = names
                weights = official_weights.find(architecture, name)
                assert weights is not None, name  # as the name was resolved
                found[model] = weights
    return found


def _is_there(weights: Weights, folder: Path) -> bool:
    places = (folder / weights.link, folder / "incoming" / weights.file, folder / "fetched" / weights.file)
    return any(place.exists() for place in places)


def _describe(weights: Weights, run: Run) -> str:
    options = run.general["weights_download"]
    mirrors = options.get("mirrors", []) if options.get("mirrors_first") and not weights.hub else []
    address = f"{mirrors[0].rstrip('/')}/{weights.file}" if mirrors else weights.address
    size = megabytes_of(weights.network, weights.name)
    return f"  {weights.file}{f' ({size} MB)' if size else ''} from {address}"


def megabytes_of(network: str, weights: str) -> int | None:
    """Return the megabytes of a file of weights, e.g. of mobilenet_v2 and IMAGENET1K_V2; None for unknown ones."""
    first, *others = _sizes().get(network, [""])
    size = dict(other.split("=") for other in others).get(weights, first)
    return int(size) if size else None


@cache
def _sizes() -> dict[str, list[str]]:
    return {network: sizes for network, *sizes in map(str.split, TABLE.splitlines())}
