"""The memory that a long video takes: not more than a short one."""

import pytest
from long_video import measure


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length_of_a_video(tmp_path_factory: pytest.TempPathFactory) -> None:
    short, long = (measure(minutes, tmp_path_factory.mktemp("long")) for minutes in (1, 20))
    assert long.windows > 15 * short.windows
    assert long.peak_mb < 1.1 * short.peak_mb, (short, long)
