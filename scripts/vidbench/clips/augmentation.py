"""Random changes to training clips, on the batch's device, by torchvision's v2 transforms."""

from collections.abc import Sequence
from typing import cast

import torch

from vidbench.clips.sampling import step_seed
from vidbench.clips.transforms import Clips, cover, crop
from vidbench.models.options import AugmentationOptions, ClipOptions, ModelOptions

CHANGES = ("random_resized_crop", "shift", "horizontal_flip", "rand_augment", "color_jitter", "random_erasing")


class Augmentation:
    """Changes a clip at random, all its frames alike. The change derives from one seed per clip."""

    def __init__(self, options: AugmentationOptions, clip: ClipOptions) -> None:
        """`clip`: of the clips that come out."""
        self.size = clip.size
        self.resized_crop = bool(options.random_resized_crop)
        self.on_bytes: list[torch.nn.Module] = []  # on uint8 frames
        self.on_floats: list[torch.nn.Module] = []  # on frames in [0, 1]
        if any(getattr(options, name) for name in CHANGES):
            self._build(options, clip.mean)

    def _build(self, options: AugmentationOptions, mean: float | Sequence[float]) -> None:
        from torchvision.transforms import v2  # imported here: it costs seconds

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
            # The mean is what becomes zero in the model's input. v2 takes a number per channel, too, and types one.
            self.on_floats.append(v2.RandomErasing(p=options.random_erasing, value=cast("float", mean)))

    def __call__(self, clips: Clips, seeds: Sequence[int]) -> torch.Tensor:
        """Augment (B, T, 3, H, W) uint8, or a list of clips, by one seed per clip -> (B, T, 3, h, w) in [0, 1]."""
        if not self.on_bytes and not self.on_floats and isinstance(clips, torch.Tensor):
            return self._scale_and_crop(clips).float().div_(255)
        augmented = []
        with torch.random.fork_rng(devices=[]):
            for clip, seed in zip(clips, seeds, strict=True):
                torch.manual_seed(seed)
                augmented.append(self._augment(clip))
        return torch.stack(augmented)

    def _scale_and_crop(self, clips: torch.Tensor) -> torch.Tensor:
        return crop(cover(clips, self.size), self.size)

    def _augment(self, clip: torch.Tensor) -> torch.Tensor:
        """Augment a clip: (T, 3, H, W) uint8 -> (T, 3, h, w) float in [0, 1]."""
        if not self.resized_crop:
            clip = self._scale_and_crop(clip)
        for transform in self.on_bytes:
            clip = transform(clip)
        clip = clip.float().div_(255)
        for transform in self.on_floats:
            clip = transform(clip)
        return clip


class Mixing:
    """Mixes each clip of a batch with its neighbour: mixup (Zhang et al. 2018), cutmix (Yun et al. 2019), or either."""

    def __init__(self, options: AugmentationOptions, num_classes: int) -> None:
        self.choices: list[torch.nn.Module] = []
        if not (options.mixup or options.cutmix):
            return
        from torchvision.transforms import v2

        # As floats: torch draws from no distribution whose parameter is an integer.
        if options.mixup:
            self.choices.append(v2.MixUp(alpha=float(options.mixup), num_classes=num_classes))
        if options.cutmix:
            self.choices.append(v2.CutMix(alpha=float(options.cutmix), num_classes=num_classes))

    def __call__(self, clips: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mix (B, T, 3, h, w) and (B,) -> clips and targets (B, K), probabilities; without mixing, both unchanged.

        Draws from torch's generator: the caller seeds it.
        """
        if not self.choices:
            return clips, targets
        from torchvision.tv_tensors import Video

        transform = self.choices[int(torch.randint(len(self.choices), ()))]
        mixed, probabilities = transform(Video(clips), targets)
        return mixed.as_subclass(torch.Tensor), probabilities


class BatchAugmentation:
    """Augments and mixes a training batch; each change is a function of (seed, epoch, video) or (seed, epoch, step)."""

    def __init__(self, options: ModelOptions, num_classes: int, seed: int, rank: int = 0) -> None:
        """`seed`: of the training; `rank`: of the device, so that each has its own dropout."""
        self.augment = Augmentation(options.augmentation, options.clip)
        self.mix = Mixing(options.augmentation, num_classes)
        self.seed = seed
        self.rank = rank

    def __call__(
        self, clips: Clips, targets: torch.Tensor, seeds: Sequence[int], epoch: int, step: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return clips (B, T, 3, h, w) in [0, 1] and targets; torch is left seeded for the step's mixing and dropout.

        `seeds`: one per clip.
        """
        augmented = self.augment(clips, seeds)
        torch.manual_seed(step_seed(self.seed, epoch, step, self.rank))
        return self.mix(augmented, targets)
