"""Sweeps: a model entry with lists of settings is replaced by its trials, one entry per combination.

They are expanded in one place, before any job starts: all later steps see ordinary entries. Imports no torch.
"""

import re
from collections.abc import Collection
from copy import deepcopy
from itertools import product

from vidbench.errors import UserError, did_you_mean

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
STRUCTURE = ("architecture", "backbone", "head")  # not swept: another one of these makes another model


def expand(config: dict, valid: Collection[str]) -> dict:
    """Return `config` with an entry under `models` for every trial; a swept entry stays, and keeps its `sweep`.

    `valid`: the keys that a sweep may vary, as dotted paths. Expanding twice changes nothing. UserError for an unknown
    key, too many trials and names that exist already.
    """
    entries = dict(config["models"])
    for model, entry in config["models"].items():
        if entry.get("sweep"):
            _check_keys(model, entry["sweep"], valid)
            for name, settings in trials(config, model).items():
                trial = _with_settings(entry, settings)
                if entries.setdefault(name, trial) != trial:
                    raise UserError(
                        f"config: models.{model}.sweep: a trial would get the name '{name}', which another entry of"
                        " models has; rename one"
                    )
    return config | {"models": entries}


def trials(config: dict, model: str) -> dict[str, dict[str, object]]:
    """Return the trials of a model by name, each with its settings by dotted path; {} for a model without a sweep."""
    sweep = config["models"][model].get("sweep")
    if not sweep:
        return {}
    names = _short_names(sweep)
    settings_of: dict[str, dict[str, object]] = {}
    for values in product(*sweep.values()):
        settings = dict(zip(sweep, values, strict=True))
        name = "-".join([model, *(names[key] + _as_name(value) for key, value in settings.items())])
        if name in settings_of:
            raise UserError(f"config: models.{model}.sweep: two trials would get the name '{name}'; leave one out")
        settings_of[name] = settings
    return settings_of


def trained_models(config: dict) -> list[str]:
    """Return the entries of `models` that the run trains: its models, and in place of a swept one all its trials."""
    return list(dict.fromkeys(name for model in config["run"]["models"] for name in trials(config, model) or [model]))


def _check_keys(model: str, sweep: dict[str, list], valid: Collection[str]) -> None:
    where = f"config: models.{model}.sweep"
    count = 1
    for key, values in sweep.items():
        if key in STRUCTURE:
            raise UserError(f"{where}.{key}: another {key} is another model: give it an entry of its own in run.models")
        if key not in valid:
            raise UserError(f"{where}: unknown key '{key}', {did_you_mean(key, valid)}")
        count *= len(values)
    if count > MAX_TRIALS:
        raise UserError(f"{where}: {count} combinations are more than {MAX_TRIALS}; shorten a list")
    longest = max(trials({"models": {model: {"sweep": sweep}}}, model), key=len)
    if len(longest) > MAX_NAME_LENGTH:
        raise UserError(f"{where}: the name '{longest[:60]}...' is too long for a folder; sweep fewer keys at a time")


def _short_names(sweep: dict[str, list]) -> dict[str, str]:
    """Return the last part of each key, or the whole key where two have the same last part."""
    last_parts = [key.rpartition(".")[2] for key in sweep]
    return {key: last if last_parts.count(last) == 1 else key for key, last in zip(sweep, last_parts, strict=True)}


def _as_name(value: object) -> str:
    """Return a value as it follows its key in a folder's name: '0.001', '112_112', '_cosine', '_null'."""
    values = value if isinstance(value, list) else [value]
    words = {None: "null", True: "true", False: "false"}
    texts = [words[item] if item is None or isinstance(item, bool) else str(item) for item in values]
    text = re.sub(r"[^A-Za-z0-9_.-]+", "_", "_".join(texts))
    return text if text[:1].isdigit() else f"_{text}"


def _with_settings(entry: dict, settings: dict[str, object]) -> dict:
    trial = deepcopy({key: value for key, value in entry.items() if key != "sweep"})
    for path, value in settings.items():
        *parents, last = path.split(".")
        target = trial
        for parent in parents:
            target[parent] = target.get(parent) or {}  # null, too, for a section that is off
            target = target[parent]
        target[last] = deepcopy(value)
    return trial
