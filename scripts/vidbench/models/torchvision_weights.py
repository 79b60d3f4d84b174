"""torchvision's published weights as descriptions, read from their table. Imports no torch."""

from functools import cache

from vidbench.models.network import Weights
from vidbench.models.tables.official_weights import BASE, NORMALISATIONS, TABLE


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
    )
