"""Logits of test clips whose frames stand in several orders, each clip being read once."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from vidbench.features.clips import FeatureInputs
from vidbench.features.options import takes_clips
from vidbench.frame_orders import NORMAL, frame_order
from vidbench.training.computing import Computing
from vidbench.training.inputs import ClipInputs
from vidbench.transforms import Clips, prepare, to_device


@torch.inference_mode()
def predict_orders(
    before: Callable[[Clips], Clips],
    after: Callable[[Clips], torch.Tensor],
    batches: DataLoader,
    computing: Computing,
    clip: dict,
    conditions: Sequence[str],
) -> dict[str, np.ndarray]:
    """Logits (N, V, K) float32 under each condition.

    `before` is done once with a batch, `after` under each condition, and gives logits; the order changes between them.
    `batches` has all test views of its N videos in a row; `clip` says how many views and crops there are.
    """
    found: dict[str, list[torch.Tensor]] = {condition: [] for condition in conditions}
    for items, (clips, _, _) in zip(batches.batch_sampler, batches, strict=True):
        with computing.autocast():
            begun = before(clips)
            for condition, parts in found.items():
                places = [(batches.dataset.videos[index], view) for view, index in items]
                parts.append(after(in_order_of(condition, begun, places)).float().cpu())
    views = clip["views"] * clip["crops"]
    return {condition: torch.cat(parts).unflatten(0, (-1, views)).numpy() for condition, parts in found.items()}


def in_order_of(condition: str, clips: Clips, places: Sequence[tuple[str, int]]) -> Clips:
    """Clips with their frames, or the frames' features, as a condition has them.

    (B * crops, T, ...), or so many times (T, 3, H, W) of several sizes; `places`: video and view of each of B clips.
    """
    if condition == NORMAL:
        return clips
    crops = len(clips) // len(places)
    orders = [
        torch.from_numpy(frame_order(condition, len(frames), *places[number // crops]))
        for number, frames in enumerate(clips)
    ]
    if not isinstance(clips, torch.Tensor):
        return [frames[order.to(frames.device)] for frames, order in zip(clips, orders, strict=True)]
    return clips[torch.arange(len(clips))[:, None].to(clips.device), torch.stack(orders).to(clips.device)]


def stages(
    model: nn.Module, options: dict, computing: Computing, cached: bool
) -> tuple[Callable[[Clips], Clips], Callable[[Clips], torch.Tensor]]:
    """A model in two parts: before the order of frames is changed, and from there to the logits.

    `cached`: it is given features of its frozen backbone, no frames.
    """
    inputs = ClipInputs(options, computing)
    if cached:
        return FeatureInputs(computing.device).test, computing.compiled(computing.place(model.head))
    model = computing.place(model)
    if sees_frames_singly(options):
        return frame_features(model, inputs, computing), computing.compiled(model.head)
    network = computing.compiled(model)
    return lambda clips: to_device(clips, computing.device), lambda clips: network(inputs.test(clips))


def sees_frames_singly(options: dict) -> bool:
    """Whether a model's backbone makes the same of a frame wherever in a clip it stands, so that once is enough."""
    per_frame = "backbone" in options and not takes_clips(options) and options["head"] != "tsm"
    return per_frame and not options["clip"]["subtract_temporal_mean"]


def frame_features(model: nn.Module, inputs: ClipInputs, computing: Computing) -> Callable[[Clips], torch.Tensor]:
    """What a FrameModel does before its head: (B, T, 3, H, W) uint8 -> (B * crops, T, D)."""
    backbone = computing.compiled(model.backbone)

    def features(clips: Clips) -> torch.Tensor:
        frames = inputs.test(clips).transpose(1, 2)  # (B * crops, T, 3, h, w)
        return backbone(frames.reshape(-1, *frames.shape[2:])).reshape(*frames.shape[:2], -1)

    return features


def clip_features(backbone: nn.Module, clip: dict, computing: Computing) -> Callable[[Clips], torch.Tensor]:
    """What extract_features.py does with frames, in float32 as there: (B, T, 3, H, W) uint8 -> (B, 1, D)."""
    backbone = backbone.to(computing.device)

    def features(clips: Clips) -> torch.Tensor:
        with torch.autocast(computing.device.type, enabled=False):
            return backbone(prepare(to_device(clips, computing.device), clip)).flatten(1).float()[:, None]

    return features
