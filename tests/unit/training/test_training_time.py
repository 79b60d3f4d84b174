"""The content of training_time.json."""

import pytest
from train_model import describe_cost

from vidbench.training.state import Progress


def test_speed_is_that_of_the_steps_that_count() -> None:
    progress = Progress(history=[{}] * 3, seconds=100.0, timed_seconds=20.0, timed_clips=200, peak_memory_mb=5.0)
    assert describe_cost(progress, 120) == {
        "train_seconds": 100.0,
        "train_clips": 360,
        "train_clips_per_second": 10.0,
        "train_peak_memory_mb": 5.0,
        "train_reserved_memory_mb": None,
    }


def test_without_such_steps_all_time_counts() -> None:
    progress = Progress(history=[{}], seconds=60.0, peak_memory_mb=5.0, reserved_memory_mb=7.0)
    cost = describe_cost(progress, 120)
    assert cost["train_clips_per_second"] == pytest.approx(2.0)
    assert cost["train_reserved_memory_mb"] == 7.0
