"""How the benchmark compares; what it measures is for a quiet machine, not for a test."""

from pathlib import Path

import pytest
from benchmark.measuring import Result, alternate, compare


def test_ways_take_turns() -> None:
    order, values = [], {"a": iter([1.0, 50.0, 2.0]), "b": iter([4.0, 3.0, 5.0])}

    def way(name: str):
        return lambda: order.append(name) or next(values[name])

    assert alternate({"a": way("a"), "b": way("b")}, 3) == {"a": [1.0, 50.0, 2.0], "b": [4.0, 3.0, 5.0]}
    assert order == ["a", "b"] * 3


def test_a_ratio_above_one_means_better() -> None:
    rates = {"clips_jpeg": [300.0, 150.0, 600.0], "pyav": [20.0, 10.0, 90.0], "decord": [30.0, 15.0, 50.0]}
    results = compare("clips_jpeg", rates, "clips_jpeg", "clips/s")
    assert results[0] == Result("clips_jpeg", 300.0, "clips/s", "higher", "pyav", 15.0)
    assert [(result.baseline, result.ratio) for result in results] == [("pyav", 15.0), ("decord", pytest.approx(10))]
    assert set(results[0].as_dict()) == {"name", "value", "unit", "better", "baseline", "ratio"}


def test_the_page_has_room_for_the_tables() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "performance.md").read_text(encoding="utf-8")
    for command in ("make bench", "make bench-scale", "make bench-gpu"):
        assert page.count(f"<!-- written by {command} -->") == 1
        assert "<!-- end -->" in page.split(f"<!-- written by {command} -->")[1]
