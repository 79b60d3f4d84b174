"""What a model is, in words: its network, its weights, what of it is trained, how far its frames are apart."""

from pathlib import Path

from vidbench.formatting import ordinal
from vidbench.models.options import ClipOptions, ModelOptions


def spacing(clip: ClipOptions) -> str:
    """Say how far the frames of a clip are apart: 'every 2nd stored frame', '15 per second of video time', or ''."""
    if clip.sampling != "dense":
        return ""
    if clip.rate:
        return f"{clip.rate:g} per second of video time"
    return f"every {ordinal(clip.step)} stored frame" if clip.step and clip.step > 1 else "every stored frame"


def network(options: ModelOptions) -> str:
    """Name a model's network: 'r3d_18', or 'resnet18, gru' for a backbone with a head."""
    name = options.network.architecture
    return f"{name}, {options.head.name}" if options.has_backbone else name


def start(options: ModelOptions) -> str:
    """Name the weights that a network starts from: torchvision's name, a file's name, or 'random'."""
    weights = options.network.weights
    return "random" if weights is None else Path(weights).name


def trained_part(options: ModelOptions) -> str:
    """Say what is trained: 'all', 'the last 2 stages and the head' or 'only the head, the rest is frozen'."""
    stages, last = options.network.trained_stages, "head" if options.has_backbone else "classifier"
    if stages is None:
        return "all"
    if stages == 0:
        return f"only the {last}, the rest is frozen"
    return f"the last {f'{stages} stages' if stages > 1 else 'stage'} and the {last}"
