"""What an exported file says of itself, as JSON: all that is needed to give it the right frames. Imports no torch."""

from typing import Any

from vidbench.clips.sampling import fill_spacing
from vidbench.inference.model_file import ModelFile
from vidbench.models.options import ClipOptions
from vidbench.sharing.settings import public_metadata

FORMAT = 1  # rises when a key changes its meaning
KEPT = ("pretraining", "weights", "seed", "versions")  # of the weights file's metadata


def describe(file: ModelFile, clip: ClipOptions, *, preprocess: bool, half: bool) -> dict[str, Any]:
    """Return the metadata of an exported model.

    `clip` says which frames of a video are taken and how they are scaled, cropped and normalised, `frames` how a video
    is decoded. Logits are averaged over views and crops as probabilities, then divided by `temperature`. A video is of
    no class where the entropy of these is above `max_entropy`; where that is None, where none reaches `threshold`.
    Both are None where no bound is known.
    """
    calibration = file.calibration
    metadata = public_metadata(file.metadata)
    return {
        "format": FORMAT,
        "architecture": file.options.network.architecture,
        "head": file.options.head.name,
        "classes": list(file.classes),
        "clip": fill_spacing(clip).as_dict(),
        "frames": file.recipe.as_dict(),
        "takes": "frames (N, T, H, W, 3) uint8 RGB" if preprocess else "clips (N, 3, T, h, w) float32, normalised",
        "gives": "probabilities (N, K), logits (N, crops, K)" if preprocess else "logits (N, K)",
        "preprocess": preprocess,
        "precision": "fp16" if half else "fp32",
        "temperature": calibration.temperature,
        "max_entropy": calibration.max_entropy,
        "threshold": calibration.threshold,
        "kept": calibration.kept,
        "licence": (metadata.get("pretraining") or {}).get("licence", ""),  # of the pretrained weights
    } | {name: metadata.get(name) for name in KEPT}
