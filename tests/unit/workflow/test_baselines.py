"""What rules/baselines.smk asks: options, inputs, and which files a baseline has."""

from types import SimpleNamespace

import tiny
from rule_objects import MOTION, rules

FROZEN = {"architecture": "cnn2d", "width": 4, "trained_stages": 0}
CONFIG = tiny.config(
    backbones={"frozen": FROZEN},
    models={
        "lstm": {"backbone": "frozen", "head": "lstm", "hidden": 8, "clip": {"views": 2}},
        "mean": {"backbone": "frozen", "head": "mean", "training": {"epochs": 1}},
    },
    run__models=["lstm", "mean"],
    run__seeds=[3, 4],
)


def job(model: str) -> SimpleNamespace:
    return SimpleNamespace(dataset="motion", split="split1", model=model, seed="3")


def test_a_baseline_is_fitted_once_where_models_have_seeds() -> None:
    made = rules(CONFIG)
    files = made.files.of_runs("metrics.json")(MOTION)
    assert len(files) == 2 * 2 + 3
    assert [path for path in files if "file_properties" in path] == [
        "results/motion/split1/file_properties/seed3/metrics.json"
    ]
    assert not [path for path in made.files.of_full_runs("history.csv")(MOTION) if "knn" in path]
    trainings = made.files.of_full_trainings("predictions.h5")(MOTION)
    assert len(trainings) == 4
    assert not [path for path in trainings if "knn" in path or "file_properties" in path]


def test_it_sees_the_clip_of_the_first_model_and_costs_what_the_cheapest_does() -> None:
    baselines = rules(CONFIG).baselines
    options = baselines.options(job("logistic-frozen"))
    assert options["kind"] == "logistic"
    assert options["features"]["clip"]["views"] == 2  # lstm's
    assert options["features"]["backbone"]["trained_stages"] == 0
    assert options["cost_of"] == "mean"
    assert set(options) == {"kind", "strengths", "features", "cost_of"}
    assert set(baselines.options(job("knn-frozen"))) == {"kind", "neighbours", "metrics", "features", "cost_of"}


def test_a_training_setting_is_none_of_its_options() -> None:
    changed = tiny.with_changes(CONFIG, {"models__lstm__training": {"epochs": 9}, "models__mean__dropout": 0.5})
    for name in ("logistic-frozen", "knn-frozen", "file_properties"):
        assert rules(changed).baselines.options(job(name)) == rules(CONFIG).baselines.options(job(name))


def test_the_files_alone_need_no_features() -> None:
    baselines = rules(CONFIG).baselines
    assert baselines.features(job("file_properties")) == []
    assert set(baselines.options(job("file_properties"))) == {"kind", "strengths"}
    assert baselines.features(job("knn-frozen")) == [f"results/motion/features/frozen/{n}.h5" for n in range(2)]


def test_names_of_models_and_baselines_match_different_rules() -> None:
    baselines = rules(CONFIG).baselines
    assert baselines.names == r"logistic\-frozen|knn\-frozen|file_properties"
    assert baselines.models == "lstm|mean"
    assert rules(tiny.config()).baselines.names == "(?!)"


def test_scoring_asks_for_memory_by_one_view() -> None:
    made = rules(CONFIG)
    assert made.jobs.test_rows(job("knn-frozen")) == 54
    assert made.evaluate.scoring_megabytes(job("knn-frozen"), 1) > 1000
    assert made.baselines.megabytes(job("knn-frozen"), 2) > 1.9 * made.baselines.megabytes(job("knn-frozen"), 1)
