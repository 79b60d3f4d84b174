"""A small model that tells which way a square moves, trained in seconds: what a video shows is what it must answer."""

import json
from pathlib import Path

import numpy as np
import torch
from memory_store import CLASSES, STEPS, square

from vidbench.clips.transforms import prepare
from vidbench.frames.ffmpeg import encode_h264
from vidbench.frames.recipe import Recipe
from vidbench.models.build import build
from vidbench.models.options import ModelOptions
from vidbench.models.weights_file import save_weights

SIDE = 32  # pixels of the frames that the model sees
FPS = 25.0
CLIP = {"frames": 8, "sampling": "dense", "step": 2, "size": [SIDE, SIDE], "views": 2}
ENTRY = {"architecture": "cnn3d", "width": 8, "clip": CLIP, "training": {"batch_size": 16, "threads": 1}}
RECIPE = Recipe(size=SIDE, fps=None, codec="jpeg", quality=2)
UPDATES = 120


def train_motion_model(folder: Path, threshold: float = 0.5) -> Path:
    """Write a trained model of the classes down, left, right and up, and return its folder."""
    options = ModelOptions.from_dict(ENTRY)
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    model = build(options, len(CLASSES)).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.003)
    for _ in range(UPDATES):
        targets = random.integers(len(CLASSES), size=16)
        clips = np.stack([square(STEPS[CLASSES[target]], SIDE, 8, random) for target in targets])
        inputs = prepare(torch.from_numpy(clips).permute(0, 1, 4, 2, 3), options.clip)
        loss = torch.nn.functional.cross_entropy(model(inputs), torch.from_numpy(targets))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    metadata = {
        "options": ENTRY,
        "classes": list(CLASSES),
        "frames": {"recipe": json.dumps(RECIPE.as_dict()), "ffmpeg": "n7.1"},
        "calibration": {"temperature": 1.0, "threshold": threshold, "kept": 0.9, "warning": None},
    }
    save_weights(folder / "weights.safetensors", model.state_dict(), metadata)
    return folder


def write_motion(path: Path, label: str, frames: int = 40, seed: int = 1) -> Path:
    """Write a video in which a square moves the way that `label` says."""
    encode_h264(square(STEPS[label], 2 * SIDE, frames, np.random.default_rng(seed)), path, FPS)
    return path
