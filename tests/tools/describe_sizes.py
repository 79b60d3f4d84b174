"""Write scripts/vidbench/models/tables/file_sizes.py: how large files of weights are, from torchvision and timm.

Example:
    python tests/tools/describe_sizes.py --write

torchvision says it; of timm's networks the tensors are counted, without memory for them: a few minutes.
"""

import sys
import warnings
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "scripts"))

import timm  # noqa: E402
import torch  # noqa: E402
from describe_weights import official  # noqa: E402

from vidbench import models  # noqa: E402
from vidbench.models.tables.timm_weights import TABLE  # noqa: E402

TARGET = PROJECT / "scripts" / "vidbench" / "models" / "tables" / "file_sizes.py"
MIB = 1024**2  # bytes of what torchvision calls MB
HEAD = f'''"""Sizes of files of pretrained weights ({timm.__version__} of timm): the workflow imports no torch.

Made by `make docs` (tests/tools/describe_sizes.py).
"""
# ruff: noqa: E501 - many weights of one network

# Network, megabytes of the files of its weights, and, as NAME=MEGABYTES, of those that differ.
TABLE = """\\
'''


def text() -> str:
    """The whole module."""
    return as_module(row(network, sizes) for network, sizes in (torchvision_sizes() | timm_sizes()).items())


def as_module(rows: Iterable[str]) -> str:
    """The module that holds these rows."""
    return "".join([HEAD, *(f"{line}\n" for line in rows), '"""\n'])


def row(network: str, sizes: dict[str, int]) -> str:
    """One row: the most frequent size first."""
    usual = Counter(sizes.values()).most_common(1)[0][0]
    others = [f"{name}={size}" for name, size in sizes.items() if size != usual]
    return " ".join([network, str(usual), *others])


def torchvision_sizes() -> dict[str, dict[str, int]]:
    """Megabytes by network and weights, as torchvision says them."""
    networks = {name: official(name) for name in [*models.clip_names(), *models.backbone_names()]}
    return {
        name: {each.name: to_megabytes(each.meta["_file_size"] * MIB) for each in weights}
        for name, weights in networks.items()
        if weights
    }


def timm_sizes() -> dict[str, dict[str, int]]:
    """Megabytes by network and weights, counted."""
    sizes: dict[str, dict[str, int]] = {}
    for line in TABLE.splitlines():
        name, tag, *_ = line.split()
        if tag != "-":
            num_classes = timm.models.get_pretrained_cfg(f"{name}.{tag}").num_classes
            if size := count_bytes(name, num_classes):
                sizes.setdefault(f"timm/{name}", {})[tag] = to_megabytes(size)
    return sizes


@cache
def count_bytes(name: str, num_classes: int) -> int | None:
    """Bytes of all tensors of one of timm's networks; None where it cannot be built without its numbers."""
    try:
        with torch.device("meta"), warnings.catch_warnings(action="ignore"):
            network = timm.create_model(name, num_classes=num_classes)
    except (RuntimeError, TypeError, ValueError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return None
    return sum(tensor.numel() * tensor.element_size() for tensor in network.state_dict().values())


def to_megabytes(size: float) -> int:
    """Bytes as megabytes, at least one."""
    return max(1, round(size / 1e6))


if __name__ == "__main__":
    if "--write" in sys.argv:
        TARGET.write_text(text())
    else:
        print(text())
