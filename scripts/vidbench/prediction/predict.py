"""The loop that predicts, for validation and for test: logits of test clips, reading each clip once."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, cast

import torch
from torch.utils.data import DataLoader

from vidbench.clips.dataset import TestClips
from vidbench.clips.transforms import Clips
from vidbench.compute.precision import Precision
from vidbench.models.options import ClipOptions

Views = Sequence[tuple[str, int]]  # id and view of each clip of a batch
Prepared = TypeVar("Prepared")  # type of a batch between the two parts


def as_they_are(clips: Prepared, _views: Views) -> Prepared:
    """Return the clips unchanged."""
    return clips


@torch.inference_mode()
def predict(
    before: Callable[[Clips], Prepared],
    after: Callable[[Prepared], torch.Tensor],
    batches: DataLoader,
    precision: Precision,
    clip: ClipOptions,
    changes: Sequence[Callable[[Prepared, Views], Prepared]] = (as_they_are,),
) -> list[torch.Tensor]:
    """Return logits (N, V, K) float32 on the CPU for each of the `changes`; V: views times crops.

    `before` runs once per batch; then, for each change, the change and `after`, which returns logits. `batches` has all
    test views of its N videos in a row; `clip` has the numbers of views and crops.
    """
    num_views = clip.views * clip.crops
    if not len(batches):  # a process without a video, where there are more processes than videos
        return [torch.empty(0, num_views, 1) for _ in changes]
    # As Loader.views() makes them: batches of (view, index) of test clips.
    dataset = cast(TestClips, batches.dataset)
    sampler = cast(Iterable[list[tuple[int, int]]], batches.batch_sampler)
    logits: list[list[torch.Tensor]] = [[] for _ in changes]
    for items, batch in zip(sampler, batches, strict=True):
        views = [(dataset.videos[index], view) for view, index in items]
        with precision.autocast():
            prepared = before(batch.clips)
            for change, parts in zip(changes, logits, strict=True):
                parts.append(after(change(prepared, views)).float().cpu())
    return [torch.cat(parts).unflatten(0, (-1, num_views)) for parts in logits]
