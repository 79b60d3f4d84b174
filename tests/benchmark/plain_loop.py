"""The training loop that a tutorial shows: nothing but what a step cannot do without, with PyTorch's own settings."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext

import torch

from vidbench.clips.loader import Batch
from vidbench.clips.transforms import prepare, to_device
from vidbench.models.build import build
from vidbench.models.options import ModelOptions

Loop = Callable[[Iterable[Batch]], None]


def plain_loop(options: ModelOptions, num_classes: int, device: torch.device) -> Loop:
    """A function that trains a model on the given batches, in float32."""
    return plain_loops(options, num_classes, device, [None])[0]


def plain_loops(
    options: ModelOptions, num_classes: int, device: torch.device, dtypes: list[torch.dtype | None]
) -> list[Loop]:
    """The loop in float32, for None, or with autocast to another type: all train the same model."""
    model = build(options, num_classes).to(device).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.training.learning_rate)

    def make(dtype: torch.dtype | None) -> Loop:
        def train(batches: Iterable[Batch]) -> None:
            with plain_settings():
                for batch in batches:
                    inputs = prepare(to_device(batch.clips, device), options.clip)  # scaled, cropped, normalised
                    with torch.autocast(device.type, dtype) if dtype else nullcontext():
                        loss = torch.nn.functional.cross_entropy(model(inputs), batch.targets.to(device))
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()

        return train

    return [make(dtype) for dtype in dtypes]


@contextmanager
def plain_settings() -> Iterator[None]:
    """PyTorch's own settings of float32 products and of the choice of cuDNN's kernels."""
    precision = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with torch.backends.cudnn.flags(
            enabled=True, benchmark=False, deterministic=torch.backends.cudnn.deterministic, allow_tf32=True
        ):
            yield
    finally:
        torch.set_float32_matmul_precision(precision)
