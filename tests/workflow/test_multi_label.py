"""A tiny data set of several labels per video, from its CSV file to the page, and what is refused."""

import csv
import json
from pathlib import Path

import pytest
import tiny
from label_videos import COLORS, write_label_videos

from workflow.conftest import copy_project, planned, snakemake, write_config

pytestmark = pytest.mark.slow
ENTRY = tiny.MOTION_ENTRY | {
    "kind": "csv",
    "manifest": "squares/labels.csv",
    "labels": "multi",
    "shards": 1,
    "splits": {"folds": 2},
    "leak_check": False,
}
CONFIG = tiny.config(
    run__datasets=["squares"], datasets__squares={key: value for key, value in ENTRY.items() if key != "motion"}
)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which two models are compared, up to the page."""
    folder = copy_project(tmp_path_factory.mktemp("multi_label"))
    write_label_videos(folder / "squares")
    write_config(folder, CONFIG)
    snakemake(folder)
    return folder


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_it_ends_with_tables_of_labels(compared: Path) -> None:
    results = compared / "results/squares"
    summary = read(results / "label_summary.csv")
    assert {row["model"] for row in summary} == {"cnn3d", "cnn2d_mean"}
    assert all(float(row["mean_average_precision"]) > float(row["chance"]) for row in summary)
    assert {row["label"] for row in read(results / "label_scores.csv")} == set(COLORS)
    metrics = json.loads((results / "fold1/cnn3d/seed0/metrics.json").read_text())
    assert metrics["thresholds"].keys() == set(COLORS)
    history = read(results / "fold1/cnn3d/seed0/history.csv")
    assert max(float(row["val_mean_average_precision"]) for row in history) == metrics["val_mean_average_precision"]
    assert not (results / "summary.csv").exists()


def test_the_answer_and_the_page_say_what_is_counted(compared: Path) -> None:
    answer = (compared / "results/answers.txt").read_text(encoding="utf-8")
    page = (compared / "results/report.html").read_text(encoding="utf-8")
    assert answer.startswith("On squares, ")
    assert "reaches a mAP of" in answer
    for words in ("mAP (%)", "Labels given and labels right", "Average precision of each label", "paired group"):
        assert words in page
    assert "top-1 (%)" not in page


def test_nothing_runs_again(compared: Path) -> None:
    assert not planned(compared)
