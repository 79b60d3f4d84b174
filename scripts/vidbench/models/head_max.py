"""Takes each feature's largest value over the frames; blind to their order."""

import torch

from vidbench.models import head_mean


class Head(head_mean.Head):
    """Maximum over time, one linear classifier."""

    def pool(self, features: torch.Tensor, lengths: torch.Tensor | None) -> torch.Tensor:
        """(B, T, D) -> (B, D)."""
        if lengths is not None:
            features = features.masked_fill(~head_mean.inside(features, lengths), -torch.inf)
        return features.amax(dim=1)
