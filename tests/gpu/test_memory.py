"""Memory: what is recorded, what is said where it is too small, what computing activations again saves."""

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import memory_store
import pytest
import torch
from device_steps import PLAIN, Steps

from vidbench.compute import memory
from vidbench.compute.precision import Precision
from vidbench.errors import UserError
from vidbench.models.options import ModelOptions
from vidbench.training.checkpoint import Checkpoint
from vidbench.training.loop import train
from vidbench.training.setup import TrainingJob, begin, make_model
from vidbench.training.state import Training

pytestmark = pytest.mark.gpu
LITTLE = 1.5e9  # bytes
NO_MEMORY = (
    "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 7.79 GiB of which 1 MiB is free."
)


@pytest.fixture
def little_memory(device: torch.device) -> Iterator[None]:
    """A GPU as small as none is; on a CPU nothing."""
    if device.type == "cpu":
        yield
        return
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(LITTLE / torch.cuda.get_device_properties(device).total_memory)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)
    gc.collect()
    torch.cuda.empty_cache()


def whole_training(options: ModelOptions, data: object, device: torch.device, folder: Path) -> Training:
    """Train from the first step to the last as train_model.py does."""
    job = TrainingJob(options, 0, data, Precision.of(options.training, device), workers=0)
    model, _ = make_model(job)
    training = begin(job, model)
    checkpoint = Checkpoint(folder / "checkpoint.pt", "", minutes=60)
    train(job, training, checkpoint, [])
    checkpoint.count(training)
    return training


@pytest.mark.parametrize("compile", [False, pytest.param(True, marks=pytest.mark.gpu(seconds=60))])
def test_too_little_memory_is_one_line(
    compile: bool, device: torch.device, little_memory: None, small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if device.type == "cpu":
        if compile:
            pytest.skip("the same as not compiled where memory is only said to be too small")
        monkeypatch.setattr(torch.nn.Conv3d, "forward", no_memory)
    clip = {} if small.tiny else {"frames": 16, "size": (112, 112)}
    options = small.options("cnn3d" if small.tiny else "r3d_18", clip=clip, batch_size=16, compile=compile)
    data = memory_store.split(4, 1, options.clip.size[0], options.clip.frames)
    with pytest.raises(UserError) as caught:
        whole_training(options, data, device, tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    assert "batch_size" in message


def no_memory(*_: object) -> None:
    raise torch.OutOfMemoryError(NO_MEMORY)


@pytest.mark.gpu(seconds=20)
def test_the_recorded_peak_is_that_of_a_step(cuda: torch.device, small, tmp_path: Path) -> None:
    """Not that of cuDNN's trials, which depends on how much memory is free."""
    options = small.options("r3d_18", PLAIN, {"frames": 16, "size": (112, 112)}, batch_size=8, epochs=2)
    data = memory_store.split(6, 1, 112, 16)
    gc.collect()
    torch.cuda.empty_cache()
    memory.reset_peak(cuda)
    recorded = whole_training(options, data, cuda, tmp_path).progress.peak_memory_mb
    steps = Steps(options, data, cuda)
    steps.train(steps.from_memory(2))
    torch.cuda.empty_cache()
    memory.reset_peak(cuda)
    steps.train(steps.from_memory(2))
    assert 0.7 * memory.peak_mb(cuda) < recorded < 1.4 * memory.peak_mb(cuda)


@pytest.mark.parametrize("compile", [False, pytest.param(True, marks=pytest.mark.gpu(seconds=90))])
def test_activations_computed_again_change_nothing_but_memory(compile: bool, device: torch.device, small) -> None:
    if compile and device.type == "cpu":
        pytest.skip("tests/unit/training compiles on a CPU")
    network, clip = ("cnn2d:tsm", {}) if small.tiny else ("r3d_18", {"frames": 16, "size": (112, 112)})
    settings = {"precision": "fp32", "optimizer": "sgd", "learning_rate": 0.01, "compile": compile}
    options = small.options(network, PLAIN, clip, **settings)
    again = replace(options, training=replace(options.training, activation_checkpointing=True))
    states, peaks = [], []
    for each in (options, again):
        torch.manual_seed(0)
        steps = Steps(each, small.data(each), device)
        steps.train(steps.from_memory(1))
        memory.reset_peak(device)
        steps.train(steps.from_memory(2))
        peaks.append(memory.peak_mb(device))
        states.append({name: tensor.detach().double().cpu() for name, tensor in steps.model.state_dict().items()})
        del steps
        gc.collect()
    for name, expected in states[0].items():
        assert torch.allclose(states[1][name], expected, rtol=1e-2, atol=1e-4), name
        if name.endswith("num_batches_tracked"):
            assert states[1][name] == expected == 3, name
    if device.type == "cuda":
        assert peaks[1] < peaks[0]
