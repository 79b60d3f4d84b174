"""Results with planted numbers and real weights files: what a model's folder for a hub is made from."""

import json
from pathlib import Path

import planted
from planted import Model, Planted
from saved_models import RECIPE

from vidbench.files import read_json, write_csv, write_json
from vidbench.models.weights_metadata import KEY

MODELS = [Model("cnn3d", 0.92), Model("cnn2d_mean", 0.88), Model("knn", 0.9, baseline="knn", seeds=(0,))]
OPTIONS = {"architecture": "cnn3d", "width": 4, "clip": {"frames": 8, "size": [48, 48], "views": 4}}
TENSORS = {"a": {"dtype": "U8", "shape": [8], "data_offsets": [0, 8]}}


def plant_models(
    folder: Path, models: list[Model] = MODELS, weights: str | None = None, licence: str = "", **planting: object
) -> Path:
    """Write results/motion below `folder`, each training with a weights file of eight bytes; return it.

    `weights`, `licence`: of what the trainings started from; None for random weights.
    """
    results = planted.plant(folder, Planted("motion", models, rich=True, **planting))
    pretraining = {"licence": licence, "data": ["ImageNet-1k"]} if weights else None
    for path in results.glob("split*/*/seed*/options.json"):
        if "baseline" not in read_json(path):
            _complete(path.parent, weights, pretraining)
    for model in models:
        write_json(
            results / "costs" / f"{model.name}.json", {"device": {"type": "cpu", "name": "A processor"}, "threads": 2}
        )
    _draw_from(results, models)
    return results


def write_weights(path: Path, metadata: dict) -> None:
    """Write a weights file without torch."""
    header = json.dumps({"__metadata__": {KEY: json.dumps(metadata)}, **TENSORS}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"weights!")


def _complete(run: Path, weights: str | None, pretraining: dict | None) -> None:
    """Write the weights file of a training, and what metrics.json has of a real one."""
    options = OPTIONS | {"weights": weights}
    write_weights(run / "weights.safetensors", {
        "options": options, "classes": list(planted.CLASSES), "seed": 0, "versions": {"torch": "2.15.0"},
        "frames": {"recipe": json.dumps(RECIPE.as_dict()), "ffmpeg": "n9.0"}, "pretraining": pretraining,
        "weights": {"name": weights, "sha256": "12ab"} if weights else None,
    })  # fmt: skip
    record = read_json(run / "options.json")
    record["options"]["weights"] = weights
    write_json(run / "options.json", record)
    confusion = [[20 if row == column else 1 for column in range(5)] for row in range(4)]
    known = {"classes": list(planted.CLASSES), "temperature": 1.5, "confusion": confusion}
    write_json(run / "metrics.json", read_json(run / "metrics.json") | known)


def _draw_from(results: Path, models: list[Model]) -> None:
    """Write the table of the reliability diagram."""
    rows = [
        {"model": model.name, "scaled": scaled, "bin": number, "videos": 10, "confidence": 0.2 * number,
         "accuracy": 0.2}
        for model in models for scaled in (False, True) for number in range(5)
    ]  # fmt: skip
    write_csv(results / "calibration.csv", rows, tuple(rows[0]))
