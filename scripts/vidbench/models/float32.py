"""Parts of a model that compute in float32, also where the rest computes in mixed precision.

These are a head, and the layer that gives the logits. In bfloat16, which has 8 significant bits, logits between 8 and
16 come in steps of 1/16: different classes would get the same one. Recurrent layers under autocast would compute in
float16 on a GPU, whatever its type, and a transformer's fast path in two types at once on a CPU. Next to a network,
these parts cost next to nothing.
"""

from contextlib import AbstractContextManager, nullcontext
from functools import cache

import torch
from torch import nn


def use_float32(module: nn.Module) -> nn.Module:
    """Let a module compute in float32, or in its input's type if that is more exact, and return it.

    No weight is renamed.
    """
    # The class changes, not the forward attribute: a copy of the model would call the original's.
    module.__class__ = _make_float32_class(type(module))
    return module


@cache
def _make_float32_class(kind: type[nn.Module]) -> type[nn.Module]:
    """Make a subclass of a module's class, of the same name, that leaves mixed precision."""

    class Float32(kind):
        def forward(self, values: torch.Tensor, *arguments: torch.Tensor) -> torch.Tensor:
            exact = values.to(torch.promote_types(values.dtype, torch.float32))
            with _no_autocast(values.device.type):
                return super().forward(exact, *arguments)

    Float32.__name__ = kind.__name__
    return Float32


def _no_autocast(device_type: str) -> AbstractContextManager:
    # The meta device, on which operations are counted, has no autocast to leave.
    return nullcontext() if device_type == "meta" else torch.autocast(device_type, enabled=False)
