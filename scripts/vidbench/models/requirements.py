"""Requirements of networks: of a clip, and of the head. Imports no torch: the workflow checks them before any job."""

from vidbench.errors import UserError
from vidbench.models.options import ClipOptions, ModelOptions, NetworkOptions

# Five frames would be enough, but with five to seven the gradient of s3d's first temporal convolution (kernel 7,
# stride 2) is wrong, or ends the process, on CPUs with AVX-512: oneDNN reads outside its memory (torch 2.15).
MIN_FRAMES = {"s3d": 8}
# Pixels below which nothing is left of the feature maps, by the beginning of the name; others take any size.
MIN_SIZE = {
    "s3d": 17, "mvit_v2_s": 29, "alexnet": 63, "convnext": 32, "densenet": 29, "googlenet": 15, "inception_v3": 75,
    "squeezenet1_0": 21, "squeezenet1_1": 17, "swin_": 4, "vgg": 32,
}  # fmt: skip
# A side is a multiple of a vision transformer's patch, or of MaxViT's windows of 7 x 7 at a 32nd of the size.
MULTIPLE = {"vit_b_16": 16, "vit_b_32": 32, "vit_l_16": 16, "vit_l_32": 32, "vit_h_14": 14, "maxvit_t": 224}
# Stages (stages.py), by the beginning of the name; the longest matching one counts.
NUM_STAGES = {
    "cnn3d": 4, "r3d_18": 5, "mc3_18": 5, "r2plus1d_18": 5, "s3d": 11, "mvit_v1_b": 17, "mvit_v2_s": 17, "swin3d_": 5,
    "cnn2d": 4, "alexnet": 7, "convnext": 5, "densenet": 5, "efficientnet": 9, "efficientnet_v2_s": 8, "googlenet": 11,
    "inception_v3": 15, "maxvit_t": 6, "mnasnet": 9, "mobilenet_v2": 19, "mobilenet_v3_large": 18,
    "mobilenet_v3_small": 14, "regnet": 5, "resnet": 5, "resnext": 5, "shufflenet": 5, "squeezenet": 9, "swin_": 5,
    "vgg11": 10, "vgg13": 12, "vgg16": 15, "vgg19": 18, "vit_b": 13, "vit_h": 33, "vit_l": 25, "wide_resnet": 5,
}  # fmt: skip
SHIFTED = ("cnn2d", "resnet", "resnext", "wide_resnet")  # beginnings of the names of backbones that tsm can shift


def minimum_clip(name: str) -> tuple[int, int]:
    """Return the fewest frames, and pixels of the shorter side, that a clip architecture or backbone takes."""
    size = next((size for start, size in MIN_SIZE.items() if name.startswith(start)), 1)
    return MIN_FRAMES.get(name, 1), MULTIPLE.get(name, size)


def num_stages(name: str) -> int:
    """Return the number of stages of a clip architecture or backbone, e.g. 5 for resnet18."""
    return NUM_STAGES[max((start for start in NUM_STAGES if name.startswith(start)), key=len)]


def check(options: ModelOptions) -> None:
    """Raise UserError where a model's options ask for what its network cannot do."""
    check_network(options.network, options.clip, options.has_backbone)
    name, head = options.network.architecture, options.head.name
    if options.has_backbone and options.network.takes_clips and head != "mean":
        raise UserError(f"backbone {name} takes whole clips: only the head mean goes with it, not {head}")
    if head == "tsm" and not name.startswith(SHIFTED):
        raise UserError(
            f"head tsm: the backbone {name} has no residual blocks that can be shifted;"
            " use cnn2d, resnet18, resnet34, resnet50 ..., resnext50_32x4d ... or wide_resnet50_2 ..."
        )


def check_network(network: NetworkOptions, clip: ClipOptions, is_backbone: bool = True) -> None:
    """Raise UserError where a network cannot take these clips, or has fewer stages than are to be trained."""
    name = network.architecture
    _check_clip(f"backbone {name}" if is_backbone else name, clip, *minimum_clip(name))
    if network.trained_stages is not None and network.trained_stages > num_stages(name):
        raise UserError(
            f"trained_stages: {network.trained_stages}, but {name} has {num_stages(name)} stages; null trains all"
        )
    if name in MULTIPLE:
        _check_multiple(name, clip.size)


def _check_clip(name: str, clip: ClipOptions, frames: int, size: int) -> None:
    height, width = clip.size
    if clip.frames < frames:
        raise UserError(f"{name} needs clips of at least {frames} frames, not {clip.frames}; raise clip.frames")
    if min(height, width) < size:
        raise UserError(
            f"{name} needs frames of at least {size} x {size} pixels, not {height} x {width}; raise clip.size"
        )


def _check_multiple(name: str, size: tuple[int, int]) -> None:
    height, width = size
    multiple = MULTIPLE[name]
    square = name.startswith("vit")
    if height % multiple or width % multiple or (square and height != width):
        nearest = max(multiple, round(max(height, width) / multiple) * multiple)
        raise UserError(
            f"backbone {name} needs {'square frames' if square else 'frames'} of a multiple of {multiple} pixels,"
            f" not {height} x {width}; set clip.size: [{nearest}, {nearest}]"
        )
