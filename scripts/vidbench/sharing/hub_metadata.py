"""The metadata of a card for the Hugging Face Hub: the YAML between its first two lines of three dashes."""

import re
from typing import Any

import yaml

from vidbench.download.addresses import HMDB51
from vidbench.formatting import known
from vidbench.sharing.facts import Facts

OWN = ("csv", "folder")  # kinds of a person's own data sets: their names say more
TASK = "video-classification"
LIBRARY = "vidbench"
DATASETS = {"hmdb51": HMDB51}  # on the Hub, by kind; others are not there under a name that is known to be theirs
ON_THE_HUB = ("accuracy", "f1")  # metrics that have a page there
# Scores that stand in the results: column of scores.csv, type that the Hub knows, name.
METRICS = (
    ("top1", "accuracy", "Top-1 accuracy"),
    ("top5", "accuracy", "Top-5 accuracy"),
    ("mean_class_accuracy", "accuracy", "Mean class accuracy"),
    ("macro_f1", "f1", "Macro F1"),
    ("mean_average_precision", "mean_average_precision", "Mean average precision"),
    ("ece_scaled", "expected_calibration_error", "Expected calibration error, after temperature scaling"),
)


def describe(facts: Facts) -> dict[str, Any]:
    """Return the metadata: licence, what it is for, what it comes from, and the results."""
    results = model_results(facts)
    metadata: dict[str, Any] = {
        **facts.licence.metadata,
        "library_name": LIBRARY,
        "pipeline_tag": TASK,
        "tags": tags(facts),
        "base_model": base_model(facts),
        "datasets": [DATASETS[facts.wishes.kind]] if facts.wishes.kind in DATASETS else [],
        "metrics": [kind for kind in ON_THE_HUB if any(metric["type"] == kind for metric in results)],
        "model-index": [{
            "name": facts.title,
            "results": [{
                "task": {"type": TASK, "name": "Video classification"},
                "dataset": {"type": _dataset(facts), "name": facts.dataset, "split": "test"},
                "metrics": results,
            }],
        }],
    }  # fmt: skip
    return {key: value for key, value in metadata.items() if value}


def as_text(metadata: dict[str, Any]) -> str:
    """Return the metadata as the beginning of a card."""
    return f"---\n{yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True, width=1000)}---\n"


def tags(facts: Facts) -> list[str]:
    """Return words that a person may look for."""
    options = facts.file.options
    parts = (TASK, LIBRARY, options.network.architecture, options.head.name or "", _dataset(facts))
    return list(dict.fromkeys(_as_tag(part) for part in parts if part))


def base_model(facts: Facts) -> str:
    """Return the repository of the Hub that the first weights are from; '' where they are not from there."""
    return facts.first_weights.hub if facts.first_weights else ""


def model_results(facts: Facts) -> list[dict[str, Any]]:
    """Return the scores of the model, pooled over splits, mean over seeds: as the tables have them."""
    scores = facts.scores or {"top1": {"value": str(facts.summary.top1)}}
    return [
        {"type": kind, "name": name, "value": round(float(scores[metric]["value"]), 4)}
        for metric, kind, name in METRICS
        if metric in scores and known(scores[metric]["value"])
    ]


def _dataset(facts: Facts) -> str:
    """Return the name that others know the data by."""
    return facts.dataset if facts.wishes.kind in ("", *OWN) else facts.wishes.kind


def _as_tag(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")
