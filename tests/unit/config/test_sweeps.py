"""Sweeps: the entries that replace them, their names, and mistakes that are reported before any job."""

import re

import pytest
import tiny

from vidbench.config import schema, sweeps
from vidbench.errors import UserError


def swept(sweep: object, **changes: object) -> dict:
    return tiny.config(models__cnn3d__sweep=sweep, **changes)


def test_all_combinations_become_ordinary_entries() -> None:
    config = swept({"training.learning_rate": [0.001, 1e-5], "width": [4, 8]})
    schema.check(config)
    expanded = schema.expand(config)
    names = [f"cnn3d-learning_rate{rate}-width{width}" for rate in ("0.001", "1e-05") for width in (4, 8)]
    assert list(sweeps.trials(expanded, "cnn3d")) == names
    assert sweeps.trained_models(expanded) == [*names, "cnn2d_mean"]
    assert expanded["models"][names[-1]] == {
        "architecture": "cnn3d", "width": 8, "training": {"learning_rate": 1e-5},
    }  # fmt: skip
    options = schema.model_options(expanded, "motion", names[-1])
    assert (options["width"], options["training"]["learning_rate"], options["training"]["epochs"]) == (8, 1e-5, 2)
    assert not {"sweep", "recipe"} & options.keys()


def test_expanding_twice_changes_nothing_and_leaves_the_config_as_it_was() -> None:
    config = swept({"width": [4, 8]})
    expanded = schema.expand(config)
    assert schema.expand(expanded) == expanded
    schema.check(expanded)
    assert config == swept({"width": [4, 8]})


@pytest.mark.parametrize("off", [None, {}])
def test_a_sweep_can_be_switched_off(off: object) -> None:
    schema.check(swept(off))
    assert sweeps.trained_models(schema.expand(swept(off))) == ["cnn3d", "cnn2d_mean"]


def test_every_kind_of_value_makes_a_folder_name() -> None:
    sweep = {
        "training.patience": [None, 3], "clip.subtract_temporal_mean": [True], "training.optimizer": ["sgd"],
        "clip.size": [[32, 24]], "augmentation.random_resized_crop": [[0.4, 1]],
    }  # fmt: skip
    config = swept(sweep)
    schema.check(config)
    names = list(sweeps.trials(config, "cnn3d"))
    assert names[0] == (
        "cnn3d-patience_null-subtract_temporal_mean_true-optimizer_sgd-size32_24-random_resized_crop0.4_1"
    )
    pattern = schema.schema()["$defs"]["name"]["pattern"]
    assert all(re.search(pattern, name) for name in names)
    assert sweeps._as_name("a/b c") == "_a_b_c"


def test_keys_with_one_last_part_are_told_apart() -> None:
    config = {"models": {"m": {"sweep": {"a.size": [1], "b.size": [2]}}}}
    assert list(sweeps.trials(config, "m")) == ["m-a.size1-b.size2"]


@pytest.mark.parametrize(
    ("sweep", "words"),
    [
        ({"training.learning_rat": [0.1]}, ["models.cnn3d.sweep", "did you mean 'training.learning_rate'?"]),
        ({"learning_rate": [0.1]}, ["'learning_rate'", "did you mean 'training.learning_rate'?"]),
        ({"training": [{}]}, ["unknown key 'training'"]),
        ({"training.workers": [1, 2]}, ["unknown key 'training.workers'"]),
        ({"sweep": [1]}, ["unknown key 'sweep'"]),
        ({"architecture": ["r3d_18"]}, ["sweep.architecture", "another model", "run.models"]),
        ({"head": ["lstm"]}, ["sweep.head", "another model"]),
        ({"training.learning_rate": ["1e-3"]}, ["learning_rate1e-3.training.learning_rate", "write 0.001"]),
        ({"training.learning_rate": [0.1, 0]}, ["cnn3d-learning_rate0.training.learning_rate", "minimum"]),
        ({"training.learning_rate": [float("inf")]}, ["sweep.training.learning_rate.0", "inf"]),
        ({"training.schedule": ["cosin"]}, ["training.schedule", "did you mean 'cosine'?"]),
        ({"width": []}, ["models.cnn3d.sweep.width", "non-empty"]),
        ({"width": [4, 4]}, ["models.cnn3d.sweep.width", "non-unique"]),
        ({"width": 4}, ["models.cnn3d.sweep.width", "a list"]),
        ({"width": list(range(1, 21)), "clip.step": list(range(1, 12))}, ["220 combinations are more than 200"]),
        (
            {f"training.{key}": [10**50] for key in ("learning_rate", "weight_decay", "warmup_epochs", "patience")},
            ["too long for a folder"],
        ),
    ],
)
def test_a_wrong_sweep_is_one_line(sweep: dict, words: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        schema.check(swept(sweep))
    message = str(caught.value)
    assert message.startswith("config")
    assert message.count("\n") == 0
    for word in words:
        assert word in message


def test_a_name_that_is_taken_is_one_line() -> None:
    config = swept({"width": [5]}, **{"models__cnn3d-width5": {"architecture": "cnn3d"}})
    with pytest.raises(UserError, match=r"models\.cnn3d\.sweep: .* the name 'cnn3d-width5'"):
        schema.check(config)
    same = swept({"width": [5]}, **{"models__cnn3d-width5": {"architecture": "cnn3d", "width": 5}})
    schema.check(same)


def test_a_model_has_augmentation_of_its_own_over_the_data_sets() -> None:
    config = tiny.config(models__cnn3d__augmentation={"mixup": 0.8, "shift": 0.2})
    augmentation = schema.model_options(config, "motion", "cnn3d")["augmentation"]
    assert [augmentation[key] for key in ("mixup", "shift", "color_jitter", "cutmix")] == [0.8, 0.2, 0, 0]
    assert schema.model_options(config, "motion", "cnn2d_mean")["augmentation"]["shift"] == 0
