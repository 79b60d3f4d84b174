"""The training loop, as free functions with explicit arguments."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader

from vidbench.clips import ClipDataset, EpochBatches, Loader, view_batches
from vidbench.errors import Diverged
from vidbench.evaluation.log_loss import MIN_PROBABILITY
from vidbench.models.freezing import train_mode
from vidbench.training.computing import Computing
from vidbench.training.criterion import Criterion
from vidbench.training.distributed import ALONE, Group
from vidbench.training.inputs import Inputs
from vidbench.training.moving_average import MovingAverage
from vidbench.training.schedule import learning_rate, momentum, warmup_epochs
from vidbench.training.watching import Board, DataWait, progress_bar, report_epoch
from vidbench.transforms import Clips

Batch = tuple[Clips, torch.Tensor, torch.Tensor]  # clips, classes (B,), members (B,)
HISTORY = ("epoch", "learning_rate", "train_loss", "val_loss", "val_top1")
GPU_UPDATES = 16  # between two looks at the loss, each of which makes the CPU wait for the GPU


@dataclass
class Progress:
    """Where a training is."""

    epoch: int = 0  # finished epochs
    step: int = 0  # finished batches of the current epoch
    loss_sum: float = 0.0  # over the current epoch's clips
    clips: int = 0
    history: list[dict] = field(default_factory=list)  # one row an epoch, keys HISTORY
    best_epoch: int = 0
    seconds: float = 0.0  # of training, over all attempts
    peak_memory_mb: float = 0.0  # largest of all attempts


@dataclass
class Training:
    """All that changes in a training, and so all that a checkpoint needs."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    average: MovingAverage | None = None
    progress: Progress = field(default_factory=Progress)

    @property
    def judged(self) -> nn.Module:
        """The model that is validated and kept: the moving average where there is one."""
        return self.average.model if self.average else self.model


@dataclass(frozen=True)
class Setup:
    """What stays as it is during a training."""

    options: dict
    computing: Computing
    inputs: Inputs
    criterion: Criterion
    network: Callable[[torch.Tensor], torch.Tensor]  # the model as it is called: compiled, on several devices
    group: Group


def train_one_epoch(
    training: Training,
    setup: Setup,
    batches: Iterable[Batch],
    order: EpochBatches,
    after_update: Callable[[], None],
) -> None:
    """Train from batch `progress.step` to the end of epoch `progress.epoch`; `progress` counts.

    `batches` gives clips, classes and members as clips.collate makes them, in `order`. `after_update` is called where
    the training can be saved.
    """
    train_mode(training.model)
    progress, together = training.progress, setup.options["training"]["accumulate"]
    losses: list[tuple[int, torch.Tensor]] = []  # of batches not looked at yet
    often = GPU_UPDATES if setup.computing.device.type == "cuda" else 1
    for clips, classes, members in progress_bar(batches, f"epoch {progress.epoch + 1}", len(order), progress.step):
        first, last = progress.step - progress.step % together, progress.step + 1
        complete = last % together == 0 or last == len(order)
        inputs, targets = setup.inputs.train(clips, classes, members, progress.epoch, progress.step)
        loss = _backward(inputs, targets, training, setup, order.num_clips(first, together), complete)
        losses.append((progress.step, loss))
        progress.step = last
        if complete:
            updates = -(-len(order) // together)
            _update(training, setup, progress.epoch * updates + first // together, updates)
            if (first // together + 1) % often == 0 or last == len(order):
                _look_at(losses, progress, setup.group)
                progress.clips = order.num_clips(0, last)
                after_update()


def _backward(
    inputs: torch.Tensor, targets: torch.Tensor, training: Training, setup: Setup, clips: int, complete: bool
) -> torch.Tensor:
    """Add a batch's gradients; `clips`: of its whole update. Returns the loss summed over the batch's clips."""
    waiting = not complete and setup.group.size > 1
    with setup.network.no_sync() if waiting else nullcontext():
        with setup.computing.autocast():
            logits = setup.network(inputs)
        loss = setup.criterion(logits, targets)
        # Gradients are averaged over the devices, hence the factor.
        training.scaler.scale(loss * (setup.group.size / clips)).backward()
    return loss.detach()


def _update(training: Training, setup: Setup, update: int, updates_an_epoch: int) -> None:
    """Change the weights by the gradients; `update`: how many there have been."""
    options, optimizer = setup.options["training"], training.optimizer
    rate = learning_rate(update, updates_an_epoch, options, training.progress.history)
    inertia = momentum(update, updates_an_epoch, options)
    for group in optimizer.param_groups:
        group["lr"] = rate * group["scale"]
        if inertia is not None:
            group.update({"momentum": inertia} if "momentum" in group else {"betas": (inertia, group["betas"][1])})
    if options["gradient_clip"]:
        training.scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_([p for p in training.model.parameters() if p.requires_grad], options["gradient_clip"])
    training.scaler.step(optimizer)
    training.scaler.update()
    optimizer.zero_grad(set_to_none=True)
    if training.average:
        training.average.update(training.model, update + 1)


def _look_at(losses: list[tuple[int, torch.Tensor]], progress: Progress, group: Group) -> None:
    """Add the batches' losses to the epoch's and forget them; Diverged at the first that is not finite."""
    steps = [step for step, _ in losses]
    values = group.total(torch.stack([loss for _, loss in losses]).tolist())
    losses.clear()
    for step, value in zip(steps, values, strict=True):
        if not math.isfinite(value):
            raise Diverged(value, progress.epoch + 1, step + 1)
        progress.loss_sum += value


@torch.inference_mode()
def predict(
    network: Callable[[torch.Tensor], torch.Tensor],
    batches: Iterable[Batch],
    inputs: Inputs,
    computing: Computing,
    crops: int,
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Logits (B, crops, K) and classes (B,) of test clips, batch by batch; `network` is in eval mode."""
    for clips, classes, _ in batches:
        with computing.autocast():
            logits = network(inputs.test(clips))
        yield logits.float().cpu().unflatten(0, (-1, crops)), classes


def batches_of_views(data: ClipDataset, options: dict, load: Loader, group: Group = ALONE) -> DataLoader:
    """All clips of the data's test views, those of a video in a row; with their crops, a training batch at most."""
    clip, most = options["clip"], options["training"]["batch_size"]
    own = range(group.rank, len(data), group.size)
    return load(data, view_batches(own, clip["views"], max(1, most // clip["crops"])))


def validate(
    network: Callable[[torch.Tensor], torch.Tensor], setup: Setup, batches: Iterable[Batch], data: ClipDataset
) -> tuple[float, float]:
    """Loss and accuracy on validation videos, the views' probabilities averaged; `network` is in eval mode."""
    clip = setup.options["clip"]
    parts = [logits for logits, _ in predict(network, batches, setup.inputs, setup.computing, clip["crops"])]
    parts = parts or [torch.empty(0, 1, 1)]  # more devices than videos
    probabilities = torch.cat(parts).double().softmax(dim=2).mean(dim=1)  # over crops
    probabilities = probabilities.unflatten(0, (-1, clip["views"])).mean(dim=1)  # (N, K)
    probabilities = setup.group.gathered(probabilities, len(data))
    classes = torch.tensor(data.classes)
    loss = functional.nll_loss(probabilities.clamp_min(MIN_PROBABILITY).log(), classes).item()
    return loss, (probabilities.argmax(dim=1) == classes).double().mean().item()


def is_better(row: dict, best: dict | None) -> bool:
    """Whether an epoch beats the best one: higher accuracy, at a tie lower loss."""
    return best is None or (row["val_top1"], -row["val_loss"]) > (best["val_top1"], -best["val_loss"])


def should_stop(progress: Progress, training: dict) -> bool:
    """Early stopping: `patience` epochs without a better one, counted after the warm-up."""
    if training["patience"] is None:
        return False
    since = max(progress.best_epoch, math.ceil(warmup_epochs(training)))
    return progress.epoch - since >= training["patience"]


def fit(
    training: Training,
    setup: Setup,
    train: ClipDataset,
    val: ClipDataset,
    load: Loader,
    board: Board,
    after_update: Callable[[], None],
    after_epoch: Callable[[bool], None],
) -> DataWait:
    """Train until the last epoch or early stopping; `after_epoch` is told whether it was the best so far."""
    options, progress, group = setup.options["training"], training.progress, setup.group
    balanced = options["sampler"] == "balanced"
    order = EpochBatches(train, options["batch_size"], balanced=balanced, part=(group.rank, group.size))
    train_batches, val_batches = load(train, order), batches_of_views(val, setup.options, load, group)
    wait, judged = DataWait(load.device), setup.computing.compiled(training.judged)
    while progress.epoch < options["epochs"] and not should_stop(progress, options):
        start, waited = time.monotonic(), wait.waited
        order.epoch, order.start = progress.epoch, progress.step
        train_one_epoch(training, setup, wait.timed(train_batches), order, after_update)
        clips_per_second = progress.clips / (time.monotonic() - start)
        training.judged.eval()
        row = _epoch_row(training, *validate(judged, setup, val_batches, val))
        improved = _finish_epoch(progress, row)
        seconds = time.monotonic() - start
        if group.leads:
            report_epoch(row, options["epochs"], seconds, (wait.waited - waited) / seconds, improved)
            board.add(row, clips_per_second, (wait.waited - waited) / seconds)
        after_epoch(improved)
    return wait


def _epoch_row(training: Training, val_loss: float, val_top1: float) -> dict:
    """The epoch's row of the history; Diverged where its last update has spoilt the weights."""
    progress = training.progress
    if not math.isfinite(val_loss):
        raise Diverged(val_loss, progress.epoch + 1, progress.step)
    rate = training.optimizer.param_groups[0]["lr"]  # the head's
    loss = progress.loss_sum / progress.clips
    return dict(zip(HISTORY, (progress.epoch + 1, rate, loss, val_loss, val_top1), strict=True))


def _finish_epoch(progress: Progress, row: dict) -> bool:
    """Add an epoch's row to the history; whether it is the best so far."""
    improved = is_better(row, progress.history[progress.best_epoch - 1] if progress.best_epoch else None)
    progress.history.append(row)
    progress.epoch, progress.step, progress.loss_sum, progress.clips = progress.epoch + 1, 0, 0.0, 0
    if improved:
        progress.best_epoch = progress.epoch
    return improved
