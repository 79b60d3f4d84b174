"""The answer for a data set of several labels per video, of planted cases."""

from dataclasses import replace
from pathlib import Path

from vidbench.evaluation.tables import LabelSummary, PairedDifference
from vidbench.evaluation.verdicts import Verdict
from vidbench.files import write_json
from vidbench.report.label_page import pairs_table, summarise, summary_table
from vidbench.report.label_words import label_alt_text, label_answer, label_rules

BEST = LabelSummary(
    model="cnn3d", baseline="", verdict=Verdict.BEST, mean_average_precision=0.9, low=0.85, high=0.94,
    approximate=True, seed_sd=None, micro_f1=0.8, micro_f1_low=0.7, micro_f1_high=0.9, macro_f1=0.75,
    macro_f1_low=0.6, macro_f1_high=0.85, exact_match=0.5, exact_match_low=0.4, exact_match_high=0.6, ece=0.1,
    ece_scaled=0.05, chance=0.3, num_seeds=1, num_splits=2, num_videos=60, num_groups=20, num_unreadable=0,
    diverged_runs=0, train_seconds=3.0, ms_per_clip=1.0, parameters=1000,
)  # fmt: skip
BEHIND = replace(BEST, model="cnn2d", verdict=Verdict.BEHIND, mean_average_precision=0.8, low=0.7, high=0.87)
PAIR = PairedDifference(
    "cnn2d", "cnn3d", -0.1, -0.15, -0.05, 0.001, 0.001, "architectures", 0.02, 0.06, None, None, None
)
LABELS = [
    {"model": "cnn3d", "label": "run", "average_precision": "0.95"},
    {"model": "cnn3d", "label": "jump", "average_precision": "0.85"},
]


def said(summary: list[LabelSummary], pairs: list[PairedDifference] | None = None) -> str:
    return " ".join(label_answer("moves", summary, pairs or [], LABELS))


def test_the_best_model_is_named_with_what_is_counted() -> None:
    words = said([BEST, BEHIND], [PAIR])
    assert words.startswith(
        "On moves, cnn3d reaches a mAP of 90.0 % [85.0, 94.0] (approximate) and is better than every"
    )
    assert "cnn2d is 10.0 points of mAP [5.0, 15.0] behind." in words
    assert "hardest label is jump (average precision 85.0 %)" in words
    assert "Counted is mAP" in words


def test_a_tie_is_said() -> None:
    tied = replace(BEHIND, verdict=Verdict.TIED)
    assert "cnn2d is tied with it." in said([replace(BEST, verdict=Verdict.TIED), tied])


def test_too_few_groups_say_nothing_of_the_order() -> None:
    few = replace(BEST, verdict=Verdict.UNKNOWN, low=None, high=None, num_groups=4)
    words = said([few, replace(BEHIND, verdict=Verdict.UNKNOWN, low=None, high=None)])
    assert "4 groups: too few groups to say how sure this is, or which model is better." in words


def test_what_is_no_better_than_a_random_ranking_is_not_praised() -> None:
    words = said([replace(BEST, mean_average_precision=0.33, low=0.28, high=0.4)])
    assert "no better than a random ranking (30.0 %)" in words


def test_a_model_that_diverged_does_not_lead() -> None:
    lost = replace(BEST, model="lost", verdict=Verdict.DIVERGED, diverged_runs=1)
    words = said([lost, BEST])
    assert words.startswith("On moves, cnn3d")
    assert "Trainings of lost diverged" in words


def test_rules_and_alternative_texts_have_numbers() -> None:
    assert "60 test videos in 20 groups" in label_rules([BEST])[0]
    alt = label_alt_text("label_precision", "Precision", "moves", [BEST], {"label_scores": LABELS})
    assert alt == "Precision on moves. cnn3d: hardest jump 85.0 %, easiest run 95.0 %."
    assert label_alt_text("inspection", "The videos", "moves", [BEST], {}) == ""


def test_energy_is_shown_where_it_was_measured_and_else_why_not(tmp_path: Path) -> None:
    def heads(*rows: LabelSummary) -> list[str]:
        table = summary_table(tmp_path / "moves", list(rows))
        return [column.title for column in table.columns if "J/clip" in column.title] if table else []

    assert heads(BEST) == []
    assert heads(BEST, replace(BEHIND, gpu_joules_per_clip=0.5)) == ["J/clip, GPU"]
    write_json(tmp_path / "moves/costs/cnn3d.json", {"energy_not_measured": ["no counter of processors"]})
    table = summary_table(tmp_path / "moves", [BEST])
    assert table is not None
    assert table.notes == ["No counter of processors."]


def test_tables_and_index_name_the_measure() -> None:
    table = summary_table(Path("moves"), [BEST, BEHIND])
    assert table is not None
    assert table.sorted_by == "mAP (%)"
    pairs = pairs_table("moves", [PAIR])
    assert pairs is not None
    assert [cell.text for cell in pairs.rows[0][:3]] == ["cnn3d − cnn2d", "10.0", "[5.0, 15.0]"]
    assert summarise("moves", [BEST, BEHIND]).best == "cnn3d (mAP)"
