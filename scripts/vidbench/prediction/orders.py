"""Logits of a split's videos, and of its test videos also with their frames in other orders.

This is not in predict.py, which trainings depend on: an edit here retrains nothing. A model is used in two parts, so
that what does not depend on the order of the frames is computed once per clip:

    model                                before the order changes        after it
    head on cached features of frames    nothing                         the head
    2D backbone that sees frames singly  the backbone, each frame        the head
    any other                            nothing                         the whole model
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from vidbench.clips.frame_orders import NORMAL, frame_order
from vidbench.clips.loader import Loader
from vidbench.clips.preprocessing import ClipInputs
from vidbench.clips.split_data import SplitData
from vidbench.clips.transforms import Clips, prepare, to_device
from vidbench.compute.precision import Precision
from vidbench.errors import UserError
from vidbench.features.dataset import FeatureInputs, clip_source
from vidbench.features.extract import clips_per_chunk, view_chunks
from vidbench.features.store import FeatureStore
from vidbench.models.options import ClipOptions, ModelOptions
from vidbench.prediction.predict import Views, predict

# Part of the largest logit by which results from cached features and from frames may differ, by type of device. GPUs
# have TF32 or not, and several kernels for a convolution: expected is a thousandth, and a cluster may mix its GPUs.
TOLERANCE = {"cpu": 0.01, "cuda": 0.05, "mps": 0.05}


def predict_orders(
    before: Callable[[Clips], Clips],
    after: Callable[[Clips], torch.Tensor],
    batches: DataLoader,
    precision: Precision,
    clip: ClipOptions,
    orders: Sequence[str],
) -> dict[str, torch.Tensor]:
    """Return the logits (N, V, K) of predict() for each order of the frames, which changes between the two parts."""
    changes = [partial(reorder, order) for order in orders]
    return dict(zip(orders, predict(before, after, batches, precision, clip, changes), strict=True))


def reorder(order: str, clips: Clips, views: Views) -> Clips:
    """Return clips with their frames, or the frames' features, in an order.

    `clips`: (B * crops, T, ...), or B * crops clips (T, 3, H, W) of several sizes; `views`: video and view of each of
    the B clips.
    """
    if order == NORMAL:
        return clips
    crops = len(clips) // len(views)
    orders = [frame_order(order, len(frames), *views[index // crops]) for index, frames in enumerate(clips)]
    frames = _copy_beside(torch.from_numpy(np.stack(orders)), clips[0].device)  # (B * crops, T)
    if not isinstance(clips, torch.Tensor):
        return [clip[row] for clip, row in zip(clips, frames, strict=True)]
    return clips[torch.arange(len(clips), device=clips.device)[:, None], frames]


def _copy_beside(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Copy a tensor to the device without waiting for what a GPU computes."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor


def split_model(
    model: nn.Module, options: ModelOptions, precision: Precision, cached: bool
) -> tuple[Callable[[Clips], Clips], Callable[[Clips], torch.Tensor]]:
    """Return a model's two parts: before the order of frames is changed, and from there to the logits.

    `cached`: its input is features of its frozen backbone, not frames.
    """
    if cached:
        return FeatureInputs(precision.device).test, precision.compiled(
            precision.to_device(model.get_submodule("head"))
        )
    inputs = ClipInputs(options.clip, precision)
    model = precision.to_device(model)
    if sees_frames_singly(options):
        return _frame_features(model, inputs, precision), precision.compiled(model.get_submodule("head"))
    network = precision.compiled(model)
    return lambda clips: to_device(clips, precision.device), lambda clips: network(inputs.test(clips))


def sees_frames_singly(options: ModelOptions) -> bool:
    """Return whether a frame's features do not depend on its position in the clip, so that one pass is enough."""
    return options.takes_frames and options.head.name != "tsm" and not options.clip.subtract_temporal_mean


def _frame_features(model: nn.Module, inputs: ClipInputs, precision: Precision) -> Callable[[Clips], torch.Tensor]:
    """Return the part of a FrameModel before its head: (B, T, 3, H, W) uint8 -> (B * crops, T, D)."""
    backbone = precision.compiled(model.get_submodule("backbone"))

    def features(clips: Clips) -> torch.Tensor:
        frames = inputs.test(clips).transpose(1, 2)  # (B * crops, T, 3, h, w)
        return backbone(frames.reshape(-1, *frames.shape[2:])).reshape(*frames.shape[:2], -1)

    return features


def _clip_features(backbone: nn.Module, clip: ClipOptions, precision: Precision) -> Callable[[Clips], torch.Tensor]:
    """Return the computation of extract_features.py, in float32 as there: (B, T, 3, H, W) uint8 -> (B, 1, D)."""
    backbone = backbone.to(precision.device)

    def features(clips: Clips) -> torch.Tensor:
        with torch.autocast(precision.device.type, enabled=False):
            return backbone(prepare(to_device(clips, precision.device), clip)).flatten(1).float()[:, None]

    return features


@dataclass(frozen=True)
class PredictionJob:
    """A trained model, and the videos that it is to classify."""

    options: ModelOptions
    data: SplitData
    model: nn.Module  # in eval mode
    precision: Precision
    load: Loader
    features: FeatureStore | None = None
    validated: nn.Module | None = None  # for the validation videos, where a refit trained `model` on them; in eval mode

    def batches(self, subset: str) -> DataLoader:
        """Return all test views of a subset, of frames or of cached features."""
        clips = clip_source(self.options, self.data.store, self.features)
        views = self.data.test_clips(clips, subset)
        return self.load.views(views, self.options.clip, self.options.training.batch_size)


def predict_subsets(job: PredictionJob, orders: list[str]) -> list[tuple[str, str, np.ndarray]]:
    """Return subset, order and logits (N, V, K): validation and test, then the test again in other `orders`."""
    # Features of whole clips belong to one order of frames: the others are computed from frames.
    needs_frames = bool(job.features and orders and job.options.network.takes_clips)
    of_test = split_model(job.model, job.options, job.precision, job.features is not None)
    of_val = of_test
    if job.validated is not None:
        of_val = split_model(job.validated, job.options, job.precision, job.features is not None)
    parts = []
    test_orders = [NORMAL, *([] if needs_frames else orders)]
    for subset, model, names in (("val", of_val, [NORMAL]), ("test", of_test, test_orders)):
        logits = predict_orders(*model, job.batches(subset), job.precision, job.options.clip, names)
        parts += [(subset, name, logits[name].numpy()) for name in names]
    if needs_frames:
        logits = _predict_from_frames(job, of_test[1], orders)
        check_agreement(parts[-1][2], logits[NORMAL].numpy(), TOLERANCE[job.precision.device.type])
        parts += [("test", name, logits[name].numpy()) for name in orders]
    return parts


def _predict_from_frames(
    job: PredictionJob, head: Callable[[Clips], torch.Tensor], orders: list[str]
) -> dict[str, torch.Tensor]:
    """Return logits of the test videos, whose features are computed again for each order of frames."""
    clip = job.options.clip
    precision = job.precision
    features = _clip_features(job.model.get_submodule("backbone"), clip, precision)
    views = job.data.test_clips(clip_source(job.options, job.data.store), "test")
    batches = job.load(views, view_chunks(len(views), clip.views, clips_per_chunk(clip)))
    return predict_orders(
        lambda clips: to_device(clips, precision.device),
        lambda clips: head(features(clips)),
        batches,
        precision,
        clip,
        [NORMAL, *orders],
    )


def check_agreement(cached: np.ndarray, computed: np.ndarray, tolerance: float) -> None:
    """Raise UserError unless logits (N, V, K) from cached features and from frames agree, but for rounding.

    `tolerance`: part of the largest logit. Features of other weights, frames or options are refused before, exactly.
    """
    difference = np.abs(cached - computed).max()
    largest = np.abs(cached).max()
    if not difference <= tolerance * largest:
        raise UserError(
            f"--features: the test videos' logits are up to {difference:.3g} away from those from frames (the largest"
            f" is {largest:.3g}): make the features again on this machine (snakemake --forcerun extract_features), or"
            " set evaluation.motion_test: false"
        )
