"""Small random files in place of the pretrained weights that a configuration names: nothing is fetched."""

from pathlib import Path

import image_text_folders
import timm
import tiny_transformers
import torch
from torchvision import models

from vidbench.models.families import timm as timm_family
from vidbench.models.families import transformers, zero_shot

TIMM = "test_vit"  # in place of a large network of timm's


def replace_weights(config: dict, folder: Path) -> None:
    """Give each model and backbone that names weights small ones, made in `folder`; paths are absolute."""
    for kind in ("models", "backbones"):
        for name, entry in config[kind].items():
            if {"weights", "network_config"} & entry.keys():
                entry |= _stand_in(entry, folder / kind / name)


def _stand_in(entry: dict, folder: Path) -> dict:
    """Make the files of an entry, and return the keys that name them."""
    architecture = entry["architecture"]
    folder.parent.mkdir(parents=True, exist_ok=True)
    if architecture.startswith(transformers.PREFIX):
        saved = tiny_transformers.save(architecture.removeprefix(transformers.PREFIX), folder)
        if "network_config" in entry:
            return {"network_config": str(saved)}
        return {"weights": str(saved)} | ({"trained_stages": 1} if entry.get("trained_stages") else {})
    if architecture == zero_shot.NAME:
        image_text_folders.save_folder(folder)
        return {"weights": str(folder)}
    if architecture.startswith(timm_family.PREFIX):
        network = timm.create_model(TIMM, img_size=32, pretrained_cfg_overlay={"input_size": (3, 32, 32)})
        timm.models.save_for_hf(network, folder, safe_serialization=True)
        return {"architecture": timm_family.PREFIX + TIMM, "weights": str(folder)}
    torch.save(models.get_model(architecture).state_dict(), folder.with_suffix(".pth"))
    return {"weights": str(folder.with_suffix(".pth"))}
