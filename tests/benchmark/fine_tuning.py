"""What training a frozen network's head, LoRA's matrices or all of a network costs: parameters, and processor seconds.

All variants take steps in turn, so that other work on the machine slows down all of them; the median counts.

Example:
    PYTHONPATH=scripts python tests/benchmark/fine_tuning.py --backbone timm/vit_tiny_patch16_224 --rounds 5
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import torch
from torch import nn

from vidbench.models.build import build
from vidbench.models.freezing import train_mode
from vidbench.models.options import ClipOptions, HeadOptions, LoraOptions, ModelOptions, NetworkOptions, TrainingOptions
from vidbench.training.optimizer import make_optimizer, set_learning_rate
from vidbench.training.setup import limit_training

CLASSES, CLIPS, FRAMES = 10, 2, 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", default="timm/vit_tiny_patch16_224")
    parser.add_argument("--side", type=int, default=224, help="pixels of the square frames")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    network = NetworkOptions(architecture=arguments.backbone)
    clip = ClipOptions(frames=FRAMES, size=(arguments.side, arguments.side))
    whole = ModelOptions(network=network, head=HeadOptions(name="mean"), clip=clip)
    variants = {
        "frozen": replace(whole, network=replace(network, trained_stages=0)),
        "last 2 stages": replace(whole, network=replace(network, trained_stages=2)),
        "LoRA, attention": replace(whole, training=TrainingOptions(lora=LoraOptions())),
        "LoRA, all": replace(whole, training=TrainingOptions(lora=LoraOptions(layers="all"))),
        "full": whole,
    }
    clips = torch.randn(CLIPS, 3, FRAMES, arguments.side, arguments.side)
    steps = {name: make_step(options, clips) for name, options in variants.items()}
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(arguments.rounds + 1):
        for name, (_, step) in steps.items():
            seconds[name].append(timed(step))
    medians = {name: median(each[1:]) for name, each in seconds.items()}  # the first step fills caches
    print("| trained | trained parameters | processor seconds per step | of full |\n| --- | ---: | ---: | ---: |")
    for name, (count, _) in steps.items():
        print(f"| {name} | {count:,} | {medians[name]:.2f} | {medians[name] / medians['full']:.2f} |")


def make_step(options: ModelOptions, clips: torch.Tensor) -> tuple[int, Callable[[], None]]:
    """Return the number of trained parameters, and a function that takes one step: forward, backward, update."""
    torch.manual_seed(0)
    model = limit_training(build(options, CLASSES), options)
    optimizer = make_optimizer(model, options.training)
    set_learning_rate(optimizer, 1e-4, None)
    train_mode(model)
    targets = torch.arange(len(clips)) % CLASSES

    def step() -> None:
        nn.functional.cross_entropy(model(clips), targets).backward()
        optimizer.step()
        optimizer.zero_grad()

    return sum(part.numel() for part in model.parameters() if part.requires_grad), step


def timed(step: Callable[[], None]) -> float:
    """Return the processor seconds that a step takes."""
    begin = time.process_time()
    step()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
