"""Entries of models that classify by the names of the classes: what they may say, and their complete options.

Imports no torch: the workflow asks before any job.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vidbench.errors import UserError
from vidbench.models import class_words, image_text_folder
from vidbench.models.families.zero_shot import NAME
from vidbench.models.network import HUB_FILE

KEYS = ("prompts", "class_names")  # that only such an entry has
USED = ("architecture", "weights", "clip", "training", *KEYS)
# Keys of `training` that predicting and measuring read; the others are of trainings.
USED_OF_TRAINING = ("batch_size", "precision", "channels_last", "compile", "deterministic", "threads", "workers")


def is_zero_shot(entry: Mapping[str, Any]) -> bool:
    """Return whether an entry of `models` trains nothing and classifies by the names of the classes."""
    return entry.get("architecture") == NAME


def check(model: str, entry: Mapping[str, Any]) -> None:
    """Raise UserError where an entry of `models` has a key that means nothing to it, or lacks its weights."""
    if not is_zero_shot(entry):
        if given := [key for key in KEYS if key in entry]:
            raise UserError(f"config: models.{model}.{given[0]}: only for architecture: {NAME}; leave it out")
        return
    where = f"config: models.{model}"
    unused = [key for key in entry if key not in USED and entry[key] is not None]
    unused += [f"training.{key}" for key in entry.get("training", {}) if key not in USED_OF_TRAINING]
    if unused:
        raise UserError(f"{where}.{unused[0]}: {NAME} trains nothing, so this has no effect; leave it out")
    if entry.get("weights") is None:
        raise UserError(f"{where}.weights: {NAME} needs the folder of an image-text network, e.g. weights/siglip2")
    try:
        class_words.check_prompts(entry.get("prompts", class_words.PROMPTS))
    except UserError as error:
        raise UserError(f"{where}.{error}") from error


def check_backbone(architecture: str) -> None:
    """Raise UserError where a backbone is one of these networks, which have no head."""
    if architecture == NAME:
        raise UserError(
            f"{NAME} is a model by itself: models: {{NAME: {{architecture: {NAME}, weights: FOLDER}}}}; for a head on"
            " such a network take timm's of it, e.g. timm/vit_base_patch16_siglip_224"
        )


def complete(entry: Mapping[str, Any], weights: str) -> dict[str, Any]:
    """Return the options of an entry beside those of all models; `weights`: its resolved path.

    UserError where the path is none of a folder with an image-text network.
    """
    path = Path(weights)
    if path.name != HUB_FILE:
        raise UserError(f"weights: {path}: {NAME} needs a folder with {', '.join(image_text_folder.NEEDED)}; name it")
    image_text_folder.find_file(path.parent)
    return {
        "prompts": list(entry.get("prompts", class_words.PROMPTS)),
        "class_names": _read_class_names(entry),
        "vision": image_text_folder.read_vision(path.parent),
    }


def check_classes(model: str, entry: Mapping[str, Any], labels: Sequence[str]) -> None:
    """Raise UserError where the names of a data set's classes, sorted, say nothing to a network."""
    try:
        class_words.choose_words(labels, _read_class_names(entry))
    except UserError as error:
        raise UserError(f"config: models.{model}.{error}") from error


def _read_class_names(entry: Mapping[str, Any]) -> dict[str, str]:
    return {str(label): words for label, words in entry.get("class_names", {}).items()}  # YAML's 7: is a number
