"""From stored frames to the model's input, on the batch's device. Imports torchvision on use: it takes seconds."""

from collections.abc import Sequence

import torch

from vidbench.clips.clip_buffer import PackedClips
from vidbench.models.options import ClipOptions

# (B, T, 3, H, W) uint8, or B times (T, 3, H, W) of several sizes
Clips = torch.Tensor | Sequence[torch.Tensor] | PackedClips


def to_device(clips: Clips, device: torch.device) -> torch.Tensor | Sequence[torch.Tensor]:
    """Copy a batch, or a list of clips, to `device`."""
    if isinstance(clips, torch.Tensor):
        return clips.to(device, non_blocking=True)
    if isinstance(clips, PackedClips):
        return list(clips.to(device, non_blocking=True))
    return [clip.to(device, non_blocking=True) for clip in clips]


def cover(clips: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """Scale (..., H, W) uint8 frames, keeping their aspect ratio, to the smallest size that covers (height, width)."""
    height, width = clips.shape[-2:]
    scale = max(size[0] / height, size[1] / width)
    if scale == 1:
        return clips
    from torchvision.transforms.v2 import functional

    return functional.resize(clips, [max(size[0], round(height * scale)), max(size[1], round(width * scale))])


def crop(clips: torch.Tensor, size: Sequence[int], number: int = 0, crops: int = 1) -> torch.Tensor:
    """Return crop `number` of `crops` of (..., H, W) frames, spread from top left to bottom right; of 1, the middle."""
    position = number / (crops - 1) if crops > 1 else 0.5
    top, left = (int((side - length) * position) for side, length in zip(clips.shape[-2:], size, strict=True))
    return clips[..., top : top + size[0], left : left + size[1]]


def views(clips: Clips, clip: ClipOptions) -> torch.Tensor:
    """Scale each clip to cover the `clip` options' size, and crop it; (B * crops, T, 3, h, w) uint8."""
    if not isinstance(clips, torch.Tensor):
        return torch.cat([views(single[None], clip) for single in clips])
    scaled = cover(clips, clip.size)
    cropped = [crop(scaled, clip.size, number, clip.crops) for number in range(clip.crops)]
    return cropped[0] if len(cropped) == 1 else torch.stack(cropped, dim=1).flatten(0, 1)


def prepare(clips: Clips, clip: ClipOptions) -> torch.Tensor:
    """Return the test views' model input: (B * crops, 3, T, h, w) float, normalised."""
    return normalise(views(clips, clip).float().div_(255), clip)


def normalise(clips: torch.Tensor, clip: ClipOptions) -> torch.Tensor:
    """Normalise (B, T, 3, H, W) in [0, 1] -> (B, 3, T, H, W), by the `clip` options' mean and std.

    With `subtract_temporal_mean`, the mean subtracted is each clip's own over time.
    """
    mean = _by_channel(clip.mean, clips)
    std = _by_channel(clip.std, clips)
    if clip.subtract_temporal_mean:
        return (clips - clips.mean(dim=1, keepdim=True)).transpose(1, 2).contiguous().div(std)
    return clips.transpose(1, 2).contiguous().sub(mean).div_(std)


def _by_channel(value: float | Sequence[float], clips: torch.Tensor) -> float | torch.Tensor:
    """Return a number as it is; three for red, green and blue as (3, 1, 1, 1), on the clips' device."""
    return value if isinstance(value, float | int) else clips.new_tensor(value)[:, None, None, None]
