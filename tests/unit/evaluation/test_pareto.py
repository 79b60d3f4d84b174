"""The Pareto front of accuracy and cost."""

from math import nan

from hypothesis import given
from hypothesis import strategies as st

from vidbench.evaluation.pareto import on_front

POINTS = st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.9, nan]), st.sampled_from([1.0, 2.0, 8.0, nan])), max_size=12)


def test_more_accurate_or_cheaper_stands_on_the_front() -> None:
    assert on_front([0.9, 0.8, 0.7, 0.6], [9, 3, 4, 1]) == [True, True, False, True]
    assert on_front([], []) == []
    assert on_front([0.5], [3]) == [True]


def test_ties() -> None:
    assert on_front([0.9, 0.9, 0.9], [3, 3, 4]) == [True, True, False]  # equal in both; as accurate, but dearer
    assert on_front([0.9, 0.8], [3, 3]) == [True, False]


def test_what_is_not_known_neither_stands_nor_hides_others() -> None:
    assert on_front([1.0, 0.5, nan], [nan, 3, 1]) == [False, True, False]


@given(POINTS)
def test_the_front_is_what_nobody_beats_and_beats_all_others(points: list[tuple[float, float]]) -> None:
    stands = on_front([a for a, _ in points], [c for _, c in points])
    front = [point for point, on in zip(points, stands, strict=True) if on]
    for accuracy, cost in (point for point, on in zip(points, stands, strict=True) if not on):
        if accuracy == accuracy and cost == cost:
            assert any(a >= accuracy and c <= cost for a, c in front)
    for accuracy, cost in front:
        assert not any((a > accuracy and c <= cost) or (a >= accuracy and c < cost) for a, c in points)
