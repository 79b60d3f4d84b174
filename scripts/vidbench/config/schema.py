"""The workflow's configuration: checked against the schema, and cut into one slice per step.

It is used before any job starts; the steps themselves only get their own complete slice. So this module is no
input of any training, and adding a key here re-runs nothing.
"""

import math
import sys
from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, validators

from vidbench import datasets
from vidbench.config import clip_defaults, search, sweeps, zero_shot
from vidbench.config.hints import hint_at_entry, hint_at_indentation
from vidbench.config.schema_errors import explain
from vidbench.errors import UserError, did_you_mean
from vidbench.models import HEADS, catalogue, official_weights
from vidbench.models.options import ModelOptions

CONFIG = Path(__file__).resolve().parents[3] / "config"
SCHEMA_PATH = CONFIG / "schemas" / "config.schema.yaml"
RECIPES_PATH = CONFIG / "recipes.yaml"
PUBLISHED_KINDS = ("ucf101", "hmdb51", "kinetics400")
# Keys of a data set that mean something for some kinds only.
KINDS_OF_KEY = {
    "motion": ("motion",),
    "manifest": ("csv",),
    "root": ("csv", "folder", *PUBLISHED_KINDS),
    "group": ("folder",),
    "labels": ("csv",),
    **dict.fromkeys(("archive", "lists", "download", "keep"), PUBLISHED_KINDS),
}
THREADS = 2  # that compute, where the config says nothing else
RUNTIME = ("workers", "checkpoint_minutes", "tensorboard", "tracker", "on_failure")
# Keys of a network that are left out where they are not set: most networks have no use for them.
ABSENT = ("drop_path", "network_config")

# To JSON schema 1.0 is an integer; as a seed it would become the folder seed1.0.
VALIDATOR = validators.extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


@cache
def schema() -> dict:
    """Return the JSON schema of the whole configuration, with the kinds, heads and networks that were added."""
    whole = yaml.safe_load(SCHEMA_PATH.read_text(encoding="utf-8"))
    entries = whole["$defs"]
    _add_names(entries["dataset"]["properties"]["kind"], datasets.MODULES)
    _add_names(entries["model"]["properties"]["head"], HEADS)
    _add_names(entries["model"]["properties"]["architecture"], catalogue.clip_names())
    return whole


def _add_names(node: dict, names: Iterable[str]) -> None:
    """Append to the names that a key may have those that are in no schema, as they were found by being there."""
    node["enum"] += [name for name in names if name not in node["enum"]]


@cache
def shipped_config() -> dict:
    """Return config/config.yaml, into which the user's own config is merged."""
    return yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))


@cache
def recipes() -> dict[str, dict]:
    """Return the published training settings of config/recipes.yaml by name."""
    try:
        entries = yaml.safe_load(RECIPES_PATH.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"config/recipes.yaml: {' '.join(str(error).split())}") from error
    if not isinstance(entries, dict):
        raise UserError("config/recipes.yaml: holds no recipes by name; put the file back or write one")
    return entries


def merge(base: dict, over: dict) -> dict:
    """Merge two configs as Snakemake does: maps are merged, everything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        are_maps = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = merge(base[key], value) if are_maps else value
    return merged


def check(config: dict) -> None:
    """Raise UserError, in one line, for the first thing that is wrong with `config`."""
    _check_finite(config, "config")
    _check_schema(config, schema(), "config")
    _check_ends(config)
    config = expand(config)
    _check_schema(config, schema(), "config")
    _check_names(config)
    for name in config["run"]["datasets"]:
        _check_kind(name, config["datasets"][name])


def expand(config: dict) -> dict:
    """Return `config` with an entry for every trial of a swept model (see sweeps.py)."""
    return sweeps.expand(config, _sweepable_keys())


def dataset_options(config: dict, name: str) -> dict:
    """Return the complete entry of a data set: defaults filled in, without `training`."""
    entry = fill_defaults("dataset", deepcopy(config["datasets"][name]))
    entry.pop("training", None)
    return entry


def model_options(config: dict, dataset: str, model: str) -> dict:
    """Return the complete settings of one model on one data set, as train_model.py takes them.

    Later ones win: schema default, the model's recipe, `training`, the data set's, the model's own.
    """
    data = config["datasets"][dataset]
    entry = deepcopy(config["models"][model])
    training = _training_options(config, dataset, model)
    entry.pop("training", None)
    model_clip = entry.pop("clip", {})
    recipe = _recipe_of(entry)
    augmentation = recipe.get("augmentation", {}) | data.get("augmentation", {}) | entry.pop("augmentation", {})
    for key in ("recipe", *sweeps.KINDS):
        entry.pop(key, None)
    skipped = ("clip", "augmentation", "training", "recipe", *sweeps.KINDS, *ABSENT)
    options = fill_defaults("model", entry, skip=skipped)
    if "backbone" in options:
        options["backbone"] = backbone_options(config, options["backbone"])
        del options["weights"]  # the backbone's entry names them
    else:
        options |= _resolve_network(f"models.{model}", options)
    training["threads"] = training["threads"] or _usual_threads(options)
    return options | {
        "clip": _clip_options(f"model {model} on {dataset}", data.get("clip", {}), model_clip, options),
        "augmentation": fill_defaults("augmentation", augmentation),
        "training": {key: value for key, value in training.items() if key not in RUNTIME},
        **_zero_shot_options(model, options),
    }


def _usual_threads(options: dict) -> int:
    """Return the compute threads of a model, from its entry, where the config names none."""
    return 1 if ModelOptions.from_dict(options).caches_features else THREADS


def typed_options(config: dict, dataset: str, model: str) -> ModelOptions:
    """Return model_options() as the dataclass that the steps use."""
    return ModelOptions.from_dict(model_options(config, dataset, model))


def _zero_shot_options(model: str, options: dict) -> dict:
    """Return the options that only a model without training has, {} for others."""
    if not zero_shot.is_zero_shot(options):
        return {}
    try:
        return zero_shot.complete(options, options["weights"])
    except UserError as error:
        raise UserError(f"config: models.{model}.{error}") from error


def _clip_options(where: str, dataset_clip: dict, model_clip: dict, options: dict) -> dict:
    """Return the complete `clip` section, with either `step` or `rate`."""
    network = options.get("backbone", options)
    try:
        clip = clip_defaults.merge_clip(dataset_clip, model_clip, network["architecture"], network["weights"])
    except UserError as error:
        raise UserError(f"config: {where}: {error}") from error
    return fill_defaults("clip", clip, skip=("step", "rate"))


def backbone_options(config: dict, name: str) -> dict:
    """Return the complete entry of a backbone."""
    entry = fill_defaults("backbone", deepcopy(config["backbones"][name]), skip=ABSENT)
    return entry | _resolve_network(f"backbones.{name}", entry)


def _resolve_network(where: str, entry: dict) -> dict:
    """Return the keys of a network's entry that depend on files: its weights and, of some families, its sizes."""
    weights = _resolve_weights(where, entry)
    named = entry.get("network_config")
    try:
        found = official_weights.network_config(entry["architecture"], weights, named)
    except UserError as error:
        key = "weights" if named is None else "network_config"
        raise UserError(f"config: {where}.{key}: {error}") from error
    return {"weights": weights} | ({} if found is None else {"network_config": found})


def _resolve_weights(where: str, entry: dict) -> str | None:
    try:
        return official_weights.resolve(entry["architecture"], entry.get("weights"))
    except UserError as error:
        raise UserError(f"config: {where}.weights: {error}") from error


def feature_threads(config: dict, dataset: str) -> int:
    """Return the compute threads of a feature extraction: the data set's, as models that share features may differ."""
    merged = config.get("training", {}) | config["datasets"][dataset].get("training", {})
    return fill_defaults("training", merged)["threads"] or THREADS


def runtime_options(config: dict, dataset: str, model: str) -> dict:
    """Return the settings in `training` that change no result; changing one re-runs no training."""
    training = _training_options(config, dataset, model)
    return {key: training[key] for key in RUNTIME}


def _training_options(config: dict, dataset: str, model: str) -> dict:
    entry = config["models"][model]
    sections = (_recipe_of(entry), config, config["datasets"][dataset], entry)
    merged = {key: value for section in sections for key, value in section.get("training", {}).items()}
    return fill_defaults("training", merged)


def _recipe_of(entry: dict) -> dict:
    """Return the recipe of a model entry, {} for none."""
    return deepcopy(recipes()[entry["recipe"]]) if entry.get("recipe") is not None else {}


def general_options(config: dict) -> dict:
    """Return the configuration with all defaults outside `datasets`, `backbones` and `models` filled in."""
    return _fill(schema(), deepcopy(config))


def fill_defaults(definition: str, value: dict, skip: tuple[str, ...] = ()) -> dict:
    """Return `value`, changed in place, with the defaults of `definition` in the schema for the keys that it lacks."""
    return _fill(schema()["$defs"][definition], value, skip)


def _fill(node: dict, value: dict, skip: tuple[str, ...] = ()) -> dict:
    for key, child in node.get("properties", {}).items():
        if key in skip:
            continue
        target = _resolve(child)
        if key not in value and "default" in target:
            value[key] = deepcopy(target["default"])
        if isinstance(value.get(key), dict):
            _fill(target, value[key])
    return value


def _check_schema(value: dict, node: dict, where: str) -> None:
    """Raise UserError, in one line, where `value` does not follow `node`, a schema."""
    errors = list(VALIDATOR(node).iter_errors(value))
    if errors:
        # The error with the longest path names one value; those with shorter paths name whole entries, as when a wrong
        # `head` is in an entry that fails its `oneOf`, too. Of paths of the same length, a wrong type comes first.
        deepest = max(errors, key=lambda error: (len(error.absolute_path), error.validator == "type"))
        name_pattern = schema()["$defs"]["name"]["pattern"]
        raise UserError(f"{where}: {explain(deepest, name_pattern)}{hint_at_indentation(errors, schema())}")


def _sweepable_keys() -> list[str]:
    """Return the keys of a model entry that a sweep or a search may vary, as dotted paths."""
    keys = _leaf_keys(schema()["$defs"]["model"])
    return [key for key in keys if key not in (*sweeps.STRUCTURE, *sweeps.KINDS)]


def _leaf_keys(node: dict) -> list[str]:
    keys: list[str] = []
    for key, child in node["properties"].items():
        target = _resolve(child)
        if key not in RUNTIME:
            keys += [f"{key}.{inner}" for inner in _leaf_keys(target)] if "properties" in target else [key]
    return keys


def _check_ends(config: dict) -> None:
    """Raise UserError where a range of a search has an end, or a value, that its key must not have.

    The key of the search is named, not the trial that a value beyond the limits would be drawn for.
    """
    for model, entry in config["models"].items():
        ranges = entry.get("search") or {}
        search.check_ranges(f"config: models.{model}.search", ranges)
        for key, value in search.ends(ranges):
            if key in _sweepable_keys():
                trial = sweeps.with_settings(entry, {key: value})
                _check_schema(config | {"models": {f"{model}.search": trial}}, schema(), "config")


def _check_finite(value: object, where: str) -> None:
    """Raise UserError for nan, infinity and integers beyond all floats, which are numbers to JSON schema."""
    if isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"{where}: {value} is not a number to compute with")
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        raise UserError(f"{where}: a number of {len(str(abs(value)))} digits is too large to compute with")
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        _check_finite(child, f"{where}.{key}")


def _resolve(node: dict) -> dict:
    return schema()["$defs"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node


def _check_kind(name: str, entry: dict) -> None:
    for key, kinds in KINDS_OF_KEY.items():
        if entry.get(key) not in (None, {}) and entry["kind"] not in (*kinds, *datasets.OWN_KINDS):
            raise UserError(
                f"config: datasets.{name}.{key}: has no meaning for kind {entry['kind']}, only for {', '.join(kinds)}"
            )
    if entry.get("archive") and entry.get("root"):
        raise UserError(f"config: datasets.{name}: has both `archive` and `root`; with `root` nothing is unpacked")
    if entry["kind"] in PUBLISHED_KINDS:
        _check_grouping(name, entry)
    if entry.get("splits", {}).get("group_duplicates") and not entry.get("leak_check", True):
        raise UserError(f"config: datasets.{name}.splits.group_duplicates: needs `leak_check: true`")


def _check_grouping(name: str, entry: dict) -> None:
    splits = entry.get("splits", {})
    if splits.get("group_duplicates") and splits.get("kind", "auto") in ("auto", "official"):
        raise UserError(
            f"config: datasets.{name}.splits.group_duplicates: official subsets stay as they are, whatever is alike in"
            " them; set splits.kind to folds or holdout"
        )


def _check_names(config: dict) -> None:
    """Raise UserError where an entry names a data set, model, recipe, backbone or weights that do not exist."""
    for kind in ("datasets", "models"):
        for name in config["run"][kind]:
            if name not in config[kind]:
                new = hint_at_entry(name) if kind == "models" else None
                hint = new or did_you_mean(name, config[kind])
                raise UserError(f"config: run.{kind}: there is no '{name}' under {kind}: {hint}")
    for name in dict.fromkeys([*config["run"]["models"], *sweeps.trained_models(config)]):
        zero_shot.check(name, config["models"][name])
    for name in sweeps.trained_models(config):
        if (recipe := config["models"][name].get("recipe")) is not None:
            _check_recipe(name, recipe)
        backbone = config["models"][name].get("backbone")
        if backbone is not None and backbone not in config.get("backbones", {}):
            hint = did_you_mean(backbone, config.get("backbones", {}))
            raise UserError(f"config: models.{name}.backbone: no '{backbone}' under backbones: {hint}")
        if backbone is not None and config["models"][name].get("trained_stages") is not None:
            raise UserError(
                f"config: models.{name}.trained_stages: belongs to the backbone, under backbones.{backbone}"
            )
        if backbone is not None:
            _check_backbone(backbone, config["backbones"][backbone]["architecture"])
        _check_weights(config, name)


def _check_weights(config: dict, model: str) -> None:
    entry = config["models"][model]
    if "backbone" not in entry:
        _resolve_weights(f"models.{model}", entry)
        return
    if entry.get("weights") is not None:
        raise UserError(
            f"config: models.{model}.weights: belongs to backbones.{entry['backbone']}, the network's entry"
        )
    _resolve_weights(f"backbones.{entry['backbone']}", config["backbones"][entry["backbone"]])


def _check_recipe(model: str, recipe: str) -> None:
    """Raise UserError where a recipe is missing or wrong: people may add their own."""
    if recipe not in recipes():
        hint = did_you_mean(recipe, recipes())
        raise UserError(f"config: models.{model}.recipe: no '{recipe}' in config/recipes.yaml: {hint}")
    _check_finite(recipes()[recipe], f"config/recipes.yaml: {recipe}")
    node = {"$ref": "#/$defs/recipe", "$defs": schema()["$defs"]}
    _check_schema(recipes()[recipe], node, f"config/recipes.yaml: {recipe}")


def _check_backbone(name: str, architecture: str) -> None:
    try:
        catalogue.describe(architecture)
        zero_shot.check_backbone(architecture)
    except UserError as error:
        raise UserError(f"config: backbones.{name}.architecture: {error}") from error
