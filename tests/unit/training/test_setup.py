"""What `auto` means for a training: by its length, its devices and its layers."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from model_entries import entry
from torch import nn

from vidbench.compute.precision import Precision
from vidbench.models.options import ModelOptions, TrainingOptions
from vidbench.training.distributed import SINGLE_PROCESS, ProcessGroup
from vidbench.training.optimizer import make_optimizer
from vidbench.training.setup import choose_precision, trains_batch_norm

GPU = torch.device("cuda")
TWO = ProcessGroup(0, 2, 2)


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Precision.of() returns its arguments: there is no GPU to ask."""
    monkeypatch.setattr(
        Precision, "of", lambda training, device, compile_pays, takes_frames: (training.precision, compile_pays)
    )


def choose(options: ModelOptions, group: ProcessGroup = SINGLE_PROCESS) -> tuple[str, bool]:
    """Precision, and whether compiling pays, of 300 epochs of UCF101's split 1."""
    options = replace(options, training=replace(options.training, epochs=300))
    data = SimpleNamespace(clips_per_epoch=9537, video_ids={"val": ["one"]}, class_names=list("ab"))
    return choose_precision(options, data, GPU, group)


def test_batch_norm_of_several_devices_is_not_compiled(resolved: None, capsys: pytest.CaptureFixture) -> None:
    with_norm = entry("r3d_18", frames=16, size=(112, 112))
    without = entry("swin3d_t", frames=16, size=(112, 112))
    assert choose(with_norm) == choose(without) == choose(without, TWO) == ("auto", True)
    assert capsys.readouterr().out == ""
    assert choose(with_norm, TWO) == ("auto", False)
    assert "batch norm" in capsys.readouterr().out


def test_a_head_on_cached_features_computes_in_float32_and_is_not_compiled(resolved: None) -> None:
    options = entry("resnet18", "lstm")
    cached = replace(options, network=replace(options.network, trained_stages=0))
    assert choose(cached) == ("fp32", False)
    assert choose(replace(cached, network=replace(cached.network, cache_features=False)))[0] == "auto"


def test_frozen_batch_norm_needs_no_other_device() -> None:
    options = entry("resnet18", "lstm")  # `mean` standardises the features of a frozen backbone by batch norm
    for stages, trained in ((None, True), (1, True), (0, False)):
        assert (
            trains_batch_norm(replace(options, network=replace(options.network, trained_stages=stages)), 3) == trained
        )
    assert not trains_batch_norm(entry("swin_t", size=(64, 64)), 3)


class OnGpu(nn.Parameter):
    """A parameter that says that it is on a GPU."""

    is_cuda = True


def test_adamw_is_fused_on_a_gpu_and_does_the_same() -> None:
    results = []
    for kind in (nn.Parameter, OnGpu):
        layer = nn.Linear(2, 1, bias=False)
        layer.weight = kind(torch.ones(1, 2))
        optimizer = make_optimizer(layer, TrainingOptions())
        assert bool(optimizer.defaults["fused"]) == (kind is OnGpu)
        optimizer.param_groups[0]["lr"] = 0.1
        layer.weight.square().sum().backward()
        optimizer.step()
        results.append(layer.weight.detach().clone())
    assert torch.allclose(*results)
    assert not torch.allclose(results[0], torch.ones(1, 2))
