"""Arithmetic of a network: the operations of a forward pass, counted without computing it."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from vidbench.models.build import build
from vidbench.models.options import ModelOptions


def count_gflops(options: ModelOptions, num_classes: int) -> float:
    """Count the billions of operations of a forward pass with one clip and one crop; a multiply-add counts as two.

    Matrix products, convolutions and attention are counted, as is usual. The model is on the meta device, which has
    shapes only: there every layer is made of these operations, while the counter does not know a device's own kernels,
    e.g. the CPU's for an LSTM.
    """
    # Without gradients: the counter fails at a module that takes a parameter, such as a learned query.
    model = build(options, num_classes).eval().requires_grad_(False).to("meta")
    clip = torch.empty(1, 3, options.clip.frames, *options.clip.size, device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:  # inference_mode breaks it with weight norm
        model(clip)
    return counter.get_total_flops() / 1e9
