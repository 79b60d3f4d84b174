"""timm's networks, as backbones: `architecture: timm/NAME`. Their weights: timm's own, or a local folder or file.

Names, stages, weights and the input that these were trained on are in tables. What only the network itself tells
(features, sizes that do not suit) is checked by the job that builds it.
"""

import re
from functools import cache

from vidbench.errors import UserError, did_you_mean
from vidbench.models.network import ALL_LINEAR, ATTENTION, TOKENS, Network, Weights
from vidbench.models.tables.timm_data import data_of
from vidbench.models.tables.timm_structures import STRUCTURES
from vidbench.models.tables.timm_weights import NORMALISATIONS, TABLE

PREFIX = "timm/"
HUB_PREFIXES = ("hf-hub:timm/", "hf_hub:timm/")  # how the library writes names of the Hub
HUB = "https://huggingface.co/"
LAYERS = {ATTENTION: (ATTENTION, ALL_LINEAR), ALL_LINEAR: (ALL_LINEAR,), "none": ()}
PATCH = re.compile(r"_patch(\d+)")  # of a vision transformer, in its name


@cache
def _rows() -> dict[str, list[list[str]]]:
    """Return the table's rows by network, without its name."""
    rows: dict[str, list[list[str]]] = {}
    for line in TABLE.splitlines():
        values = [*map(str, line.split())]
        rows.setdefault(values[0], []).append(values[1:])
    return rows


@cache
def _structures() -> dict[str, tuple[int, tuple[str, ...]]]:
    """Return the number of stages, and the layers that LoRA can adapt, by network."""
    rows = (line.split() for line in STRUCTURES.splitlines())
    return {name: (int(stages), LAYERS[layers]) for name, stages, layers in rows}


def names() -> list[str]:
    """Return no names: there are too many for a list that a person reads."""
    return []


def describe(name: str) -> Network | None:
    """Return the description of a network of this family; UserError where timm has no network of that name."""
    if name.startswith(HUB_PREFIXES):
        raise UserError(_explain_unknown(name, name.rpartition("/")[2]))
    if not name.startswith(PREFIX):
        return None
    timm_name = name.removeprefix(PREFIX)
    if timm_name not in _rows():
        raise UserError(_explain_unknown(name, timm_name))
    rows = _rows()[timm_name]
    num_stages, lora_layers = _structures()[timm_name]
    patch = PATCH.search(timm_name) if rows[0][5] == "fixed" else None
    side = int(patch[1]) if patch else 1
    return Network(
        name=name,
        family="timm",
        module="networks.timm2d",
        takes_clips=False,
        num_stages=num_stages,
        num_features=None,
        form=TOKENS,
        lora_layers=lora_layers,
        min_size=side,
        multiple=side,
        has_folders=True,
        packages=("torch", "torchvision", "timm"),
        weights=tuple(_parse_row(timm_name, row, row is rows[0]) for row in rows if row[0] != "-"),
        source="timm",
    )


def _explain_unknown(name: str, timm_name: str) -> str:
    network, _, tag = timm_name.partition(".")
    if tag and network in _rows():
        return f"'{name}' names weights, too: write architecture: {PREFIX}{network}, weights: {tag}"
    return f"'{name}' is not known, {did_you_mean(name, [PREFIX + each for each in _rows()])}"


def _parse_row(network: str, row: list[str], is_first: bool) -> Weights:
    name, size, normalisation, interpolation, share, _, licence, location = row
    mean, std = NORMALISATIONS[normalisation]
    sides = [int(side) for side in size.split("x")]
    size = [sides[0], sides[-1]]
    base, _, file = location.rpartition("/") if location.startswith("https:") else ("", "", "")
    repository = f"timm/{network}.{name}" if location == "-" else location
    return Weights(
        network=f"{PREFIX}{network}",
        name=name,
        file=file or f"{network}.{name}.safetensors",
        base=f"{base}/" if base else f"{HUB}{repository}/resolve/main/",
        hub="" if base else repository,
        link=f"{PREFIX}{network}-{name}.{'pth' if base else 'safetensors'}",
        mean=mean,
        std=std,
        size=size,
        resize=int(min(size) / float(share)),
        interpolation=interpolation,
        is_default=is_first,
        licence=licence,
        data=data_of(network, name),
    )
