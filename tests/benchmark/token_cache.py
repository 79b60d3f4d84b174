"""What stored tokens cost: disk and time of their extraction beside the vectors alone, and training a head on them.

Example:
    PYTHONPATH=scripts:tests/helpers python tests/benchmark/token_cache.py

Frozen networks with random weights, on made-up videos of 16 frames of 112 x 112 pixels; a clip network has one view.
Each number is the processor's time, which other work on the machine changes least, of one compute thread.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from vidbench import cli  # isort: skip - before torch, as in the steps: sets how its threads wait

import generated_store
import torch
from torch.nn import functional

from vidbench.clips.loader import Loader
from vidbench.config import schema
from vidbench.features.extract import write_features
from vidbench.features.spec import FeatureSpec
from vidbench.features.store import FeatureStore
from vidbench.frames.store import FrameStore
from vidbench.models.build import build, build_backbone
from vidbench.models.options import ModelOptions

VIDEOS, FRAMES, SIZE, CLASSES, BATCH, UPDATES = 8, 16, (112, 112), 101, 16, 5
CASES = [
    ("resnet18", None, "mean"),
    ("resnet18", [4, 4], "attentive"),
    ("resnet18", [2, 2], "attentive"),
    ("r3d_18", None, "mean"),
    ("r3d_18", [8, 4, 4], "attentive"),
]
HEADINGS = (
    "network",
    "tokens",
    "values per row",
    "KB per video",
    "s per video",
    "head",
    "ms per clip of training",
)


def main() -> None:
    torch.set_num_threads(1)
    print("|", " | ".join(HEADINGS), "|")
    print("|" + " --- |" * len(HEADINGS))
    with tempfile.TemporaryDirectory() as folder:
        frames = Path(folder) / "frames.h5"
        generated_store.write_store(frames, generated_store.noise(VIDEOS, FRAMES, SIZE))
        for number, (network, grid, head) in enumerate(CASES):
            cells = measure(FrameStore(frames), Path(folder) / f"{number}.h5", network, grid, head)
            print("|", " | ".join(cells), "|", flush=True)


def measure(frames: FrameStore, output: Path, network: str, grid: list[int] | None, head: str) -> tuple[str, ...]:
    """Return a row of the table."""
    options = complete(network, grid, head)
    spec = FeatureSpec.of(options)
    backbone = build_backbone(spec.backbone, spec.clip, grid is not None).eval()
    load = Loader(torch.device("cpu"))
    seconds = processor_time(lambda: write_features(output, backbone, frames, spec, load, lambda *_: None))
    store = FeatureStore(output, options.takes_tokens).load_into_memory()
    shape = f"{' x '.join(map(str, backbone.cells))} x {backbone.num_channels}" if grid else str(backbone.num_features)
    return (
        network,
        str(grid or "none"),
        shape,
        f"{output.stat().st_size / len(store.videos) / 1e3:.1f}",
        f"{seconds / len(store.videos):.2f}",
        head,
        f"{1000 * time_head(options, store):.1f}",
    )


def complete(network: str, grid: list[int] | None, head: str) -> ModelOptions:
    """Complete options of a head on a frozen network."""
    config = {
        "datasets": {"made": {"kind": "csv", "manifest": "-", "clip": {"frames": FRAMES, "size": list(SIZE)}}},
        "backbones": {"frozen": {"architecture": network, "trained_stages": 0, "tokens": grid}},
        "models": {"head": {"backbone": "frozen", "head": head}},
    }
    return schema.typed_options(config, "made", "head")


def time_head(options: ModelOptions, store: FeatureStore) -> float:
    """Return the seconds per clip of forward pass, backward pass and update."""
    head = build(options, CLASSES).get_submodule("head").train()
    optimizer = torch.optim.AdamW(head.parameters())
    clips = torch.stack([torch.from_numpy(store.read(video)) for video in store.videos] * (BATCH // VIDEOS))
    targets = torch.arange(BATCH)

    def update() -> None:
        optimizer.zero_grad()
        functional.cross_entropy(head(clips), targets).backward()
        optimizer.step()

    update()
    return processor_time(lambda: [update() for _ in range(UPDATES)]) / UPDATES / BATCH


def processor_time(run: Callable[[], object]) -> float:
    """Return the processor's seconds of a call."""
    start = time.process_time()
    run()
    return time.process_time() - start


if __name__ == "__main__":
    cli.run(main)
