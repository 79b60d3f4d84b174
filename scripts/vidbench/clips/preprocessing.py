"""From the loader's batches to the input of the model and the loss."""

from typing import Protocol

import torch

from vidbench.clips.augmentation import BatchAugmentation
from vidbench.clips.loader import Batch
from vidbench.clips.transforms import Clips, normalise, prepare, to_device
from vidbench.compute.precision import Precision
from vidbench.models.options import ClipOptions


class Inputs(Protocol):
    """Turns the loader's batches into the model's input."""

    def train(self, batch: Batch, epoch: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return model input and targets of a training batch; torch is left seeded for the step's dropout."""
        ...

    def test(self, clips: Clips) -> torch.Tensor:
        """Return the model input of a test batch."""
        ...


class ClipInputs:
    """Frames: augmented and mixed in training, scaled, cropped and normalised."""

    def __init__(self, clip: ClipOptions, precision: Precision, augment: BatchAugmentation | None = None) -> None:
        """`augment`: needed for training."""
        self.clip = clip
        self.precision = precision
        self.augment = augment
        self.memory_format = torch.channels_last_3d if precision.channels_last else torch.contiguous_format

    def train(self, batch: Batch, epoch: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Augment (B, T, 3, H, W) uint8 -> (B, 3, T, h, w), and targets: classes (B,) or probabilities (B, K)."""
        assert self.augment is not None, "made for testing alone"
        assert batch.seeds is not None, "a batch of test views"
        clips = to_device(batch.clips, self.precision.device)
        targets = batch.targets.to(self.precision.device, non_blocking=True)
        augmented, targets = self.augment(clips, targets, batch.seeds.tolist(), epoch, step)
        return normalise(augmented, self.clip, self.memory_format, overwrite=True), targets

    def test(self, clips: Clips) -> torch.Tensor:
        """Prepare test views: (B, T, 3, H, W) uint8 -> (B * crops, 3, T, h, w)."""
        return prepare(to_device(clips, self.precision.device), self.clip, self.memory_format)
