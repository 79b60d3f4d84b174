"""Recipes: all are right by the schema, name their source, and come before everything that a person sets."""

from pathlib import Path

import pytest
import tiny
import yaml

from vidbench.config import schema, sweeps
from vidbench.errors import UserError

NAMES = list(schema.recipes())


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_is_right_by_the_schema(name: str) -> None:
    config = tiny.config(models__cnn3d__recipe=name)
    schema.check(config)
    del config["datasets"]["motion"]["training"], config["datasets"]["motion"]["augmentation"]
    options, recipe = schema.model_options(config, "motion", "cnn3d"), schema.recipes()[name]
    assert recipe["training"].items() <= options["training"].items()
    assert recipe.get("augmentation", {}).items() <= options["augmentation"].items()
    assert options["augmentation"]["horizontal_flip"] is False  # a question of the classes, not of the network
    assert "recipe" not in options  # its name changes nothing


def test_a_recipe_asks_for_nothing_that_has_no_effect() -> None:
    for name, recipe in schema.recipes().items():
        training = recipe["training"]
        assert ("milestones" in training) == (training["schedule"] == "step"), name
        assert ("plateau_patience" in training) == (training["schedule"] == "plateau"), name
        assert ("momentum" in training) == (training["optimizer"] == "sgd"), name
        expected = {"epochs", "batch_size", "learning_rate", "weight_decay", "warmup_epochs", "patience"}
        assert expected <= training.keys(), name


def test_whatever_a_person_sets_wins() -> None:
    config = tiny.config(
        training={"weight_decay": 0.5, "epochs": 4},
        datasets__motion__training={"epochs": 5, "batch_size": 6},
        datasets__motion__augmentation={"shift": 0.3},
        models__cnn3d={"architecture": "cnn3d", "recipe": "image_finetune", "training": {"batch_size": 7}},
        models__cnn3d__augmentation={"color_jitter": 0.5},
    )
    options = schema.model_options(config, "motion", "cnn3d")
    training = options["training"]
    expected = {"optimizer": "sgd", "weight_decay": 0.5, "epochs": 5, "batch_size": 7}
    assert training.items() >= expected.items()
    augmentation = options["augmentation"]
    assert (augmentation["random_resized_crop"], augmentation["shift"]) == ([0.08, 1], 0.3)
    assert augmentation["color_jitter"] == 0.5
    other = schema.model_options(config, "motion", "cnn2d_mean")
    assert (other["training"]["optimizer"], other["augmentation"]["random_resized_crop"]) == ("adamw", None)


def test_recipes_can_be_swept() -> None:
    config = tiny.config(models__cnn3d__sweep={"recipe": [None, "image_finetune"]})
    schema.check(config)
    expanded = schema.expand(config)
    assert list(sweeps.trials(expanded, "cnn3d")) == ["cnn3d-recipe_null", "cnn3d-recipe_image_finetune"]
    optimizers = [
        schema.model_options(expanded, "motion", name)["training"]["optimizer"]
        for name in sweeps.trials(expanded, "cnn3d")
    ]
    assert optimizers == ["adamw", "sgd"]


def test_an_unknown_recipe_is_one_line() -> None:
    with pytest.raises(
        UserError, match=r"models\.cnn3d\.recipe: no 'tsn' in config/recipes\.yaml: did you mean 'tsm'\?"
    ):
        schema.check(tiny.config(models__cnn3d__recipe="tsn"))


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ({"training": {"epoch": 3}}, ["own: training", "unknown key 'epoch'", "did you mean 'epochs'?"]),
        ({"training": {"learning_rate": "1e-3"}}, ["own: training.learning_rate", "write 0.001"]),
        ({"training": {"learning_rate": float("nan")}}, ["own.training.learning_rate", "nan"]),
        ({"source": "my desk"}, ["own: source", "https"]),
        ({"trainings": {}}, ["own: top level", "unknown key 'trainings'"]),
    ],
)
def test_a_mistake_in_an_own_recipe_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recipe: dict, words: list[str]
) -> None:
    good = {"description": "mine", "source": "https://example.org/paper", "training": {"epochs": 3}}
    path = tmp_path / "recipes.yaml"
    monkeypatch.setattr(schema, "RECIPES_PATH", path)
    try:
        for entry in (good, good | recipe):
            path.write_text(yaml.safe_dump({"own": entry}))
            schema.recipes.cache_clear()
            if entry is good:
                schema.check(tiny.config(models__cnn3d__recipe="own"))
                continue
            with pytest.raises(UserError) as caught:
                schema.check(tiny.config(models__cnn3d__recipe="own"))
        for word in ["config/recipes.yaml", *words]:
            assert word in str(caught.value)
        for content, reason in ((b"a: [", "line 1"), (b"", "holds no recipes"), (b"\xff\xfe", "decode")):
            path.write_bytes(content)
            schema.recipes.cache_clear()
            with pytest.raises(UserError, match=rf"^config/recipes\.yaml: .*{reason}"):
                schema.check(tiny.config(models__cnn3d__recipe="own"))
    finally:
        monkeypatch.undo()
        schema.recipes.cache_clear()
