"""Training steps fed by the loader, against the same steps fed with a batch that already lies in memory."""

from collections.abc import Iterable
from pathlib import Path

import torch
from measuring import Result, alternate, compare, rate
from samples import sample

from vidbench import configuration, device, ffmpeg, models
from vidbench.augmentation import BatchAugmentation
from vidbench.clips import ClipDataset, EpochBatches, Loader, choose_workers
from vidbench.engine import Batch, Progress, make_optimizer, train_one_epoch
from vidbench.extraction import extract_shard
from vidbench.frames import FrameStore

CLASSES = 10
ROUNDS = 3
# Stored size, clip and batch: the small CNN as for the gestures (docs/gestures.md), r3d_18 as torchvision feeds it.
CASES = {
    "cnn3d": {"stored": (48, 64), "clip": {"frames": 32, "size": [48, 64]}, "batch": 16, "videos": 96},
    "r3d_18": {"stored": (128, 171), "clip": {"frames": 16, "size": [112, 112]}, "batch": 4, "videos": 8},
}


def run(folder: Path) -> list[Result]:
    """train_step_cnn3d and train_step_r3d_18: clips a second through whole training steps."""
    return [result for name in CASES for result in _measure(name, folder / name)]


def _measure(name: str, folder: Path) -> list[Result]:
    case = CASES[name]
    folder.mkdir()
    _, videos = sample(case["videos"])
    recipe = ffmpeg.Recipe(case["stored"], None, "jpeg", 2)
    extract_shard(videos, recipe, folder / "0.h5", folder / "spool", 2, None, lambda *_: None)
    options = _options(name, case)
    chosen = device.set_up("auto", 1, options["training"]["threads"])
    load = Loader(chosen, choose_workers(None, None, options["training"]["threads"], chosen))
    data = ClipDataset(FrameStore(folder), frames=case["clip"]["frames"], seed=0)
    print(
        f"training: {name}, {len(data)} videos a round, batches of {case['batch']}, {load.workers} workers", flush=True
    )
    batches = load(data, EpochBatches(len(data), case["batch"], 0))
    memory = [next(iter(batches))] * len(batches)
    train = _trainer(options, data, chosen)
    train(memory[:1])  # warms up
    ways = {
        f"train_step_{name}": lambda: rate(lambda: train(batches), len(data)),
        "in-memory": lambda: rate(lambda: train(memory), len(data)),
    }
    return compare(f"train_step_{name}", alternate(ways, ROUNDS), f"train_step_{name}", "clips/s")


def _options(name: str, case: dict) -> dict:
    config = {
        "datasets": {"gestures": {"kind": "csv", "manifest": "-", "clip": case["clip"]}},
        "models": {name: {"architecture": name, "training": {"batch_size": case["batch"]}}},
    }
    return configuration.model_options(config, "gestures", name)


def _trainer(options: dict, data: ClipDataset, chosen: torch.device):
    model = models.build(options, CLASSES).to(chosen)
    optimizer = make_optimizer(model, options["training"])
    augmentation = BatchAugmentation(options, data, CLASSES)

    def train(batches: Iterable[Batch]) -> None:
        steps = len(batches)
        train_one_epoch(model, optimizer, batches, steps, options, augmentation, Progress(), chosen, lambda: None)

    return train
