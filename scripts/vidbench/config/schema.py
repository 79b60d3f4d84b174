"""The workflow's configuration: checked against the schema, and cut into one slice a step.

Used before any job starts; the steps themselves only get their complete slice. So this module is no
input of any training, and adding a key here re-runs nothing.
"""

import math
from copy import deepcopy
from functools import cache
from pathlib import Path

import jsonschema
import yaml

from vidbench import models
from vidbench.config import clip_defaults, sweeps
from vidbench.config.hints import hint_at_entry, hint_at_indentation
from vidbench.config.schema_errors import explain
from vidbench.errors import UserError, did_you_mean
from vidbench.models import official_weights
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
    **dict.fromkeys(("archive", "lists", "download", "keep"), PUBLISHED_KINDS),
}
RUNTIME = ("workers", "checkpoint_minutes", "tensorboard", "on_failure")

# JSON schema takes 1.0 for an integer; as a seed it would become the folder seed1.0.
VALIDATOR = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


@cache
def schema() -> dict:
    """The JSON schema of the whole configuration."""
    return yaml.safe_load(SCHEMA_PATH.read_text(encoding="utf-8"))


@cache
def shipped() -> dict:
    """config/config.yaml, over which the user's own is merged."""
    return yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))


@cache
def recipes() -> dict[str, dict]:
    """Published training settings by name, as config/recipes.yaml has them."""
    try:
        found = yaml.safe_load(RECIPES_PATH.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"config/recipes.yaml: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict):
        raise UserError("config/recipes.yaml: holds no recipes by name; put the file back or write one")
    return found


def merge(base: dict, over: dict) -> dict:
    """As Snakemake merges config files: maps are merged, everything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = merge(base[key], value) if both else value
    return merged


def check(config: dict) -> None:
    """Raise UserError, in one line, for the first thing that is wrong with `config`."""
    _check_finite(config, "config")
    _check_schema(config)
    config = expand(config)
    _check_schema(config)
    _check_names(config)
    for name in config["run"]["datasets"]:
        _check_kind(name, config["datasets"][name])


def expand(config: dict) -> dict:
    """`config` with an entry for every trial of a swept model (see sweeps.py)."""
    return sweeps.expand(config, _sweepable())


def dataset_options(config: dict, name: str) -> dict:
    """Complete entry of a data set: defaults filled in, without `training`."""
    entry = complete("dataset", deepcopy(config["datasets"][name]))
    entry.pop("training", None)
    return entry


def model_options(config: dict, dataset: str, model: str) -> dict:
    """Complete settings of one model on one data set, as train_model.py takes them.

    Later ones win: schema default, the model's recipe, `training`, the data set's, the model's own.
    """
    data, entry = config["datasets"][dataset], deepcopy(config["models"][model])
    training = _training(config, dataset, model)
    entry.pop("training", None)
    own_clip = entry.pop("clip", {})
    augmentation = _recipe(entry).get("augmentation", {}) | data.get("augmentation", {}) | entry.pop("augmentation", {})
    for key in ("recipe", "sweep"):
        entry.pop(key, None)
    options = complete("model", entry, skip=("clip", "augmentation", "training", "recipe", "sweep"))
    if "backbone" in options:
        options["backbone"] = backbone_options(config, options["backbone"])
        del options["weights"]  # the backbone's entry names them
    else:
        options["weights"] = _weights(f"models.{model}", options)
    return options | {
        "clip": _clip(f"model {model} on {dataset}", data.get("clip", {}), own_clip, options),
        "augmentation": complete("augmentation", augmentation),
        "training": {key: value for key, value in training.items() if key not in RUNTIME},
    }


def typed_options(config: dict, dataset: str, model: str) -> ModelOptions:
    """Return model_options() as what the steps work with."""
    return ModelOptions.from_dict(model_options(config, dataset, model))


def _clip(where: str, shared: dict, own: dict, options: dict) -> dict:
    """The complete `clip` section, with either `step` or `rate`."""
    try:
        network = options.get("backbone", options)
        chosen = clip_defaults.choose(shared, own, network["architecture"], network["weights"])
    except UserError as error:
        raise UserError(f"config: {where}: {error}") from error
    return complete("clip", chosen, skip=("step", "rate"))


def backbone_options(config: dict, name: str) -> dict:
    """Complete entry of a backbone."""
    entry = complete("backbone", deepcopy(config["backbones"][name]))
    return entry | {"weights": _weights(f"backbones.{name}", entry)}


def _weights(where: str, entry: dict) -> str | None:
    try:
        return official_weights.resolve(entry["architecture"], entry.get("weights"))
    except UserError as error:
        raise UserError(f"config: {where}.weights: {error}") from error


def feature_threads(config: dict, dataset: str) -> int:
    """Compute threads of a feature extraction: the data set's, as models that share the features may have others."""
    merged = config.get("training", {}) | config["datasets"][dataset].get("training", {})
    return complete("training", merged)["threads"]


def runtime_options(config: dict, dataset: str, model: str) -> dict:
    """The settings in `training` that change no result; changing one re-runs no training."""
    training = _training(config, dataset, model)
    return {key: training[key] for key in RUNTIME}


def _training(config: dict, dataset: str, model: str) -> dict:
    entry = config["models"][model]
    parts = (_recipe(entry), config, config["datasets"][dataset], entry)
    merged = {key: value for part in parts for key, value in part.get("training", {}).items()}
    return complete("training", merged)


def _recipe(entry: dict) -> dict:
    """The recipe of a model entry, {} for none."""
    return deepcopy(recipes()[entry["recipe"]]) if entry.get("recipe") is not None else {}


def general_options(config: dict) -> dict:
    """The configuration with the defaults of everything that is not a catalogue filled in."""
    return _fill(schema(), deepcopy(config))


def complete(definition: str, value: dict, skip: tuple[str, ...] = ()) -> dict:
    """`value` with the schema's defaults for the keys that it lacks."""
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


def _check_schema(config: dict) -> None:
    errors = list(VALIDATOR(schema()).iter_errors(config))
    if errors:
        deepest = max(errors, key=lambda error: (len(error.absolute_path), error.validator == "type"))
        raise UserError(f"config: {explain(deepest, _name_pattern())}{hint_at_indentation(errors, schema())}")


def _name_pattern() -> str:
    return schema()["$defs"]["name"]["pattern"]


def _sweepable() -> list[str]:
    """Dotted paths of the keys of a model entry that a sweep may hold."""
    found: list[str] = []
    for key, node in schema()["$defs"]["model"]["properties"].items():
        inner = _resolve(node).get("properties", {})
        found += [f"{key}.{child}" for child in inner if child not in RUNTIME] if inner else [key]
    return [key for key in found if key not in (*sweeps.STRUCTURE, "sweep")]


def _check_finite(value: object, where: str) -> None:
    """JSON schema lets nan and infinity pass as numbers."""
    if isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"{where}: {value} is not a number to compute with")
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        _check_finite(child, f"{where}.{key}")


def _resolve(node: dict) -> dict:
    return schema()["$defs"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node


def _check_kind(name: str, entry: dict) -> None:
    for key, kinds in KINDS_OF_KEY.items():
        if entry.get(key) not in (None, {}) and entry["kind"] not in kinds:
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
    for kind in ("datasets", "models"):
        for name in config["run"][kind]:
            if name not in config[kind]:
                new = hint_at_entry(name) if kind == "models" else None
                hint = new or did_you_mean(name, config[kind])
                raise UserError(f"config: run.{kind}: there is no '{name}' under {kind}: {hint}")
    for name in sweeps.trained(config):
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
        _weights(f"models.{model}", entry)
        return
    if entry.get("weights") is not None:
        raise UserError(
            f"config: models.{model}.weights: belongs to backbones.{entry['backbone']}, the network's entry"
        )
    _weights(f"backbones.{entry['backbone']}", config["backbones"][entry["backbone"]])


def _check_recipe(model: str, recipe: str) -> None:
    """The recipe is there, and right: people may add their own."""
    if recipe not in recipes():
        hint = did_you_mean(recipe, recipes())
        raise UserError(f"config: models.{model}.recipe: no '{recipe}' in config/recipes.yaml: {hint}")
    _check_finite(recipes()[recipe], f"config/recipes.yaml: {recipe}")
    errors = list(VALIDATOR({"$ref": "#/$defs/recipe", "$defs": schema()["$defs"]}).iter_errors(recipes()[recipe]))
    if errors:
        deepest = max(errors, key=lambda error: len(error.absolute_path))
        raise UserError(f"config/recipes.yaml: {recipe}: {explain(deepest, _name_pattern())}")


def _check_backbone(name: str, architecture: str) -> None:
    names = [*models.backbone_names(), *models.ARCHITECTURES]
    if architecture not in names:
        hint = did_you_mean(architecture, names)
        raise UserError(f"config: backbones.{name}.architecture: '{architecture}' is not known, {hint}")
