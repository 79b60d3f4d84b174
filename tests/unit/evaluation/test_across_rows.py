"""Several data sets in one comparison, planted: one model better everywhere, on half of them, nowhere, or missing."""

from dataclasses import replace

import pytest
from several_data_sets import data_set, data_sets

from vidbench.evaluation.across_data_sets import TOO_FEW_GROUPS, Across
from vidbench.evaluation.across_measures import DataSetMeasures
from vidbench.evaluation.across_rows import accuracy_rows, model_rows, pair_rows, summary
from vidbench.evaluation.across_tables import AcrossModel, AcrossPair
from vidbench.evaluation.verdicts import Verdict

BETTER = {"a": 0.85, "b": 0.6, "c": 0.6}
EQUAL = {"a": 0.7, "b": 0.7, "c": 0.7}


def compare(measures: list[DataSetMeasures]) -> tuple[Across, dict[str, AcrossModel], list[AcrossPair]]:
    across = Across.of(measures)
    pairs = pair_rows(across)
    return across, {row.model: row for row in model_rows(across, pairs)}, pairs


def test_a_model_that_is_better_everywhere_is_best() -> None:
    _, models, pairs = compare(data_sets([BETTER] * 7))
    best = models["a"]
    assert next(iter(models)) == "a"
    assert (best.verdict, best.verdict_new) == (Verdict.BEST, Verdict.BEST)
    assert (best.wins, best.losses) == (14, 0)
    assert (best.mean_rank, best.rank_low, best.rank_high) == (1, 1, 1)
    assert best.new_rank_low == 1 < best.new_rank_high < 2
    assert best.best_here == pytest.approx(1, abs=0.01)
    assert best.best_new == pytest.approx((7 + 1 / 3) / 8, abs=0.01)
    assert best.mean_low < best.mean_top1 < best.mean_high
    assert [models[name].verdict for name in ("b", "c")] == [Verdict.BEHIND] * 2
    assert [pair.wins_a for pair in pairs if pair.model_a == "a"] == [7, 7]


def test_two_data_sets_say_nothing_of_new_ones() -> None:
    across, models, pairs = compare(data_sets([BETTER] * 2))
    assert models["a"].verdict is Verdict.BEST
    assert {row.verdict_new for row in models.values()} == {Verdict.UNKNOWN}
    assert {(row.best_new, row.new_rank_low) for row in models.values()} == {(None, None)}
    assert {pair.told_apart_new for pair in pairs} == {None}
    assert (summary(across)["enough_for_new"], summary(across)["critical_difference"]) == (False, None)


def test_two_models_that_are_better_on_half_of_the_data_sets_each() -> None:
    tops = [{"a": 0.8, "b": 0.6} if k % 2 else {"a": 0.6, "b": 0.8} for k in range(6)]
    _, models, (pair,) = compare(data_sets(tops))
    assert (pair.wins_a, pair.wins_b) == (3, 3)
    assert not pair.told_apart_new
    assert {row.verdict_new for row in models.values()} == {Verdict.TIED}
    assert all(0.2 < row.best_new < 0.8 for row in models.values())
    assert pair.sd_difference > 0.15


def test_equal_models_are_tied() -> None:
    _, models, pairs = compare(data_sets([EQUAL] * 6))
    assert {row.verdict for row in models.values()} == {Verdict.TIED}
    assert {row.verdict_new for row in models.values()} == {Verdict.TIED}
    assert not any(pair.wins_a or pair.wins_b for pair in pairs)
    assert sum(row.best_new for row in models.values()) == pytest.approx(1)


def test_a_model_that_one_data_set_lacks_has_wins_but_no_mean() -> None:
    _, models, pairs = compare(data_sets([BETTER, BETTER, {"a": 0.85, "b": 0.6}]))
    missing = models["c"]
    assert (missing.mean_top1, missing.mean_rank, missing.verdict) == (None, None, Verdict.UNKNOWN)
    assert (missing.missing, missing.num_data_sets, missing.losses) == ("d2", 2, 2)
    assert list(models)[-1] == "c"
    assert {(pair.model_a, pair.model_b): pair.num_data_sets for pair in pairs} == {
        ("a", "b"): 3, ("a", "c"): 2, ("b", "c"): 2
    }  # fmt: skip
    assert models["a"].verdict is Verdict.BEST


def test_a_diverged_model_is_no_part_of_means() -> None:
    measures = data_sets([BETTER] * 3)
    measures[1] = replace(measures[1], diverged=frozenset({"a"}))
    across, models, _ = compare(measures)
    assert (models["a"].verdict, models["a"].missing) == (Verdict.DIVERGED, "d1")
    assert across.complete == ["b", "c"]
    diverged = {(row.dataset, row.model): row for row in accuracy_rows(across)}["d1", "a"]
    assert (diverged.diverged, diverged.rank, diverged.wins) == (True, None, 0)


def test_data_sets_that_do_not_count_are_named_with_the_reason() -> None:
    few = data_set("few", BETTER, 9, groups=5)
    one, other = data_sets([BETTER, BETTER])
    copy = replace(other, name="copy", files=one.files)
    across, models, pairs = compare([few, one, copy])
    assert across.left_out == {"few": TOO_FEW_GROUPS, "copy": "its test videos are those of d0"}
    assert {row.mean_top1 for row in models.values()} == {None}
    assert {pair.told_apart for pair in pairs} == {None}
    rows = accuracy_rows(across)
    assert {row.left_out for row in rows if row.dataset == "few"} == {TOO_FEW_GROUPS}
    assert rows[-1].dataset != "d0"  # those that count come first
    assert Across.of([copy, other]).left_out == {}


def test_one_model_has_a_mean_and_nothing_to_be_compared_with() -> None:
    _, models, pairs = compare(data_sets([{"a": 0.8}] * 6))
    assert pairs == []
    assert (models["a"].verdict, models["a"].mean_rank, models["a"].best_new) == (Verdict.BEST, None, None)


def test_no_model_on_all_data_sets() -> None:
    _, models, pairs = compare(data_sets([{"a": 0.8}, {"b": 0.8}]))
    assert {row.mean_top1 for row in models.values()} == {None}
    assert [pair.num_data_sets for pair in pairs] == [0]


def test_pairs_are_compared_whatever_order_a_data_set_has_its_models_in() -> None:
    straight, turned = ({"a": 0.85, "b": 0.5}, {"b": 0.5, "a": 0.85})
    _, models, (pair,) = compare(data_sets([straight, turned, straight]))
    assert (pair.model_a, pair.wins_a, pair.wins_b) == ("a", 3, 0)
    assert models["a"].verdict is Verdict.BEST
