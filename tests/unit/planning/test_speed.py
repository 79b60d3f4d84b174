"""From what was timed to seconds a clip, and steps that are taken from a table."""

import pytest

from vidbench.planning.hours import add_up
from vidbench.planning.small_steps import FIGURE, START, STEPS, estimate_small_step
from vidbench.planning.speed import compute_rate
from vidbench.planning.stopwatch import Spent, now


def test_the_first_step_counts_apart() -> None:
    rate = compute_rate([(Spent(10, 5), 0), (Spent(15, 7), 10), (Spent(16, 8), 20), (Spent(17, 9), 30)])
    assert rate.each == Spent(0.1, 0.1)
    assert rate.first == Spent(4, 1)


def test_a_first_step_that_was_fast_costs_nothing_less() -> None:
    assert compute_rate([(Spent(0, 0), 0), (Spent(1, 1), 10), (Spent(5, 5), 20)]).first == Spent(0, 0)


def test_a_single_step_counts_as_any_other() -> None:
    rate = compute_rate([(Spent(10, 5), 0), (Spent(12, 6), 4)])
    assert (rate.each, rate.first) == (Spent(0.5, 0.25), Spent(0, 0))


def test_a_slower_machine_takes_longer_for_small_steps() -> None:
    slow = Spent(seconds=6 * START, cpu_seconds=2 * START)
    spent = estimate_small_step("plot_cost", 3, videos=1000, rows=0, start=slow)
    assert spent.cpu_seconds == pytest.approx(3 * 2 * FIGURE.least)
    assert spent.seconds == pytest.approx(3 * spent.cpu_seconds)


def test_small_steps_grow_with_the_data() -> None:
    start, cost = Spent(START, START), STEPS["compare_scores"]
    few, many = (estimate_small_step("compare_scores", 1, 0, rows, start).cpu_seconds for rows in (0, 50_000))
    assert many - few == pytest.approx(50 * cost.rows)


def test_a_stopwatch_counts_both_clocks() -> None:
    begin = now()
    sum(range(1_000_000))
    spent = now() - begin
    assert spent.cpu_seconds > 0
    assert spent.seconds > 0
    assert add_up((spent, 2), (spent.as_dict(), 1)).seconds == pytest.approx(3 * spent.seconds)
