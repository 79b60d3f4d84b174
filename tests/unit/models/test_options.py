"""The typed options are the schema's keys with the schema's defaults, and refuse what they do not know."""

import dataclasses

import pytest
import tiny

from vidbench import models
from vidbench.config import schema
from vidbench.config.clip_defaults import USUAL
from vidbench.errors import UserError
from vidbench.models.options import (
    AugmentationOptions,
    ClipOptions,
    HeadOptions,
    ModelOptions,
    NetworkOptions,
    Options,
    TrainingOptions,
)

DEFINITIONS = schema.schema()["$defs"]
NAMED_OTHERWISE = {"head": "name"}  # schema -> HeadOptions
NOT_FOR_STEPS = {"recipe", "sweep", "search"}  # of a model: their effect is in the complete entry
OF_ZERO_SHOT = {"prompts", "class_names"}  # of entries with this architecture only


def defaults(kind: type[Options]) -> dict[str, object]:
    """Fields by name, with their defaults; ... where there is none."""
    return {
        field.name: ... if field.default is dataclasses.MISSING else field.default for field in dataclasses.fields(kind)
    }


def as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("kind", "definition", "left_out"),
    [
        (NetworkOptions, "backbone", set()),
        (ClipOptions, "clip", set()),
        (AugmentationOptions, "augmentation", set()),
        (TrainingOptions, "training", set(schema.RUNTIME)),
    ],
)
def test_fields_and_defaults_are_the_schemas(kind: type[Options], definition: str, left_out: set[str]) -> None:
    properties = DEFINITIONS[definition]["properties"]
    resolved = {"clip": USUAL, "training": {"threads": schema.THREADS}}.get(definition, {})  # null in a config
    fields = defaults(kind)
    assert fields.keys() == properties.keys() - left_out
    for key, default in fields.items():
        assert default == as_tuple(resolved.get(key, properties[key].get("default", ...))), key


def test_a_models_keys_are_those_of_its_network_its_head_and_its_sections() -> None:
    properties = DEFINITIONS["model"]["properties"]
    network, head = defaults(NetworkOptions), defaults(HeadOptions)
    sections = {field.name for field in dataclasses.fields(ModelOptions)} - {"network", "head"}
    of_head = {key for key in properties if NAMED_OTHERWISE.get(key, key) in head}
    of_network = properties.keys() & network.keys()
    assert of_network | of_head | sections | NOT_FOR_STEPS | OF_ZERO_SHOT | {"backbone"} == properties.keys()
    for key in of_head - NAMED_OTHERWISE.keys():
        assert head[key] == properties[key]["default"], key
    for key in of_network - {"architecture"}:
        assert network[key] == properties[key]["default"], key


@pytest.mark.parametrize("name", tiny.CONFIG["models"])
def test_a_complete_entry_is_read_whole(name: str) -> None:
    config = tiny.config(
        datasets__motion__clip=tiny.CLIP | {"sampling": "dense", "rate": 12.5, "mean": [0.1, 0.2, 0.3]}
    )
    entry = schema.model_options(config, "motion", name)
    options = ModelOptions.from_dict(entry)
    for section in ("clip", "augmentation", "training"):
        read = getattr(options, section).as_dict()
        assert {key: read[key] for key in entry[section]} == entry[section]
    network = entry.get("backbone", entry)
    assert options.network.as_dict().items() >= {key: network[key] for key in ("architecture", "width")}.items()
    assert (options.head.name, options.head.hidden) == (entry.get("head"), entry["hidden"])
    assert options == schema.typed_options(config, "motion", name)


def test_what_a_network_looks_at() -> None:
    frozen = {"trained_stages": 0}
    for entry, backbone, frames, cached in (
        ({"architecture": "cnn3d", **frozen}, False, False, False),
        ({"backbone": {"architecture": "resnet18"}, "head": "lstm"}, True, True, False),
        ({"backbone": {"architecture": "resnet18", **frozen}, "head": "lstm"}, True, True, True),
        ({"backbone": {"architecture": "r3d_18", **frozen}, "head": "mean"}, True, False, True),
        ({"backbone": {"architecture": "cnn2d", **frozen, "cache_features": False}, "head": "mean"}, True, True, False),
    ):
        options = ModelOptions.from_dict(entry)
        assert (options.has_backbone, options.takes_frames, options.caches_features) == (backbone, frames, cached)
        assert options.network.takes_clips == (options.network.architecture in models.clip_names())


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"architecture": "cnn3d", "training": {"epoch": 3}}, "'epoch' is not known in TrainingOptions: did you mean"),
        ({"architecture": "cnn3d", "clip": {"fps": 3}}, "'fps' is not known in ClipOptions: "),
        ({"architecture": "cnn3d", "dropuot": 0.1}, "'dropuot' is not known in NetworkOptions: "),
        ({"backbone": {"architecture": "cnn2d"}, "head": "mean", "widht": 4}, "'widht' is not known"),
        ({"backbone": {"width": 4}, "head": "mean"}, "NetworkOptions: .*'architecture'"),
        ({}, "NetworkOptions: .*'architecture'"),
    ],
)
def test_what_is_wrong_is_one_line(entry: dict, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        ModelOptions.from_dict(entry)
    assert "\n" not in str(caught.value)
