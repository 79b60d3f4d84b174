"""Sweeps: a model entry with lists of settings stands for one entry a combination of them, its trials.

They are expanded in one place, before any job starts: all steps after it see ordinary entries. Imports no torch.
"""

import re
from collections.abc import Collection
from copy import deepcopy
from itertools import product

from vidbench.errors import UserError, did_you_mean

MAX_TRIALS = 200
MAX_NAME_LENGTH = 200  # a folder's name holds 255 bytes at most
# Columns of trials.csv behind the trial's name and its settings.
SCORES = (
    "val_top1", "val_top1_sd", "val_top1_low", "val_top1_high", "val_loss", "epochs", "num_seeds", "status", "chosen",
)  # fmt: skip
STRUCTURE = ("architecture", "backbone", "head")  # another one of these is another model


def expand(config: dict, valid: Collection[str]) -> dict:
    """`config` with an entry under `models` for every trial; a swept entry stays, and keeps its `sweep`.

    `valid`: the keys that a sweep may hold, as dotted paths. Expanding twice changes nothing. UserError for an unknown
    key, too many trials and names that are taken.
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
    """Trials of a model by name, each with its settings by dotted path; {} for a model that is not swept."""
    sweep = config["models"][model].get("sweep")
    if not sweep:
        return {}
    names = _short_names(sweep)
    made: dict[str, dict[str, object]] = {}
    for values in product(*sweep.values()):
        settings = dict(zip(sweep, values, strict=True))
        name = "-".join([model, *(names[key] + _as_name(value) for key, value in settings.items())])
        if name in made:
            raise UserError(f"config: models.{model}.sweep: two trials would get the name '{name}'; leave one out")
        made[name] = settings
    return made


def trained(config: dict) -> list[str]:
    """Entries of `models` that the run trains: its models, and in the place of a swept one all its trials."""
    return list(dict.fromkeys(name for model in config["run"]["models"] for name in trials(config, model) or [model]))


def _check_keys(model: str, sweep: dict[str, list], valid: Collection[str]) -> None:
    count, where = 1, f"config: models.{model}.sweep"
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
    """The last part of each key, or the whole of it where two have the same last part."""
    last = [key.rpartition(".")[2] for key in sweep]
    return {key: name if last.count(name) == 1 else key for key, name in zip(sweep, last, strict=True)}


def _as_name(value: object) -> str:
    """A value as it stands behind its key in a folder's name: '0.001', '112_112', '_cosine', '_null'."""
    parts = value if isinstance(value, list) else [value]
    words = {None: "null", True: "true", False: "false"}
    texts = [words[part] if part is None or isinstance(part, bool) else str(part) for part in parts]
    text = re.sub(r"[^A-Za-z0-9_.-]+", "_", "_".join(texts))
    return text if text[:1].isdigit() else f"_{text}"


def _with_settings(entry: dict, settings: dict[str, object]) -> dict:
    made = deepcopy({key: value for key, value in entry.items() if key != "sweep"})
    for path, value in settings.items():
        *parents, last = path.split(".")
        target = made
        for parent in parents:
            target = target.setdefault(parent, {})
        target[last] = deepcopy(value)
    return made
