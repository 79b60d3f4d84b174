"""Steps of small trainings on a device, put together as train_model.py does it, for tests and benchmarks on GPUs."""

import itertools
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch

from vidbench.clips.loader import Batch
from vidbench.clips.split_data import SplitData
from vidbench.compute.precision import Precision
from vidbench.models import TOKEN_HEADS
from vidbench.models.options import (
    AugmentationOptions,
    ClipOptions,
    HeadOptions,
    ModelOptions,
    NetworkOptions,
    TrainingOptions,
)
from vidbench.training.distributed import SINGLE_PROCESS, ProcessGroup
from vidbench.training.epoch import train_one_epoch
from vidbench.training.setup import TrainingJob, begin, make_batches, make_context, make_model
from vidbench.training.state import Progress

PLAIN = AugmentationOptions(shift=0, color_jitter=0)
DEFAULT = AugmentationOptions()
HEAVY = AugmentationOptions(
    shift=0, random_resized_crop=(0.4, 1), color_jitter=0.4, rand_augment=9, random_erasing=0.25, mixup=0.8
)
# So small a rate that one batch can be seen again and again: gradients of one that is known by heart vanish.
TRAINING = TrainingOptions(
    epochs=2, batch_size=8, learning_rate=1e-6, warmup_epochs=0, schedule="constant", compile=False
)
CLIP = ClipOptions(step=1)


def make_options(
    name: str,
    clip: ClipOptions = CLIP,
    augmentation: AugmentationOptions = DEFAULT,
    width: int = 24,
    dropout: float = 0.0,
    **training: object,
) -> ModelOptions:
    """Complete options; `name` is an architecture, or BACKBONE:HEAD. Not compiled unless `training` says so."""
    network, _, head = name.partition(":")
    tokens = (2, 2) if head in TOKEN_HEADS else None
    return ModelOptions(
        network=NetworkOptions(architecture=network, width=width, cache_features=False, tokens=tokens),
        head=HeadOptions(name=head or None, dropout=dropout),
        clip=clip,
        augmentation=augmentation,
        training=replace(TRAINING, **training),
    )


def as_entry(options: ModelOptions) -> dict:
    """What ModelOptions.from_dict() makes these options from: the `--options` of the step scripts."""
    head = options.head.as_dict()
    name = head.pop("name")
    network = options.network.as_dict()
    top = network if name is None else {"backbone": network, "head": name}
    sections = {key: getattr(options, key).as_dict() for key in ("clip", "augmentation", "training")}
    return top | head | sections


class Steps:
    """A training whose steps are done on demand, on batches that its loader gives or that lie in memory."""

    def __init__(
        self,
        options: ModelOptions,
        data: SplitData,
        device: torch.device,
        workers: int | None = 0,
        group: ProcessGroup = SINGLE_PROCESS,
    ) -> None:
        """`workers`: processes that read clips; None for as many as a training would have."""
        self.device = device
        precision = Precision.of(options.training, device, takes_frames=options.takes_frames)
        self.job = TrainingJob(options, 0, data, precision, group=group, workers=workers)
        self.model, _ = make_model(self.job)
        self.training = begin(self.job, self.model)
        self.context = make_context(self.job, self.training)
        self.batches = make_batches(self.job)
        self._memory: Batch | None = None

    def from_memory(self, count: int) -> Iterator[Batch]:
        """The loader's first batch, again and again."""
        batch = self._memory or next(iter(self.batches.train))
        self._memory = batch
        return itertools.repeat(batch, count)

    def first(self, count: int) -> Iterator[Batch]:
        """The loader's first batches."""
        return itertools.islice(iter(self.batches.train), count)

    def train(self, batches: Iterable[Batch]) -> None:
        """Do a step on each batch, and wait until the device has done them; fewer batches than an epoch has."""
        self.training.progress = Progress()
        train_one_epoch(self.training, self.context, batches, self.batches.sampler, lambda: None)
        synchronize(self.device)


def synchronize(device: torch.device) -> None:
    """Wait until the device has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@contextmanager
def counted_waits(device: torch.device) -> Iterator[list[str]]:
    """Collect what makes the CPU wait for the GPU in the block: a line for each time. On a CPU nothing does."""
    found: list[str] = []
    if device.type != "cuda":
        yield found
        return
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            yield found
    finally:
        torch.cuda.set_sync_debug_mode("default")
        found += [f"{w.filename}:{w.lineno}" for w in seen if "synchroniz" in str(w.message)]
