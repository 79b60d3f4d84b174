"""The orders of frames of the motion test, and that they reach frames and features alike."""

import numpy as np
import pytest
import torch

from vidbench.clips.frame_orders import conditions, frame_order
from vidbench.prediction.orders import reorder

ALL = conditions(5)


def test_the_conditions() -> None:
    assert ALL == ["shuffled0", "shuffled1", "shuffled2", "shuffled3", "shuffled4", "reversed", "single_frame"]
    assert conditions(0) == []


@pytest.mark.parametrize("length", [1, 2, 8, 33])
def test_what_stands_where(length: int) -> None:
    assert frame_order("normal", length, "a", 0).tolist() == list(range(length))
    assert frame_order("reversed", length, "a", 0).tolist() == list(range(length))[::-1]
    assert frame_order("single_frame", length, "a", 0).tolist() == [length // 2] * length
    for condition in ALL[:5]:
        assert sorted(frame_order(condition, length, "a", 0)) == list(range(length))


def test_a_shuffle_depends_on_video_view_and_number_alone() -> None:
    first = frame_order("shuffled0", 16, "a", 0)
    assert np.array_equal(first, frame_order("shuffled0", 16, "a", 0))
    others = [("shuffled1", "a", 0), ("shuffled0", "b", 0), ("shuffled0", "a", 1)]
    assert all((first != frame_order(condition, 16, video, view)).any() for condition, video, view in others)
    # Written down, so that predictions do not change unnoticed with another version of anything.
    assert frame_order("shuffled0", 8, "left_s000", 0).tolist() == [6, 5, 7, 2, 3, 1, 0, 4]


def test_shuffles_are_spread_evenly() -> None:
    """Each frame stands at each place about equally often: chi-square with (8 - 1)^2 degrees of freedom."""
    counts = np.zeros((8, 8))
    for number in range(2000):
        counts[np.arange(8), frame_order("shuffled3", 8, f"video{number}", number % 3)] += 1
    assert ((counts - 250) ** 2 / 250).sum() < 90  # exceeded once in 4,000 drawings


@pytest.mark.parametrize("shape", [(4, 6, 5), (4, 6, 3, 2, 2)])
@pytest.mark.parametrize("crops", [1, 2])
def test_clips_and_features_are_put_in_order(shape: tuple[int, ...], crops: int) -> None:
    clips = torch.arange(np.prod(shape)).reshape(shape)
    places = [("a", 0), ("a", 1), ("b", 0), ("b", 1)][: 4 // crops]
    assert reorder("normal", clips, places) is clips
    for condition in ALL:
        expected = [clip[frame_order(condition, 6, *places[n // crops])] for n, clip in enumerate(clips)]
        assert torch.equal(reorder(condition, clips, places), torch.stack(expected))
        as_list = reorder(condition, list(clips), places)
        assert all(map(torch.equal, as_list, expected))


def test_clips_keep_their_layout() -> None:
    """Frames lie in memory as they were stored, or else scaling them could round differently."""
    clips = torch.zeros(2, 4, 5, 6, 3).permute(0, 1, 4, 2, 3)
    assert reorder("reversed", clips, [("a", 0), ("b", 0)]).stride() == clips.stride()
