"""From a batch as the loader gives it to what the model and the loss take."""

from typing import Protocol

import torch

from vidbench.augmentation import BatchAugmentation
from vidbench.clips import ClipDataset
from vidbench.training.computing import Computing
from vidbench.transforms import Clips, normalise, prepare, to_device


class Inputs(Protocol):
    """What stands between the loader and the model."""

    def train(
        self, clips: Clips, classes: torch.Tensor, members: torch.Tensor, epoch: int, step: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Model input and targets of a training batch; leaves torch seeded for the step's dropout."""

    def test(self, clips: Clips) -> torch.Tensor:
        """Model input of a test batch."""


class ClipInputs:
    """Frames: augmented and mixed in training, scaled, cropped and normalised."""

    def __init__(
        self, options: dict, computing: Computing, data: ClipDataset | None = None, num_classes: int = 0, rank: int = 0
    ) -> None:
        """`data`, `num_classes`: the training videos, where there is training; `rank`: of the device."""
        self.clip, self.computing = options["clip"], computing
        self.augmentation = BatchAugmentation(options, data, num_classes, rank) if data else None

    def train(
        self, clips: Clips, classes: torch.Tensor, members: torch.Tensor, epoch: int, step: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(B, T, 3, H, W) uint8 -> (B, 3, T, h, w), and classes (B,) or probabilities (B, K)."""
        device = self.computing.device
        clips, classes = to_device(clips, device), classes.to(device, non_blocking=True)
        changed, targets = self.augmentation(clips, classes, members, epoch, step)
        return self.computing.laid_out(normalise(changed, self.clip)), targets

    def test(self, clips: Clips) -> torch.Tensor:
        """(B, T, 3, H, W) uint8 -> (B * crops, 3, T, h, w)."""
        return self.computing.laid_out(prepare(to_device(clips, self.computing.device), self.clip))
