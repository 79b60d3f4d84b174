"""What is exported: a trained network, alone or between its preprocessing and its calibrated probabilities."""

from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import nn

from vidbench.export.resizing import resize_and_crop
from vidbench.inference.classifier import Classifier
from vidbench.models.classifier import classifier_name
from vidbench.models.options import ClipOptions, ModelOptions

CLIPS, FRAMES, LOGITS, PROBABILITIES = "clips", "frames", "logits", "probabilities"


@dataclass(frozen=True)
class Graph:
    """A module to export, with the names of what it takes and gives."""

    module: nn.Module
    input: str
    outputs: tuple[str, ...]
    dynamic: tuple[tuple[int, str], ...]  # axes of the input whose lengths are free, and their names


def make_graph(model: Classifier, *, preprocess: bool, half: bool) -> Graph:
    """Return a copy of a model to export; `half`: its network computes in float16, but for head and last layer."""
    network = deepcopy(model.network).cpu().eval()
    for tensor in [*network.parameters(), *network.buffers()]:
        tensor.requires_grad_(False)
        tensor.data = tensor.data.contiguous()
    if half:
        network = HalfNetwork(network, model.options)
    if not preprocess:
        return Graph(network, CLIPS, (LOGITS,), ((0, "batch"),))
    frames = FrameClassifier(network, model.clip, model.temperature or 1.0)
    return Graph(frames, FRAMES, (PROBABILITIES, LOGITS), ((0, "batch"), (2, "height"), (3, "width")))


class HalfNetwork(nn.Module):
    """A network in float16 that takes and gives float32; what the training keeps in float32 stays so."""

    def __init__(self, network: nn.Module, options: ModelOptions) -> None:
        super().__init__()
        self.network = network.half()
        exact = "head" if options.has_backbone else classifier_name(network)
        network.get_submodule(exact).float()

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """(N, 3, T, h, w) -> (N, K)."""
        return self.network(clips.half()).float()


class FrameClassifier(nn.Module):
    """Stored frames to calibrated probabilities, as the predict step and the scores do it."""

    def __init__(self, network: nn.Module, clip: ClipOptions, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.clip = clip
        self.temperature = temperature
        for name in ("mean", "std"):
            value = getattr(clip, name)
            values = [value] * 3 if isinstance(value, int | float) else value
            self.register_buffer(name, torch.tensor(values)[:, None, None, None], persistent=False)

    def forward(self, frames: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(N, T, H, W, 3) uint8 -> probabilities (N, K) of each clip, and logits (N, crops, K)."""
        crops = self.clip.crops
        logits = torch.stack([self._crop_logits(frames, number) for number in range(crops)], dim=1)
        mean = torch.logsumexp(torch.log_softmax(logits, dim=2), dim=1)  # of a clip's crops, but for a constant
        return torch.softmax(mean / self.temperature, dim=1), logits

    def _crop_logits(self, frames: torch.Tensor, number: int) -> torch.Tensor:
        """Return the logits (N, K) of a crop."""
        crops = self.clip.crops
        position = number / (crops - 1) if crops > 1 else 0.5
        pixels = resize_and_crop(frames, self.clip.size, position) / 255
        mean = pixels.mean(dim=2, keepdim=True) if self.clip.subtract_temporal_mean else self.get_buffer("mean")
        return self.network((pixels - mean) / self.get_buffer("std"))
