"""Which baselines a run has, from its configuration."""

import pytest
import tiny

from vidbench.config import schema
from vidbench.errors import UserError
from vidbench.workflow.run import Run

FROZEN = {"architecture": "cnn2d", "width": 4, "trained_stages": 0}
MODELS = {"mean": {"backbone": "a", "head": "mean"}, "lstm": {"backbone": "a", "head": "lstm"},
          "other": {"backbone": "b", "head": "max"}, "cnn3d": {"architecture": "cnn3d"}}  # fmt: skip
ALL = ["logistic-a", "knn-a", "file_properties"]


def names(**changes: object) -> list[str]:
    config = tiny.config(backbones={"a": FROZEN, "b": FROZEN}, models=MODELS, run__models=["mean", "lstm", "cnn3d"])
    return list(Run(tiny.with_changes(config, changes)).baselines)


def test_where_features_are_cached_there_is_one_of_each_kind_per_backbone() -> None:
    assert names() == ALL
    assert names(run__models=["lstm", "other"]) == [
        "logistic-a", "logistic-b", "knn-a", "knn-b", "file_properties"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"run__models": ["cnn3d"]},
        {"backbones__a__cache_features": False},
        {"backbones__a__trained_stages": 1},
        {"run__baselines": []},
    ],
)
def test_else_and_with_an_empty_list_there_is_none(changes: dict) -> None:
    assert names(**changes) == []


def test_the_list_selects_kinds() -> None:
    assert names(run__baselines=["knn"]) == ["knn-a"]
    assert names(run__baselines=["file_properties"], run__models=["cnn3d"]) == ["file_properties"]


def test_trials_of_a_sweep_share_the_backbones_baselines() -> None:
    swept = {"backbone": "a", "head": "lstm", "sweep": {"hidden": [4, 8]}}
    assert names(models__swept=swept, run__models=["swept"]) == ALL


def test_features_that_are_not_cached_are_one_line() -> None:
    with pytest.raises(UserError, match=r"run\.baselines: logistic needs a model on a frozen backbone"):
        names(run__baselines=["logistic"], run__models=["cnn3d"])


def test_a_model_with_a_baselines_name_is_one_line() -> None:
    taken = {"models__knn-a": {"backbone": "a", "head": "mean"}}
    with pytest.raises(UserError, match=r"models\.knn-a: a baseline of this run has this name"):
        names(**taken)
    assert names(**taken, run__baselines=["logistic"]) == ["logistic-a"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"run__baselines": ["logistc"]}, ["run.baselines", "logistic"]),
        ({"run__baselines": ["knn", "knn"]}, ["run.baselines"]),
        ({"baselines": {"strengths": []}}, ["baselines.strengths"]),
        ({"baselines": {"strengths": [0]}}, ["baselines.strengths"]),
        ({"baselines": {"neighbours": [0.5]}}, ["baselines.neighbours"]),
        ({"baselines": {"metrics": ["manhattan"]}}, ["baselines.metrics"]),
        ({"baselines": {"strength": [1]}}, ["strength", "strengths"]),
    ],
)
def test_wrong_entries_are_one_line(changes: dict, words: list[str]) -> None:
    tiny.refused(changes, words)


def test_the_default_run_has_none() -> None:
    assert Run(schema.shipped_config()).baselines == {}
