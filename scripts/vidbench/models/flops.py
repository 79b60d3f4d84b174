"""Arithmetic of a network: the operations of a forward pass."""

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from vidbench.models.build import build
from vidbench.models.options import ModelOptions


def count_gflops(options: ModelOptions, num_classes: int, device: str = "meta") -> float:
    """Count the billions of operations of a forward pass with one clip and one crop; a multiply-add counts as two.

    Matrix products, convolutions and attention are counted, as is usual. On the `device` meta nothing is computed: it
    has shapes only. But it imports torch's compiler, 2 s per process, where one clip on the `device` cpu may take less.
    A GPU has kernels of its own, which torch's formulas do not know.
    """
    model = build(options, num_classes).eval().to(device)
    clip = torch.zeros(1, 3, options.clip.frames, *options.clip.size, device=device)
    fused_attention = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # one kernel for a whole layer, without a formula
    try:
        with torch.no_grad(), OperationCounter() as counter:  # inference_mode breaks it with weight norm
            model(clip)
    finally:
        torch.backends.mha.set_fastpath_enabled(fused_attention)
    return counter.operations / 1e9


class OperationCounter(TorchDispatchMode):
    """Counts operations by torch's formulas. FlopCounterMode does the same, and imports the compiler for it."""

    def __init__(self) -> None:
        super().__init__()
        self.operations = 0
        self.formulas = formulas()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Compute an operation and count it; one without a formula is counted by its parts, where it has some."""
        kwargs = kwargs or {}
        formula = self.formulas.get(func.overloadpacket)
        if formula is None:
            with self:
                result = func.decompose(*args, **kwargs)
            if result is not NotImplemented:
                return result
        result = func(*args, **kwargs)
        if formula is not None:
            self.operations += formula(*args, **kwargs, out_val=result)
        return result


# Outside torch's wrapper that hides the method from the compiler, and imports it.
OperationCounter.__torch_dispatch__ = inspect.unwrap(OperationCounter.__torch_dispatch__)


def _count_lstm_layer(steps: torch.Tensor, inputs: torch.Tensor, hidden: torch.Tensor, *_: Any, out_val: Any) -> int:
    """Count a layer of the CPU's LSTM: the matrices `inputs` (4H, D) and `hidden` (4H, H) at `steps` (T, B, D)."""
    return 2 * steps.shape[0] * steps.shape[1] * (inputs.numel() + hidden.numel())


def formulas() -> dict[Any, Callable[..., int]]:
    """Return the formulas of torch, and of what it has none for, by operation."""
    from torch.utils.flop_counter import flop_registry  # here: it imports triton

    return {**flop_registry, torch.ops.aten.mkldnn_rnn_layer: _count_lstm_layer}
