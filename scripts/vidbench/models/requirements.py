"""Requirements of networks: of a clip, and of the head. Imports no torch: the workflow checks them before any job."""

from importlib import import_module

from vidbench.errors import UserError
from vidbench.models import catalogue
from vidbench.models.network import Network
from vidbench.models.options import ClipOptions, ModelOptions, NetworkOptions


def check(options: ModelOptions) -> None:
    """Raise UserError where a model's options ask for what its network cannot do."""
    check_network(options.network, options.clip, options.has_backbone)
    name, head = options.network.architecture, options.head.name
    if options.has_backbone and options.network.takes_clips and head != "mean":
        raise UserError(f"backbone {name} takes whole clips: only the head mean goes with it, not {head}")
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
    if options.drop_path is not None and network.family != "timm":
        raise UserError(f"drop_path: {network.name} has none that can be set, only timm's networks; leave it out")


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
