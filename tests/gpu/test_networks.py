"""Every kind of network trains and predicts on the device, and predicts there what it predicts on a CPU."""

import copy

import numpy as np
import pytest
import torch
from device_steps import Steps
from torch import nn

from vidbench.clips.loader import Loader
from vidbench.compute.precision import Precision
from vidbench.prediction.orders import PredictionJob, predict_subsets

pytestmark = pytest.mark.gpu
CPU = torch.device("cpu")
TOLERANCE = 0.02  # part of the largest logit: TF32 has ten bits


def predict(steps: Steps, precision: Precision) -> dict[tuple[str, str], np.ndarray]:
    """Logits by subset and order of frames."""
    model = copy.deepcopy(steps.model).to(precision.device).eval()
    job = PredictionJob(steps.job.options, steps.job.data, model, precision, Loader(precision.device))
    return {(subset, order): logits for subset, order, logits in predict_subsets(job, ["reversed"])}


def test_a_network_trains_and_predicts(network: str, device: torch.device, small) -> None:
    options = small.options(network, learning_rate=1e-3)
    steps = Steps(options, small.data(options), device)
    before = [parameter.detach().clone() for parameter in steps.model.parameters()]
    steps.train(steps.first(2))
    after = list(steps.model.parameters())
    assert all(parameter.isfinite().all() for parameter in after)
    changed = [not torch.equal(old, new) for old, new in zip(before, after, strict=True)]
    assert sum(changed) > 0.9 * len(changed)
    logits = predict(steps, steps.job.precision)
    assert logits.keys() == {("val", "normal"), ("test", "normal"), ("test", "reversed")}
    for values in logits.values():
        assert values.shape == (4, 1, 4)
        assert values.dtype == np.float32
        assert np.isfinite(values).all()


def test_a_network_predicts_the_same_on_a_cpu(network: str, device: torch.device, small) -> None:
    """In float32: mixed precision has a tolerance of its own."""
    options = small.options(network)
    steps = Steps(options, small.data(options), device)
    here, there = predict(steps, Precision(device)), predict(steps, Precision(CPU))
    for key, expected in there.items():
        assert np.abs(here[key] - expected).max() <= TOLERANCE * np.abs(expected).max() + 1e-3


@pytest.mark.parametrize("head", ["lstm", "gru"])
def test_a_recurrent_head_does_not_compute_in_half_precision(head: str, device: torch.device, small) -> None:
    """float16 needs a scaler, which bf16 has not."""
    options = small.options(f"cnn2d:{head}", precision="bf16")
    steps = Steps(options, small.data(options), device)
    dtypes = set()
    for module in steps.model.modules():
        if isinstance(module, nn.RNNBase):
            module.register_forward_hook(lambda _module, _inputs, output: dtypes.add(output[0].dtype))
    steps.train(steps.first(2))
    assert dtypes
    assert torch.float16 not in dtypes


def test_logits_are_finer_than_bf16(cuda: torch.device, small) -> None:
    """With its eight bits two classes would often have the same logit."""
    options = small.options("cnn3d", precision="bf16")
    steps = Steps(options, small.data(options), cuda)
    logits = torch.from_numpy(predict(steps, steps.job.precision)["test", "normal"])
    assert (logits != logits.bfloat16().float()).float().mean() > 0.5
