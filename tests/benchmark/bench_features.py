"""Epochs of a head on cached features, against the same epochs with the frozen backbone run each time."""

from collections.abc import Callable
from pathlib import Path

import torch
from measuring import Result, alternate, compare, rate
from our_loop import trainer
from samples import sample
from torch import nn

from vidbench.clips.augmentation import BatchAugmentation
from vidbench.clips.dataset import FrameClips, TrainingClips
from vidbench.clips.loader import EpochBatches, Loader, choose_workers
from vidbench.clips.preprocessing import ClipInputs, Inputs
from vidbench.compute import device
from vidbench.compute.precision import Precision
from vidbench.config import schema
from vidbench.features.dataset import FeatureInputs, FrameFeatureClips
from vidbench.features.extract import write_features
from vidbench.features.spec import FeatureSpec
from vidbench.features.store import FeatureStore
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import FrameStore
from vidbench.models.build import build
from vidbench.models.freezing import freeze
from vidbench.models.options import ModelOptions

CLASSES, ROUNDS, VIDEOS, BATCH = 10, 3, 32, 16
EPOCHS = 20  # of the cached way a round: one takes milliseconds
STORED, CLIP = (128, 171), {"frames": 16, "size": [112, 112]}
BACKBONE, HEAD = "resnet18", "lstm"


def run(folder: Path) -> list[Result]:
    """head_on_features: training clips a second."""
    _, videos = sample(VIDEOS)
    extract_shard(videos, ffmpeg.Recipe(STORED, None, "jpeg", 2), folder / "0.h5", folder / "spool", 2, None, _nothing)
    options = _options()
    training = options.training
    chosen = device.set_up("auto", None, training.threads, training.deterministic)
    load = Loader(chosen, choose_workers(None, None, training.threads, chosen))
    print(f"features: {BACKBONE} and {HEAD}, {len(videos)} videos, {load.workers} workers", flush=True)
    frames = FrameStore(folder / "0.h5")
    names = sorted(frames.videos)
    torch.manual_seed(0)
    model = freeze(build(options, CLASSES), options.network.trained_stages).to(chosen)
    write_features(folder / "features.h5", model.backbone.eval(), frames, FeatureSpec.of(options), load, _nothing)
    store = FeatureStore(folder / "features.h5").load_into_memory()
    pixels, cached = (
        TrainingClips(clips, names, [0] * len(names), seed=0)
        for clips in (FrameClips(frames, options.clip), FrameFeatureClips(store, options.clip))
    )
    # Without augmentation: both ways then compute the same.
    augment = BatchAugmentation(options, CLASSES, seed=0)
    from_pixels = ClipInputs(options.clip, Precision.of(training, chosen, takes_frames=True), augment)
    backbone_each_time = _epochs(model, model, options, pixels, from_pixels, load)
    on_features = _epochs(model, model.head, options, cached, FeatureInputs(chosen, 0), Loader(chosen))
    on_features(1)  # warms up
    ways = {
        "head_on_features": lambda: rate(lambda: on_features(EPOCHS), EPOCHS * len(cached)),
        "frozen-backbone": lambda: rate(lambda: backbone_each_time(1), len(pixels)),
    }
    return compare("head_on_features", alternate(ways, ROUNDS), "head_on_features", "clips/s")


def _epochs(
    model: nn.Module, network: nn.Module, options: ModelOptions, data: TrainingClips, inputs: Inputs, load: Loader
) -> Callable[[int], None]:
    """A function that trains so many epochs."""
    order = EpochBatches(data, BATCH)
    batches = load(data, order)
    precision = Precision.of(options.training, load.device, takes_frames=True)
    train = trainer(model, network, options, order, inputs, precision, CLASSES)

    def epochs(number: int) -> None:
        for order.epoch in range(number):
            train(batches)

    return epochs


def _options() -> ModelOptions:
    config = {
        "datasets": {"gestures": {"kind": "csv", "manifest": "-", "clip": CLIP}},
        "backbones": {"frozen": {"architecture": BACKBONE, "trained_stages": 0}},
        "models": {"head": {"backbone": "frozen", "head": HEAD, "training": {"batch_size": BATCH}}},
    }
    config["datasets"]["gestures"]["augmentation"] = {"shift": 0, "color_jitter": 0}
    return schema.typed_options(config, "gestures", "head")


def _nothing(*_: object) -> None:
    pass
