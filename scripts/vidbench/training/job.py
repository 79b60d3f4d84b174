"""One training from its first step to its last: what train_model.py does between reading and writing."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from vidbench import models
from vidbench.clips import ClipDataset, Loader, choose_workers
from vidbench.errors import Diverged, UserError
from vidbench.features.clips import FeatureInputs, say_what_has_no_effect
from vidbench.features.store import FeatureStore
from vidbench.features.weights_digest import weights_sha256
from vidbench.models.freezing import freeze
from vidbench.subsets import SplitData
from vidbench.training import distributed
from vidbench.training.checkpoint import Checkpoint, Interrupted
from vidbench.training.computing import Computing, explained_errors
from vidbench.training.criterion import Criterion
from vidbench.training.distributed import ALONE, Group
from vidbench.training.engine import Progress, Setup, Training, fit
from vidbench.training.inputs import ClipInputs, Inputs
from vidbench.training.moving_average import MovingAverage
from vidbench.training.optimizer import make_optimizer
from vidbench.training.recomputing import recompute_blocks
from vidbench.training.watching import Board


@dataclass(frozen=True)
class Job:
    """What was asked for, and what it is done with."""

    arguments: argparse.Namespace  # of train_model.py
    data: SplitData
    computing: Computing
    features: FeatureStore | None = None  # of a frozen backbone, where only the head is trained
    group: Group = ALONE

    @property
    def options(self) -> dict:
        """The complete model options."""
        return self.arguments.options

    def clips(self, subset: str) -> ClipDataset:
        """Training clips, or the test views of another subset."""
        seed = self.arguments.seed if subset == "train" else None
        return self.data.clips(subset, self.options["clip"], seed, self.features)

    def inputs(self, train: ClipDataset) -> Inputs:
        """What stands between the loader and what is trained."""
        if self.features:
            say_what_has_no_effect(self.options["augmentation"])
            return FeatureInputs(self.computing.device, self.arguments.seed, self.group.rank)
        return ClipInputs(self.options, self.computing, train, len(self.data.classes), self.group.rank)

    def loader(self) -> Loader:
        """Reads clips in as many processes as this one's share of the cores allows."""
        arguments, device, threads = self.arguments, self.computing.device, self.options["training"]["threads"]
        if self.features and self.features.held:  # reading a clip then costs less than handing it over
            return Loader(device)
        cores = arguments.cores and arguments.cores // self.group.local_size
        return Loader(device, choose_workers(arguments.workers, cores, threads, device))


def make_model(job: Job) -> tuple[nn.Module, dict | None]:
    """The model as it starts, and what options.json says of its pretrained weights, if it has any."""
    torch.manual_seed(job.arguments.seed)
    model = models.build(job.options, len(job.data.classes))
    started = models.start(model, job.options, job.arguments.weights)
    return freeze(model, job.options), started


def train(
    job: Job, model: nn.Module, checkpoint: Checkpoint, stopped: list[int]
) -> tuple[Progress, dict[str, torch.Tensor], dict[str, str]]:
    """Train to the end, or save and raise Interrupted when a signal came.

    Returns the progress, the best weights of the whole model, and how it ended, for options.json.
    """
    training = begin(job, model)
    checkpoint.load(training, job.group)
    if not checkpoint.best_weights:
        checkpoint.keep_best(training.judged)  # what a training that diverges at once ends with

    def save() -> None:
        if job.group.leads:
            checkpoint.save(training)

    def after_update() -> None:
        stop, due = job.group.total([len(stopped), checkpoint.is_due()])
        if stop or due:
            save()
        if stop:
            job.group.wait()  # torchrun kills the others when the first one ends, and this one may be writing
            raise Interrupted

    def after_epoch(improved: bool) -> None:
        if improved:
            checkpoint.keep_best(training.judged)
        save()

    end = {"status": "ok"}
    try:
        run(job, training, after_update, after_epoch)
    except Diverged as error:
        if job.arguments.on_failure == "stop":
            raise UserError(f"{error}; training.on_failure: record lets the others go on") from error
        checkpoint.count(training)
        print(f"WARNING: {error}", flush=True)
        end = {"status": "diverged", "reason": str(error)}
    best = checkpoint.best_weights
    return training.progress, _whole(model, best) if job.features else best, end


def begin(job: Job, model: nn.Module) -> Training:
    """A training of the model, or of its head, from the first step."""
    options, computing = job.options["training"], job.computing
    if job.features:
        job.features.check(job.options, weights_sha256(model.backbone), job.data.store)
    elif options["activation_checkpointing"]:
        recompute_blocks(model.backbone if "backbone" in job.options else model)
    model = distributed.synchronised(model, job.group, computing.device)
    trained = computing.place(model.head if job.features else model)
    average = MovingAverage(trained, options["ema"]) if options["ema"] else None
    return Training(trained, make_optimizer(model, job.options), computing.scaler(), average)


def run(job: Job, training: Training, after_update: Callable[[], None], after_epoch: Callable[[bool], None]) -> None:
    """Train on the job's clips until the end."""
    computing, group, options = job.computing, job.group, job.options
    clips, load = job.clips("train"), job.loader()
    setup = Setup(
        options,
        computing,
        job.inputs(clips),
        Criterion(options["training"], clips.classes, len(job.data.classes)).to(computing.device),
        computing.compiled(group.wrap(training.model)),
        group,
    )
    folder = job.arguments.tensorboard if group.leads else None
    with explained_errors(), Board(folder, training.progress.epoch) as board:
        wait = fit(training, setup, clips, job.clips("val"), load, board, after_update, after_epoch)
    if group.leads and (warning := wait.warning(load.workers)):
        print(warning, flush=True)


def _whole(model: nn.Module, head: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights of a model whose backbone is frozen and whose head has the weights `head`."""
    return model.state_dict() | {f"head.{name}": tensor for name, tensor in head.items()}
