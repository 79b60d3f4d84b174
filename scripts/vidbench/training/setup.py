"""Putting a training together before its first step: model, optimiser, loss, batches."""

from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader

from vidbench.clips.augmentation import BatchAugmentation
from vidbench.clips.dataset import ClipSource
from vidbench.clips.loader import EpochBatches, Loader, choose_workers
from vidbench.clips.preprocessing import ClipInputs, Inputs
from vidbench.clips.split_data import SplitData
from vidbench.compute import compilation
from vidbench.compute.precision import Precision
from vidbench.features.dataset import FeatureInputs, clip_source, warn_of_ignored_augmentation
from vidbench.features.store import FeatureStore
from vidbench.models.batch_norm import find_batch_norms
from vidbench.models.build import build, load_pretrained
from vidbench.models.freezing import freeze, train_mode
from vidbench.models.options import ModelOptions
from vidbench.models.weights_file import weights_sha256
from vidbench.training import distributed
from vidbench.training.activation_checkpointing import recompute_blocks
from vidbench.training.distributed import SINGLE_PROCESS, ProcessGroup
from vidbench.training.ema import ModelEma
from vidbench.training.energy import TrainingEnergy
from vidbench.training.label_loss import LabelCriterion
from vidbench.training.loss import Criterion
from vidbench.training.lr_schedule import needs_precise_batch_norm
from vidbench.training.optimizer import make_optimizer
from vidbench.training.state import LoopContext, Training


@dataclass(frozen=True)
class TrainingJob:
    """A training that is to be done: options, data, device and processes."""

    options: ModelOptions
    seed: int
    data: SplitData
    precision: Precision
    features: FeatureStore | None = None  # of a frozen backbone, if only the head is trained
    group: ProcessGroup = SINGLE_PROCESS
    workers: int | None = None  # processes that read clips; None: derived from `cores`
    cores: int | None = None  # granted to all processes on this machine; None: all that this one may use
    energy: TrainingEnergy = field(default_factory=TrainingEnergy)  # nothing is counted but in train_model.py

    @property
    def clips(self) -> ClipSource:
        """Source of clips: of frames, or of their cached features."""
        return clip_source(self.options, self.data.store, self.features)

    @property
    def precise_batch_norm(self) -> bool:
        """Whether batch norm gets precise statistics before each validation."""
        return needs_precise_batch_norm(self.options.training, self.data.clips_per_epoch)

    def make_inputs(self) -> Inputs:
        """Make what turns the loader's batches into the input of what is trained."""
        if self.features:
            warn_of_ignored_augmentation(self.options.augmentation)
            return FeatureInputs(self.precision.device, self.seed, self.group.rank)
        augment = BatchAugmentation(self.options, len(self.data.class_names), self.seed, self.group.rank)
        return ClipInputs(self.options.clip, self.precision, augment)

    def make_loader(self) -> Loader:
        """Make a loader with the worker processes that this process's share of the cores allows."""
        device = self.precision.device
        if self.features and self.features.held:  # reading from memory costs less than sending between processes
            return Loader(device)
        cores = self.cores and self.cores // self.group.local_size
        return Loader(device, choose_workers(self.workers, cores, self.options.training.threads, device))


@dataclass(frozen=True)
class Batches:
    """The batches of training and validation."""

    sampler: EpochBatches  # of `train`
    train: DataLoader
    val: DataLoader  # this process's share
    val_targets: list[Any]  # of all validation videos: class numbers, or K floats of several labels
    workers: int  # processes that read clips


def choose_precision(
    options: ModelOptions, data: SplitData, device: torch.device, group: ProcessGroup = SINGLE_PROCESS
) -> Precision:
    """Return how a training computes, with `auto` resolved for its device, its length and its processes."""
    training = options.training
    if options.caches_features:  # a head computes in float32 whatever the precision is
        training = replace(training, precision="fp32")
    views = len(data.video_ids["val"]) * options.clip.views * options.clip.crops
    clips = compilation.BACKWARD * data.clips_per_epoch * (2 if training.refit else 1)
    passes = training.epochs * (clips + views) / group.size
    compile_pays = compilation.pays(options, device, len(data.class_names), passes)
    if compile_pays and group.size > 1 and trains_batch_norm(options, len(data.class_names)):
        print(
            "not compiled: batch norm of several devices takes no part in a graph (training.compile: auto)", flush=True
        )
        compile_pays = False
    return Precision.of(training, device, compile_pays, options.takes_frames)


def trains_batch_norm(options: ModelOptions, num_classes: int) -> bool:
    """Return whether a model has batch norm that takes its statistics from the training's batches."""
    return has_trained_batch_norm(limit_training(build(options, num_classes), options))


def has_trained_batch_norm(model: nn.Module) -> bool:
    """Return whether a model has batch norm that trains; the model is left in training mode."""
    train_mode(model)
    return any(norm.training for norm in find_batch_norms(model))


def make_model(job: TrainingJob, weights: Path | None = None) -> tuple[nn.Module, dict | None]:
    """Make the initial model; also return the record of its pretrained `weights` for options.json, if it has any."""
    torch.manual_seed(job.seed)
    model = build(job.options, len(job.data.class_names))
    weights_record = load_pretrained(model, job.options.network, weights)
    return limit_training(model, job.options), weights_record


def limit_training(model: nn.Module, options: ModelOptions) -> nn.Module:
    """Let only that of a model learn which the options say, and return it."""
    if options.training.lora is None:
        return freeze(model, options.network.trained_stages)
    return _lora().adapt(model, options.training.lora)


def _lora() -> ModuleType:
    """Import by name: only models that are trained so depend on its code (models.module_names)."""
    return import_module("vidbench.models.lora")


def begin(job: TrainingJob, model: nn.Module) -> Training:
    """Make a training at its first step, of the model or, on cached features, of its head alone.

    UserError where the features are not those of the model's backbone and of the frames.
    """
    settings, precision = job.options.training, job.precision
    if job.features:
        job.features.check(job.options, weights_sha256(model.get_submodule("backbone")), job.data.store)
    elif settings.activation_checkpointing:
        recompute_blocks(model.get_submodule("backbone") if job.options.has_backbone else model, job.group.size)
    model = distributed.synchronise_batch_norm(model, job.group, precision.device)
    trained = precision.to_device(model.get_submodule("head") if job.features else model)
    ema = ModelEma(trained, settings.ema) if settings.ema else None
    return Training(trained, make_optimizer(model, settings), precision.scaler(), ema)


def make_context(job: TrainingJob, training: Training) -> LoopContext:
    """Make what stays constant during the training."""
    make_criterion = LabelCriterion if job.data.multi else Criterion
    criterion = make_criterion(job.options.training, job.data.targets("train"), len(job.data.class_names))
    return LoopContext(
        job.options,
        job.precision,
        job.make_inputs(),
        criterion.to(job.precision.device),
        job.precision.compiled(job.group.wrap(training.model)),
        job.group,
        job.precise_batch_norm,
        job.data.multi,
    )


def make_batches(job: TrainingJob) -> Batches:
    """Make the batches of training and of validation."""
    settings = job.options.training
    part = (job.group.rank, job.group.size)
    load = job.make_loader()
    train = job.data.training_clips(job.clips, job.seed)
    val = job.data.test_clips(job.clips, "val")
    sampler = EpochBatches(train, settings.batch_size, balanced=settings.sampler == "balanced", part=part)
    val_batches = load.views(val, job.options.clip, settings.batch_size, part)
    return Batches(sampler, load(train, sampler), val_batches, val.targets, load.workers)


def whole_weights(job: TrainingJob, model: nn.Module, trained: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights of the whole model as build() makes it; `trained` are a head's, or have LoRA's matrices."""
    if lora := job.options.training.lora:
        return _lora().merge(trained, lora)
    if not job.features:
        return trained
    return model.state_dict() | {f"head.{name}": tensor for name, tensor in trained.items()}
