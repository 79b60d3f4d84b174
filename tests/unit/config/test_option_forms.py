"""Options that may be written in several forms, a number or a list, a value or null: each form works to the page."""

import json
from collections.abc import Iterator

import pytest
import tiny
from conftest import PROJECT

from vidbench.config import checks, schema
from vidbench.datasets import official_lists
from vidbench.frames.ffmpeg import Recipe
from vidbench.report.model_section import settings
from vidbench.report.protocol import networks
from vidbench.report.provenance import provenance
from vidbench.workflow.run import Run, used_part
from vidbench.workflow.speeds import speed_options

PAGE = {
    "trial": None,
    "model": "cnn3d",
    "seed": 0,
    "device": {"name": "a CPU", "type": "cpu"},
    "computing": {"precision": "fp32"},
    "versions": {"torch": "2"},
}
NETWORK_CONFIG = str(PROJECT / "tests/helpers/video_transformer")
# A value of each form of each key that has several; null is one of them.
FORMS = {
    "run.name": ["second"],
    "run.splits": [["split1"]],
    "run.baselines": [[], ["file_properties"]],
    "ffmpeg": ["ffmpeg"],
    "container": ["vidbench.sif"],
    "shared": ["/shared/vidbench"],
    "dataset.root": ["videos"],
    "dataset.group": ["_(g[0-9]+)_"],
    "dataset.source": ["other"],
    "dataset.archive": ["a.rar", ["a.rar", "b.rar"]],
    "dataset.lists": ["lists"],
    "download.revision": ["0" * 40],
    "frames.size": [32, 40, [32, 40]],
    "frames.fps": [5, 12.5],
    "clip.step": [1, 3],
    "clip.rate": [15, 7.5],
    "clip.size": [[32, 24]],
    "clip.mean": [0, 0.4, [0.4, 0.3, 0.2]],
    "clip.std": [1, 0.2, [0.2, 0.3, 0.2]],
    "augmentation.random_resized_crop": [[0.4, 1]],
    "training.channels_last": ["auto", True, False],
    "training.compile": ["auto", True, False],
    "training.gradient_clip": [1, 0.5],
    "training.patience": [3],
    "training.precise_batch_norm": ["auto", True, False],
    "training.threads": [3],
    "training.workers": [0, 2],
    "backbone.weights": ["DEFAULT"],
    "backbone.trained_stages": [0, 1],
    "backbone.drop_path": [0, 0.1],
    "backbone.network_config": [NETWORK_CONFIG],
    "model.weights": ["DEFAULT"],
    "model.network_config": [NETWORK_CONFIG, f"{NETWORK_CONFIG}/config.json"],
    "model.trained_stages": [0, 1],
    "model.recipe": ["tsm"],
    "model.attention_heads": [2],
    "backbone.tokens": [[2, 3]],
    "model.sweep": [{"width": [4, 8]}],
    "model.search": [{"width": {"int": [4, 80]}}],
    "search.seconds": [60, 0.5],
    "search.rungs": [2],
    "report.refresh_seconds": [60],
    "share.model": ["cnn3d"],
    "share.license": ["mit"],
}
KINDS = {"root": "folder", "group": "folder", "archive": "hmdb51", "lists": "hmdb51", "revision": "hmdb51"}


def keys_of_several_forms() -> Iterator[tuple[str, bool]]:
    """Name of each key whose value may have several types, and whether null is one of them."""
    root = schema.schema()
    places = {"": root, "run": root["properties"]["run"]} | root["$defs"]
    for place, node in places.items():
        for key, child in node.get("properties", {}).items():
            types = types_of(child)
            if len(types) > 1:
                yield f"{place}.{key}".lstrip("."), "null" in types


def types_of(node: dict) -> set[str]:
    """What a key's value may be, in JSON's words."""
    names = {"str": "string", "bool": "boolean", "int": "integer"}
    types = {names[type(value).__name__] for value in node.get("enum", [])}
    types |= {kind for child in node.get("oneOf", []) + node.get("anyOf", []) for kind in types_of(child)}
    stated = node.get("type", [])
    return types | set([stated] if isinstance(stated, str) else stated)


SEVERAL = dict(keys_of_several_forms())


def test_every_such_key_is_tried() -> None:
    assert set(FORMS) == set(SEVERAL)
    assert set(SEVERAL) >= {"frames.size", "clip.mean", "frames.fps", "dataset.archive", "training.compile"}


def configured(key: str, value: object) -> dict:
    """A small configuration with a key set, for a kind of data set or network that it has a meaning for."""
    place, _, name = key.rpartition(".")
    config = tiny.config(
        datasets__motion__frames={"size": 128}, models__r3d_18={"architecture": "r3d_18", "clip": {"size": [24, 24]}}
    )
    config["run"]["models"] = ["cnn3d", "r3d_18", "cnn2d_mean"]
    config["models"]["cnn2d_mean"]["clip"] = {"size": [24, 24]}
    config["backbones"]["cnn2d"] = {"architecture": "resnet18"}
    entry = config["datasets"]["motion"]
    target = {
        "": config,
        "run": config["run"],
        "report": config.setdefault("report", {}) if place == "report" else {},
        "share": config.setdefault("share", {}) if place == "share" else {},
        "search": config.setdefault("search", {}) if place == "search" else {},
        "dataset": entry,
        "download": entry.setdefault("download", {}) if place == "download" else {},
        "frames": entry["frames"],
        "clip": entry["clip"],
        "augmentation": entry["augmentation"],
        "training": entry["training"],
        "backbone": config["backbones"]["cnn2d"],
        "model": config["models"]["cnn3d" if name in ("sweep", "search") else "r3d_18"],
    }[place]
    if key == "backbone.drop_path":
        config["backbones"]["cnn2d"] = target = {"architecture": "timm/test_resnet"}
    if name == "network_config" and value is not None:
        network = {"architecture": "hf/videomae", "clip": {"size": [32, 32]}}
        config["models"]["cnn2d_mean"]["clip"] = network["clip"]
        target = network if place == "model" else {"architecture": "hf/videomae"}
        config["models" if place == "model" else "backbones"]["r3d_18" if place == "model" else "cnn2d"] = target
    target[name] = value
    if key in ("clip.step", "clip.rate"):
        target["sampling"] = "dense"
    if name in KINDS and (value is not None or place == "download"):
        entry["kind"] = KINDS[name]
        if KINDS[name] == "folder":
            entry.setdefault("root", "videos")
        del entry["motion"]
    return config


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key in FORMS for value in [*FORMS[key], *([None] * SEVERAL[key])]]
)
def test_each_form_is_taken_and_shown(key: str, value: object) -> None:
    config = configured(key, value)
    schema.check(config)
    config = schema.expand(config)
    general = schema.general_options(config)
    entry = schema.dataset_options(config, "motion")
    json.dumps([general, used_part(config), entry], sort_keys=True, allow_nan=False)
    recipe = Recipe.from_options(json.loads(json.dumps(entry["frames"])))
    frames = {"recipe": json.dumps(recipe.as_dict()), "ffmpeg": "9"}
    records = []
    for model in config["run"]["models"]:
        checks.check_pixels(config, "motion", model)
        checks.check_crops(config, "motion", model)
        checks.weights_warnings(config, "motion", model)
        checks.check_network(config, "motion", model)
        checks.check_machines(config, "motion", model, False, None)
        options = schema.model_options(config, "motion", model)
        assert speed_options(options)
        records.append(PAGE | {"options": options, "frames": frames})
    shown = {**dict(settings(records)), **dict(provenance(records, []))}
    assert all(isinstance(words, str) and words for words in shown.values())
    assert networks(records) is not None
    if key == "frames.size":
        assert (
            f"{' × '.join(map(str, value)) if isinstance(value, list) else f'short side of {value}'} pixels"
            in (shown["Stored frames"])
        )
    assert Run(config).datasets[0].entry == entry


def test_one_archive_is_a_list_of_one() -> None:
    assert [official_lists.as_list(value) for value in FORMS["dataset.archive"]] == [["a.rar"], ["a.rar", "b.rar"]]
    assert official_lists.as_list(None) == []
