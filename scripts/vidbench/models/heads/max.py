"""Takes each feature's largest value over the frames; blind to their order."""

import torch

from vidbench.models.heads import mean


class Head(mean.Head):
    """Maximum over time, one linear classifier."""

    def pool(self, features: torch.Tensor, lengths: torch.Tensor | None) -> torch.Tensor:
        """(B, T, D) -> (B, D)."""
        if lengths is not None:
            features = features.masked_fill(~mean.inside(features, lengths), -torch.inf)
        return features.amax(dim=1)
