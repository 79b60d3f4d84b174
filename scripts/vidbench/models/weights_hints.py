"""What a person meant by `weights` where no path has its form: the errors, each with what to write instead.

Imports no torch.
"""

import re
from pathlib import Path

from vidbench.errors import UserError, did_you_mean
from vidbench.models.network import Network

LOCAL = "local-dir:"  # how timm writes the path of a folder
# How the Hub is named elsewhere: hf-hub:OWNER/NAME.TAG@REVISION.
HUB = re.compile(r"(?:hf[-_]hub:)?(?:[\w.-]+/)?(?P<name>[\w-]+)\.(?P<tag>[\w-]+)(?:@\w+)?")
HUB_PREFIX = ("hf-hub:", "hf_hub:")
FOREIGN = (".onnx", ".h5", ".hdf5", ".tflite", ".pb", ".gguf", ".msgpack", ".keras", ".npz", ".zip", ".gz")
MOST = 6  # names of folders that are listed


def check_form(network: Network | None, weights: str) -> None:
    """Raise UserError where `weights`, which reads as a path, is none that could hold a network's weights."""
    path = weights.removeprefix(LOCAL)
    if "://" in weights:
        raise UserError(f"{weights}: is an address; fetch the file, and name the path that you put it at")
    if path.startswith("~"):
        raise UserError(f"{path}: ~ is not filled in here; write the whole path, e.g. {Path(path).expanduser()}")
    if not _exists(path):
        _explain_missing(network, weights, Path(path))
        return
    if Path(path).is_file() and (path.endswith("/") or path != weights):
        raise UserError(f"{path}: is a file, not a folder; write weights: {path.rstrip('/')}")
    if path.endswith(FOREIGN):
        raise UserError(f"{path}: is no file of PyTorch's; name a .safetensors or .pth file with a state dict")


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
        raise UserError(f"{weights}: no such file; weights of the Hub go by timm's name alone: {advice}")
    if weights.startswith(HUB_PREFIX) and network is not None and not network.has_folders:
        raise UserError(
            f"{weights}: of the Hub nothing is fetched for {network.name}; name one of its weights, or a file"
        )
    if network is not None and network.has_folders and not path.suffix and path.parent.is_dir():
        folders = sorted(each.name for each in path.parent.iterdir() if each.is_dir() and not each.name.startswith("."))
        if folders:
            raise UserError(f"{path}: no such folder, {did_you_mean(path.name, folders)}")


def find_file_hint(weights: str) -> str:
    """Return, for a name that no weights have, how the file or folder of that name is written; '' without one."""
    try:
        exists = Path(weights).exists()
    except OSError:
        return ""
    return f"; to load the file of that name, write ./{weights}" if exists else ""
