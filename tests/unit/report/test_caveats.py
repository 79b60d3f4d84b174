"""What the page says where models were trained on validation videos, too."""

from dataclasses import replace
from pathlib import Path

import pytest
from planted import Model, Planted, plant

from vidbench.report.caveats import caveats
from vidbench.report.dataset_results import DatasetResults, read_results
from vidbench.report.model_section import settings
from vidbench.report.protocol import refitted, what_counts
from vidbench.video import read_videos

WORDS = "trained on the validation videos, too"


@pytest.fixture
def results(tmp_path: Path) -> DatasetResults:
    """Results of two models."""
    folder = plant(tmp_path, Planted("gestures", [Model("X", 0.9), Model("Y", 0.8)]))
    return read_results(folder, read_videos(folder / "videos.csv"), None)


def said(results: DatasetResults, models: list[str]) -> tuple[list[str], list[str]]:
    """The caveats and the rules that speak of a refit of these models."""
    results = replace(results, refitted=models)
    rules = [line for line in what_counts(results, 0) if "trained again" in line]
    return [line for line in caveats(results, results.summary[0]) if WORDS in line], rules


def test_it_limits_the_conclusions_where_only_some_models_were(results: DatasetResults) -> None:
    assert said(results, []) == ([], [])
    (caveat,), (rule,) = said(results, ["Y"])
    assert caveat == f"Y was {WORDS}, the other models were not: that may be part of a difference."
    assert rule.startswith("Y was then trained again on training and validation videos together, for as many steps.")
    all_alike, (rule,) = said(results, ["X", "Y"])
    assert not all_alike
    assert rule.startswith("X and Y were then trained again")


def test_a_models_settings_say_what_it_was_made_of() -> None:
    plain = {"model": "X", "options": {"architecture": "cnn3d"}, "trial": None}
    made = plain | {"refit": {"epochs": 1, "videos": 1200}, "precise_batch_norm": True}
    more = dict(settings([made]))
    assert {"batch norm", "trained again"} & dict(settings([plain])).keys() == set()
    assert more["batch norm"] == "precise statistics"
    assert more["trained again"] == "on training and validation videos together, 1,200 in all, for 1 epoch"
    assert (refitted([plain]), refitted([made, made, plain])) == ([], ["X"])
