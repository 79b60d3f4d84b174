"""What a model's learning curves say: it never fitted its training videos, it overfits, or it was still improving.

Losses are taken as shares of what guessing loses, ln K of K classes: 1 is guessing, 0 is knowing. Thresholds, and how
often they give a false alarm: docs/next_steps.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from vidbench.evaluation.explanations import Learning
from vidbench.models.options import ModelOptions

PARTS = 5  # the end of a training is the last fifth of its epochs
MIN_EPOCHS = 5  # to see a trend
MIN_EPOCHS_OVERFIT = 10
UNDERFIT = 0.5  # half of what guessing loses is still lost, of training and of validation videos
STILL_FALLS = 0.05  # by this much in the last fifth: more than the end of a cosine schedule brings by itself
RISES = 0.1  # of the validation loss from its lowest value to the end
TRAIN_FALLS = 0.05  # of the training loss in the same epochs

History = Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class Curve:
    """What one training's history.csv says; losses as shares of what guessing loses."""

    underfits: bool
    improves: bool
    overfits: bool
    train_end: float
    val_lowest: float
    val_before_end: float
    val_end: float
    lowest_epoch: int

    @classmethod
    def of(cls, history: History, options: ModelOptions, classes: int, val_videos: int) -> "Curve | None":
        """Read a training's curve; None where it has no finite epochs, or nothing to tell apart."""
        train, val = (np.array([row[name] for row in history]) for name in ("train_loss", "val_loss"))
        if not len(history) or classes < 2 or not np.isfinite([*train, *val]).all():
            return None
        guess = math.log(classes)
        least = loss_floor(options, classes)
        train = (train - least) / max(guess - least, 1e-9)
        val = val / guess
        smooth = np.convolve(np.pad(val, 1, "edge"), np.full(3, 1 / 3), "valid")
        lowest, part = int(smooth.argmin()), max(len(val) // PARTS, 1)
        planned = options.training.epochs
        overfits = len(val) >= MIN_EPOCHS_OVERFIT and _overfits(
            train, val, _accuracies(history), lowest, part, planned, val_videos
        )
        end, before = val[-part:].mean(), val[-2 * part : -part].mean() if len(val) > 1 else val[0]
        return cls(
            underfits=bool(not overfits and min(train[-part:].mean(), smooth[lowest]) > UNDERFIT),
            improves=len(val) >= MIN_EPOCHS and _improves(train, val, part),
            overfits=overfits,
            train_end=float(train[-part:].mean()),
            val_lowest=float(val.min()),
            val_before_end=float(before),
            val_end=float(end),
            lowest_epoch=int(val.argmin()) + 1,
        )


def loss_floor(options: ModelOptions, classes: int) -> float:
    """Return the training loss (nats) of a network that knows all: more than 0 with smoothed labels or mixed clips.

    Mixing with lambda from Beta(a, a) adds the mean entropy of (lambda, 1 - lambda), psi(2a + 1) - psi(a + 1), where
    the two clips are of different classes. Both together are about their sum.
    """
    from scipy.special import psi, xlogy

    wrong = options.training.label_smoothing / classes
    right = 1 - wrong * (classes - 1)
    smoothing = -float(xlogy(right, right) + (classes - 1) * xlogy(wrong, wrong))
    alphas = [alpha for alpha in (options.augmentation.mixup, options.augmentation.cutmix) if alpha]
    mixing = float(np.mean([psi(2 * alpha + 1) - psi(alpha + 1) for alpha in alphas])) if alphas else 0.0
    return min(smoothing + mixing * (1 - 1 / classes), math.log(classes))


def _improves(train: np.ndarray, val: np.ndarray, part: int) -> bool:
    """Return whether both losses (E,) fell in the last fifth, and the lowest validation loss is there."""
    falls = [values[-2 * part : -part].mean() - values[-part:].mean() >= STILL_FALLS for values in (train, val)]
    return all(falls) and int(val.argmin()) >= len(val) - part


def _overfits(
    train: np.ndarray, val: np.ndarray, accuracies: np.ndarray, lowest: int, part: int, planned: int, videos: int
) -> bool:
    """Return whether the validation loss rose from early on while the training loss fell, and accuracy gained nothing.

    `accuracies` (E,) are those on `videos` validation videos; a gain up to 1 / sqrt(videos), two standard errors at
    most, is none.
    """
    around = slice(max(lowest - 1, 0), lowest + 2)
    return bool(
        lowest + 1 <= planned / 2
        and val[-part:].mean() - val[around].mean() >= RISES
        and train[around].mean() - train[-part:].mean() >= TRAIN_FALLS
        and accuracies[-part:].mean() - accuracies[around].mean() <= 1 / math.sqrt(max(videos, 1))
    )


def _accuracies(history: History) -> np.ndarray:
    return np.array([row["val_top1"] for row in history])


@dataclass(frozen=True)
class TrainingSize:
    """Numbers of training videos, and of the groups that they are in."""

    videos: int
    groups: int


def summarise(
    model: str, curves: Sequence[Curve], options: ModelOptions, classes: int, sizes: Sequence[TrainingSize]
) -> Learning:
    """Summarise one or more curves; `sizes`: of each one's training videos."""
    network = options.network
    numbers = {name: float(median(getattr(curve, name) for curve in curves)) for name in MEDIANS}
    return Learning(
        model=model,
        trainings=len(curves),
        underfit=sum(curve.underfits for curve in curves),
        improving=sum(curve.improves for curve in curves),
        overfit=sum(curve.overfits for curve in curves),
        epochs=options.training.epochs,
        lowest_epoch=int(median(curve.lowest_epoch for curve in curves)),
        guess=math.log(classes),
        frozen=network.trained_stages == 0 and network.weights is not None,
        train_videos=int(median(size.videos for size in sizes)),
        train_groups=int(median(size.groups for size in sizes)),
        **numbers,
    )


MEDIANS = ("train_end", "val_lowest", "val_before_end", "val_end")
