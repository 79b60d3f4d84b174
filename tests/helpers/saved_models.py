"""Trained models as files, with random weights: what is taken away from a run."""

import json
from pathlib import Path

import torch

from vidbench.frames.recipe import Recipe
from vidbench.models.build import build
from vidbench.models.options import ModelOptions
from vidbench.models.weights_file import save_weights

CLASSES = ["down", "left", "right", "up"]
RECIPE = Recipe(size=40, fps=None, codec="jpeg", quality=2)
TRAINING = {"batch_size": 6, "threads": 1}
CNN3D = {"architecture": "cnn3d", "width": 4}


def save_model(folder: Path, entry: dict = CNN3D, clip: dict | None = None, recipe: Recipe = RECIPE) -> ModelOptions:
    """Write a model with random weights, and return its options."""
    section = {"frames": 4, "size": [32, 32], "views": 2, **(clip or {})}
    entry = entry | {"clip": section, "training": TRAINING | entry.get("training", {})}
    options = ModelOptions.from_dict(entry)
    torch.manual_seed(0)
    model = build(options, len(CLASSES))
    metadata = {
        "options": entry,
        "classes": CLASSES,
        "frames": {"recipe": json.dumps(recipe.as_dict()), "ffmpeg": "n7.1"},
        "calibration": {"temperature": 1.5, "threshold": 0.3, "kept": 0.9},
    }
    save_weights(folder / "weights.safetensors", model.state_dict(), metadata)
    return options
