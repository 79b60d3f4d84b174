"""Which frames a baseline's vector is the mean of: those of the test views, each as often as it is in one."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from vidbench.baselines.inputs import view_rows
from vidbench.models.options import ClipOptions


def rows(clip: ClipOptions, num_rows: int, times: np.ndarray | None = None) -> list[int]:
    store: Any = SimpleNamespace(videos={"v": SimpleNamespace(num_rows=num_rows)})
    frames: Any = SimpleNamespace(times=lambda video: times)
    return view_rows(store, clip, frames, "v").tolist()


@pytest.mark.parametrize(
    ("clip", "num_rows", "expected"),
    [
        (ClipOptions(frames=4), 8, [1, 3, 5, 7]),
        (ClipOptions(frames=2, views=2), 8, [1, 3, 5, 7]),
        (ClipOptions(frames=2, sampling="dense", step=2, views=2), 9, [2, 4, 4, 6]),
        (ClipOptions(frames=4), 2, [0, 0, 1, 1]),
    ],
)
def test_rows_are_those_of_all_views(clip: ClipOptions, num_rows: int, expected: list[int]) -> None:
    assert rows(clip, num_rows) == expected


def test_a_rate_goes_by_the_frames_times() -> None:
    times = np.arange(9, dtype=np.float32) / 8
    clip = ClipOptions(frames=3, sampling="dense", rate=4.0)
    assert rows(clip, 9, times) == [2, 4, 6]
