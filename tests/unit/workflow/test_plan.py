"""Functions of rules/plan.smk, without Snakemake; and which speeds are measured."""

import json
from types import SimpleNamespace

import pytest
import tiny
from rule_objects import MOTION, RUN, rules

from vidbench.workflow.run import Run
from vidbench.workflow.speeds import measured_by, measured_models, speed_options

SWEPT = {"architecture": "cnn3d", "width": 4, "sweep": {"training.learning_rate": [0.1, 0.01], "width": [4, 8]}}


def swept() -> dict:
    return tiny.config(models__swept=SWEPT, run__models=["cnn3d", "swept"])


def test_what_changes_no_speed_is_measured_once() -> None:
    run = Run(swept())
    assert [model for _, model in measured_models(run)] == ["cnn3d", "swept-learning_rate0.1-width8"]
    assert measured_by(run, run.datasets[0])["swept-learning_rate0.01-width4"] == "cnn3d"
    assert rules(swept()).plan.speeds(None) == [
        f"results/plan/speed/motion/{model}.json" for model in ("cnn3d", "swept-learning_rate0.1-width8")
    ]


def test_options_of_a_speed_are_complete_and_have_no_weights() -> None:
    plan = rules().plan
    options = plan.run.datasets[0].options("cnn3d")
    reduced = speed_options(options | {"weights": "KINETICS400_V1"})
    assert reduced["weights"] is None
    assert reduced["training"].keys() == options["training"].keys()
    assert reduced["training"]["batch_size"] == tiny.TRAINING["batch_size"]
    assert speed_options(reduced) == reduced == plan.speed_options(RUN)


def test_the_configuration_is_handed_on_as_it_was_given() -> None:
    config = json.loads(rules(swept()).plan.config(None))
    assert config["models"].keys() == {"cnn3d", "swept"}
    assert Run(config).trained == Run(swept()).trained


@pytest.mark.parametrize(
    ("invocation", "expected"),
    [
        ({"cores": 4}, ["--cores", 4, "--gpus", 1]),
        ({"cores": 4, "max_gpus": 0}, ["--cores", 4, "--gpus", 0]),
        ({"cores": 4, "max_gpus": 8, "sent_off": True, "jobs": 9}, ["--cores", 4, "--gpus", 8, "--jobs", 9]),
    ],
)
def test_what_the_jobs_would_share(invocation: dict, expected: list) -> None:
    assert rules(**invocation).plan.capacity(None) == expected


def test_features_are_measured_with_the_threads_of_their_extraction() -> None:
    frozen = {"cnn2d": {"architecture": "cnn2d", "width": 4, "trained_stages": 0}}
    wildcards = SimpleNamespace(dataset="motion", model="cnn2d_mean")
    training = {**tiny.TRAINING, "threads": None}
    plan = rules(tiny.config(backbones=frozen, datasets__motion__training=training)).plan
    assert plan.feature_threads(wildcards) == ["--feature-threads", 2]
    assert (plan.jobs.loading_threads(wildcards), plan.speed_threads(wildcards)) == (1, 2)
    assert rules().plan.feature_threads(wildcards) == []
    assert rules().plan.speed_threads(wildcards) == tiny.TRAINING["threads"]


def test_classes_and_results() -> None:
    plan = rules(prefix="video/").plan
    assert plan.num_classes(MOTION) == 6
    assert plan.results(None) == "video/results"
