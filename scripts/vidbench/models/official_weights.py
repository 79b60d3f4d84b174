"""Pretrained weights as a config names them. Imports no torch: the workflow checks them before any job."""

import os
from pathlib import Path

from vidbench.errors import UserError, did_you_mean
from vidbench.models import catalogue, transformers_folder
from vidbench.models.families import zero_shot
from vidbench.models.hub_name import HubName, find_settings, is_hub
from vidbench.models.network import HUB_FILE, Weights
from vidbench.models.published_weights import find, folders_of, official
from vidbench.models.weights_hints import LOCAL, explain_no_official, find_file_hint, is_folder, locate

FILE_ENDINGS = (".pth", ".pt", ".safetensors")
PICKLE_ENDING = ".bin"  # of the Hub's older files: refused


def is_file(weights: str) -> bool:
    """Return whether a config's `weights` is the path of a file or folder instead of a name."""
    return not is_hub(weights) and _is_path(weights)


def _is_path(weights: str) -> bool:
    return "/" in weights or weights.endswith((*FILE_ENDINGS, PICKLE_ENDING)) or weights.startswith(LOCAL)


def resolve(network: str, weights: str | None) -> str | None:
    """Return `weights` as the steps take it: None, an official name (instead of DEFAULT), or a path.

    UserError, with the nearest valid name, where there is no such name or file.
    """
    return None if weights is None else _resolve(network, weights)


def _resolve(network: str, weights: str) -> str:
    if is_hub(weights):
        return _resolve_hub(network, weights)
    if is_file(weights) or is_folder(network, weights):
        return _resolve_path(network, locate(network, weights))
    names = official(network)
    if not names:
        raise UserError(f"{network} has no official weights, so not '{weights}'; {explain_no_official(network)}")
    if weights == "DEFAULT":
        return next(name for name, official_file in names.items() if official_file.is_default)
    if weights not in names:
        hint = did_you_mean(weights, [*names, "DEFAULT"]) + find_file_hint(weights)
        raise UserError(f"{network} has no official weights '{weights}', {hint}")
    return weights


def _resolve_hub(network: str, weights: str) -> str:
    """Return the name of a repository with its commit; UserError where its configuration is another network's."""
    description = catalogue.find(network)
    if network == zero_shot.NAME:
        name = HubName.parse(weights)
        raise UserError(
            f"{weights}: {network} needs a folder: hf download {name.repository} --revision {name.revision} --local-dir"
            f" weights/{name.repository.rpartition('/')[2]}, and name that"
        )
    if description is None or not description.has_folders:
        raise UserError(f"{weights}: {network} has no weights on the Hub, only timm's networks and hf/FAMILY do")
    name, folder = find_settings(weights)
    folders_of(network).check_config(folder, network)
    return str(name)


def _resolve_path(network: str, weights: str) -> str:
    """Return the path of a file; of a folder, which only some families have, that of the weights in it."""
    path = weights.removeprefix(LOCAL)
    description = catalogue.find(network)
    folders = folders_of(network)
    # Of transformers' networks single files are checked, too: only one kind is read.
    checked = Path(path).is_dir() or (folders is transformers_folder and Path(path).exists())
    if checked and description is not None and description.has_folders:
        path = str(folders.find_file(Path(path), network))
    _check_file(Path(path))
    return path


def network_config(network: str, weights: str | None, named: str | None) -> str | None:
    """Return the configuration that tells a network's sizes, as text; None where its name is enough.

    weights: as resolve() returns them. named: path of a configuration, for random weights.
    """
    if folders_of(network) is transformers_folder:
        if weights is not None and is_hub(weights):
            weights = str(find_settings(weights)[1] / HUB_FILE)
        return transformers_folder.find_config(network, weights, named)
    if named is not None:
        raise UserError(f"{network} needs none: its name tells its sizes; leave it out")
    return None


def _check_file(path: Path) -> None:
    if set("\0\n\r") & set(str(path)):
        raise UserError(f"{str(path)!r}: neither line breaks nor null bytes can be in its path; rename it")
    if path.suffix == PICKLE_ENDING:
        raise UserError(
            f"{path}: a .bin is a pickle, which can run code, and is not opened; save its weights as .safetensors"
        )
    if path.is_dir():
        raise UserError(f"{path}: is a folder; name a file of weights in it")
    if path.is_file():
        if not os.access(path, os.R_OK):
            raise UserError(f"{path}: cannot be read; correct its permissions")
        return
    neighbours = [file.name for file in path.parent.glob("*") if file.name.endswith(FILE_ENDINGS) and file.exists()]
    hint = (
        did_you_mean(path.name, neighbours) if neighbours else "name a file of weights, or published ones by their name"
    )
    raise UserError(f"{path}: no such file, {hint}")


def trained_input(network: str, weights: str | None) -> Weights | None:
    """Return the official weights whose input suits a network that starts from `weights`; None where that is unknown.

    For a user's file these are the weights of the folder that it is in, or else the network's DEFAULT weights.
    """
    if weights is None:
        return None
    if is_hub(weights):
        return find(network, weights)
    if is_file(weights) and (of_folder := folders_of(network).trained_input(Path(weights), network)):
        return of_folder
    names = official(network)
    return names[_resolve(network, "DEFAULT" if is_file(weights) else weights)] if names else None
