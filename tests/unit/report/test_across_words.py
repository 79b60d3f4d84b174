"""The answer over several data sets says no more than their number allows: planted cases."""

from collections.abc import Mapping, Sequence

from several_data_sets import data_set, data_sets

from vidbench.evaluation.across_data_sets import Across
from vidbench.evaluation.across_measures import DataSetMeasures
from vidbench.evaluation.across_rows import accuracy_rows, model_rows, pair_rows
from vidbench.evaluation.across_rows import summary as summary_of
from vidbench.report.across_results import AcrossResults
from vidbench.report.across_words import answer

BETTER = {"a": 0.85, "b": 0.6, "c": 0.6}


def results_of(measures: Sequence[DataSetMeasures]) -> AcrossResults:
    across = Across.of(measures)
    pairs, summary = pair_rows(across), summary_of(across)
    return AcrossResults(
        models=model_rows(across, pairs),
        pairs=pairs,
        accuracies=accuracy_rows(across),
        data_sets=summary["data_sets"],
        left_out=across.left_out,
        enough_for_new=across.enough_for_new,
        critical_difference=summary["critical_difference"],
    )


def said(tops: Sequence[Mapping[str, float]]) -> str:
    return " ".join(answer(results_of(data_sets(tops))))


def test_two_data_sets_and_a_clear_winner() -> None:
    words = said([BETTER] * 2)
    assert words.startswith("On the mean over 2 data sets (d0 and d1), a reaches ")
    assert " and is better than every other model. " in words
    assert "On single data sets a wins 4, ties 0 and loses 0 of its 4 comparisons with another model" in words
    assert "This is of these 2 data sets: nothing follows for another one. That takes at least 5 data sets." in words
    assert "new data set" not in words.replace("nothing follows for another one", "")
    assert "probability" not in words
    assert " less [29.4, 37.9]. The accuracy of a ranges from 91.3 % on d0 to 93.7 % on d1. " in words


def test_seven_data_sets_and_a_clear_winner() -> None:
    words = said([BETTER] * 7)
    assert "On new data sets like these a is better on the mean than every other model. a is the most likely" in words
    assert "with a probability of 92 %, where the 7 data sets allow" in words
    assert "nothing follows" not in words


def test_equal_models_are_tied_and_nothing_is_said_of_new_data_sets() -> None:
    words = said([{"a": 0.7, "b": 0.7, "c": 0.7}] * 6)
    assert "are tied with it." in words
    assert "For new data sets like these no two models differ significantly." in words
    assert "better" not in words.replace("Which model is better", "")


def test_a_best_model_that_depends_on_the_data_set() -> None:
    words = said([{"a": 0.8, "b": 0.6} if k % 2 else {"a": 0.6, "b": 0.8} for k in range(6)])
    assert "Which model is better depends on the data set: a is better than b on 3 data sets, b than a on 3." in words
    assert "no two models differ significantly" in words


def test_five_data_sets_are_too_few_to_tell_new_ones() -> None:
    words = said([BETTER] * 5)
    assert "is better than every other model" in words  # of these
    assert "no two models differ significantly" in words


def test_a_model_without_a_mean_and_a_data_set_that_does_not_count() -> None:
    measures = [*data_sets([BETTER, {"a": 0.85, "b": 0.6}]), data_set("few", BETTER, 9, groups=5)]
    words = " ".join(answer(results_of(measures)))
    assert "c has no mean: it lacks a sound training on d1." in words
    assert "few does not count here: too few groups for a test." in words
    assert "On the mean over 2 data sets (d0 and d1)" in words


def test_one_data_set_that_counts_is_no_comparison() -> None:
    words = answer(results_of([*data_sets([BETTER]), data_set("few", BETTER, 9, groups=5)]))
    assert words[0] == "Over all data sets nothing is compared: it takes two that count, and here it is d0."
    none = answer(results_of([data_set("few", BETTER, 9, groups=5), data_set("too", BETTER, 8, groups=5)]))
    assert none[0].endswith("and here it is none.")
    assert len(none) == 3


def test_one_model_is_compared_with_nothing() -> None:
    words = said([{"a": 0.8}] * 2)
    assert "wins" not in words
    assert "better" not in words
    assert "ranges from" in words


def test_one_seed_is_about_these_weights() -> None:
    assert "compares these trained weights, not the architectures" in said([BETTER] * 2)


def test_equal_accuracies_are_no_range() -> None:
    words = said([{"a": 1.01, "b": 0.6}] * 2)
    assert "a reaches 100.0 % on each data set. On single data sets a wins 2" in words
