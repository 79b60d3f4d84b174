"""The loop of predictions: logits are fetched together, and nothing else makes the CPU wait for a GPU."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from vidbench.clips.dataset import FrameClips, TestClips
from vidbench.clips.frame_orders import NORMAL, REVERSED
from vidbench.clips.loader import Loader
from vidbench.compute.precision import Precision
from vidbench.models.options import ClipOptions, ModelOptions, NetworkOptions
from vidbench.prediction import predict as module
from vidbench.prediction.orders import PredictionJob, predict_orders, predict_subsets, reorder
from vidbench.prediction.predict import Logits

import memory_store  # isort: skip

CPU = torch.device("cpu")
CLIP = ClipOptions(frames=4, step=1, views=2)


def test_logits_of_all_batches_are_fetched_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = count_fetches(monkeypatch)
    store = memory_store.MemoryStore(4)
    batches = Loader(CPU).views(TestClips(FrameClips(store, CLIP)), CLIP, 4)
    assert len(batches) == 8
    orders = predict_orders(lambda clips: clips, frame_means, batches, Precision(CPU), CLIP, [NORMAL, REVERSED])
    assert fetched == [(32, 4), (32, 4)]  # one for each order
    assert orders[NORMAL].shape == (16, 2, 4)
    assert torch.equal(orders[NORMAL].flip(2), orders[REVERSED])
    expected = [frame_means(FrameClips(store, CLIP).test_clip(name, 1)[None])[0] for name in sorted(store.videos)]
    assert torch.equal(orders[NORMAL][:, 1], torch.stack(expected))


def test_logits_of_a_large_data_set_are_fetched_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = count_fetches(monkeypatch)
    monkeypatch.setattr(module, "MAX_WAITING", 4 * 10 * 8)  # ten rows of 8 classes
    logits, parts = Logits(), torch.rand(7, 4, 8)
    for part in parts:
        logits.add(part)
    assert torch.equal(logits.fetch(), parts.flatten(0, 1))
    assert fetched == [(12, 8), (12, 8), (4, 8)]


def count_fetches(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Return a list that gets the shape of each tensor that is asked for on the CPU."""
    shapes: list[tuple[int, ...]] = []
    cpu = torch.Tensor.cpu
    monkeypatch.setattr(torch.Tensor, "cpu", lambda tensor: shapes.append(tuple(tensor.shape)) or cpu(tensor))
    return shapes


def frame_means(clips: torch.Tensor) -> torch.Tensor:
    return clips.float().mean(dim=(2, 3, 4))


class Constant(nn.Module):
    """Gives every clip the same logits."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        return torch.full((len(clips), 4), self.value)


def test_after_a_refit_the_weights_from_before_predict_the_validation_videos() -> None:
    options = ModelOptions(network=NetworkOptions(architecture="cnn3d"), clip=replace(CLIP, size=(16, 16)))
    job = PredictionJob(options, memory_store.split(1), Constant(1.0), Precision(CPU), Loader(CPU))
    for validated, expected in ((None, 1.0), (Constant(2.0), 2.0)):
        parts = predict_subsets(replace(job, validated=validated), [REVERSED])
        values = {(subset, order): set(logits.flatten().tolist()) for subset, order, logits in parts}
        assert values == {("val", NORMAL): {expected}, ("test", NORMAL): {1.0}, ("test", REVERSED): {1.0}}


def test_clips_of_several_sizes_are_reordered_like_those_of_one() -> None:
    clips = torch.rand(4, 6, 3, 5, 5)  # two views with two crops each
    views = [("a", 0), ("b", 1)]
    for order in (NORMAL, REVERSED, "shuffled0", "single frame"):
        listed = reorder(order, list(clips), views)
        assert torch.equal(torch.stack(list(listed)), reorder(order, clips, views))
