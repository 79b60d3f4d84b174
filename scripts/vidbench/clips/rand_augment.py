"""RandAugment (Cubuk et al. 2020, arXiv:1909.13719) of a batch: two random operations per clip; as v2.RandAugment."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import torch

from vidbench.clips import color
from vidbench.clips.draws import Draws, invert
from vidbench.clips.parameters import Parameters
from vidbench.clips.transforms import per_channel, slices_in_cache

ROUNDS = 2
LEVELS = 31  # of the magnitude
Kernel = Callable[..., torch.Tensor]  # uint8 planes (N, 3, T, H, W), and numbers (N, 1, 1, 1, 1) each -> planes
Groups = dict[Kernel | None, dict[int, tuple[float, ...]]]  # places in the batch and numbers of clips by kernel


class Operation(NamedTuple):
    """One of the changes to choose from."""

    kernel: Kernel | None  # None changes nothing
    numbers: Callable[[float], tuple[float, ...]] = lambda magnitude: ()  # what the kernel is to be given
    magnitude: float = 0.0
    signed: bool = False  # whether the magnitude gets a random sign


class RandAugment:
    """Changes each clip by two of 14 operations, all of the same strength."""

    def __init__(self, level: int, size: tuple[int, int], mean: float | Sequence[float]) -> None:
        """`level`: of the magnitude, 0 to 30; `mean`: the colour, in [0, 1], of what comes in from outside."""
        colors = (mean,) * 3 if isinstance(mean, float | int) else mean
        self.operations = _operations(level, size, tuple(round(255 * color) for color in colors))

    def prepare(self, draws: Sequence[Draws], parameters: Parameters) -> Callable[[torch.Tensor], torch.Tensor]:
        """Draw the operations; the result changes uint8 planes (B, 3, T, H, W).

        In each round the clips are put in an order in which those with the same kernel are neighbours.
        """
        batch = len(draws)
        places = list(range(batch))  # of the clips that are now first, second ...
        rounds = []
        for _ in range(ROUNDS):
            groups = self._draw(draws)
            order = [place for numbers in groups.values() for place in numbers]
            now = invert(places)
            there = parameters.add((now[place] for place in order), batch)
            rounds.append((there, list(_arrange(groups, parameters))))
            places = order
        back = parameters.add(invert(places), batch)

        def change(planes: torch.Tensor) -> torch.Tensor:
            changed = planes.contiguous()
            for there, groups in rounds:
                changed = changed.index_select(0, there().long())
                for kernel, part, numbers in groups:
                    clips = changed[part]
                    for few in slices_in_cache(clips):
                        clips[few] = kernel(clips[few], *numbers()[few].unbind(1))
            return changed.index_select(0, back().long())

        return change

    def _draw(self, draws: Sequence[Draws]) -> Groups:
        """Draw an operation for each clip."""
        groups: Groups = {}
        for place, clip in enumerate(draws):
            operation = self.operations[clip.integer(len(self.operations))]
            sign = -1 if operation.signed and clip.uniform() <= 0.5 else 1
            groups.setdefault(operation.kernel, {})[place] = operation.numbers(sign * operation.magnitude)
        return groups


def _arrange(groups: Groups, parameters: Parameters) -> Iterator[tuple[Kernel, slice, Callable[[], torch.Tensor]]]:
    """Give the kernel of each group of clips that follow one another, where they are, and their numbers (N, k, ...)."""
    start = 0
    for kernel, numbers in groups.items():
        part = slice(start, start + len(numbers))
        start = part.stop
        if kernel:
            flat = [number for row in numbers.values() for number in row]
            yield kernel, part, parameters.add(flat, len(numbers), len(flat) // len(numbers), 1, 1, 1, 1)


def _operations(level: int, size: tuple[int, int], fill: tuple[int, ...]) -> list[Operation]:
    """Return the operations in torchvision's order; `fill`: what comes into the picture from outside."""
    height, width = size
    shear, turn, blend = (_at(level, end) for end in (0.3, 30.0, 0.9))
    right, down = (int(_at(level, 150 / 331 * side)) for side in (width, height))
    bits = round(8 - level / ((LEVELS - 1) / 4))
    warped = partial(warp, fill=fill)
    # Affine matrices (a, b, c, d, e, f) give the place (ax + by + c, dx + ey + f), from the middle of the picture, that
    # the pixel at (x, y) is taken from. A shear leaves the picture's upper left corner where it is.
    return [
        Operation(None),
        Operation(warped, lambda m: (1, m, m * height / 2, 0, 1, 0), shear, signed=True),
        Operation(warped, lambda m: (1, 0, 0, m, 1, m * width / 2), shear, signed=True),
        Operation(warped, lambda m: (1, 0, -m, 0, 1, 0), right, signed=True),
        Operation(warped, lambda m: (1, 0, 0, 0, 1, -m), down, signed=True),
        Operation(warped, _rotation, turn, signed=True),
        Operation(color.change_brightness, _shares, blend, signed=True),
        Operation(color.change_saturation, _shares, blend, signed=True),
        Operation(color.change_contrast, _shares, blend, signed=True),
        Operation(color.change_sharpness, _shares, blend, signed=True),
        Operation(color.posterize, lambda m: (m,), 256 - (1 << (8 - bits))),
        Operation(color.solarize, lambda m: (m,), 255 * _at(LEVELS - 1 - level, 1.0)),
        Operation(color.stretch_contrast),
        Operation(color.equalize),
    ]


def _at(level: int, end: float) -> float:
    return torch.linspace(0.0, end, LEVELS)[level].item()


def _shares(magnitude: float) -> tuple[float, float]:
    """Return ratio and rest."""
    ratio = 1.0 + magnitude
    return ratio, 1.0 - ratio


def _rotation(degrees: float) -> tuple[float, ...]:
    """Return the matrix of a turn to the left."""
    angle = math.radians(degrees)
    return math.cos(angle), -math.sin(angle), 0, math.sin(angle), math.cos(angle), 0


def warp(planes: torch.Tensor, *matrix: torch.Tensor, fill: tuple[int, ...]) -> torch.Tensor:
    """Move the pixels of uint8 planes (N, 3, T, H, W) by `matrix`, six numbers (N, 1, 1, 1, 1) each, nearest neighbour.

    `fill`: the colour of pixels from outside of the picture.
    """
    height, width = planes.shape[-2:]
    x = torch.arange(width, device=planes.device) + (1 - width) / 2
    y = (torch.arange(height, device=planes.device) + (1 - height) / 2)[:, None]
    a, b, c, d, e, f = (number[:, :, 0, 0] for number in matrix)  # (N, 1, 1)
    # No matrix product: a GPU may round its factors (TF32), which moves pixels.
    across = torch.addcmul(x * (a / (width / 2)), y, b / (width / 2)) + c / (width / 2)  # (N, H, W), -1 to 1
    along = torch.addcmul(x * (d / (height / 2)), y, e / (height / 2)) + f / (height / 2)
    grid = torch.stack([across, along], dim=3)
    # grid_sample gives zeros for what is outside: without the fill, which is added again afterwards.
    outside = per_channel(tuple(map(float, fill)), planes.device)
    pixels = (planes - outside).flatten(1, 2)  # (N, 3 * T, H, W): the frames of a clip are moved alike
    moved = torch.nn.functional.grid_sample(pixels, grid, "nearest", "zeros", align_corners=False)
    return (moved.view(planes.shape) + outside).to(torch.uint8)
