"""Captions say what the figure above them shows, and not what other runs' figures would."""

import re
from itertools import combinations

import pytest
from conftest import PROJECT
from jinja2 import Environment, StrictUndefined
from planted import pair_of, summary_of

from vidbench.evaluation.verdicts import Verdict
from vidbench.plotting.catalogue import CATALOGUE
from vidbench.report.captions import caption, conditions
from vidbench.report.dataset_results import DatasetResults

FOLDER = PROJECT / "report"


def results_of(models: int, seeds: int = 1, **drawn: list[dict[str, str]]) -> DatasetResults:
    """Results of models without anything odd."""
    summary = [summary_of(f"m{number}", 0.9 - number / 100, num_seeds=seeds) for number in range(models)]
    pairs = [pair_of(a.model, b.model, 0.01) for a, b in combinations(summary, 2)]
    return DatasetResults("mine", summary, pairs, drawn=drawn)


def test_a_plain_run_has_no_sentence_on_odd_cases() -> None:
    said = caption(FOLDER, "comparison", results_of(2), 4)
    assert said.endswith("the words give the verdict of the test.")
    assert "seeds." in said
    assert "black dots" not in said
    assert "diverged" not in caption(FOLDER, "cost", results_of(2), 4)
    assert "diagonal" not in caption(FOLDER, "error_overlap", results_of(2), 4)


def test_odd_cases_are_said() -> None:
    odd = [summary_of("a", 1.0, num_seeds=2), summary_of("b", 0.5, verdict=Verdict.DIVERGED, top1_low=None)]
    said = caption(FOLDER, "comparison", DatasetResults("mine", odd), 4)
    for words in ("black dots are single seeds.", "Hollow mark", "No bar", "At 100 %"):
        assert words in said


@pytest.mark.parametrize(("models", "shown", "hidden"), [(6, "Each row", "matrix"), (7, "matrix", "Each row")])
def test_pairs_are_told_as_they_are_drawn(models: int, shown: str, hidden: str) -> None:
    said = caption(FOLDER, "pairwise", results_of(models), 4)
    assert shown in said
    assert hidden not in said


def test_classes_and_views_are_told_as_they_are_drawn() -> None:
    few, many = (caption(FOLDER, "per_class", results_of(models), classes) for models, classes in ((6, 40), (7, 41)))
    assert few.endswith("with 95 % intervals by group for classes with ten groups or more.")
    assert many.endswith("coloured table; the intervals are in class_scores.csv.")
    ladder = [{"model": "m0", "clips": "1", "crops": "3", "top1": "0.5", "ms_per_video": "2.0"}]
    assert "Hollow points" in caption(FOLDER, "ladder", results_of(1, ladder=ladder), 4)
    assert "Hollow points" not in caption(FOLDER, "ladder", results_of(1), 4)


@pytest.mark.parametrize("name", [name for name, figure in CATALOGUE.items() if not figure.caption])
def test_a_report_that_knows_no_condition_shows_every_sentence(name: str) -> None:
    """As Snakemake's own does; and each name in a caption is one that is known here."""
    text = (FOLDER / f"{name}.rst").read_text(encoding="utf-8")
    strict = Environment(undefined=StrictUndefined)
    everything = dict.fromkeys(conditions(results_of(1), 1), True)
    bare = re.sub(r"\s*\|\s*default\(true\)", "", text)
    assert strict.from_string(text).render() == strict.from_string(bare).render(everything)
