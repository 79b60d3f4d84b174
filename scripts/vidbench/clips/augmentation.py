"""Random changes to training clips, a batch at a time on its device; each clip's derive from its own seed.

They are torchvision's v2 transforms of each clip after torch.manual_seed(seed), with the same random numbers in the
same order (tests compare the two); the transforms themselves would work clip by clip, with tens of calls for each.
"""

from collections.abc import Callable, Sequence

import torch

from vidbench.clips.color import ColorJitter
from vidbench.clips.draws import draw
from vidbench.clips.geometry import Erasing, Flip, ResizedCrop, Shift
from vidbench.clips.parameters import Parameters
from vidbench.clips.rand_augment import RandAugment
from vidbench.clips.sampling import step_seed
from vidbench.clips.transforms import Clips, cover_and_crop, slices_in_cache
from vidbench.models.options import AugmentationOptions, ClipOptions, ModelOptions

CHANGES = ("random_resized_crop", "shift", "horizontal_flip", "rand_augment", "color_jitter", "random_erasing")


class Augmentation:
    """Changes each clip of a batch at random, all its frames alike."""

    def __init__(self, options: AugmentationOptions, clip: ClipOptions) -> None:
        """`clip`: of the clips that come out."""
        size = self.size = clip.size
        area = options.random_resized_crop
        self.resized_crop = ResizedCrop(area, size) if area else None
        self.on_bytes: list[Shift | Flip | RandAugment] = []
        if options.shift and not area:
            self.on_bytes.append(Shift(options.shift, size))
        if options.horizontal_flip:
            self.on_bytes.append(Flip())
        if options.rand_augment:
            self.on_bytes.append(RandAugment(options.rand_augment, size, clip.mean))
        self.on_floats: list[ColorJitter | Erasing] = []  # they work in place
        if options.color_jitter:
            self.on_floats.append(ColorJitter(options.color_jitter))
        if options.random_erasing:
            self.on_floats.append(Erasing(options.random_erasing, clip.mean, size))

    def __call__(self, clips: Clips, seeds: Sequence[int]) -> torch.Tensor:
        """Augment (B, T, 3, H, W) uint8, or a list of clips, by one seed per clip -> (B, T, 3, h, w) in [0, 1].

        The order in memory is the model's, (B, 3, T, h, w).
        """
        draws = draw(seeds)
        cropped = self.resized_crop(clips, draws) if self.resized_crop else cover_and_crop(clips, self.size)
        # All random numbers are drawn, and sent to the device, before the first change.
        parameters = Parameters()
        on_bytes = [change.prepare(draws, parameters) for change in self.on_bytes]
        on_floats = [change.prepare(draws, parameters) for change in self.on_floats]
        parameters.send(cropped.device)
        planes = cropped.transpose(1, 2)  # (B, 3, T, h, w)
        for change in on_bytes:
            planes = change(planes)
        return change_floats(planes, on_floats).transpose(1, 2)


def change_floats(planes: torch.Tensor, changes: Sequence[Callable[[torch.Tensor, slice], None]]) -> torch.Tensor:
    """Return uint8 planes (B, 3, T, h, w) as floats in [0, 1], changed."""
    floats = torch.empty_like(planes, dtype=torch.float32, memory_format=torch.contiguous_format)
    for few in slices_in_cache(planes):
        clips = floats[few].copy_(planes[few]).div_(255)
        for change in changes:
            change(clips, few)
    return floats


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
        """Mix (B, T, 3, h, w) and (B,) or (B, K) -> clips and targets (B, K), or both unchanged without mixing.

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
