"""Tiny video networks of the library transformers, with random weights, saved by the library itself."""

from pathlib import Path
from typing import Any

import torch
import transformers

from vidbench.models import official_weights
from vidbench.models.options import ModelOptions

SHARED = {"hidden_size": 48, "num_attention_heads": 4}
LAYERS = {"num_hidden_layers": 2}
WIDE = {"intermediate_size": 96, "num_frames": 4, **SHARED}
PREDICTOR = {"pred_hidden_size": 48, "pred_num_attention_heads": 4, "pred_num_hidden_layers": 1}
KINDS = {  # family -> (class with a classifier, configuration)
    "vjepa2": (
        "VJEPA2ForVideoClassification",
        {**SHARED, **LAYERS, **PREDICTOR, "crop_size": 32, "frames_per_clip": 4, "num_pooler_layers": 1},
    ),
    "videomae": (
        "VideoMAEForVideoClassification",
        {**WIDE, **LAYERS, "image_size": 32, "decoder_hidden_size": 48, "decoder_num_attention_heads": 4,
         "decoder_num_hidden_layers": 1, "decoder_intermediate_size": 48},
    ),
    "vivit": ("VivitForVideoClassification", {**WIDE, **LAYERS, "image_size": 32}),
    "timesformer": ("TimesformerForVideoClassification", {**WIDE, **LAYERS, "image_size": 32}),
    "videoprism": (
        "VideoPrismForVideoClassification",
        {**WIDE, "image_size": 36, "num_spatial_layers": 2, "num_temporal_layers": 1},
    ),
}  # fmt: skip
FAMILIES = list(KINDS)


def side(family: str) -> int:
    """Pixels of a side of a family's tiny clips."""
    return 36 if family == "videoprism" else 32


def library_network(family: str, num_classes: int = 5, kind: str | None = None, **more: object) -> Any:
    """The library's network, every parameter of it different from what it is built with."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    name, settings = KINDS[family]
    network = getattr(transformers, kind or name)
    torch.manual_seed(7)
    model = network(network.config_class(**settings, num_labels=num_classes, **more)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def save(family: str, folder: Path, **more: Any) -> Path:
    """The folder that the library saves a tiny network into."""
    library_network(family, **more).save_pretrained(folder)
    return folder


def options(family: str, folder: Path | None, as_backbone: bool = False, **more: Any) -> ModelOptions:
    """Options of a model that starts from a folder; of one with a backbone, its head is `mean`."""
    name = f"hf/{family}"
    weights = official_weights.resolve(name, str(folder)) if folder else None
    network = {
        "architecture": name,
        "weights": weights,
        "network_config": official_weights.network_config(name, weights, None) if weights else None,
    }
    pixels = side(family)
    clip = {"frames": 4, "size": [pixels, pixels]} | more.pop("clip", {})
    if as_backbone:
        return ModelOptions.from_dict({"clip": clip, "backbone": network | more, "head": "mean"})
    return ModelOptions.from_dict({"clip": clip, **network, **more})
