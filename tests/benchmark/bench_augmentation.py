"""The processor's time of augmenting a batch at once, against torchvision's transforms clip by clip.

Measured on the CPU with one thread, with all that a training batch needs from the loader's bytes to normalised input.
With pixels so few that they hardly count, it is the work that precedes the kernels, which a GPU has to wait for.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch
from clipwise_augmentation import ClipwiseAugmentation
from measuring import Result, alternate, compare

from vidbench.clips.augmentation import Augmentation
from vidbench.clips.transforms import normalise
from vidbench.models.options import AugmentationOptions, ClipOptions

OFF = AugmentationOptions(shift=0, color_jitter=0)
CHANGES = {
    "default": AugmentationOptions(),
    "crop_flip": replace(OFF, random_resized_crop=(0.4, 1), horizontal_flip=True),
    "rand_augment": replace(OFF, random_resized_crop=(0.4, 1), rand_augment=9),
}


class Size(NamedTuple):
    """What is augmented."""

    ending: str
    stored: tuple[int, int]
    clip: tuple[int, int]
    batch: int
    rounds: int


SIZES = (Size("_few_pixels", (16, 22), (14, 14), 32, 15), Size("", (128, 171), (112, 112), 16, 5))
FRAMES = 16


def run(_: Path) -> list[Result]:
    """augment_...: clips per second of the processor's time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [result for size in SIZES for name in CHANGES for result in measure(name, size)]
    finally:
        torch.set_num_threads(threads)


def measure(name: str, size: Size) -> list[Result]:
    """Compare the two ways."""
    clip = ClipOptions(frames=FRAMES, size=size.clip)
    ours, reference = (way(CHANGES[name], clip) for way in (Augmentation, ClipwiseAugmentation))
    stored = torch.randint(0, 256, (size.batch, FRAMES, *size.stored, 3), dtype=torch.uint8).permute(0, 1, 4, 2, 3)
    seeds = [number * 7919**3 for number in range(size.batch)]
    title = f"augment_{name}{size.ending}"
    print(f"augmentation: {title}, batches of {size.batch} clips", flush=True)
    ways = {
        title: lambda: _rate(lambda: normalise(ours(stored, seeds), clip, overwrite=True), size.batch),
        "clip-by-clip": lambda: _rate(lambda: normalise(reference(stored, seeds), clip), size.batch),
    }
    for way in ways.values():
        way()  # warms up
    return compare(title, alternate(ways, size.rounds), title, "clips/s")


def _rate(work: Callable[[], object], clips: int) -> float:
    """Clips per second of this process: what runs beside it matters little. The best of three, as disturbances add."""
    seconds = []
    for _ in range(3):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return clips / min(seconds)
