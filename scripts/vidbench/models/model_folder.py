"""A model in a folder of its own: config.json and model.safetensors, as on the Hub and from timm.models.save_for_hf.

Imports no torch: the workflow reads the configuration before any job.
"""

from pathlib import Path
from typing import Any

from vidbench.errors import UserError
from vidbench.files import read_json_map
from vidbench.models import image_text_folder, model_card
from vidbench.models.families import timm, zero_shot
from vidbench.models.network import HUB_FILE, Weights
from vidbench.models.tables.timm_data import data_of

CONFIG = "config.json"
FILE = HUB_FILE
PICKLE = "pytorch_model.bin"


def find_file(folder: Path, network: str) -> Path:
    """Return the weights of a folder; UserError where it does not hold those of `network`, e.g. timm/resnet18."""
    check_config(folder, network)
    if (folder / FILE).exists():
        return folder / FILE
    if (folder / PICKLE).exists():
        raise UserError(f"{folder}: {PICKLE} is a pickle, which can run code; save {FILE} (safe_serialization=True)")
    raise UserError(f"{folder}: has no {FILE}; copy the whole folder")


def check_config(folder: Path, network: str) -> None:
    """Raise UserError where a folder's configuration is not there, or another network's."""
    if not (folder / CONFIG).exists():
        raise UserError(f"{folder}: has no {CONFIG}; name a folder that timm.models.save_for_hf wrote, or a file")
    architecture = read_json_map(folder / CONFIG).get("architecture")
    if timm.PREFIX + str(architecture) != network:
        raise UserError(f"{folder}: {CONFIG} is of '{architecture}', not of {network}; correct the architecture")


def trained_input(path: Path, network: str) -> Weights | None:
    """Return what the configuration beside a file says that its weights were trained on; None where there is none."""
    if network == zero_shot.NAME:
        return image_text_folder.trained_input(path)
    if path.name != FILE or not (path.parent / CONFIG).exists():
        return None
    cfg = read_json_map(path.parent / CONFIG).get("pretrained_cfg")
    if not isinstance(cfg, dict):
        raise UserError(f"{path.parent / CONFIG}: has no pretrained_cfg with input_size, mean and std; fetch it again")
    try:
        return _describe(path.parent, network, cfg)
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise UserError(
            f"{path.parent / CONFIG}: pretrained_cfg lacks, or has a wrong, {error}; it needs input_size, mean and std"
        ) from error


def _describe(folder: Path, network: str, cfg: Any) -> Weights:
    _, height, width = (int(side) for side in cfg["input_size"])
    return Weights(
        network=network,
        name=folder.name,
        file=FILE,
        base="",
        link="",
        is_local=True,
        mean=_read_colours(cfg["mean"]),
        std=_read_colours(cfg["std"]),
        size=[height, width],
        resize=int(min(height, width) / float(cfg.get("crop_pct") or 1)),
        interpolation=str(cfg.get("interpolation", "bicubic")),
        licence=str(cfg.get("license") or "") or model_card.read_licence(folder),
        data=data_of(network.removeprefix(timm.PREFIX), str(cfg.get("tag") or "")),
    )


def _read_colours(values: list) -> list[float]:
    if len(values) != 3:
        raise ValueError(values)
    return [float(value) for value in values]
