"""Epochs of a head on cached features, against the same epochs with the frozen backbone run each time."""

from collections.abc import Callable
from pathlib import Path

import torch
from measuring import Result, alternate, compare, rate
from our_loop import trainer
from samples import sample
from torch import nn

from vidbench import configuration, ffmpeg, models
from vidbench.clips import ClipDataset, EpochBatches, Loader, choose_workers
from vidbench.clips.preprocessing import ClipInputs, Inputs
from vidbench.compute import device
from vidbench.compute.precision import Computing
from vidbench.extraction import extract_shard
from vidbench.features import spec as feature_options
from vidbench.features.dataset import FeatureDataset, FeatureInputs
from vidbench.features.extract import write_features
from vidbench.features.store import FeatureStore
from vidbench.frames import FrameStore
from vidbench.models.freezing import freeze

CLASSES, ROUNDS, VIDEOS, BATCH = 10, 3, 32, 16
EPOCHS = 20  # of the cached way a round: one takes milliseconds
STORED, CLIP = (128, 171), {"frames": 16, "size": [112, 112]}
BACKBONE, HEAD = "resnet18", "lstm"


def run(folder: Path) -> list[Result]:
    """head_on_features: training clips a second."""
    _, videos = sample(VIDEOS)
    extract_shard(videos, ffmpeg.Recipe(STORED, None, "jpeg", 2), folder / "0.h5", folder / "spool", 2, None, _nothing)
    options = _options()
    chosen = device.set_up("auto", 1, options["training"])
    load = Loader(chosen, choose_workers(None, None, options["training"]["threads"], chosen))
    print(f"features: {BACKBONE} and {HEAD}, {len(videos)} videos, {load.workers} workers", flush=True)
    frames = FrameStore(folder / "0.h5")
    names = sorted(frames.videos)
    torch.manual_seed(0)
    model = freeze(models.build(options, CLASSES), options).to(chosen)
    cut = feature_options.of(options)
    write_features(folder / "features.h5", model.backbone.eval(), frames, cut, load, _nothing)
    store = FeatureStore(folder / "features.h5").hold()
    pixels, cached = (
        made(of, names, [0] * len(names), frames=CLIP["frames"], seed=0)
        for made, of in ((ClipDataset, frames), (FeatureDataset, store))
    )
    # Without augmentation: both ways then compute the same.
    from_pixels = ClipInputs(options, Computing.of(options["training"], chosen), pixels, CLASSES)
    backbone_each_time = _epochs(model, model, options, pixels, from_pixels, load)
    on_features = _epochs(model, model.head, options, cached, FeatureInputs(chosen, 0), Loader(chosen))
    on_features(1)  # warms up
    ways = {
        "head_on_features": lambda: rate(lambda: on_features(EPOCHS), EPOCHS * len(cached)),
        "frozen-backbone": lambda: rate(lambda: backbone_each_time(1), len(pixels)),
    }
    return compare("head_on_features", alternate(ways, ROUNDS), "head_on_features", "clips/s")


def _epochs(
    model: nn.Module, network: nn.Module, options: dict, data: ClipDataset, inputs: Inputs, load: Loader
) -> Callable[[int], None]:
    """A function that trains so many epochs."""
    order = EpochBatches(data, BATCH)
    batches = load(data, order)
    train = trainer(
        model, network, options, data, order, inputs, Computing.of(options["training"], load.device), CLASSES
    )

    def epochs(number: int) -> None:
        for order.epoch in range(number):
            train(batches)

    return epochs


def _options() -> dict:
    config = {
        "datasets": {"gestures": {"kind": "csv", "manifest": "-", "clip": CLIP}},
        "backbones": {"frozen": {"architecture": BACKBONE, "trained_stages": 0}},
        "models": {"head": {"backbone": "frozen", "head": HEAD, "training": {"batch_size": BATCH}}},
    }
    config["datasets"]["gestures"]["augmentation"] = {"shift": 0, "color_jitter": 0}
    return configuration.model_options(config, "gestures", "head")


def _nothing(*_: object) -> None:
    pass
