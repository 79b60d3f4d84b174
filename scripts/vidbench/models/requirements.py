"""Requirements of networks: of a clip, and of the head. Imports no torch: the workflow checks them before any job."""

from importlib import import_module

from vidbench.errors import UserError
from vidbench.models import catalogue
from vidbench.models.network import TOKENS, Network
from vidbench.models.options import ClipOptions, ModelOptions, NetworkOptions

CLIP_HEADS = ("mean", "attentive")  # heads of networks that take clips


def check(options: ModelOptions) -> None:
    """Raise UserError where a model's options ask for what its network cannot do."""
    check_network(options.network, options.clip, options.has_backbone)
    name, head = options.network.architecture, options.head.name
    if options.has_backbone and options.network.takes_clips and head not in CLIP_HEADS:
        raise UserError(
            f"backbone {name} takes whole clips: only the heads {' and '.join(CLIP_HEADS)} go with it, not {head}"
        )
    if options.takes_tokens and not options.network.tokens:
        grid = [8, 4, 4] if options.network.takes_clips else [4, 4]
        raise UserError(f"head {head} reads tokens; give the backbone {name} a grid of them, e.g. tokens: {grid}")
    if head == "tsm" and not catalogue.describe(name).can_shift:
        raise UserError(
            f"head tsm: the backbone {name} has no residual blocks that can be shifted;"
            " use cnn2d, resnet18, resnet34, resnet50 ..., resnext50_32x4d ... or wide_resnet50_2 ..."
        )


def check_network(options: NetworkOptions, clip: ClipOptions, is_backbone: bool = True) -> None:
    """Raise UserError where a network cannot take these clips, or has fewer stages than are to be trained."""
    network = catalogue.describe(options.architecture)
    _check_clip(f"backbone {network.name}" if is_backbone else network.name, clip, network)
    trained = options.trained_stages
    if trained is not None and network.num_stages is not None and trained > network.num_stages:
        raise UserError(
            f"trained_stages: {trained}, but {network.name} has {network.num_stages} stages; null trains all"
        )
    _check_multiple(network, clip.size)
    family = import_module(f"vidbench.models.families.{network.family}")
    if hasattr(family, "check_clip"):
        family.check_clip(options, clip)
    _check_tokens(network, options.tokens)
    if options.drop_path is not None and network.family != "timm":
        raise UserError(f"drop_path: {network.name} has none that can be set, only timm's networks; leave it out")


def _check_tokens(network: Network, grid: tuple[int, ...] | None) -> None:
    if grid is None:
        return
    if network.form != TOKENS:
        raise UserError(f"tokens: {network.name} gives none; leave tokens out, and the head attentive")
    axes, example = ("time, height, width", "[8, 4, 4]") if network.takes_clips else ("height, width", "[4, 4]")
    if len(grid) != len(axes.split(", ")):
        kind = "whole clips" if network.takes_clips else "single frames"
        raise UserError(f"tokens: {list(grid)}, but {network.name} takes {kind}; name [{axes}], e.g. {example}")


def _check_clip(name: str, clip: ClipOptions, network: Network) -> None:
    height, width = clip.size
    size = network.min_size
    if clip.frames < network.min_frames:
        raise UserError(
            f"{name} needs clips of at least {network.min_frames} frames, not {clip.frames}; raise clip.frames"
        )
    if min(height, width) < size:
        raise UserError(
            f"{name} needs frames of at least {size} x {size} pixels, not {height} x {width}; raise clip.size"
        )


def _check_multiple(network: Network, size: tuple[int, int]) -> None:
    height, width = size
    multiple = network.multiple
    if height % multiple or width % multiple or (network.is_square and height != width):
        nearest = max(multiple, round(max(height, width) / multiple) * multiple)
        raise UserError(
            f"backbone {network.name} needs {'square frames' if network.is_square else 'frames'} of a multiple of"
            f" {multiple} pixels, not {height} x {width}; set clip.size: [{nearest}, {nearest}]"
        )


def check_lora(options: ModelOptions) -> None:
    """Raise UserError where low-rank adaptation makes no sense; not part of check(), as plans know no weights."""
    lora, network = options.training.lora, options.network
    if lora is None:
        return
    if network.trained_stages is not None:
        raise UserError(
            f"training.lora trains matrices in all stages, trained_stages: {network.trained_stages} freezes stages;"
            " leave one of them out"
        )
    has = catalogue.describe(network.architecture).lora_layers
    if has is not None and lora.layers not in has:
        other = f"set layers: {has[0]}" if has else "set trained_stages instead"
        kind = "attention" if lora.layers == "attention" else "linear layers before its last one"
        raise UserError(f"training.lora: {network.architecture} has no {kind}; {other}")
    if network.weights is None:
        raise UserError(
            "training.lora: adapts pretrained weights, and the network has random ones; name weights, or leave it out"
        )
