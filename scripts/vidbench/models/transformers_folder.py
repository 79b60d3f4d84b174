"""A model in a folder as the library transformers saves it: config.json, model.safetensors, and a processor's file.

Imports neither torch nor the library: the workflow reads the configuration before any job. Code in a folder is never
run, and no pickle is read.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vidbench.errors import UserError
from vidbench.files import read_json_map
from vidbench.models import model_card, weights_metadata
from vidbench.models.families import transformers
from vidbench.models.hub_name import HubName
from vidbench.models.network import HUB_FILE, Weights
from vidbench.models.tables import hub_models
from vidbench.models.transformers_config import FAMILIES, Geometry, dump, read_geometry

CONFIG = "config.json"
PROCESSORS = ("video_preprocessor_config.json", "preprocessor_config.json", "processor_config.json")
SHARDS = f"{HUB_FILE}.index.json"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
# What the processors of a family do where the folder does not say, where that is not ImageNet's normalisation.
USUAL = {
    "vivit": {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "rescale_factor": 1 / 127.5, "offset": True},
    "videoprism": {"do_normalize": False},
}


def find_file(path: Path, network: str) -> Path:
    """Return the weights of a folder, or of a file; UserError where it does not hold those of `network`."""
    if not path.is_dir():
        if path.suffix != ".safetensors":
            raise UserError(f"{path}: is no safetensors file, the only kind that is read for {network}; convert it")
        return path
    _read_own_config(path / CONFIG, network)
    if (path / HUB_FILE).exists():
        return path / HUB_FILE
    if (path / SHARDS).exists():
        raise UserError(f"{path}: its weights are in several files; save them again with max_shard_size='100GB'")
    if pickles := [file.name for pattern in PICKLES for file in path.glob(pattern)]:
        raise UserError(f"{path}: {pickles[0]} is a pickle, which can run code; save {HUB_FILE} instead")
    raise UserError(f"{path}: has no {HUB_FILE}; copy the whole folder")


def check_config(folder: Path, network: str) -> None:
    """Raise UserError where a folder's configuration is another network's, or asks for code to be run."""
    _read_own_config(folder / CONFIG, network)


def find_config(network: str, weights: str | None, named: str | None) -> str:
    """Return the configuration of a network as text.

    weights: the path of a file. It is beside it, or in it where VidBench wrote it. named: the path of a folder or file
    with a configuration alone. UserError where none is found, or that of another network.
    """
    if named is not None:
        path = Path(named)
        return dump(_read_own_config(path / CONFIG if path.is_dir() else path, network))
    if weights is None:
        raise UserError(
            f"{network} has no sizes of its own: set weights to a folder, or to hf-hub:OWNER/NAME@REVISION, or for"
            " random ones network_config to a folder with config.json"
        )
    beside = Path(weights).parent / CONFIG
    if beside.exists():
        return dump(_read_own_config(beside, network))
    recorded = weights_metadata.read_options(Path(weights))
    network_options = recorded.get("backbone", recorded)
    if network_options.get("architecture") == network and network_options.get("network_config"):
        return network_options["network_config"]
    raise UserError(f"{weights}: has no {CONFIG} beside it; name the folder that the library saved, or copy it whole")


def trained_input(path: Path, network: str) -> Weights | None:
    """Return what the folder of a file says that its weights were trained on; None where there is no configuration."""
    folder = path.parent
    return describe(folder, network) if (folder / CONFIG).exists() else None


def describe(folder: Path, network: str) -> Weights:
    """Return what the configurations of a folder say of its weights; its name or they may tell its repository."""
    config = _read_own_config(folder / CONFIG, network)
    kind = network.removeprefix(transformers.PREFIX)
    geometry = read_geometry(kind, config)
    processor = _read_processor(folder, kind)
    of_hub = HubName.of_folder(folder.name).repository
    known = hub_models.find(of_hub if "/" in of_hub else str(config.get("_name_or_path") or ""))
    mean, std = _read_normalisation(folder, processor)
    height, width = _read_size(folder, processor, geometry)
    return Weights(
        network=network,
        name=folder.name,
        file=HUB_FILE,
        base="",
        link="",
        is_local=True,
        mean=mean,
        std=std,
        size=[height, width],
        resize=min(height, width),
        interpolation="bilinear",
        # Rotary positions tell any number of frames apart; learnt ones are interpolated.
        min_frames=1 if kind == "vjepa2" else geometry.frames,
        licence=model_card.read_licence(folder) or known.licence,
        data=known.data,
    )


def _read_own_config(path: Path, network: str) -> dict[str, Any]:
    """Return a configuration; UserError where it is another network's, or asks for code of its own to be run."""
    config = _read_settings(path)
    model_type = FAMILIES[network.removeprefix(transformers.PREFIX)].model_type
    if config.get("auto_map"):
        raise UserError(f"{path}: auto_map asks for code of the folder to be run, which is never done; take another")
    if config.get("model_type") != model_type:
        found = config.get("model_type") or config.get("architecture")
        raise UserError(f"{path}: is of '{found}', not of {network} ('{model_type}'); correct the architecture")
    if config.get("attention_type") == "space_only":
        raise UserError(f"{path}: attention_type: space_only has an answer per frame, none per clip; take another")
    return config


def _read_settings(path: Path) -> dict[str, Any]:
    """Return the settings in a file of a folder; UserError where it has none."""
    if not path.exists():
        raise UserError(f"{path}: is missing; name a folder with {CONFIG} and {HUB_FILE}, as save_pretrained() writes")
    return read_json_map(path)


def _read_processor(folder: Path, kind: str) -> dict[str, Any]:
    """Return the processor's settings, of videos or else of images; the family's usual ones for what is not there."""
    usual = {"image_mean": IMAGENET[0], "image_std": IMAGENET[1], "rescale_factor": 1 / 255} | USUAL.get(kind, {})
    for name in PROCESSORS:
        if (folder / name).exists():
            values = _read_settings(folder / name)
            return usual | (values.get("video_processor") or values.get("image_processor") or values)
    return usual


def _read_normalisation(folder: Path, processor: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Return mean and deviation of red, green and blue for values in [0, 1].

    A processor multiplies values in [0, 255] by rescale_factor, subtracts 1 with `offset`, and then normalises.
    """
    mean, std = [0.0] * 3, [1.0] * 3
    if processor.get("do_normalize") is not False:
        mean, std = (_read_colours(folder, key, processor[key]) for key in ("image_mean", "image_std"))
    factor = 1 if processor.get("do_rescale") is False else processor["rescale_factor"]
    if not all(std) or not isinstance(factor, int | float) or not factor:
        raise UserError(f"{folder}: its processor's image_std or rescale_factor is zero, or no number; correct it")
    scale = round(255 * factor, 9)
    offset = 1 if processor.get("offset") else 0
    return [(value + offset) / scale for value in mean], [value / scale for value in std]


def _read_colours(folder: Path, key: str, values: Any) -> list[float]:
    numbers = [float(value) for value in values if isinstance(value, int | float)] if isinstance(values, list) else []
    if len(numbers) != 3:
        raise UserError(f"{folder}: its processor's {key}: {values!r} is not three numbers")
    return numbers


def _read_size(folder: Path, processor: dict[str, Any], geometry: Geometry) -> Sequence[int]:
    """Return (height, width) of the pixels that reach the network."""
    for key in ("crop_size", "size"):
        if key == "crop_size" and processor.get("do_center_crop") is False:
            continue
        size = processor.get(key)
        sides = _sides(size)
        if sides:
            return sides
        if size is not None:
            raise UserError(f"{folder}: its processor's {key}: {size!r} is not a size in pixels")
    return geometry.size


def _sides(size: Any) -> tuple[int, int] | None:
    sides = size if isinstance(size, dict) else {"shortest_edge": size}
    edge = sides.get("shortest_edge")
    height, width = sides.get("height", edge), sides.get("width", edge)
    if isinstance(height, int) and isinstance(width, int) and min(height, width) > 0:
        return height, width
    return None
