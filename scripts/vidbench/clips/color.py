"""Changes of colour of a batch of clips, each clip's own, all its frames alike; the arithmetic is torchvision's.

Planes are (B, 3, T, H, W). Of numbers per clip, (B, 1, 1, 1, 1), `rest` is 1 - ratio.
"""

from collections.abc import Callable, Sequence

import torch

from vidbench.clips.draws import Draws
from vidbench.clips.parameters import Parameters

BRIGHTNESS, CONTRAST, SATURATION = range(3)


class ColorJitter:
    """Changes brightness, contrast and saturation by factors near 1, in a random order; as v2.ColorJitter."""

    def __init__(self, strength: float) -> None:
        self.range = (max(0.0, 1.0 - strength), 1.0 + strength)

    def prepare(self, draws: Sequence[Draws], parameters: Parameters) -> Callable[[torch.Tensor, slice], None]:
        """Draw the factors; the result changes a slice of the batch, float planes in [0, 1], in place."""
        drawn = [number for numbers in draws for number in self._draw(numbers)]
        steps = parameters.add(drawn, len(draws), 3, 4, 1, 1, 1, 1)
        return lambda planes, part: self._jitter(planes, steps()[part])

    def _draw(self, draws: Draws) -> list[float]:
        """Return, of each of a clip's three changes in turn, ratio, rest, and what the rest is: grey or mean grey."""
        order = [change for change in draws.permutation(4) if change <= SATURATION]  # v2's fourth, hue, is not used
        factors = [draws.uniform(*self.range) for _ in range(3)]
        steps = []
        for change in order:
            ratio = factors[change]
            rest = 1.0 - ratio if change != BRIGHTNESS else 0.0
            steps += [ratio, rest, 0.0, 1.0] if change == CONTRAST else [ratio, rest, 1.0, 0.0]
        return steps

    def _jitter(self, planes: torch.Tensor, steps: torch.Tensor) -> None:
        """`steps`: (B, 3, 4, ...). Clips have different orders: each step computes all that any of them needs."""
        for step in steps.unbind(1):
            ratio, rest, with_grey, with_mean = step.unbind(1)  # (B, 1, 1, 1, 1)
            grey = to_grey(planes)
            mean = grey.mean(dim=(-2, -1), keepdim=True)
            grey.mul_(with_grey).add_(mean.mul_(with_mean))
            planes.mul_(ratio).addcmul_(grey, rest).clamp_(0, 1)


def to_grey(planes: torch.Tensor) -> torch.Tensor:
    """Return the luminance, (B, 1, T, H, W) float, of uint8 or float planes."""
    red, green, blue = planes.split(1, dim=1)
    return red.mul(0.2989).add_(green, alpha=0.587).add_(blue, alpha=0.114)


def change_brightness(planes: torch.Tensor, ratio: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    """Blend uint8 planes with black."""
    return _to_bytes(planes.mul(ratio))


def change_saturation(planes: torch.Tensor, ratio: torch.Tensor, rest: torch.Tensor) -> torch.Tensor:
    """Blend uint8 planes with their grey."""
    return _to_bytes(torch.addcmul(planes.mul(ratio), to_grey(planes).floor_(), rest))


def change_contrast(planes: torch.Tensor, ratio: torch.Tensor, rest: torch.Tensor) -> torch.Tensor:
    """Blend each frame of uint8 planes with its mean grey."""
    mean = to_grey(planes).floor_().mean(dim=(-2, -1), keepdim=True)
    return _to_bytes(torch.addcmul(planes.mul(ratio), mean, rest))


def change_sharpness(planes: torch.Tensor, _: torch.Tensor, rest: torch.Tensor) -> torch.Tensor:
    """Blend uint8 planes, but for the outermost pixels, with a blurred copy: 3 x 3 pixels, the middle one 5-fold."""
    if min(planes.shape[-2:]) <= 2:
        return planes
    sharpened = planes.float()
    inner = sharpened[..., 1:-1, 1:-1]
    columns = sharpened[..., :-2, :] + sharpened[..., 1:-1, :] + sharpened[..., 2:, :]
    sums = columns[..., :-2] + columns[..., 1:-1] + columns[..., 2:]
    blurred = sums.add_(inner, alpha=4).div_(13).round_()
    inner.addcmul_(blurred.sub_(inner), rest)
    return _to_bytes(sharpened)


def posterize(planes: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Keep the bits of uint8 planes that `mask` has."""
    return planes & mask.to(torch.uint8)


def solarize(planes: torch.Tensor, threshold: torch.Tensor) -> torch.Tensor:
    """Invert the values of uint8 planes from `threshold` on."""
    return torch.where(planes >= threshold, planes.bitwise_not(), planes)


def stretch_contrast(planes: torch.Tensor) -> torch.Tensor:
    """Scale each colour of each frame of uint8 planes to 0 to 255, where it has more than one value."""
    floats = planes.float()
    low = floats.amin(dim=(-2, -1), keepdim=True)
    span = floats.amax(dim=(-2, -1), keepdim=True).sub_(low)
    flat = span == 0
    low.masked_fill_(flat, 0)
    scale = span.mul_(1 / 255).masked_fill_(flat, 1)
    return _to_bytes(floats.sub_(low).div_(scale))


def equalize(planes: torch.Tensor) -> torch.Tensor:
    """Equalise the histogram of each colour of each frame of uint8 planes, as Pillow does."""
    pixels = planes.flatten(-2).long()  # (N, 3, T, H * W)
    # Integers: on a GPU, torch refuses the cumulative sum of floats where training.deterministic is true.
    counts = torch.zeros(*pixels.shape[:-1], 256, dtype=torch.int32, device=planes.device)
    counts.scatter_add_(-1, pixels, counts.new_ones(1).expand(pixels.shape))
    brightest = counts.gather(-1, pixels.amax(-1, keepdim=True))
    step = (pixels.shape[-1] - brightest).div(255).floor_()
    # A value becomes the number of pixels below it, in steps. All are whole numbers, which floats hold exactly.
    below = counts.cumsum(-1, dtype=torch.int32).sub_(counts).float()
    table = below.add_((step / 2).floor_()).div_(step.clamp(min=1)).floor_().clamp_(0, 255)
    equalized = table.to(torch.uint8).gather(-1, pixels).view(planes.shape)
    return torch.where(step[..., None] > 0, equalized, planes)


def _to_bytes(floats: torch.Tensor) -> torch.Tensor:
    """Cut off, as torchvision does, what is after the point."""
    return floats.clamp_(0, 255).to(torch.uint8)
