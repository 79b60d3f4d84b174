"""Trainings in memory that are stopped and go on: models with dropout, four classes of moving squares."""

import random
from pathlib import Path

import memory_store
import pytest
import tiny
import torch

from vidbench.compute.precision import Precision
from vidbench.config import schema
from vidbench.errors import Diverged
from vidbench.models.options import ModelOptions
from vidbench.training.checkpoint import Checkpoint, Interrupted
from vidbench.training.loop import train
from vidbench.training.refit import refit
from vidbench.training.setup import TrainingJob, begin, make_model

TRAINING = {"epochs": 3, "batch_size": 8, "threads": 1, "warmup_epochs": 1, "learning_rate": 0.01}
LSTM, TSM, SMALL_3D, PARTLY, HEAD = "cnn2d_lstm", "cnn2d_tsm", "cnn3d", "partly_trained", "head_alone"
VIT, STANDARDISED, ATTENTIVE = "vision_transformer", "standardised", "attentive"
OPTIONS = {  # name -> (model, training options)
    "plain": (SMALL_3D, {}),
    "sgd": (SMALL_3D, {"optimizer": "sgd", "momentum": 0.8}),
    "step": (SMALL_3D, {"schedule": "step"}),
    "plateau": (SMALL_3D, {"schedule": "plateau", "plateau_patience": 0, "epochs": 5}),
    "one_cycle": (SMALL_3D, {"schedule": "one_cycle", "optimizer": "sgd"}),
    "one_cycle_adamw": (LSTM, {"schedule": "one_cycle"}),
    "label_smoothing": (SMALL_3D, {"label_smoothing": 0.1}),
    "class_weights": (SMALL_3D, {"class_weights": "balanced"}),
    "balanced_sampler": (SMALL_3D, {"sampler": "balanced"}),
    "gradient_clip": (LSTM, {"gradient_clip": 0.1}),
    "accumulate": (SMALL_3D, {"accumulate": 3, "batch_size": 4}),
    "ema": (SMALL_3D, {"ema": 0.9}),
    "precise_ema": (SMALL_3D, {"precise_batch_norm": True, "ema": 0.9, "accumulate": 2, "batch_size": 4}),
    "running_statistics": (SMALL_3D, {"precise_batch_norm": False}),
    "refit": (SMALL_3D, {"refit": True}),
    "bf16": (SMALL_3D, {"precision": "bf16"}),
    "fp16": (LSTM, {"precision": "fp16"}),
    "channels_last": (SMALL_3D, {"channels_last": True}),
    "channels_last_2d": (TSM, {"channels_last": False}),
    "activation_checkpointing": (TSM, {"activation_checkpointing": True}),
    "layer_decay": (SMALL_3D, {"layer_decay": 0.5}),
    "last_stages": (PARTLY, {"layer_decay": 0.5, "ema": 0.9}),
    "frozen_backbone": (HEAD, {"optimizer": "sgd"}),
    "lora": (VIT, {"lora": {"rank": 2}}),
    "lora_with_others": (
        VIT,
        {
            "lora": {"rank": 2, "layers": "all", "dropout": 0.1}, "ema": 0.9, "layer_decay": 0.7, "accumulate": 2,
            "batch_size": 4, "activation_checkpointing": True,
        },
    ),
    "standardised": (STANDARDISED, {"ema": 0.9}),
    "attentive": (ATTENTIVE, {"ema": 0.9}),
    "all_at_once": (
        SMALL_3D,
        {
            "optimizer": "sgd", "schedule": "one_cycle", "label_smoothing": 0.1, "sampler": "balanced",
            "gradient_clip": 1.0, "accumulate": 2, "batch_size": 4, "ema": 0.9, "precision": "bf16",
            "channels_last": True, "activation_checkpointing": True,
        },
    ),
}  # fmt: skip
AUGMENTATIONS = {
    "shift": 0.1, "color_jitter": 0.2, "horizontal_flip": True, "random_erasing": 0.5, "mixup": 0.8, "cutmix": 1.0,
}  # fmt: skip
BY_TIME = {"frames": 4, "size": [16, 16], "sampling": "dense", "rate": 12}


class SignalAfter(list):
    """Stands in for the signals received: empty until it has been looked at so many times."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.left = looks

    def __len__(self) -> int:
        self.left -= 1
        return int(self.left < 0)


def complete(model: str, training: dict, **changes: dict) -> ModelOptions:
    """Complete options of a tiny model with dropout; `changes`: to whole sections."""
    config = tiny.config()
    config["models"] |= {
        TSM: {"backbone": "cnn2d", "head": "tsm"},
        PARTLY: {"architecture": "cnn3d", "width": 4, "trained_stages": 2},
        VIT: {"backbone": "vit", "head": "mean"},
        HEAD: {"backbone": "frozen", "head": "tcn", "hidden": 8},
        STANDARDISED: {"backbone": "frozen", "head": "mean"},
        ATTENTIVE: {"backbone": "frozen", "head": "attentive", "blocks": 1},
    }
    frozen = {"architecture": "cnn2d", "trained_stages": 0, "cache_features": False, "tokens": [2, 2]}
    config["backbones"]["frozen"] = frozen
    config["backbones"]["vit"] = {"architecture": "timm/test_vit", "drop_path": 0.2}
    config["models"][model] |= {"dropout": 0.1, "training": TRAINING | training}
    config["datasets"]["motion"] |= {"clip": {"frames": 4, "size": [16, 16]}, **changes}
    return schema.typed_options(config, "motion", model)


def run(
    folder: Path, options: ModelOptions, updates: int | None = None, workers: int = 0
) -> tuple[dict, list[dict], str]:
    """Train, with a refit where the options say so, or go on, until the end or for some updates.

    Returns the best weights and those at the end, history and status.
    """
    checkpoint = Checkpoint(folder / "checkpoint.pt", "same", 1e9)
    precision = Precision.of(options.training, torch.device("cpu"), takes_frames=options.takes_frames)
    job = TrainingJob(options, 3, memory_store.split(5), precision, workers=workers)
    model, _ = make_model(job)
    training, status = begin(job, model), "ok"
    try:
        signals = [] if updates is None else SignalAfter(updates - 1)
        train(job, training, checkpoint, signals)
        if options.training.refit:
            refit(job, training, checkpoint, signals, lambda: begin(job, make_model(job)[0]))
    except Diverged as error:
        print(error)
        status = "diverged"
    last = {f"{name} at the end": tensor for name, tensor in training.model.state_dict().items()}
    return checkpoint.best_weights | last, training.progress.history, status


def same(one: tuple, other: tuple) -> None:
    assert one[1:] == other[1:]
    assert one[0].keys() == other[0].keys()
    for name, tensor in one[0].items():
        assert torch.equal(tensor, other[0][name]), name


def check_resuming(name: str, options: ModelOptions, folder: Path, workers: int = 0) -> None:
    """Stop a training somewhere, a place that the name stands for: it ends like one that was not stopped."""
    torch.set_num_threads(1)
    whole = run(folder / "whole", options)
    updates = len(whole[1]) * -(-20 // (options.training.batch_size * options.training.accumulate))
    with pytest.raises(Interrupted):
        run(folder, options, random.Random(name).randint(1, updates - 1), workers)
    same(run(folder, options, workers=workers), whole)
