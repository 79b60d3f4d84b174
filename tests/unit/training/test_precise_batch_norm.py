"""Precise batch norm: statistics by hand, frozen parts, dropout, and a training that running statistics would ruin."""

from pathlib import Path

import memory_store
import pytest
import torch
from stopped_trainings import HEAD, SMALL_3D, complete, run, same
from torch import nn
from torch.nn import functional

from vidbench.clips.split_data import SplitData
from vidbench.compute.precision import Precision
from vidbench.models.freezing import FROZEN
from vidbench.models.options import ModelOptions
from vidbench.training import epochs as module
from vidbench.training.checkpoint import Checkpoint
from vidbench.training.epochs import Epochs
from vidbench.training.loop import train, validate
from vidbench.training.precise_batch_norm import set_precise_statistics
from vidbench.training.setup import TrainingJob, begin, make_model
from vidbench.training.state import Training

CPU = Precision(torch.device("cpu"))
FAST = {"epochs": 4, "batch_size": 20, "learning_rate": 0.01, "schedule": "constant", "warmup_epochs": 0}
PRECISE, RUNNING = {"precise_batch_norm": True}, {"precise_batch_norm": False}


@pytest.fixture
def network() -> nn.Sequential:
    """Two convolutions with batch norm each, and dropout between them."""
    torch.manual_seed(0)
    first, second = nn.Conv3d(3, 4, 3), nn.Conv3d(4, 5, 2)
    return nn.Sequential(first, nn.BatchNorm3d(4), nn.ReLU(), nn.Dropout(0.5), second, nn.BatchNorm3d(5))


@pytest.fixture
def batches() -> list[torch.Tensor]:
    """Batches of 5, 5 and 3 clips, whose mean is far from 0 and not alike."""
    torch.manual_seed(1)
    return [torch.randn(size, 3, 4, 6, 6) * size + 20 for size in (5, 5, 3)]


def by_hand(network: nn.Sequential, batches: list[torch.Tensor]) -> list[torch.Tensor]:
    """Mean and variance of both norms over all values, the second's behind a first that normalises each batch."""
    first, norm, _, _, second, _ = network
    before = [first(batch) for batch in batches]
    inside = [functional.batch_norm(x, None, None, norm.weight, norm.bias, training=True, eps=norm.eps) for x in before]
    behind = [second(values.relu()) for values in inside]
    statistics = []
    for parts in (before, behind):
        values = torch.cat([part.transpose(0, 1).flatten(1) for part in parts], dim=1).double()  # (C, all values)
        statistics += [values.mean(dim=1), values.var(dim=1, correction=0)]
    return statistics


@torch.no_grad()
def test_statistics_are_those_of_all_values_by_hand(network: nn.Sequential, batches: list[torch.Tensor]) -> None:
    """Also of the last, smaller batch, each value counting once; dropout does nothing."""
    expected = by_hand(network, batches)
    set_precise_statistics(network, batches, CPU)
    found = [network[1].running_mean, network[1].running_var, network[5].running_mean, network[5].running_var]
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one.double(), other, rtol=1e-5)
    assert not any(module.training for module in network.modules())
    assert network[1].num_batches_tracked == network[5].num_batches_tracked == 0


def test_statistics_of_frozen_parts_stay(network: nn.Sequential, batches: list[torch.Tensor]) -> None:
    setattr(network, FROZEN, ["0", "1"])
    set_precise_statistics(network, batches, CPU)
    assert torch.equal(network[1].running_mean, torch.zeros(4))
    assert torch.equal(network[1].running_var, torch.ones(4))
    assert not torch.allclose(network[5].running_var, torch.ones(5))


def test_without_trained_batch_norm_no_batch_is_read() -> None:
    def batches():
        raise AssertionError("read")
        yield

    frozen = nn.Sequential(nn.BatchNorm3d(3))
    setattr(frozen, FROZEN, ["0"])
    for network in (nn.Conv3d(3, 4, 3), frozen, nn.Sequential(nn.BatchNorm3d(3, track_running_stats=False))):
        set_precise_statistics(network, batches(), CPU)


def test_a_pass_that_is_stopped_leaves_all_as_it_was(network: nn.Sequential, batches: list[torch.Tensor]) -> None:
    def stopped():
        yield from batches
        raise KeyboardInterrupt

    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with pytest.raises(KeyboardInterrupt):
        set_precise_statistics(network, stopped(), CPU)
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert not any(module._forward_hooks for module in network.modules())
    assert network[1].momentum == nn.BatchNorm3d(4).momentum


def test_running_statistics_ruin_a_validation_that_precise_ones_do_not(tmp_path: Path) -> None:
    """An epoch is one update here. The weights take the same way: in training each batch has its own statistics."""
    data = memory_store.split(5)
    data.video_ids["val"] = data.video_ids["train"]  # what was learned must be known
    running, precise = (
        trained(tmp_path / str(more), complete(SMALL_3D, FAST | more), data)[1] for more in (RUNNING, PRECISE)
    )
    weights = running.model.state_dict()
    for name, tensor in precise.model.state_dict().items():
        assert torch.equal(tensor, weights[name]) == ("running" not in name), name
    assert max(row["val_top1"] for row in running.progress.history) <= 0.3
    assert max(row["val_top1"] for row in precise.progress.history) >= 0.9


@pytest.mark.parametrize("more", [{}, {"ema": 0.5}])
def test_the_best_weights_are_those_that_were_validated(tmp_path: Path, more: dict) -> None:
    """With a moving average its own statistics are set, not those of the weights that it follows."""
    options = complete(SMALL_3D, FAST | PRECISE | more)
    epochs, training, best_weights = trained(tmp_path, options)
    best = training.progress.history[training.progress.best_epoch - 1]
    training.eval_model.load_state_dict(best_weights)
    batches = epochs.batches
    loss, right = validate(training.eval_model.eval(), epochs.context, batches.val, batches.val_targets)
    assert (loss, right.double().mean().item()) == (best["val_loss"], best["val_top1"])
    epochs.set_statistics(training.progress.best_epoch - 1)  # once more, from the weights alone
    again = training.eval_model.state_dict()
    assert all(torch.equal(tensor, again[name]) for name, tensor in best_weights.items())


def trained(
    folder: Path, options: ModelOptions, data: SplitData | None = None
) -> tuple[Epochs, Training, dict[str, torch.Tensor]]:
    """A finished training, what its epochs were done with, and its best weights."""
    torch.set_num_threads(1)
    job = TrainingJob(options, 3, data or memory_store.split(5), Precision.of(options.training, CPU.device), workers=0)
    training, checkpoint = begin(job, make_model(job)[0]), Checkpoint(folder / "checkpoint.pt", "same", 1e9)
    train(job, training, checkpoint, [])
    return Epochs.of(job, training, checkpoint, []), training, checkpoint.best_weights


def test_a_pass_reads_no_more_clips_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = complete(SMALL_3D, PRECISE | {"epochs": 1, "batch_size": 4})
    epochs, *_ = trained(tmp_path, options)
    read = []
    monkeypatch.setattr(module, "set_precise_statistics", lambda model, batches, *_: read.extend(map(len, batches)))
    for most, expected in ((2048, [4] * 5), (9, [4] * 3), (4, [4])):
        monkeypatch.setattr(module, "MAX_CLIPS", most)
        epochs.set_statistics(0)
        assert read == expected
        read.clear()


def test_a_head_without_batch_norm_takes_it_without_a_change(tmp_path: Path) -> None:
    without, with_it = (run(tmp_path / str(more), complete(HEAD, more)) for more in (RUNNING, PRECISE))
    same(with_it, without)
