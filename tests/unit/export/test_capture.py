"""Words for networks that cannot be captured."""

import pytest
import torch
from torch import nn

from vidbench.errors import UserError
from vidbench.export.capture import capture, find_operation
from vidbench.export.graphs import Graph


class OneBatch(nn.Module):
    """A network that reads the size of its batch as a number."""

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        return clips.mean((2, 3, 4)) + torch.zeros(len(clips), 3)


def test_a_batch_that_is_fixed_is_said() -> None:
    graph = Graph(OneBatch(), "clips", ("logits",), ((0, "batch"),))
    words = "by torch.export: one of its parts reads the size of the batch as a number.*; classify with scripts/"
    with pytest.raises(UserError, match=words):
        capture(graph, torch.zeros(2, 3, 4, 8, 8))


def test_an_operation_is_found_in_the_cause_of_an_error() -> None:
    error = RuntimeError("Failed to convert the exported program to an ONNX model.\nStep 3")
    error.__cause__ = ValueError("No ONNX function found for <OpOverload(op='aten.svd', overload='default')>. Failed")
    assert find_operation(error) == "the operation aten.svd has no form there"
    assert find_operation(RuntimeError("something\n  else")) == "something else"
