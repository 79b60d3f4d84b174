"""What a data set of several labels per video is refused for, before any job."""

import pytest
from helpers.tiny import config

from vidbench.config import multi_label, schema
from vidbench.config.baselines import find_baselines
from vidbench.errors import UserError

MULTI = {"kind": "csv", "manifest": "videos.csv", "labels": "multi"}


def expanded(**changes: object) -> dict:
    return schema.expand(config(run__datasets=["mine"], datasets__mine=dict(MULTI), **changes))


def test_plain_models_are_taken() -> None:
    multi_label.check(expanded(), "mine")
    assert find_baselines(expanded()) == {}


def test_one_label_is_not_looked_at() -> None:
    multi_label.check(schema.expand(config(datasets__motion__splits={"fractions": [0.5]})), "motion")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"datasets__mine__splits": {"fractions": [0.5]}}, "splits.fractions"),
        ({"models__cnn3d__sweep": {"width": [4, 8]}}, "models.cnn3d.sweep"),
    ],
)
def test_what_chooses_or_forecasts_accuracies_is_refused(changes: dict, words: str) -> None:
    with pytest.raises(UserError, match=words):
        multi_label.check(expanded(**changes), "mine")


def test_baselines_of_one_class_are_refused() -> None:
    with pytest.raises(UserError, match=r"run.baselines: file_properties .* datasets.mine"):
        find_baselines(expanded(run__baselines=["file_properties"]))


def test_only_csv_files_have_several_labels() -> None:
    with pytest.raises(UserError, match="labels"):
        schema.check(config(datasets__motion__labels="multi"))
