"""Counts what a GPU would wait for: values asked for by the host, and copies of its tensors."""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

ASK_FOR_VALUES = ("aten._local_scalar_dense", "aten.item", "aten.nonzero", "aten.masked_select", "aten.equal")


class HostCopies(TorchDispatchMode):
    """While it is entered, counts operators; copies between devices, and values that the host asks for, by name.

    On the device `meta`, which has no values, the same operators run as on a GPU, and those that would bring
    a value to the host fail. So a computation that runs there waits for no GPU but in the copies counted here.
    """

    def __init__(self) -> None:
        super().__init__()
        self.operators = 0
        self.copies: list[str] = []
        self.values: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.operators += 1
        name = str(func).rsplit(".", 1)[0]
        tensors = [leaf for leaf in tree_leaves((args, kwargs, result)) if isinstance(leaf, torch.Tensor)]
        devices = {tensor.device.type for tensor in tensors}
        if len(devices) > 1:
            self.copies.append(name)
        if name in ASK_FOR_VALUES:
            self.values.append(name)
        return result
