"""A linear head on a frozen network takes its features standardised: what that gains, and what stays as it was.

The task is as in docs/weights.md: in which of some places was a video taken. The features are a random network's, whose
scales are those of no trained one: without standardisation a head learns next to nothing of them.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tiny
import torch
from memory_store import MemoryStore
from torch.nn import functional

from vidbench.clips.split_data import SplitData
from vidbench.compute.precision import Precision
from vidbench.config import schema
from vidbench.models.heads import mean
from vidbench.models.options import ModelOptions
from vidbench.prediction.orders import PredictionJob, predict_subsets
from vidbench.training.checkpoint import Checkpoint
from vidbench.training.loop import train
from vidbench.training.setup import TrainingJob, begin, make_model

PLACES, TRAIN, TEST = 12, 5, 4  # videos per place
FRAMES, HEIGHT, WIDTH = 4, 32, 40
CPU = torch.device("cpu")


class Places(MemoryStore):
    """Videos of places: blurred patterns, of which each video shows another part, lit in its own way, with noise."""

    def __init__(self, videos_per_place: int, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        self.frames = {}
        for place in range(PLACES):
            pattern = _blur(random.standard_normal((HEIGHT + 8, WIDTH + 8, 3)))
            for number in range(videos_per_place):
                self.frames[f"p{place:02d} {number}"] = _film(pattern, random)
        self.videos = {name: SimpleNamespace(num_frames=FRAMES, readable=True) for name in self.frames}


def _blur(values: np.ndarray) -> np.ndarray:
    maps = torch.from_numpy(values).permute(2, 0, 1)[None]
    maps = functional.avg_pool2d(maps, 5, 1, 2, count_include_pad=False)[0].permute(1, 2, 0).numpy()
    return (maps - maps.mean()) / maps.std()


def _film(pattern: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """(T, H, W, 3) uint8."""
    light, contrast = random.normal(120, 20), random.uniform(20, 40)
    frames = []
    for _ in range(FRAMES):
        top, left = random.integers(0, 8, 2)
        part = pattern[top : top + HEIGHT, left : left + WIDTH]
        frames.append(light + contrast * part + random.normal(0, 10, part.shape))
    return np.clip(np.stack(frames), 0, 255).astype(np.uint8)


def places() -> SplitData:
    """Every place is in each subset; validation is the test."""
    store = Places(TRAIN + TEST)
    labels = {name: name[:3] for name in store.videos}
    held = [name for name in store.videos if int(name[4:]) >= TRAIN]
    video_ids = {"train": [name for name in store.videos if name not in held], "val": held, "test": held}
    return SplitData(store, sorted(set(labels.values())), labels, video_ids, len(video_ids["train"]))


def options_of(architecture: str, head: str = "mean", **training: object) -> ModelOptions:
    config = tiny.config(
        backbones__frozen={"architecture": architecture, "trained_stages": 0, "cache_features": False},
        models__x={"backbone": "frozen", "head": head, "training": {"epochs": 8, "patience": None} | training},
        datasets__motion__clip={"frames": FRAMES, "size": [HEIGHT, WIDTH]},
        datasets__motion__training={"threads": 1},
    )
    return schema.typed_options(config, "motion", "x")


def accuracy(options: ModelOptions, data: SplitData, folder: Path) -> float:
    """Test accuracy after a training by the real loop."""
    job = TrainingJob(options, 0, data, Precision(CPU), workers=0)
    model = make_model(job)[0]
    folder.mkdir()
    checkpoint = Checkpoint(folder / "checkpoint.pt", "same", 1e9)
    train(job, begin(job, model), checkpoint, [])
    model.load_state_dict(checkpoint.best_weights)
    prediction = PredictionJob(options, data, model.eval(), Precision(CPU), job.make_loader())
    logits = predict_subsets(prediction, [])[-1][2]  # (N, 1, K)
    return float((logits[:, 0].argmax(1) == np.array(data.targets("test"))).mean())


@pytest.mark.parametrize("architecture", ["resnet18", "mobilenet_v2"])
def test_random_features_gain_two_and_a_half_times(
    architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, options = places(), options_of(architecture)
    standardised = accuracy(options, data, tmp_path / "standardised")
    monkeypatch.setattr(mean.Head, "standardise", lambda self: None)
    plain = accuracy(options, data, tmp_path / "plain")
    assert standardised >= 2.5 * plain
    assert standardised > 0.3  # chance: 0.08
