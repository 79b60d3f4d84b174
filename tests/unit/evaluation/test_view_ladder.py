"""Which views the rungs of the protocol ladder take, and accuracy against coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidbench.errors import UserError
from vidbench.evaluation.selective import selective_accuracy, thin_curve
from vidbench.evaluation.view_ladder import count_views, rungs, spread_evenly, steps


def names(clips: int, crops: int) -> list[str]:
    return [f"clip{k}" if crops == 1 else f"clip{k} crop{c}" for k in range(clips) for c in range(crops)]


@given(st.integers(1, 40), st.sampled_from([1, 2, 3, 5]))
def test_rungs_are_spread_and_end_with_all_views(clips: int, crops: int) -> None:
    assert count_views(names(clips, crops)) == (clips, crops)
    ladder = rungs(names(clips, crops))
    assert ladder[-1].views == list(range(clips * crops))
    for rung in ladder:
        assert len(set(rung.views)) == len(rung.views) == rung.clips * rung.crops
        used = sorted({view // crops for view in rung.views})
        assert used == [int(np.floor((j + 0.5) * clips / rung.clips)) for j in range(rung.clips)]
        if rung.crops < crops:
            assert {view % crops for view in rung.views} == {crops // 2}


def test_steps_double_the_clips_and_take_one_crop_where_there_is_a_middle_one() -> None:
    assert steps(1, 1) == [(1, 1)]
    assert steps(4, 1) == [(1, 1), (2, 1), (4, 1)]
    assert steps(5, 3) == [(1, 1), (2, 1), (4, 1), (5, 1), (1, 3), (2, 3), (4, 3), (5, 3)]
    assert steps(2, 2) == [(1, 2), (2, 2)]


def test_rungs_of_ten_clips_and_three_crops() -> None:
    steps_of_views = [(rung.clips, rung.crops) for rung in rungs(names(10, 3))]
    assert steps_of_views == [(k, c) for c in (1, 3) for k in (1, 2, 4, 8, 10)]
    assert spread_evenly(1, 4) == [2]
    assert spread_evenly(2, 4) == [1, 3]


def test_other_views_are_refused() -> None:
    for wrong in (["0"], [], ["clip0", "clip2"]):
        with pytest.raises(UserError):
            count_views(wrong)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60), st.booleans())
def test_a_threshold_takes_all_that_are_as_sure(seed: int, count: int, ties: bool) -> None:
    random = np.random.default_rng(seed)
    confidence = np.round(random.random(count), 1 if ties else 9)
    correct = random.integers(0, 2, count)
    coverage, accuracy = selective_accuracy(confidence, correct)
    thresholds = sorted(set(confidence), reverse=True)
    assert coverage == pytest.approx([(confidence >= t).mean() for t in thresholds])
    assert accuracy == pytest.approx([correct[confidence >= t].mean() for t in thresholds])
    assert accuracy[-1] == pytest.approx(correct.mean())
    some, _ = thin_curve(coverage, accuracy, 10)
    assert len(some) <= 10
    assert some[-1] == 1
