"""What config.json, preprocessor_config.json and the weights file say of a shared model: no path of this machine."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from vidbench.inference.model_file import ModelFile
from vidbench.models import hub_name, model_folder, official_weights
from vidbench.models.options import ClipOptions

MODEL_TYPE = "vidbench"


def public_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata of a weights file with names in place of paths of first weights."""
    public = deepcopy(dict(metadata))
    options = public["options"]
    for section in (options, options.get("backbone") or {}):
        if section.get("weights"):
            section["weights"] = name_of(section["weights"])
    if (public.get("weights") or {}).get("name"):
        public["weights"]["name"] = name_of(public["weights"]["name"])
    return public


def name_of(weights: str) -> str:
    """Return the name of weights, without the folders of this machine that they were read from."""
    if hub_name.is_hub(weights):
        return str(replace(hub_name.HubName.parse(weights), folder=hub_name.FOLDER))
    if not official_weights.is_file(weights):
        return weights
    path = Path(weights)
    return path.parent.name if path.name == model_folder.FILE and path.parent.name else path.name


def model_config(file: ModelFile) -> dict[str, Any]:
    """Return config.json: the classes as the Hub knows them, and all that VidBench needs to build the model.

    That of a network of the library transformers has its sizes, too: whoever starts a training from these weights has
    them beside the file, where they are looked for.
    """
    metadata = public_metadata(file.metadata)
    network = json.loads(file.options.network.network_config or "{}")
    return {
        "model_type": MODEL_TYPE,
        "architectures": [file.options.network.architecture],
        **network,
        "problem_type": "single_label_classification",
        "num_labels": len(file.classes),
        "id2label": {str(number): label for number, label in enumerate(file.classes)},
        "label2id": {label: number for number, label in enumerate(file.classes)},
        MODEL_TYPE: {
            name: metadata[name] for name in ("options", "calibration", "versions", "seed") if name in metadata
        },
    }


def preprocessor_config(file: ModelFile) -> dict[str, Any]:
    """Return preprocessor_config.json: how clips are made of a video, in the words of the Hub's image processors."""
    clip, recipe = file.options.clip, file.recipe
    height, width = clip.size
    return {
        "do_resize": True,
        "resize_mode": "cover",  # the smallest size, aspect ratio kept, that covers crop_size
        "do_center_crop": True,
        "crop_size": {"height": height, "width": width},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": None if clip.subtract_temporal_mean else _per_channel(clip.mean),
        "subtract_temporal_mean": clip.subtract_temporal_mean,
        "image_std": _per_channel(clip.std),
        "num_frames": clip.frames,
        **_sampling(clip),
        "stored_frames": {"size": recipe.size, "fps": recipe.fps, "codec": recipe.codec, "quality": recipe.quality},
    }


def _sampling(clip: ClipOptions) -> dict[str, Any]:
    dense = {"step": clip.step, "rate": clip.rate} if clip.sampling == "dense" else {}
    return {"sampling": clip.sampling, **dense, "views": clip.views, "crops": clip.crops}


def _per_channel(values: float | tuple[float, float, float]) -> list[float]:
    return [values] * 3 if isinstance(values, int | float) else list(values)
