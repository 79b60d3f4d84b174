"""Entries without training: their complete options, and what they cannot ask for."""

from pathlib import Path

import image_text_folders
import pytest
import tiny

from vidbench.config import checks, licences, schema, zero_shot
from vidbench.errors import UserError
from vidbench.models import class_words
from vidbench.models.options import ZeroShotOptions


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """w/mine, a folder whose weights nothing reads, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return image_text_folders.save_configuration(Path("w/mine"))


def config(**entry: object) -> dict:
    """A run of one model without training."""
    return tiny.config(models__x={"architecture": "zero_shot", "weights": "w/mine"} | entry, run__models=["x"])


def check(config: dict) -> None:
    """The checks of such an entry in the order of the workflow's."""
    schema.check(config)
    schema.model_options(config, "motion", "x")
    zero_shot.check_classes("x", config["models"]["x"], ["left", "right"])


def refused(config: dict, *words: str) -> None:
    """A configuration ends in one line with the words."""
    with pytest.raises(UserError) as caught:
        check(config)
    message = str(caught.value)
    assert message.startswith("config: models.x")
    assert "\n" not in message
    for word in words:
        assert word in message


def test_complete_options() -> None:
    schema.check(config())
    options = schema.model_options(config(), "motion", "x")
    assert options["weights"] == "w/mine/model.safetensors"
    assert options["prompts"] == [*class_words.PROMPTS]
    assert options["vision"] == {"kind": "siglip", "image_size": 32, "patch_size": 8}
    assert options["clip"]["size"] == [32, 32]
    assert options["clip"]["mean"] == [0.5] * 3
    typed = schema.typed_options(config(prompts=["{}"], class_names={7: "seven"}), "motion", "x")
    assert isinstance(typed.network, ZeroShotOptions)
    assert (typed.network.prompts, typed.network.class_names) == (("{}",), {"7": "seven"})
    assert (typed.has_backbone, typed.caches_features, typed.takes_frames) == (False, False, True)
    checks.check_network(config(), "motion", "x")


def test_other_models_have_no_key_more() -> None:
    options = schema.model_options(tiny.config(), "motion", "cnn3d")
    assert not {"prompts", "class_names", "vision"} & options.keys()


def test_a_folder_in_the_current_one_needs_no_slash(folder: Path) -> None:
    folder.rename("mine")
    assert schema.model_options(config(weights="mine"), "motion", "x")["weights"] == "mine/model.safetensors"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"weights": None}, "weights: zero_shot needs the folder of an image-text network"),
        ({"weights": "w/mina"}, "weights: w/mina: no such folder, did you mean 'mine'?"),
        ({"weights": "hf-hub:google/siglip@main"}, "--revision main --local-dir weights/siglip, and name that"),
        ({"weights": "DEFAULT"}, "zero_shot has no official weights, so not 'DEFAULT'"),
        ({"weights": "w/mine/config.json"}, "zero_shot needs a folder with config.json"),
        ({"prompts": ["a photo"]}, "prompts: 'a photo' has no {}, where the name of a class goes; add it"),
        ({"prompts": ["{}", "{}"]}, "prompts: one stands twice"),
        ({"prompts": []}, "prompts"),
        ({"prompts": "a {}"}, "prompts: 'a {}' has to be a list"),
        ({"class_names": {"lefd": "left"}}, "class_names: there is no class 'lefd'; the classes are left, right"),
        ({"class_names": {"left": "Right"}}, "'left' and 'right' both read"),
        ({"class_names": {"left": "1"}}, "the class 'left' has no letters"),
        ({"trained_stages": 0}, "trained_stages: zero_shot trains nothing, so this has no effect; leave it out"),
        ({"dropout": 0.1}, "dropout: zero_shot trains nothing"),
        ({"training": {"epochs": 3}}, "training.epochs: zero_shot trains nothing"),
        ({"augmentation": {"shift": 0.1}}, "augmentation: zero_shot trains nothing"),
        ({"recipe": "tsm"}, "recipe: zero_shot trains nothing"),
        ({"sweep": {"prompts": [["{}"], ["a {}"]]}}, "sweep: zero_shot trains nothing"),
        ({"backbone": "cnn2d", "head": "mean"}, "needs either `architecture`, or `backbone` and `head`"),
    ],
)
def test_what_an_entry_cannot_say(entry: dict, words: str) -> None:
    refused(config(**entry), words)


@pytest.mark.parametrize("key", ["prompts", "class_names"])
def test_keys_of_other_models(key: str) -> None:
    value = ["{}"] if key == "prompts" else {"left": "x"}
    refused(
        tiny.config(models__x={"architecture": "cnn3d", key: value}, run__models=["x"]), key, "only for architecture"
    )


def test_a_label_without_letters() -> None:
    with pytest.raises(UserError, match=r"models\.x\.class_names: the class '07' has no letters .* say what it is"):
        zero_shot.check_classes("x", config()["models"]["x"], ["07", "left"])


def test_commercial_use(folder: Path) -> None:
    commercial = config()
    commercial["run"]["commercial_use"] = True
    assert "states no licence" in licences.commercial_warnings(commercial, "motion", "x")[0]
    (folder / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n")
    with pytest.raises(UserError, match="model x starts from zero_shot's weights mine, whose licence, cc-by-nc"):
        licences.check_commercial_use(commercial, "motion", "x")
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    licences.check_commercial_use(commercial, "motion", "x")
