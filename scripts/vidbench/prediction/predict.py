"""The loop that predicts, for validation and for test: logits of test clips, reading each clip once."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, cast

import torch
from torch.utils.data import DataLoader

from vidbench.clips.dataset import TestClips
from vidbench.clips.device_copy import copy_batches
from vidbench.clips.transforms import Clips
from vidbench.compute.precision import Precision
from vidbench.models.options import ClipOptions

Views = Sequence[tuple[str, int]]  # id and view of each clip of a batch
Prepared = TypeVar("Prepared")  # type of a batch between the two parts
MAX_WAITING = 1 << 26  # bytes of logits that are left on a GPU until they are fetched


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
    logits = [Logits() for _ in changes]
    for items, batch in zip(sampler, copy_batches(batches, precision.device), strict=True):
        views = [(dataset.videos[index], view) for view, index in items]
        with precision.autocast():
            prepared = before(batch.clips)
            for change, rows in zip(changes, logits, strict=True):
                rows.add(after(change(prepared, views)).float())
    return [rows.fetch().unflatten(0, (-1, num_views)) for rows in logits]


class Logits:
    """Logits of batch after batch, which wait on the GPU: fetching those of each would make it idle meanwhile.

    Those of a large data set are fetched as soon as they take 64 MiB.
    """

    def __init__(self) -> None:
        self._fetched: list[torch.Tensor] = []  # on the CPU
        self._waiting: list[torch.Tensor] = []
        self._bytes = 0  # of those that wait

    def add(self, logits: torch.Tensor) -> None:
        """Add a batch's logits (B, K)."""
        self._waiting.append(logits)
        self._bytes += logits.nbytes
        if self._bytes >= MAX_WAITING:
            self._fetch_waiting()

    def fetch(self) -> torch.Tensor:
        """Return all logits (N, K) on the CPU."""
        self._fetch_waiting()
        return torch.cat(self._fetched)

    def _fetch_waiting(self) -> None:
        if self._waiting:
            self._fetched.append(torch.cat(self._waiting).cpu())
        self._waiting = []
        self._bytes = 0
