"""The head of a weights file on its own, and the digest of the backbone beside it."""

import re
from pathlib import Path

import pytest
import torch
from model_entries import entry
from torch import nn

from vidbench.errors import UserError
from vidbench.models.build import build, build_head
from vidbench.models.weights_file import load_head, save_weights, weights_sha256

FEATURES = torch.rand(2, 4, 40, generator=torch.Generator().manual_seed(0))  # of a cnn2d of width 4


def head_alone(name: str) -> nn.ModuleDict:
    return nn.ModuleDict({"head": build_head(entry("cnn2d", name), 3, FEATURES.shape[-1])}).eval()


@pytest.mark.parametrize("name", ["mean", "max", "lstm", "gru", "tcn", "transformer"])
def test_a_head_alone_computes_what_it_does_in_its_model(name: str, tmp_path: Path) -> None:
    model = build(entry("cnn2d", name), 3).eval()
    save_weights(tmp_path / "weights.safetensors", model.state_dict(), {})
    alone = head_alone(name)
    assert load_head(tmp_path / "weights.safetensors", alone) == weights_sha256(model.get_submodule("backbone"))
    assert alone["head"](FEATURES).equal(model.get_submodule("head")(FEATURES))


def test_another_head_and_a_damaged_file_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(path, build(entry("cnn2d", "gru"), 3).state_dict(), {})
    message = re.escape(f"{path}: does not hold this model's weights: ")
    with pytest.raises(UserError, match=f"^{message}[^\n]+$"):
        load_head(path, head_alone("lstm"))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UserError, match=f"^{message}[^\n]+$"):
        load_head(path, head_alone("gru"))
