"""From stored frames to the model's input, on the batch's device."""

from collections.abc import Iterator, Sequence
from functools import cache

import torch
from torch.nn.functional import interpolate

from vidbench.clips.clip_buffer import PackedClips
from vidbench.models.options import ClipOptions

CACHE_BYTES = 3 << 20  # of floats that a CPU changes at a time: its cache has them, and malloc reuses their memory
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
    covering = _covering_size(clips.shape[-2:], size)
    return clips if covering == list(clips.shape[-2:]) else resize(clips, covering)


def resize(frames: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """Scale (..., 3, H, W) uint8 frames to (height, width), as torchvision's resize, whose import takes seconds."""
    scaled = _interpolate(frames.flatten(end_dim=-4), size)
    return _to_bytes(scaled).unflatten(0, frames.shape[:-3])


def _interpolate(frames: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """Scale (T, 3, H, W) uint8 to (height, width): bytes on a CPU, but floats on a GPU, which scales by way of them."""
    pixels = frames if frames.device.type == "cpu" else frames.float()
    return interpolate(pixels, list(size), mode="bilinear", align_corners=False, antialias=True)


def _to_bytes(pixels: torch.Tensor) -> torch.Tensor:
    return pixels.round_().to(torch.uint8) if pixels.is_floating_point() else pixels


def _covering_size(frame: Sequence[int], size: Sequence[int]) -> list[int]:
    scale = max(size[0] / frame[0], size[1] / frame[1])
    return [max(length, round(side * scale)) for side, length in zip(frame, size, strict=True)]


def cover_and_crop(clips: Clips, size: Sequence[int]) -> torch.Tensor:
    """Scale a batch, or clips of several sizes, to cover `size`, and keep the middle -> (B, T, 3, h, w) uint8."""
    if isinstance(clips, torch.Tensor):
        return crop(cover(clips, size), size)
    return resize_each(list(clips), [_covering_size(clip.shape[-2:], size) for clip in clips], size)


def resize_each(clips: Sequence[torch.Tensor], sizes: Sequence[Sequence[int]], size: Sequence[int]) -> torch.Tensor:
    """Scale each clip (T, 3, H, W) uint8 to a size of its own, and keep the middle (h, w) -> (B, T, 3, h, w) uint8.

    The order in memory is that of stored frames, (B, T, h, w, 3).
    """
    frames = []
    for clip, scaled in zip(clips, sizes, strict=True):
        frames.append(crop(_interpolate(clip, scaled), size).permute(0, 2, 3, 1))
    return _to_bytes(torch.stack(frames)).permute(0, 1, 4, 2, 3)


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


def prepare(
    clips: Clips, clip: ClipOptions, memory_format: torch.memory_format = torch.contiguous_format
) -> torch.Tensor:
    """Return the test views' model input: (B * crops, 3, T, h, w) float, normalised."""
    return normalise(to_floats(views(clips, clip), memory_format), clip, memory_format, overwrite=True)


def to_floats(clips: torch.Tensor, memory_format: torch.memory_format = torch.contiguous_format) -> torch.Tensor:
    """Return (B, T, 3, H, W) uint8 as floats in [0, 1]; in memory they are (B, 3, T, H, W) of this format."""
    planes = clips.transpose(1, 2)
    floats = torch.empty_like(planes, dtype=torch.float32, memory_format=memory_format)
    return floats.copy_(planes).div_(255).transpose(1, 2)


def normalise(
    clips: torch.Tensor,
    clip: ClipOptions,
    memory_format: torch.memory_format = torch.contiguous_format,
    *,
    overwrite: bool = False,
) -> torch.Tensor:
    """Normalise (B, T, 3, H, W) in [0, 1] -> (B, 3, T, H, W), by the `clip` options' mean and std.

    With `subtract_temporal_mean`, the mean subtracted is each clip's own over time. `overwrite`: the result may take
    the place of `clips`.
    """
    planes = clips.transpose(1, 2)
    mean = planes.mean(dim=2, keepdim=True) if clip.subtract_temporal_mean else per_channel(clip.mean, clips.device)
    in_place = overwrite and planes.is_contiguous(memory_format=memory_format)
    out = planes if in_place else torch.empty_like(planes, memory_format=memory_format)
    return torch.sub(planes, mean, out=out).div_(per_channel(clip.std, clips.device))


def slices_in_cache(clips: torch.Tensor) -> Iterator[slice]:
    """Give the clips of a batch in turn: so few that a CPU has them in its cache as floats; on a GPU all at once."""
    most = CACHE_BYTES // (4 * clips[0].numel()) if clips.device.type == "cpu" else len(clips)
    for start in range(0, len(clips), max(1, most)):
        yield slice(start, start + max(1, most))


def per_channel(value: float | Sequence[float], device: torch.device) -> float | torch.Tensor:
    """Return a number as it is; three for red, green and blue as (3, 1, 1, 1) float32, on the device."""
    return value if isinstance(value, float | int) else _keep_on_device(tuple(value), device)


@cache
def _keep_on_device(values: tuple[float, ...], device: torch.device) -> torch.Tensor:
    """Copy numbers to the device once: each copy would wait for the kernels that are still running."""
    with torch.inference_mode(False):
        return torch.tensor(values, device=device)[:, None, None, None]
