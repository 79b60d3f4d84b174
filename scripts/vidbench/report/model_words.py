"""What a model is, in words: its network, its weights, what of it is trained, how far its frames are apart."""

from pathlib import Path

from vidbench.errors import UserError
from vidbench.formatting import ordinal
from vidbench.models import hub_name, model_folder, pretraining
from vidbench.models.network import Weights
from vidbench.models.options import ClipOptions, ModelOptions, ZeroShotOptions


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
    """Name the weights that a network starts from: their own name, that of a file or of its folder, or 'random'."""
    weights = options.network.weights
    if weights is None:
        return "random"
    if hub_name.is_hub(weights):
        name = hub_name.HubName.parse(weights)
        return f"{name.repository}@{name.revision[:8]}"
    path = Path(weights)
    return path.parent.name if path.name == model_folder.FILE and path.parent.name else path.name


def find_weights(options: ModelOptions) -> Weights | None:
    """Return what is known of the weights; None also where the folder that they came from has changed since."""
    try:
        return pretraining.find_weights(options.network)
    except UserError:
        return None


def licence(options: ModelOptions) -> str:
    """Name the licence of the weights that a network starts from; '' for random ones."""
    weights = find_weights(options)
    return "" if options.network.weights is None else (weights.licence if weights else "") or pretraining.NOT_STATED


def pretraining_data(options: ModelOptions) -> str:
    """Name the data that the weights were trained on; '' for random ones."""
    weights = find_weights(options)
    return "" if options.network.weights is None else pretraining.list_data(weights.data if weights else ())


def trained_part(options: ModelOptions) -> str:
    """Say what is trained: 'all', 'the last 2 stages and the head', 'LoRA of rank 8 in attention, and the head'."""
    if isinstance(options.network, ZeroShotOptions):
        return "nothing: frames are compared with texts that name the classes"
    stages, last = options.network.trained_stages, "head" if options.has_backbone else "classifier"
    if lora := options.training.lora:
        layers = "attention" if lora.layers == "attention" else "all linear layers"
        return f"LoRA of rank {lora.rank} in {layers}, and the {last}"
    if stages is None:
        return "all"
    if stages == 0:
        return f"only the {last}, the rest is frozen"
    return f"the last {f'{stages} stages' if stages > 1 else 'stage'} and the {last}"
