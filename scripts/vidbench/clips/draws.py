"""The random numbers of a training clip: they derive from its seed alone, whatever else is in the batch.

They are the numbers that torch.randint, uniform_ and randperm give one after another after torch.manual_seed(seed),
made from the raw words of torch's generator: one call of torch per number would take longer than the augmentation.
"""

import math
from collections.abc import Iterator, Sequence
from ctypes import c_float
from functools import lru_cache

import torch

WORDS = 64  # per clip; all random changes together use 56 at most


class Draws:
    """The numbers of one clip, in the order in which they are drawn."""

    def __init__(self, words: Sequence[int]) -> None:
        """`words`: uniform in [0, 2^32)."""
        self._words = iter(words)

    def integer(self, bound: int) -> int:
        """Return an integer in [0, bound), as torch.randint."""
        return next(self._words) % bound

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """Return a float32 number in [low, high), as torch.empty(1).uniform_(low, high)."""
        start, span = _start_and_span(low, high)
        share = (next(self._words) & 0xFFFFFF) / (1 << 24)
        return to_float32(share * span + start)  # rounded once, like the fused multiply-add of torch's kernel

    def permutation(self, length: int) -> list[int]:
        """Return the numbers from 0 to length - 1 in a random order, as torch.randperm."""
        order = list(range(length))
        for place in range(length - 1):
            other = place + self.integer(length - place)
            order[place], order[other] = order[other], order[place]
        return order


def draw(seeds: Sequence[int]) -> list[Draws]:
    """Return the numbers of each clip; torch's global generator is left alone."""
    generator = torch.Generator()
    numbers = torch.empty(len(seeds), WORDS // 2, dtype=torch.int64)
    for row, seed in zip(numbers, seeds, strict=True):
        generator.manual_seed(seed)
        row.random_(-(1 << 63), None, generator=generator)  # all 64 bits
    words = numbers.numpy().astype(">i8").view(">u4")  # of a number's two words, the high one came first
    return [Draws(row) for row in words.tolist()]


def propose_sides(
    draws: Draws, area: int, scale: Sequence[float], log_ratio: Sequence[float]
) -> Iterator[tuple[int, int]]:
    """Propose ten rectangles: two sides whose product is a share in `scale` of `area`, their ratio exp(`log_ratio`)."""
    for _ in range(10):
        target = area * draws.uniform(*scale)
        ratio = to_float32(math.exp(draws.uniform(*log_ratio)))
        yield round(math.sqrt(target * ratio)), round(math.sqrt(target / ratio))


def invert(order: Sequence[int]) -> list[int]:
    """Return where each number from 0 on is in a permutation."""
    return sorted(range(len(order)), key=order.__getitem__)


@lru_cache
def _start_and_span(low: float, high: float) -> tuple[float, float]:
    start = to_float32(low)
    return start, to_float32(to_float32(high) - start)


def to_float32(value: float) -> float:
    """Round to the nearest float32 number."""
    return c_float(value).value
