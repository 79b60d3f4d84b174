"""The memory that a long video takes: not more than a short one."""

import pytest
from long_video import measure

MAX_GROWTH = 12.0  # MB; the 20 minutes' frames would take 30, as JPEG files


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length_of_a_video(tmp_path_factory: pytest.TempPathFactory) -> None:
    short, long = (measure(minutes, tmp_path_factory.mktemp("long")) for minutes in (1, 20))
    assert long.windows > 15 * short.windows
    assert 0 < long.peak_mb < short.peak_mb + MAX_GROWTH, (short, long)
