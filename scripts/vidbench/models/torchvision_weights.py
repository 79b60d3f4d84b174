"""torchvision's published weights as descriptions, read from their table. Imports no torch."""

from functools import cache

from vidbench.models.network import Weights
from vidbench.models.tables.official_weights import BASE, NORMALISATIONS, TABLE

# By a part of the weights' names, the first that fits: what they were trained on, from first to last. Those of video
# transformers started from image networks.
DATA = {
    "IMAGENET1K_SWAG": ("Instagram (SWAG)", "ImageNet-1k"),
    "KINETICS400_IMAGENET22K": ("ImageNet-22k", "Kinetics-400"),
    "KINETICS400": ("Kinetics-400",),
    "IMAGENET1K": ("ImageNet-1k",),
}
SWAG_LICENCE = "cc-by-nc-4.0"  # the only weights whose publisher names one of their own
LICENCE = "bsd-3-clause"  # torchvision's


@cache
def weights_of(network: str) -> tuple[Weights, ...]:
    """Return the published weights of one of torchvision's networks."""
    return tuple(_parse_row(row) for row in TABLE.splitlines() if row.startswith(f"{network} "))


def _parse_row(row: str) -> Weights:
    network, name, file, normalisation, size, resize, interpolation, frames, default = row.split()
    mean, std = NORMALISATIONS[normalisation]
    sides = [int(side) for side in resize.split("x")]
    return Weights(
        network=network,
        name=name,
        file=file,
        base=BASE,
        link=f"{network}-{name}.pth",
        mean=mean,
        std=std,
        size=[int(size)] * 2,
        resize=sides if len(sides) > 1 else sides[0],
        interpolation=interpolation,
        min_frames=int(frames),
        is_default=default == "DEFAULT",
        licence=SWAG_LICENCE if "SWAG" in name else LICENCE,
        data=_data(network, name),
    )


def _data(network: str, name: str) -> tuple[str, ...]:
    data = next(data for part, data in DATA.items() if part in name)
    return ("ImageNet-1k", *data) if network.startswith("swin3d") and len(data) == 1 else data
