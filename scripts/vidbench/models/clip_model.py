"""A network for whole clips as a backbone, and a head that looks at its features as at those of a single frame."""

import torch
from torch import nn

from vidbench.models.classifier import classifier_name, num_inputs


class ClipModel(nn.Module):
    """Backbone (B, C, T, H, W) -> (B, D), head (B, 1, D) -> (B, K)."""

    def __init__(self, backbone: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) -> (B, K)."""
        return self.head(self.backbone(clips)[:, None])


def without_classifier(network: nn.Module) -> nn.Module:
    """`network`, which now gives what entered its classifier, with the attributes `num_features` and `removed`."""
    removed = classifier_name(network)
    network.num_features = num_inputs(network.get_submodule(removed))
    network.removed = removed
    parent, _, own = removed.rpartition(".")
    setattr(network.get_submodule(parent), own, nn.Identity())
    return network
