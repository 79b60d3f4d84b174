"""Where the numbers come from: machine, versions, seeds, stored frames, time."""

import json
from importlib.metadata import PackageNotFoundError, version

from vidbench.evaluation.runs import in_order
from vidbench.formatting import duration, known, pixels
from vidbench.report.dataset_results import Row
from vidbench.report.energy_words import all_trainings

EVALUATED_WITH = ("numpy", "scipy", "scikit-learn", "pandas", "matplotlib", "seaborn", "jinja2", "snakemake")


def provenance(records: list[dict], runs: list[Row]) -> list[tuple[str, str]]:
    """Return name and value of each fact about a data set's trainings; `records`: options.json of every run."""
    seconds = sum(float(row["sweep_seconds"] or row["train_seconds"]) for row in runs if known(row["train_seconds"]))
    precisions = in_order([_precision(record["computing"]) for record in records if record.get("computing")])
    facts = {
        "Trained on": in_order([f"{record['device']['name']} ({record['device']['type']})" for record in records]),
        "Compute threads": in_order([str(record["options"]["training"]["threads"]) for record in records]),
        "Precision": precisions,
        "Trainings": [f"{len(runs)}, {duration(seconds)} in all"],
        "Energy of the trainings": all_trainings(runs),
        "Seeds": [", ".join(map(str, sorted({record["seed"] for record in records})))] if records else [],
        "Versions in training": in_order([_versions(record["versions"]) for record in records]),
        "Stored frames": in_order(
            [f"{_recipe(record['frames']['recipe'])}, ffmpeg {record['frames']['ffmpeg']}" for record in records]
        ),
    }
    return [(name, "; ".join(values)) for name, values in facts.items() if values]


def _precision(computing: dict) -> str:
    """Say what was computed in: 'bf16', 'fp32' or, on a GPU, 'fp32 (products in TF32)'."""
    name = computing["precision"]
    return f"{name} (products in TF32)" if name == "fp32" and computing.get("tf32") else name


def _versions(versions: dict[str, str]) -> str:
    return ", ".join(" ".join(item) for item in versions.items())


def _recipe(text: str) -> str:
    """Say how frames are stored: '48 × 48 pixels, codec jpeg, quality 2', without what is unchanged."""
    options = {key: value for key, value in json.loads(text).items() if value is not None}
    size = options.pop("size", None)
    words = [f"{key.replace('_', ' ')} {value}" for key, value in options.items()]
    return ", ".join([pixels(size)] * bool(size) + words)


def evaluated_with() -> str:
    """Return the versions of the packages that scored and drew, as far as they are installed here."""
    versions = {}
    for name in EVALUATED_WITH:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return _versions(versions)
