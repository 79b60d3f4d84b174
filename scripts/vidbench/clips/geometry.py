"""Random shifts, crops, reflections and erased rectangles of a batch of clips, each clip's own, all its frames alike.

Planes are (B, 3, T, H, W), in any memory order.
"""

from collections.abc import Callable, Sequence

import torch

from vidbench.clips.draws import Draws, invert, propose_sides
from vidbench.clips.parameters import Parameters
from vidbench.clips.transforms import Clips, per_channel, resize_each

Box = tuple[int, int, int, int]  # top, left, height, width
OnBytes = Callable[[torch.Tensor], torch.Tensor]  # uint8 planes -> changed ones


class ResizedCrop:
    """Crops a random part of each clip, of an area in `scale`, and scales it to `size`; as v2.RandomResizedCrop."""

    RATIO = (3 / 4, 4 / 3)  # width / height

    def __init__(self, scale: Sequence[float], size: tuple[int, int]) -> None:
        self.scale = scale
        self.size = size
        self.log_ratio = _log(self.RATIO)

    def __call__(self, clips: Clips, draws: Sequence[Draws]) -> torch.Tensor:
        """Crop (B, T, 3, H, W) uint8, or clips of several sizes -> (B, T, 3, h, w)."""
        parts = []
        for clip, numbers in zip(clips, draws, strict=True):
            top, left, height, width = self._draw(numbers, clip.shape[-2], clip.shape[-1])
            parts.append(clip[..., top : top + height, left : left + width])
        return resize_each(parts, [self.size] * len(parts), self.size)

    def _draw(self, draws: Draws, height: int, width: int) -> Box:
        for w, h in propose_sides(draws, height * width, self.scale, self.log_ratio):
            if 0 < w <= width and 0 < h <= height:
                return draws.integer(height - h + 1), draws.integer(width - w + 1), h, w
        # None fits: the largest crop in the middle that has an allowed ratio.
        h = min(height, round(width / self.RATIO[0]))
        w = min(width, round(height * self.RATIO[1]))
        return (height - h) // 2, (width - w) // 2, h, w


class Shift:
    """Shifts each clip by up to a fraction of its sides and repeats its edge, as v2.RandomCrop of a padded clip."""

    def __init__(self, fraction: float, size: tuple[int, int]) -> None:
        self.down, self.right = (round(fraction * side) for side in size)

    def prepare(self, draws: Sequence[Draws], parameters: Parameters) -> OnBytes:
        """Draw the shift of each clip."""
        ranges = (2 * self.down + 1, 2 * self.right + 1)
        drawn = [numbers.integer(bound) if bound > 1 else 0 for numbers in draws for bound in ranges]
        offsets = parameters.add(drawn, len(draws), 2)
        return lambda planes: self._shift(planes, *offsets().long().unbind(1))

    def _shift(self, planes: torch.Tensor, top: torch.Tensor, left: torch.Tensor) -> torch.Tensor:
        """`top`, `left`: (B,), of the part of the padded clip that is kept."""
        frames = planes.permute(0, 2, 3, 4, 1)  # (B, T, H, W, 3)
        batch, time, height, width, colors = frames.shape
        edges = [frames[..., side, :].expand(-1, -1, -1, self.right, -1) for side in (slice(1), slice(-1, None))]
        padded = torch.cat([edges[0], frames, edges[1]], dim=3)  # (B, T, H, W', 3)
        # Every row that comes out is contiguous in memory: W pixels from a pixel of the padded clip on. All rows that
        # could come out are a view in which row i begins at pixel i; the rows overlap.
        windows = padded.as_strided((padded.numel() // colors - width + 1, width * colors), (colors, 1))
        rows = torch.arange(height, device=planes.device) + (top - self.down)[:, None]  # (B, H)
        rows = rows.clamp_(0, height - 1) * padded.shape[3] + left[:, None]
        starts = torch.arange(batch * time, device=planes.device).view(batch, time, 1) * (height * padded.shape[3])
        shifted = windows.index_select(0, (starts + rows[:, None]).flatten())
        return shifted.view(frames.shape).permute(0, 4, 1, 2, 3)


class Flip:
    """Mirrors each clip with probability 0.5, as v2.RandomHorizontalFlip."""

    def prepare(self, draws: Sequence[Draws], parameters: Parameters) -> OnBytes:
        """Draw which clips are mirrored."""
        mirrored = [place for place, numbers in enumerate(draws) if numbers.uniform() < 0.5]
        order = mirrored + sorted(set(range(len(draws))) - set(mirrored))
        there = parameters.add(order, len(order))
        back = parameters.add(invert(order), len(order))

        def flip(planes: torch.Tensor) -> torch.Tensor:
            frames = planes.permute(0, 2, 3, 4, 1).index_select(0, there().long())  # (B, T, H, W, 3)
            first = slice(len(mirrored))
            frames[first] = frames[first].flip(3)
            return frames.index_select(0, back().long()).permute(0, 4, 1, 2, 3)

        return flip


class Erasing:
    """Sets a random rectangle of some clips to the mean, which is zero for the model; as v2.RandomErasing."""

    SCALE = (0.02, 0.33)  # of the clip's area
    RATIO = (0.3, 3.3)  # height / width

    def __init__(self, probability: float, mean: float | Sequence[float], size: tuple[int, int]) -> None:
        self.probability = probability
        self.mean = mean
        self.size = size
        self.log_ratio = _log(self.RATIO)

    def prepare(self, draws: Sequence[Draws], _: Parameters) -> Callable[[torch.Tensor, slice], None]:
        """Draw the rectangles; the result erases those of a slice of the batch, float planes, in place."""
        boxes = [self._draw(numbers) for numbers in draws]

        def erase(planes: torch.Tensor, part: slice) -> None:
            value = per_channel(self.mean, planes.device)
            for clip, box in zip(planes, boxes[part], strict=True):
                if box:
                    top, left, height, width = box
                    erased = clip[..., top : top + height, left : left + width]
                    erased.copy_(value) if isinstance(value, torch.Tensor) else erased.fill_(value)

        return erase

    def _draw(self, draws: Draws) -> Box | None:
        if draws.uniform() >= self.probability:
            return None
        height, width = self.size
        for h, w in propose_sides(draws, height * width, self.SCALE, self.log_ratio):
            if h < height and w < width:
                return draws.integer(height - h + 1), draws.integer(width - w + 1), h, w
        return None


def _log(ratio: tuple[float, float]) -> list[float]:
    """Return the logarithms as torch rounds them."""
    return torch.tensor(ratio).log().tolist()
