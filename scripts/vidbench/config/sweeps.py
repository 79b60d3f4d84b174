"""Sweeps and searches: a model entry with lists or ranges of settings is replaced by its trials, one entry each.

They are expanded in one place, before any job starts: all later steps see ordinary entries. Imports no torch.
"""

import re
from collections.abc import Collection
from copy import deepcopy
from functools import partial
from itertools import product
from math import prod

from vidbench.config import search
from vidbench.errors import UserError, did_you_mean

KINDS = ("sweep", "search")  # keys of an entry that has trials: all combinations of lists, or draws from ranges
MAX_TRIALS = 200
MAX_NAME_LENGTH = 200  # characters; a folder's name holds at most 255 bytes
# Columns of trials.csv after the trial's name and its settings.
SCORES = (
    "val_top1",
    "val_top1_sd",
    "val_top1_low",
    "val_top1_high",
    "val_loss",
    "epochs",
    "num_seeds",
    "status",
    "chosen",
)
OF_RUNGS = ("rung", "folder")  # further ones, where trials were halved
# Not varied either, as it changes nothing: with a backbone, whose entry has these; without a head.
OF_BACKBONE = ("width", "weights", "network_config", "trained_stages")
OF_HEAD = ("hidden", "layers", "bidirectional", "blocks", "attention_heads")
STRUCTURE = ("architecture", "backbone", "head")  # not swept: another one of these makes another model


def expand(config: dict, valid: Collection[str]) -> dict:
    """Return `config` with an entry under `models` for every trial; one with trials stays, and keeps what it varies.

    `valid`: the keys that may be varied, as dotted paths. Expanding twice changes nothing. UserError for an unknown
    key, a wrong range, too many trials and names that exist already.
    """
    entries = dict(config["models"])
    for model, entry in config["models"].items():
        if kind := kind_of(model, entry):
            _check_keys(model, kind, entry[kind], valid)
            _check_effect(f"config: models.{model}.{kind}", entry, entry[kind])
            for name, settings in trials(config, model).items():
                if len(name) > MAX_NAME_LENGTH:
                    raise UserError(
                        f"config: models.{model}.{kind}: the name '{name[:60]}...' is too long for a folder; vary fewer"
                        " keys at a time"
                    )
                trial = with_settings(entry, settings)
                if entries.setdefault(name, trial) != trial:
                    raise UserError(
                        f"config: models.{model}.{kind}: a trial would get the name '{name}', which another entry of"
                        " models has; rename one"
                    )
    return config | {"models": entries}


def kind_of(model: str, entry: dict) -> str | None:
    """Return which of KINDS an entry has, None for an ordinary one; UserError for one with both."""
    kinds = [kind for kind in KINDS if entry.get(kind)]
    if len(kinds) > 1:
        raise UserError(
            f"config: models.{model}: has `sweep` and `search`; in `search` the list of a sweep is {{choice: [...]}}"
        )
    return kinds[0] if kinds else None


def trials(config: dict, model: str) -> dict[str, dict[str, object]]:
    """Return the trials of a model by name, each with its settings by dotted path; {} for a model without trials."""
    entry = config["models"][model]
    if ranges := entry.get("search"):
        where = f"config: models.{model}.search"
        return search.draw(ranges, search.Budget.of(config), where, partial(trial_name, model))
    return _combinations(model, entry["sweep"]) if entry.get("sweep") else {}


def _combinations(model: str, sweep: dict[str, list]) -> dict[str, dict[str, object]]:
    settings_of: dict[str, dict[str, object]] = {}
    for values in product(*sweep.values()):
        settings = dict(zip(sweep, values, strict=True))
        name = trial_name(model, settings)
        if name in settings_of:
            raise UserError(f"config: models.{model}.sweep: two trials would get the name '{name}'; leave one out")
        settings_of[name] = settings
    return settings_of


def trial_name(model: str, settings: dict[str, object]) -> str:
    """Return the name of a trial, which its folder has: 'cnn3d-learning_rate0.001-width16'."""
    names = _short_names(settings)
    return "-".join([model, *(names[key] + _as_name(value) for key, value in settings.items())])


def trained_models(config: dict) -> list[str]:
    """Return the entries of `models` that the run trains: its models, and in place of a swept one all its trials."""
    return list(dict.fromkeys(name for model in config["run"]["models"] for name in trials(config, model) or [model]))


def _check_keys(model: str, kind: str, varied: dict, valid: Collection[str]) -> None:
    where = f"config: models.{model}.{kind}"
    for key in varied:
        if key in STRUCTURE:
            raise UserError(f"{where}.{key}: another {key} is another model: give it an entry of its own in run.models")
        if kind == "search" and key in search.Budget.__dataclass_fields__:
            raise UserError(f"{where}.{key}: belongs to `search` at the top, as all models get the same budget")
        if key not in valid:
            raise UserError(f"{where}: unknown key '{key}', {did_you_mean(key, valid)}")
    if kind == "sweep" and (count := prod(map(len, varied.values()))) > MAX_TRIALS:
        raise UserError(f"{where}: {count} combinations are more than {MAX_TRIALS}; shorten a list")


def _check_effect(where: str, entry: dict, varied: dict) -> None:
    """Raise UserError for a key by which all trials would be the same training."""
    for key in varied:
        if "backbone" in entry and key in OF_BACKBONE:
            raise UserError(
                f"{where}.{key}: belongs to backbones.{entry['backbone']}, so all trials would be the same; give each"
                " value a backbone, and a model in run.models"
            )
        if "backbone" not in entry and key in OF_HEAD:
            raise UserError(
                f"{where}.{key}: belongs to a head, which {entry.get('architecture')} does not have, so all trials"
                " would be the same; leave it out"
            )


def _short_names(keys: Collection[str]) -> dict[str, str]:
    """Return the last part of each key, or the whole key where two have the same last part."""
    last_parts = [key.rpartition(".")[2] for key in keys]
    return {key: last if last_parts.count(last) == 1 else key for key, last in zip(keys, last_parts, strict=True)}


def _as_name(value: object) -> str:
    """Return a value as it follows its key in a folder's name: '0.001', '112_112', '_cosine', '_null'."""
    values = value if isinstance(value, list) else [value]
    words = {None: "null", True: "true", False: "false"}
    texts = [words[item] if item is None or isinstance(item, bool) else str(item) for item in values]
    text = re.sub(r"[^A-Za-z0-9_.-]+", "_", "_".join(texts))
    return text if text[:1].isdigit() else f"_{text}"


def with_settings(entry: dict, settings: dict[str, object]) -> dict:
    """Return an ordinary entry: one of KINDS without what it varies, with the settings of a trial."""
    trial = deepcopy({key: value for key, value in entry.items() if key not in KINDS})
    for path, value in settings.items():
        *parents, last = path.split(".")
        target = trial
        for parent in parents:
            target[parent] = target.get(parent) or {}  # null, too, for a section that is off
            target = target[parent]
        target[last] = deepcopy(value)
    return trial
