"""Write scripts/vidbench/models/tables/timm_weights.py from timm, whose registry cannot be read without torch.

Example:
    python tests/tools/describe_timm.py --write
"""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import timm
from timm.models import get_pretrained_cfg, list_models, list_pretrained

PROJECT = Path(__file__).resolve().parents[2]
TARGET = PROJECT / "scripts" / "vidbench" / "models" / "tables" / "timm_weights.py"
NORMALISATIONS = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5,) * 3, (0.5,) * 3),
    "unit": ((0.0,) * 3, (1.0,) * 3),
    "dpn": ((0.48627450980392156, 0.4588235294117647, 0.40784313725490196), (0.23482446870963955,) * 3),
    "clip": ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
}
HEAD = f'''"""timm's networks and their weights ({timm.__version__}): the workflow imports no torch.

Made by `make docs` (tests/tools/describe_timm.py); vidbench/models/families/timm.py reads it.
"""
# ruff: noqa: E501 - names of repositories

# Mean and standard deviation of red, green and blue, for values in [0, 1].
'''
COLUMNS = '''
# Network, weights, pixels of the square crop (or height x width), normalisation, interpolation, share of the scaled
# frame that the crop is, whether the network is built for one size, licence, and where the file is: "-", the Hub's
# timm/NETWORK.WEIGHTS; another repository of the Hub; or an address. DEFAULT stands for a network's first. "-" as
# weights: there are none.
TABLE = """\\
'''


def text() -> str:
    """The whole module."""
    rows = [" ".join(row) for row in all_rows()]
    values = {name: ", ".join(map(colours, pair)) for name, pair in all_normalisations().items()}
    lines = [f'    "{name}": ({pair}),\n' for name, pair in values.items()]
    return "".join([HEAD, "NORMALISATIONS = {\n", *lines, "}\n", COLUMNS, *(f"{row}\n" for row in rows), '"""\n'])


def colours(values: tuple[float, ...]) -> str:
    """Three numbers as Python writes them, shorter where they are equal."""
    return f"[{values[0]}] * 3" if len({*values}) == 1 else str([*values])


def all_rows() -> Iterator[tuple[str, ...]]:
    """Rows of all networks, each one's default weights first."""
    tags: dict[str, list[str]] = {}
    for full in list_pretrained():
        name, _, tag = full.partition(".")
        if tag:
            tags.setdefault(name, []).append(tag)
    for name in list_models():
        usable = [tag for tag in tags.get(name, []) if location(name, tag)]
        default = get_pretrained_cfg(name).tag or ""
        for tag in sorted(usable, key=lambda each: (each != default, each)) or [None]:
            yield row(name, tag)


def location(name: str, tag: str) -> str | None:
    """Where the file of a state dict is; None for weights that only timm's own loader can read."""
    cfg = get_pretrained_cfg(f"{name}.{tag}")
    if cfg.hf_hub_id and cfg.custom_load != "hf" and not cfg.hf_hub_filename:
        return "-" if cfg.hf_hub_id == f"timm/{name}.{tag}" else cfg.hf_hub_id
    return None if cfg.custom_load or not (cfg.url or "").startswith("https") else cfg.url


def row(name: str, tag: str | None) -> tuple[str, ...]:
    """One row of the table; `tag` None: of a network without weights."""
    cfg = get_pretrained_cfg(f"{name}.{tag}" if tag else name)
    _, height, width = cfg.input_size
    return (
        name,
        tag or "-",
        str(height) if height == width else f"{height}x{width}",
        normalisation(cfg.mean, cfg.std),
        cfg.interpolation,
        f"{cfg.crop_pct:g}",
        "fixed" if cfg.fixed_input_size else "any",
        "-" if tag is None else cfg.license or "unknown",
        "-" if tag is None else location(name, tag) or "-",
    )


def normalisation(mean: tuple[float, ...], std: tuple[float, ...]) -> str:
    """Name of a mean and deviation."""
    return next(name for name, values in all_normalisations().items() if values == (tuple(mean), tuple(std)))


@cache
def all_normalisations() -> dict[str, tuple]:
    """NORMALISATIONS and, numbered, others that occur."""
    found = dict(NORMALISATIONS)
    for full in (*list_models(), *list_pretrained()):
        cfg = get_pretrained_cfg(full)
        if (tuple(cfg.mean), tuple(cfg.std)) not in found.values():
            found[f"other{len(found) - len(NORMALISATIONS) + 1}"] = (tuple(cfg.mean), tuple(cfg.std))
    return found


if __name__ == "__main__":
    if "--write" in sys.argv:
        TARGET.write_text(text())
    else:
        print(text())
