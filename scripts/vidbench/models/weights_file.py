"""The file that a training writes its weights to, and a digest of a network's weights."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import nn

from vidbench.errors import UserError
from vidbench.files import atomic_path

BACKBONE = "backbone."  # prefix of a backbone's tensors


def save_weights(path: Path, weights: dict[str, torch.Tensor], metadata: dict) -> None:
    """Write weights as safetensors; the same weights always give the same bytes.

    All metadata is under one key, because safetensors writes several keys in random order.
    """
    tensors = {name: tensor.cpu().contiguous() for name, tensor in sorted(weights.items())}
    with atomic_path(path) as temporary:
        # Not save_file: it makes files that only their owner can read.
        temporary.write_bytes(save(tensors, {"vidbench": json.dumps(metadata, sort_keys=True)}))


def repack_weights(path: Path, output: Path, metadata: dict) -> None:
    """Write the weights of a file with other metadata to `output`; UserError where they are damaged."""
    try:
        weights = load_file(path)
    except Exception as error:
        raise UserError(f"{path}: damaged: {' '.join(str(error).split())}; copy it again") from error
    save_weights(output, weights, metadata)


def load_weights(path: Path, model: nn.Module) -> None:
    """Load weights that save_weights() wrote; UserError where they are damaged or of another model."""
    with _explained_errors(path):
        model.load_state_dict(load_file(path))


def load_head(path: Path, model: nn.Module) -> str:
    """Load a model's weights into its part `head`, all that `model` has; return the SHA-256 of its backbone's.

    UserError where they are damaged or of another model.
    """
    with _explained_errors(path):
        weights = load_file(path)
        model.load_state_dict({name: weights[name] for name in weights if not name.startswith(BACKBONE)})
    return _sha256({name.removeprefix(BACKBONE): weights[name] for name in weights if name.startswith(BACKBONE)})


@contextmanager
def _explained_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise UserError(f"{path}: does not hold this model's weights: {' '.join(str(error).split())}") from error


def weights_sha256(network: nn.Module) -> str:
    """Return the SHA-256 of a network's weights and statistics, by name."""
    return _sha256(network.state_dict())


def _sha256(weights: dict[str, torch.Tensor]) -> str:
    content = hashlib.sha256()
    for name, tensor in sorted(weights.items()):
        content.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        content.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return content.hexdigest()
