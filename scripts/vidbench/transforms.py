"""From stored frames to the model's input, on the batch's device."""

from collections.abc import Sequence

import torch

MEAN, STD = 0.45, 0.225  # of Kinetics, all channels alike


def prepare(clips: torch.Tensor, clip: dict) -> torch.Tensor:
    """(B, T, 3, H, W) uint8 -> (B, 3, T, H, W) float, normalised; less its mean over time on request."""
    return normalise(clips.float().div_(255), clip)


def normalise(clips: torch.Tensor, clip: dict) -> torch.Tensor:
    """(B, T, 3, H, W) in [0, 1] -> (B, 3, T, H, W)."""
    clips = (clips - clips.mean(dim=1, keepdim=True)) / STD if clip["subtract_temporal_mean"] else (clips - MEAN) / STD
    return clips.transpose(1, 2).contiguous()


class Augmentation:
    """Random flip, shift and colour changes, the same for all frames of a clip (torchvision v2)."""

    def __init__(self, options: dict, size: Sequence[int]) -> None:
        """`options`: the `augmentation` section; `size`: (height, width) of a clip."""
        self.transforms = []
        if not any(options.values()):
            return
        from torchvision.transforms import v2  # imported here: it costs seconds

        if options["horizontal_flip"]:
            self.transforms.append(v2.RandomHorizontalFlip())
        if options["shift"]:
            down, right = (round(options["shift"] * side) for side in size)
            self.transforms.append(v2.RandomCrop(tuple(size), padding=(right, down), padding_mode="edge"))
        if strength := options["color_jitter"]:
            self.transforms.append(v2.ColorJitter(brightness=strength, contrast=strength, saturation=strength))

    def __call__(self, clips: torch.Tensor, seeds: Sequence[int]) -> torch.Tensor:
        """(B, T, 3, H, W) uint8 and one seed a clip -> (B, T, 3, H, W) float in [0, 1]."""
        clips = clips.float().div_(255)
        if not self.transforms:
            return clips
        changed = []
        with torch.random.fork_rng(devices=[]):
            for clip, seed in zip(clips, seeds, strict=True):
                torch.manual_seed(seed)
                for transform in self.transforms:
                    clip = transform(clip)
                changed.append(clip)
        return torch.stack(changed)
