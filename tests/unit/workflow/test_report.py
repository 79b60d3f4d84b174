"""Functions of rules/report.smk, without Snakemake."""

import json
from types import SimpleNamespace

import tiny
from rule_objects import MOTION, published_config, rules


def test_the_page_shows_the_motion_test_where_the_run_has_it() -> None:
    tables = rules().report.page_tables(MOTION)
    assert tables[0] == "results/motion/videos.csv"
    assert tables[-1] == "results/motion/motion_use.csv"
    assert rules(tiny.config(evaluation__motion_test=False)).report.page_tables(MOTION) == tables[:-1]


def test_a_list_of_videos_that_is_gone_is_no_reason_to_train_again() -> None:
    report = rules().report
    assert report.result_tables(MOTION) == report.page_tables(MOTION)[1:]


def test_tables_for_papers_are_csv_and_latex() -> None:
    tables = rules().report.paper_tables(MOTION)
    assert len(tables) == 6
    assert tables[:2] == ["results/motion/tables/comparison.csv", "results/motion/tables/comparison.tex"]


def test_the_page_is_told_what_the_run_uses_of_the_configuration() -> None:
    report = rules(tiny.config(training={"epochs": 9}), prefix="video/").report
    shown = json.loads(report.settings(None))
    assert shown["models"].keys() == {"cnn3d", "cnn2d_mean"}
    assert shown["backbones"].keys() == {"cnn2d"}
    assert (shown["device"], shown["training"]) == ("cpu", {"epochs": 9})
    assert shown["run"]["splits"] is None
    assert (shown["run"]["name"], shown["run"]["seeds"]) == ("config", [0])
    assert json.loads(report.options(None)) == {"title": "VidBench report", "formats": []}
    assert report.folders(None) == ["video/results/motion"]


def test_the_page_is_told_of_splits_that_the_run_leaves_out() -> None:
    splits = {"kind": "folds", "folds": 3, "fractions": [0.5]}
    report = rules(tiny.config(datasets__motion__splits=splits, run__splits=["fold1"])).report
    assert json.loads(report.available_splits(None)) == {"motion": ["fold1", "fold2", "fold3"]}


def test_the_tables_know_the_kind_of_their_data_set() -> None:
    assert rules().report.kind(MOTION) == "motion"
    assert rules(published_config("ucf101")).report.kind(SimpleNamespace(dataset="data")) == "ucf101"
