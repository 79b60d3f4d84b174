"""Figures in words: the newer ones are told from the tables that they are drawn from."""

import pytest
from planted import ensemble_of, pair_of, summary_of

from vidbench.report.alt_texts import alt_text
from vidbench.report.dataset_results import DatasetResults

SUMMARY = [summary_of("a", 0.9), summary_of("b", 0.5)]
PAIR = pair_of("b", "a", -0.4, p_holm=0.0001)
DRAWN = {
    "scores": [{"model": "a", "metric": "ece", "value": "0.12"}, {"model": "a", "metric": "ece_scaled", "value": ""}],
    "ladder": [{"model": "a", "clips": clips, "crops": "1", "top1": f"0.{clips}"} for clips in ("9", "8")],
    "confused_pairs": [
        {"model": "", "truth": "up", "predicted": "down", "share": "0.25"},
        {"model": "b", "truth": "up", "predicted": "left", "share": "0.5"},
    ],
    "label_issues": [{"video": "v7", "label": "up", "suggested": "left", "probability": "0.973", "wrong": "0.9"}],
    "errors": [{"model": "b", "truth": "up", "predicted": "left", "confidence": "0.97"}],
}  # fmt: skip
ENSEMBLE = ensemble_of("all", "a + b", 0.88, gain=-0.02, best_single="a")
SAID = {
    "pairwise": "a above b by 40.0 points (p < 0.001).",
    "calibration": "Expected calibration error: a 12.0 %, – when scaled.",
    "ladder": "Top-1 by clips × crops: a 80.0 % with 8 × 1, 90.0 % with 9 × 1.",
    "confused_pairs": "Mean of models: up predicted as down 25.0 %.",
    "confident_errors": "up predicted as left by b, 97 % sure.",
    "label_issues": "v7 labelled up: left is more likely, 97 % sure.",
    "error_overlap": "all models together 88.0 %, −2.0 points against a alone.",
}


@pytest.mark.parametrize("name", SAID)
def test_a_figure_is_told_in_numbers(name: str) -> None:
    told = alt_text(name, "Title", DatasetResults("mine", SUMMARY, [PAIR], ensembles=[ENSEMBLE], drawn=DRAWN), [], "")
    assert told == f"Title on mine. {SAID[name]}"


@pytest.mark.parametrize("name", SAID)
def test_a_run_without_its_table_has_the_title_alone(name: str) -> None:
    assert alt_text(name, "Title", DatasetResults("mine", SUMMARY[:1]), [], "") == "Title on mine, a figure."
