"""Scaling and cropping of frames as tensor operations that every runtime has, with the pixels of the predict step.

ONNX's own Resize rounds pixels otherwise than torch does. So torch's method for bytes on a CPU is written down here:
bilinear with antialiasing, which is a weighted sum over columns, then one over rows, each rounded to bytes. Weights are
integers of 15 bits, so sums are exact in float32. Height and width of the frames are read from the data, so one graph
takes frames of any size.
"""

from collections.abc import Sequence

import torch

MAX_PRECISION = 22  # bits after the point of an integer weight, at most
LIMIT = 1 << 15  # of an integer weight


def resize_and_crop(frames: torch.Tensor, size: Sequence[int], position: float) -> torch.Tensor:
    """Scale frames (N, T, H, W, 3) uint8 to cover `size`, (height, width), and crop them -> (N, 3, T, h, w) float32.

    `position` of the crop: 0 at the top left, 0.5 in the middle, 1 at the bottom right. The values are whole numbers
    from 0 to 255: those of transforms.cover() and transforms.crop() on a CPU.
    """
    rows, columns = (torch.arange(length, dtype=torch.float64) for length in frames.shape[2:4])  # (H,), (W,)
    lengths = [places[-1] + 1 for places in (rows, columns)]
    # Tensors, as in Python's division: a number / tensor multiplies by the reciprocal, whose last bit may differ.
    scale = torch.maximum(*(_number(target) / length for target, length in zip(size, lengths, strict=True)))
    (down, down_unit), (across, across_unit) = (
        _crop_weights(places, torch.clamp(torch.round(length * scale), min=target), target, position)
        for places, length, target in zip((rows, columns), lengths, size, strict=True)
    )
    pixels = frames.permute(0, 4, 1, 2, 3).float()  # (N, 3, T, H, W)
    pixels = _round(pixels @ across.T, across_unit)  # (N, 3, T, H, w)
    return _round(down @ pixels, down_unit)


def _number(value: float) -> torch.Tensor:
    return torch.full((), value, dtype=torch.float64)


def _crop_weights(
    places: torch.Tensor, scaled: torch.Tensor, size: int, position: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return whole weights (size, L) float32 of the cropped pixels of an axis, and the unit that they are counted in.

    `places`: 0 to L - 1; `scaled`: the length of the axis that L is scaled to.
    """
    first = torch.trunc((scaled - size) * position)
    weights = _weights(places, scaled, first + torch.arange(size, dtype=torch.float64))
    # The unit is that of the largest weight of the whole axis. Where it becomes longer, that of its first pixel is 1.
    largest = _weights(places, scaled, torch.where(places < scaled, places, 0.0)).max()
    bits = torch.arange(MAX_PRECISION, dtype=torch.float64)
    fits = torch.trunc(largest * torch.exp2(bits + 1) + 0.5) < LIMIT
    unit = torch.exp2(fits.to(torch.float64).sum())
    return torch.floor(weights * unit + 0.5).float(), unit.float()


def _weights(places: torch.Tensor, scaled: torch.Tensor, pixels: torch.Tensor) -> torch.Tensor:
    """Return what each of L `places` of an axis adds to some `pixels` of the scaled axis: (P, L), each row's sum 1."""
    length = places[-1] + 1
    scale = length / scaled
    support = torch.clamp(scale, min=1.0)
    centre = (scale * (pixels + 0.5))[:, None]
    begin = torch.trunc(centre - support + 0.5)
    end = torch.trunc(centre + support + 0.5)
    weights = torch.clamp(1 - torch.abs(places - centre + 0.5) / support, min=0.0)
    weights = torch.where((places >= begin) & (places < end), weights, 0.0)
    return weights / weights.sum(1, keepdim=True)


def _round(sums: torch.Tensor, unit: torch.Tensor) -> torch.Tensor:
    return torch.clamp(torch.floor((sums + unit / 2) / unit), 0.0, 255.0)
