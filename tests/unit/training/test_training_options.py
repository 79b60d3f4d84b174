"""Every training option, switched on by itself: it does what it says, resumes to the same bytes, and needs no luck."""

import random
import shutil
from pathlib import Path

import memory_store
import pytest
import tiny
import torch
from torch import nn

from vidbench.compute.precision import Precision, explained_errors
from vidbench.config import schema
from vidbench.errors import Diverged, UserError
from vidbench.models.options import ModelOptions
from vidbench.training.activation_checkpointing import recompute_blocks
from vidbench.training.checkpoint import Checkpoint, Interrupted
from vidbench.training.loop import train
from vidbench.training.setup import TrainingJob, begin, make_model

TRAINING = {"epochs": 3, "batch_size": 8, "threads": 1, "warmup_epochs": 1, "learning_rate": 0.01}
LSTM, TSM, SMALL_3D, PARTLY, HEAD = "cnn2d_lstm", "cnn2d_tsm", "cnn3d", "partly_trained", "head_alone"
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
    "bf16": (SMALL_3D, {"precision": "bf16"}),
    "fp16": (LSTM, {"precision": "fp16"}),
    "channels_last": (SMALL_3D, {"channels_last": True}),
    "channels_last_2d": (TSM, {"channels_last": True}),
    "activation_checkpointing": (TSM, {"activation_checkpointing": True}),
    "layer_decay": (SMALL_3D, {"layer_decay": 0.5}),
    "last_stages": (PARTLY, {"layer_decay": 0.5, "ema": 0.9}),
    "frozen_backbone": (HEAD, {"optimizer": "sgd"}),
    "all_at_once": (
        SMALL_3D,
        {
            "optimizer": "sgd", "schedule": "one_cycle", "label_smoothing": 0.1, "sampler": "balanced",
            "gradient_clip": 1.0, "accumulate": 2, "batch_size": 4, "ema": 0.9, "precision": "bf16",
            "channels_last": True, "activation_checkpointing": True,
        },
    ),
}  # fmt: skip
SAME = (
    "plain",
    "class_weights",
    "balanced_sampler",
    "activation_checkpointing",
)  # change nothing here, or nothing at all
COMPILED = {"compile": True, "epochs": 2, "ema": 0.9}
SLOW = {
    "compile": (SMALL_3D, COMPILED),
    "compile_and_recompute": (SMALL_3D, COMPILED | {"activation_checkpointing": True}),
}
AUGMENTATIONS = {
    "shift": 0.1, "color_jitter": 0.2, "horizontal_flip": True, "random_erasing": 0.5, "mixup": 0.8, "cutmix": 1.0,
}  # fmt: skip


class StopAfter(list):
    """Stands in for the list of signals received: one comes after so many updates."""

    def __init__(self, updates: int) -> None:
        super().__init__()
        self.left = updates

    def __len__(self) -> int:
        self.left -= 1
        return int(self.left <= 0)


BY_TIME = {"frames": 4, "size": [16, 16], "sampling": "dense", "rate": 12}


def complete(model: str, training: dict, **changes: dict) -> ModelOptions:
    """Complete options of a tiny model with dropout; `changes`: to whole sections."""
    config = tiny.config()
    config["models"] |= {
        TSM: {"backbone": "cnn2d", "head": "tsm"},
        PARTLY: {"architecture": "cnn3d", "width": 4, "trained_stages": 2},
        HEAD: {"backbone": "frozen", "head": "tcn", "hidden": 8},
    }
    config["backbones"]["frozen"] = {"architecture": "cnn2d", "trained_stages": 0, "cache_features": False}
    config["models"][model] |= {"dropout": 0.1, "training": TRAINING | training}
    config["datasets"]["motion"] |= {"clip": {"frames": 4, "size": [16, 16]}, **changes}
    return schema.typed_options(config, "motion", model)


def run(
    folder: Path, options: ModelOptions, updates: int | None = None, workers: int = 0
) -> tuple[dict, list[dict], str]:
    """Train, or go on, until the end or for some updates; weights, history and status."""
    checkpoint = Checkpoint(folder / "checkpoint.pt", "same", 1e9)
    precision = Precision.of(options.training, torch.device("cpu"))
    job = TrainingJob(options, 3, memory_store.split(5), precision, workers=workers)
    model, _ = make_model(job)
    training, status = begin(job, model), "ok"
    try:
        train(job, training, checkpoint, [] if updates is None else StopAfter(updates))
    except Diverged as error:
        print(error)
        status = "diverged"
    last = {f"{name} at the end": tensor for name, tensor in model.state_dict().items()}
    return checkpoint.best_weights | last, training.progress.history, status


def same(one: tuple, other: tuple) -> None:
    assert one[1:] == other[1:]
    assert one[0].keys() == other[0].keys()
    for name, tensor in one[0].items():
        assert torch.equal(tensor, other[0][name]), name


@pytest.mark.parametrize("name", OPTIONS)
def test_a_stopped_training_with_workers_ends_like_a_whole_one_without(name: str, tmp_path: Path) -> None:
    stop_and_go_on(name, complete(*OPTIONS[name]), tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("g++"), reason="torch.compile needs a C++ compiler")
@pytest.mark.parametrize("name", SLOW)
def test_slow_options_too(name: str, tmp_path: Path) -> None:
    stop_and_go_on(name, complete(*SLOW[name]), tmp_path)


def stop_and_go_on(name: str, options: ModelOptions, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    whole = run(tmp_path / "whole", options)
    updates = len(whole[1]) * -(-20 // (options.training.batch_size * options.training.accumulate))
    with pytest.raises(Interrupted):
        run(tmp_path, options, random.Random(name).randint(1, updates - 1), workers=2)
    same(run(tmp_path, options, workers=2), whole)


@pytest.mark.parametrize("change", AUGMENTATIONS)
def test_augmentations_resume_to_the_same_bytes(change: str, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    options = complete(SMALL_3D, {}, augmentation={"shift": 0, "color_jitter": 0, change: AUGMENTATIONS[change]})
    whole = run(tmp_path / "whole", options)
    with pytest.raises(Interrupted):
        run(tmp_path, options, random.Random(change).randint(1, 7))
    same(run(tmp_path, options, workers=2), whole)


def test_clips_by_time_resume_to_the_same_bytes_and_are_others_than_by_frames(tmp_path: Path) -> None:
    by_time = complete(SMALL_3D, {}, clip=BY_TIME)
    stop_and_go_on("by_time", by_time, tmp_path)
    by_frames = complete(SMALL_3D, {}, clip=BY_TIME | {"rate": None, "step": 1})
    one, other = run(tmp_path / "one", by_time), run(tmp_path / "other", by_frames)
    assert any(not torch.equal(one[0][key], other[0][key]) for key in other[0])
    same(run(tmp_path / "same", complete(SMALL_3D, {}, clip=BY_TIME | {"rate": 25})), other)  # the store's own rate


@pytest.mark.parametrize("name", [name for name in OPTIONS if name not in SAME])
def test_the_other_options_change_the_result(name: str, tmp_path: Path) -> None:
    model, training = OPTIONS[name]
    with_it = run(tmp_path / "with", complete(model, training))
    without = run(tmp_path / "without", complete(model, {"epochs": training.get("epochs", 3)}))
    assert any(not torch.equal(with_it[0][key], without[0][key]) for key in without[0])


@pytest.mark.parametrize("model", [TSM, SMALL_3D])
def test_activation_checkpointing_changes_nothing(model: str, tmp_path: Path) -> None:
    """Batch norm's statistics included, which a second forward pass would move again; and it does recompute."""
    one = run(tmp_path / "with", complete(model, {"activation_checkpointing": True}))
    same(one, run(tmp_path / "without", complete(model, {})))


@pytest.mark.skipif(not shutil.which("g++"), reason="torch.compile needs a C++ compiler")
def test_recomputed_blocks_can_be_compiled() -> None:
    """On a GPU compilation is the default; batch norm's statistics move once a step in either way."""
    torch.set_num_threads(1)
    results = []
    for compiled in (False, True):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Sequential(nn.Conv3d(3, 4, 1), nn.BatchNorm3d(4)), nn.Flatten(), nn.Linear(32, 2))
        assert recompute_blocks(network) == ["0"]
        call = torch.compile(network, dynamic=False, backend="aot_eager") if compiled else network
        call(torch.randn(4, 3, 2, 2, 2)).square().sum().backward()
        tensors = network.state_dict() | {name: part.grad for name, part in network.named_parameters()}
        results.append({name: tensor.clone() for name, tensor in tensors.items()})
    assert results[1]["0.1.num_batches_tracked"] == 1
    for one, other in zip(*map(dict.values, results), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_a_diverged_training_keeps_its_best_epoch_and_says_the_step(tmp_path: Path, capsys) -> None:
    options = complete(
        SMALL_3D, {"optimizer": "sgd", "schedule": "constant", "warmup_epochs": 0, "learning_rate": 1e30}
    )
    weights, history, status = run(tmp_path, options)
    assert status == "diverged"
    assert len(history) < 3
    assert "the loss is" in capsys.readouterr().out
    saved = [tensor for name, tensor in weights.items() if not name.endswith("at the end")]
    assert all(tensor.isfinite().all() for tensor in saved)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), "lower training.batch_size"),
        (RuntimeError("avg_pool3d_backward_cuda does not have a deterministic implementation, but"), "avg_pool3d"),
    ],
)
def test_what_a_gpu_lacks_is_one_line(error: Exception, words: str) -> None:
    with pytest.raises(UserError, match=words), explained_errors():
        raise error
    with pytest.raises(RuntimeError, match="another"), explained_errors():
        raise RuntimeError("another")
