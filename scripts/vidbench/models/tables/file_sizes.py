"""Sizes of files of pretrained weights (stand-in): the workflow imports no torch."""

from functools import cache

TABLE = """\
mobilenet_v2 14
r3d_18 133
timm/vit_small_patch14_dinov2 88
"""


@cache
def _rows() -> dict[str, list[str]]:
    return {network: sizes for network, *sizes in map(str.split, TABLE.splitlines())}


def megabytes_of(network: str, weights: str) -> int | None:
    """Return the megabytes of a file of weights."""
    first, *others = _rows().get(network, [""])
    size = dict(other.split("=") for other in others).get(weights, first)
    return int(size) if size else None
