"""What networks require of a clip and of each other. Imports no torch: the workflow asks before any job starts."""

from vidbench.errors import UserError

MIN_FRAMES = {"s3d": 5}
# Pixels below which nothing is left of the feature maps, by the beginning of the name; others take any size.
MIN_SIZE = {
    "s3d": 17, "mvit_v2_s": 29, "alexnet": 63, "convnext": 32, "densenet": 29, "googlenet": 15, "inception_v3": 75,
    "squeezenet1_0": 21, "squeezenet1_1": 17, "swin_": 4, "vgg": 32,
}  # fmt: skip
# A side is a multiple of a vision transformer's patch, or of MaxViT's windows of 7 x 7 at a 32nd of the size.
MULTIPLE = {"vit_b_16": 16, "vit_b_32": 32, "vit_l_16": 16, "vit_l_32": 32, "vit_h_14": 14, "maxvit_t": 224}
SHIFTED = ("cnn2d", "resnet", "resnext", "wide_resnet")  # beginnings of the names of backbones that tsm can shift


def minimum_clip(name: str) -> tuple[int, int]:
    """Fewest frames, and pixels of the shorter side, that a clip architecture or backbone takes."""
    size = next((size for start, size in MIN_SIZE.items() if name.startswith(start)), 1)
    return MIN_FRAMES.get(name, 1), MULTIPLE.get(name, size)


def check(options: dict) -> None:
    """Raise UserError where a complete model entry asks for what its network cannot do."""
    clip_model = "architecture" in options
    name = options["architecture"] if clip_model else options["backbone"]["architecture"]
    _check_clip(name if clip_model else f"backbone {name}", options["clip"], *minimum_clip(name))
    if name in MULTIPLE:
        _check_multiple(name, options["clip"]["size"])
    if options.get("head") == "tsm" and not name.startswith(SHIFTED):
        raise UserError(
            f"head tsm: the backbone {name} has no residual blocks that can be shifted;"
            " use cnn2d, resnet18, resnet34, resnet50 ..., resnext50_32x4d ... or wide_resnet50_2 ..."
        )


def _check_clip(name: str, clip: dict, frames: int, size: int) -> None:
    height, width = clip["size"]
    if clip["frames"] < frames:
        raise UserError(f"{name} needs clips of at least {frames} frames, not {clip['frames']}; raise clip.frames")
    if min(height, width) < size:
        raise UserError(
            f"{name} needs frames of at least {size} x {size} pixels, not {height} x {width}; raise clip.size"
        )


def _check_multiple(name: str, size: list[int]) -> None:
    (height, width), multiple, square = size, MULTIPLE[name], name.startswith("vit")
    if height % multiple or width % multiple or (square and height != width):
        nearest = max(multiple, round(max(height, width) / multiple) * multiple)
        raise UserError(
            f"backbone {name} needs {'square frames' if square else 'frames'} of a multiple of {multiple} pixels,"
            f" not {height} x {width}; set clip.size: [{nearest}, {nearest}]"
        )
