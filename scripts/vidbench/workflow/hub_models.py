"""Models of the Hugging Face Hub that a run starts from: their settings are fetched when the run is read."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from vidbench.models.families import zero_shot
from vidbench.models.hub_name import FOLDER, HubName, is_hub


def prepare(config: dict[str, Any], resources: str) -> dict[str, Any]:
    """Return the configuration with models on the Hub as they are named here, their settings fetched.

    `config`: as the user wrote it, not checked yet. `resources`: folder of downloads. Where a module's prefix is before
    it, names say where their files are, for jobs and the plan to find them, too. UserError where fetching fails.
    """
    folder = Path(resources, "weights")
    if folder != FOLDER:
        config = config | {kind: _locate(config[kind], folder) for kind in ("models", "backbones") if kind in config}
    fetch_missing(config)
    return config


def fetch_missing(config: dict[str, Any]) -> None:
    """Fetch the settings of all models on the Hub that a run starts from and that are not here; UserError if it fails.

    `config`: not checked yet.
    """
    names = [HubName.parse(weights) for weights in dict.fromkeys(_iterate_names(config))]
    missing = [name for name in names if name.resolve().settings_folder is None]
    if missing:  # each job reads the configuration, too, and does without the modules that download
        fetch_settings = import_module("vidbench.download.hub_settings").fetch_settings
        for name in missing:
            fetch_settings(name, _section(config, "weights_download"))


def _locate(value: Any, folder: Path) -> Any:
    """Return an entry, or a part of one, in which each model on the Hub has the folder of its files in its name."""
    if isinstance(value, dict):
        return {key: _locate(child, folder) for key, child in value.items()}
    if isinstance(value, list):
        return [_locate(child, folder) for child in value]
    return f"{value} in {folder}" if isinstance(value, str) and is_hub(value) else value


def _iterate_names(config: dict[str, Any]) -> Iterator[str]:
    """Yield what the run's models, and their backbones, name of the Hub."""
    entries, backbones = _section(config, "models"), _section(config, "backbones")
    names = _section(config, "run").get("models")
    for name in names if isinstance(names, list) else ():
        entry = _section(entries, str(name))
        if entry.get("architecture") == zero_shot.NAME:  # takes a folder alone
            continue
        for owner in (entry, _section(backbones, str(entry.get("backbone")))):
            searched = _section(_section(owner, "search"), "weights").get("choice")
            swept = _section(owner, "sweep").get("weights") or searched
            for weights in (owner.get("weights"), *(swept if isinstance(swept, list) else ())):
                if isinstance(weights, str) and is_hub(weights):
                    yield weights


def _section(values: dict[str, Any], key: str) -> dict[str, Any]:
    section = values.get(key)
    return section if isinstance(section, dict) else {}
