"""Which settings of trials are drawn as numbers, and which as values of a sweep."""

import pytest
from plot_trials import Trial, is_scattered


def trials(values: list[str], rungs: list[int]) -> list[Trial]:
    return [Trial({"rate": value}, 0.5, 0.5, 0.5, 0, rung) for value, rung in zip(values, rungs, strict=True)]


@pytest.mark.parametrize(
    ("values", "rungs", "scattered"),
    [(["0.1", "0.2"], [1, 1], False), (["0.1", "0.2"], [1, 2], True), (['"step"', '"cosine"'], [1, 2], False)],
    ids=["a sweep", "halving of one setting", "no numbers"],
)
def test_trials_of_halving_are_drawn_one_by_one(values: list[str], rungs: list[int], scattered: bool) -> None:
    assert is_scattered(trials(values, rungs), "rate") == scattered
