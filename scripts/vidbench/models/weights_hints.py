"""What a person meant by `weights` where no path has its form: the errors, each with what to write instead.

Imports no torch.
"""

import json
import re
from pathlib import Path

from vidbench.errors import UserError, did_you_mean
from vidbench.models import catalogue, image_text_folder
from vidbench.models.families import zero_shot
from vidbench.models.network import Network

CONFIG = "config.json"
LOCAL = "local-dir:"  # how timm writes the path of a folder
HUB = re.compile(r"[\w.-]+/[\w-]+\.(?P<tag>[\w-]+)")  # a repository of timm's on the Hub: timm/NAME.TAG
REPOSITORY = re.compile(r"[\w-]+/(?!.*\.(?:safetensors|pth|pt|bin|ckpt)$)[\w.-]*[\w-]")  # OWNER/NAME, no file
FOREIGN = (".onnx", ".h5", ".hdf5", ".tflite", ".pb", ".gguf", ".msgpack", ".keras", ".npz", ".zip", ".gz")


def is_folder(network: str, weights: str) -> bool:
    """Return whether a name without a slash is that of a folder of weights, for networks that have such."""
    description = catalogue.find(network)
    names = [each.name for each in description.weights] if description else []
    return description is not None and description.has_folders and weights not in names and Path(weights).is_dir()


def locate(network: str, weights: str) -> str:
    """Return `weights`, which reads as a path; of the folder of an image-text network, the file in it.

    UserError where it is no path that could hold a network's weights.
    """
    description, path = catalogue.find(network), weights.removeprefix(LOCAL)
    _check_form(description, weights, path)
    if Path(path).is_dir() and network == zero_shot.NAME:
        return str(image_text_folder.find_file(Path(path)))
    if Path(path).is_dir() and description is not None and description.family == "timm":
        _check_library(Path(path))
    return weights


def _check_form(network: Network | None, weights: str, path: str) -> None:
    if "://" in weights:
        raise UserError(f"{weights}: is an address; fetch the file, and name the path that you put it at")
    if not _exists(path):
        _explain_missing(network, weights, Path(path))
        return
    if Path(path).is_file() and (path.endswith("/") or path != weights):
        raise UserError(f"{path}: is a file, not a folder; write weights: {path.rstrip('/')}")
    if path.endswith(FOREIGN):
        raise UserError(f"{path}: is no file of PyTorch's; name a .safetensors or .pth file with a state dict")


def _check_library(folder: Path) -> None:
    """Raise UserError where the configuration of a folder for timm is another library's."""
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return  # reading it as timm's says why
    if isinstance(config, dict) and "architecture" not in config:
        kind = f" but of transformers' ({config['model_type']})" if "model_type" in config else ""
        raise UserError(f"{folder}: {CONFIG} is not of timm's{kind}; name a folder that timm.models.save_for_hf wrote")


def _exists(path: str) -> bool:
    if set("\0\n\r") & set(path):
        return True  # refused later, by another message
    try:
        Path(path).resolve()
        return Path(path).exists()
    except (OSError, RuntimeError) as error:  # a name that is too long; links in a circle
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "links to itself"
        raise UserError(f"{path[:80]}: cannot be read: {reason}; name another path") from error


def _explain_missing(network: Network | None, weights: str, path: Path) -> None:
    """Raise UserError where a missing path is a name of the Hub, or where there are folders that may be meant."""
    found = HUB.fullmatch(weights)
    if network is not None and network.family == "timm" and found and not path.parent.is_dir():
        names = [each.name for each in network.weights]
        advice = f"write weights: {found['tag']}" if found["tag"] in names else did_you_mean(found["tag"], names)
        raise UserError(
            f"{weights}: no such file; weights of the Hub go by timm's name: {advice}, or hf-hub:{weights}@REVISION"
        )
    if network is not None and network.has_folders and REPOSITORY.fullmatch(weights) and not path.parent.is_dir():
        raise UserError(f"{weights}: no such folder; of a repository of the Hub {_name_repository(network, weights)}")
    if network is not None and network.has_folders and not path.suffix and path.parent.is_dir():
        folders = sorted(each.name for each in path.parent.iterdir() if each.is_dir() and not each.name.startswith("."))
        if folders:
            raise UserError(f"{path}: no such folder, {did_you_mean(path.name, folders)}")


def _name_repository(network: Network, repository: str) -> str:
    """Return how the weights of a repository of the Hub, OWNER/NAME, are named for a network."""
    if network.name == zero_shot.NAME:
        folder = f"weights/{repository.rpartition('/')[2]}"
        return f"name a copy: hf download {repository} --local-dir {folder}"
    return f"write weights: hf-hub:{repository}@main, or a commit in place of main"


def explain_no_official(network: str) -> str:
    """Return what a network without official weights can start from."""
    description = catalogue.find(network)
    if network == zero_shot.NAME:
        return "name the folder of an image-text network, e.g. weights/siglip2"
    if description is not None and description.has_folders:
        return "name a folder that the library saved, or hf-hub:OWNER/NAME@REVISION"
    return "only a file of your own can be loaded"


def find_file_hint(weights: str) -> str:
    """Return, for a name that no weights have, how the file or folder of that name is written; '' without one."""
    try:
        exists = Path(weights).exists()
    except OSError:
        return ""
    return f"; to load the file of that name, write ./{weights}" if exists else ""
