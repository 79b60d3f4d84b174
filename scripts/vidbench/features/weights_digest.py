"""Telling networks' weights apart."""

import hashlib

from torch import nn


def weights_sha256(network: nn.Module) -> str:
    """SHA-256 of a network's weights and statistics, by name."""
    content = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        content.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        content.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return content.hexdigest()
