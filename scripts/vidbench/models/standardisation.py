"""Standardising the features that a linear layer takes from a frozen network: batch norm without scale and shift.

As in the linear probes of He et al. 2022, arXiv:2111.06377. One learning rate for all weights suits features of one
scale, and those of a network differ by orders of magnitude.
"""

import torch
from torch import distributed, nn

# Of the variance of an average feature. It keeps a feature that hardly varies in training, and does in the test, from
# being blown up.
EPSILON = 1e-3


class Scale(nn.Module):
    """Divides by the spread of the features in the first batch, so that the batch norm's epsilon suits any network.

    The features of a deep network with random weights can be as small as 1e-10.
    """

    scale: torch.Tensor  # (); 0 before the first batch

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("scale", torch.zeros(()))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(B, D) -> (B, D)."""
        if self.training:
            with torch.no_grad():
                spread = features.var(dim=0).mean().sqrt()
                if distributed.is_initialized():  # of several processes all take that of the first
                    distributed.broadcast(spread, src=0)
                self.scale.copy_(torch.where(self.scale == 0, spread, self.scale))
        return features / torch.where(self.scale == 0, torch.ones_like(self.scale), self.scale)


class Standardisation(nn.Sequential):
    """Gives each feature mean 0 and variance 1: in training over the batch, then over all batches of the training.

    A frozen network's features do not change meanwhile, so all batches count alike.
    """

    def __init__(self, num_features: int) -> None:
        super().__init__(Scale(), nn.BatchNorm1d(num_features, eps=EPSILON, momentum=None, affine=False))
