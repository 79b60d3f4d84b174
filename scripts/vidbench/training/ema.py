"""An exponential moving average of a model's weights, which often generalises better than the last ones."""

import copy

import torch
from torch import nn


class ModelEma:
    """A copy of a model with averaged weights; batch norm's running statistics are averaged, too."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        """`decay`: the average's weight in an update, e.g. 0.999; the model has the rest."""
        self.model = copy.deepcopy(model).requires_grad_(False).eval()
        self.decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module, updates: int) -> None:
        """Move the average towards the model's weights after `updates` updates (from 1).

        The first updates use a smaller decay; otherwise the initial weights would dominate short trainings.
        """
        decay = min(self.decay, (1 + updates) / (10 + updates))
        average, current = self.model.state_dict(), model.state_dict()
        floats = [name for name, tensor in average.items() if tensor.is_floating_point()]
        # torch's fused lerp_ has no public name.
        torch._foreach_lerp_(  # pyright: ignore[reportPrivateImportUsage]
            [average[name] for name in floats], [current[name] for name in floats], 1 - decay
        )
        if counters := sorted(average.keys() - set(floats)):  # batch norm's numbers of batches
            torch._foreach_copy_(  # pyright: ignore[reportPrivateImportUsage]
                [average[name] for name in counters], [current[name] for name in counters]
            )
