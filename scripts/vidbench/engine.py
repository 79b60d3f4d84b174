"""The training loop, as free functions with explicit arguments."""

import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader
from tqdm import tqdm

from vidbench.augmentation import BatchAugmentation
from vidbench.clips import ClipDataset, EpochBatches, Loader, view_batches
from vidbench.errors import UserError
from vidbench.transforms import Clips, normalise, prepare, to_device

Batch = tuple[Clips, torch.Tensor, torch.Tensor]  # clips, classes (B,), members (B,)
HISTORY = ("epoch", "learning_rate", "train_loss", "val_loss", "val_top1")


@dataclass
class Progress:
    """Where a training is; together with weights and optimiser all that a checkpoint needs."""

    epoch: int = 0  # finished epochs
    step: int = 0  # finished steps of the current epoch
    loss_sum: float = 0.0  # over the current epoch's clips
    clips: int = 0
    history: list[dict] = field(default_factory=list)  # one row an epoch, keys HISTORY
    best_epoch: int = 0
    seconds: float = 0.0  # of training, over all attempts


def make_optimizer(model: nn.Module, training: dict) -> torch.optim.Optimizer:
    """AdamW or SGD; weight decay on matrices only, not on biases and norms."""
    weights = [p for p in model.parameters() if p.requires_grad and p.ndim > 1]
    others = [p for p in model.parameters() if p.requires_grad and p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": training["weight_decay"]}, {"params": others, "weight_decay": 0.0}]
    if training["optimizer"] == "sgd":
        momentum = training["momentum"]
        return torch.optim.SGD(groups, lr=training["learning_rate"], momentum=momentum, nesterov=momentum > 0)
    return torch.optim.AdamW(groups, lr=training["learning_rate"])


def learning_rate(step: int, steps_an_epoch: int, training: dict) -> float:
    """Learning rate of step `step` (from 0): a linear warm-up, then cosine or constant."""
    warmup = training["warmup_epochs"] * steps_an_epoch
    if step < warmup:
        return training["learning_rate"] * (step + 1) / warmup
    if training["schedule"] == "constant":
        return training["learning_rate"]
    done = (step - warmup) / max(training["epochs"] * steps_an_epoch - warmup, 1)
    return training["learning_rate"] * 0.5 * (1 + math.cos(math.pi * done))


def train_one_epoch(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Iterable[Batch],
    steps: int,
    options: dict,
    augmentation: BatchAugmentation,
    progress: Progress,
    device: torch.device,
    after_step: Callable[[], None],
) -> None:
    """Train from step `progress.step` to the end of epoch `progress.epoch`, of `steps` steps; `progress` counts.

    `batches` gives clips, classes and members as clips.collate makes them.
    """
    model.train()
    for clips, classes, members in _bar(batches, steps, progress):
        now = progress.epoch * steps + progress.step
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(now, steps, options["training"])
        inputs, targets = augmentation(
            to_device(clips, device), classes.to(device, non_blocking=True), members, progress.epoch, progress.step
        )
        loss = functional.cross_entropy(model(normalise(inputs, options["clip"])), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        progress.loss_sum += _finite(loss, progress) * len(classes)
        progress.clips += len(classes)
        progress.step += 1
        after_step()


@torch.inference_mode()
def predict(
    model: nn.Module, batches: Iterable[Batch], options: dict, device: torch.device
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Logits (B, crops, K) and classes (B,) of test clips, batch by batch."""
    model.eval()
    clip = options["clip"]
    for clips, classes, _ in batches:
        logits = model(prepare(to_device(clips, device), clip)).float().cpu()
        yield logits.unflatten(0, (-1, clip["crops"])), classes


def batches_of_views(data: ClipDataset, options: dict, load: Loader) -> DataLoader:
    """All clips of the data's test views, those of a video in a row; with their crops, a training batch at most."""
    clip, most = options["clip"], options["training"]["batch_size"]
    return load(data, view_batches(len(data), clip["views"], max(1, most // clip["crops"])))


def validate(model: nn.Module, batches: Iterable[Batch], options: dict, device: torch.device) -> tuple[float, float]:
    """Loss and accuracy on validation videos, the views' probabilities averaged."""
    views = options["clip"]["views"]
    parts = list(predict(model, batches, options, device))
    probabilities = torch.cat([logits for logits, _ in parts]).double().softmax(dim=2).mean(dim=1)  # over crops
    probabilities = probabilities.unflatten(0, (-1, views)).mean(dim=1)  # (N, K)
    classes = torch.cat([classes for _, classes in parts])[::views]
    loss = functional.nll_loss(probabilities.clamp_min(1e-12).log(), classes).item()
    return loss, (probabilities.argmax(dim=1) == classes).double().mean().item()


def is_better(row: dict, best: dict | None) -> bool:
    """Whether an epoch beats the best one: higher accuracy, at a tie lower loss."""
    return best is None or (row["val_top1"], -row["val_loss"]) > (best["val_top1"], -best["val_loss"])


def should_stop(progress: Progress, training: dict) -> bool:
    """Early stopping: `patience` epochs without a better one, counted after the warm-up."""
    if training["patience"] is None:
        return False
    since = max(progress.best_epoch, math.ceil(training["warmup_epochs"]))
    return progress.epoch - since >= training["patience"]


def fit(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    train: ClipDataset,
    val: ClipDataset,
    num_classes: int,
    options: dict,
    progress: Progress,
    load: Loader,
    after_step: Callable[[], None],
    after_epoch: Callable[[bool], None],
) -> None:
    """Train until the last epoch or early stopping; `after_epoch` is told whether it was the best so far."""
    training = options["training"]
    order = EpochBatches(len(train), training["batch_size"], train.seed)
    train_batches, val_batches = load(train, order), batches_of_views(val, options, load)
    augmentation = BatchAugmentation(options, train, num_classes)
    while progress.epoch < training["epochs"] and not should_stop(progress, training):
        start = time.monotonic()
        order.epoch, order.start = progress.epoch, progress.step
        train_one_epoch(
            model, optimizer, train_batches, len(order), options, augmentation, progress, load.device, after_step
        )
        val_loss, val_top1 = validate(model, val_batches, options, load.device)
        rate, loss = optimizer.param_groups[0]["lr"], progress.loss_sum / progress.clips
        row = dict(zip(HISTORY, (progress.epoch + 1, rate, loss, val_loss, val_top1), strict=True))
        improved = _finish_epoch(progress, row)
        _report(row, training["epochs"], time.monotonic() - start, improved)
        after_epoch(improved)


def _finish_epoch(progress: Progress, row: dict) -> bool:
    """Add an epoch's row to the history; whether it is the best so far."""
    improved = is_better(row, progress.history[progress.best_epoch - 1] if progress.best_epoch else None)
    progress.history.append(row)
    progress.epoch, progress.step, progress.loss_sum, progress.clips = progress.epoch + 1, 0, 0.0, 0
    if improved:
        progress.best_epoch = progress.epoch
    return improved


def _finite(loss: torch.Tensor, progress: Progress) -> float:
    value = loss.item()
    if not math.isfinite(value):
        raise UserError(
            f"training: the loss is {value} at epoch {progress.epoch + 1}, step {progress.step + 1};"
            " lower training.learning_rate or lengthen training.warmup_epochs"
        )
    return value


def _bar(batches: Iterable[Batch], steps: int, progress: Progress) -> tqdm:
    """A progress bar on a terminal; nothing in a log, which gets one line an epoch."""
    title, quiet = f"epoch {progress.epoch + 1}", not sys.stderr.isatty()
    return tqdm(batches, title, total=steps, leave=False, disable=quiet, initial=progress.step)


def _report(row: dict, epochs: int, seconds: float, improved: bool) -> None:
    left = seconds * (epochs - row["epoch"])
    print(
        f"epoch {row['epoch']:3d}/{epochs}  train loss {row['train_loss']:.4f}  val loss {row['val_loss']:.4f}"
        f"  val top-1 {row['val_top1']:.3f}{' *' if improved else '  '}  {seconds:.1f} s, at most {left:.0f} s left",
        flush=True,
    )
