"""How much faster networks are with channels-last convolutions on a CPU: `channels_last: auto` rests on this.

Example:
    python tests/benchmark/memory_format.py
"""

import time
from collections.abc import Callable
from functools import partial

import torch
import torchvision
from torch import nn

from vidbench.compute.allocator import keep_freed_memory
from vidbench.compute.precision import Precision
from vidbench.models.networks.cnn3d import CNN3D

PASSES = 4  # the first warms up, the fastest counts
SHAPES = {  # (batch, channels, [frames,] height, width)
    "mobilenet_v2": (16, 3, 224, 224),
    "efficientnet_b0": (8, 3, 224, 224),
    "resnet18": (16, 3, 112, 112),
    "convnext_tiny": (4, 3, 160, 160),
    "r3d_18": (2, 3, 8, 112, 112),
    "r2plus1d_18": (2, 3, 8, 112, 112),
    "mc3_18": (2, 3, 8, 112, 112),
    "swin3d_t": (1, 3, 8, 112, 112),
    "cnn3d": (16, 3, 8, 48, 48),  # ours
}


def main() -> None:
    keep_freed_memory()
    torch.set_num_threads(1)
    print(f"{'CPU seconds of a batch':24}{'prediction':>24}{'training step':>26}")
    for name, shape in SHAPES.items():
        usual, last = ([measure(name, shape, way, train) for train in (False, True)] for way in (False, True))
        cells = [f"{a:.3f} -> {b:.3f} ({a / b:.2f} x)" for a, b in zip(usual, last, strict=True)]
        print(f"{name:24}{cells[0]:>24}{cells[1]:>26}", flush=True)


def measure(name: str, shape: tuple[int, ...], channels_last: bool, train: bool) -> float:
    """Return the CPU seconds of the fastest pass: forward, or forward and backward."""
    precision = Precision(torch.device("cpu"), channels_last=channels_last)
    network = CNN3D(24, 6, 0) if name == "cnn3d" else torchvision.models.get_model(name)
    model = precision.to_device(network).train(train)
    run = partial(step if train else predict, model, precision.to_memory_format(torch.randn(shape)))
    return min([timed(run) for _ in range(PASSES)][1:])


def predict(model: nn.Module, inputs: torch.Tensor) -> None:
    with torch.inference_mode():
        model(inputs)


def step(model: nn.Module, inputs: torch.Tensor) -> None:
    model(inputs).sum().backward()


def timed(run: Callable[[], None]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
