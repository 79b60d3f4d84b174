"""The reference of vidbench.clips.augmentation: torchvision's v2 transforms, clip by clip."""

from collections.abc import Sequence
from typing import cast

import torch
from torchvision.transforms import v2

from vidbench.clips.augmentation import CHANGES
from vidbench.clips.transforms import Clips, cover, crop
from vidbench.models.options import AugmentationOptions, ClipOptions


class ClipwiseAugmentation:
    """Augmentation as it is defined: each clip through v2's transforms, after torch.manual_seed of its own seed."""

    def __init__(self, options: AugmentationOptions, clip: ClipOptions) -> None:
        self.size = clip.size
        self.resized_crop = bool(options.random_resized_crop)
        self.on_bytes: list[torch.nn.Module] = []  # on uint8 frames
        self.on_floats: list[torch.nn.Module] = []  # on frames in [0, 1]
        if any(getattr(options, name) for name in CHANGES):
            self._build(options, clip.mean)

    def _build(self, options: AugmentationOptions, mean: float | Sequence[float]) -> None:
        if area := options.random_resized_crop:
            self.on_bytes.append(v2.RandomResizedCrop(self.size, scale=area))
        elif options.shift:
            down, right = (round(options.shift * side) for side in self.size)
            self.on_bytes.append(v2.RandomCrop(self.size, padding=(right, down), padding_mode="edge"))
        if options.horizontal_flip:
            self.on_bytes.append(v2.RandomHorizontalFlip())
        if options.rand_augment:
            fill = [round(255 * value) for value in ([mean] * 3 if isinstance(mean, float | int) else mean)]
            self.on_bytes.append(v2.RandAugment(magnitude=options.rand_augment, fill=fill))
        if strength := options.color_jitter:
            self.on_floats.append(v2.ColorJitter(brightness=strength, contrast=strength, saturation=strength))
        if options.random_erasing:
            # v2 takes a number per channel, too, and types one.
            self.on_floats.append(v2.RandomErasing(p=options.random_erasing, value=cast("float", mean)))

    def __call__(self, clips: Clips, seeds: Sequence[int]) -> torch.Tensor:
        """Augment (B, T, 3, H, W) uint8, or a list of clips, by one seed per clip -> (B, T, 3, h, w) in [0, 1]."""
        augmented = []
        with torch.random.fork_rng(devices=[]):
            for clip, seed in zip(clips, seeds, strict=True):
                torch.manual_seed(seed)
                augmented.append(self._augment(clip))
        return torch.stack(augmented)

    def _augment(self, clip: torch.Tensor) -> torch.Tensor:
        if not self.resized_crop:
            clip = crop(cover(clip, self.size), self.size)
        for transform in self.on_bytes:
            clip = transform(clip)
        clip = clip.float().div_(255)
        for transform in self.on_floats:
            clip = transform(clip)
        return clip
