"""Write scripts/vidbench/models/tables/timm_structures.py: what is only known of timm's networks once they are built.

All are built, without memory, which takes some minutes: so --write does it for another version of timm only, --force
always.

Example:
    python tests/tools/describe_timm_structures.py --write
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import timm
import torch
from torch import nn

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "scripts"))

from vidbench.models.lora import find_layers  # noqa: E402
from vidbench.models.networks.timm2d import find_groups  # noqa: E402
from vidbench.models.stages import NAMED_STAGES, find_model_stages  # noqa: E402

TARGET = PROJECT / "scripts" / "vidbench" / "models" / "tables" / "timm_structures.py"
HEAD = f'''"""Stages of timm's networks ({timm.__version__}), and layers for LoRA: the workflow imports no torch.

Made by `make docs` (tests/tools/describe_timm_structures.py); vidbench/models/families/timm.py reads it.
"""

# Network, number of stages, and what it has: attention; all, linear layers without attention; or none of them.
STRUCTURES = """\\
'''


def text(names: Iterable[str]) -> str:
    """The whole module."""
    return "".join([HEAD, *(f"{row(name)}\n" for name in names), '"""\n'])


def row(name: str) -> str:
    """A network's line."""
    with torch.device("meta"):
        backbone = timm.create_model(name, num_classes=0)
    setattr(backbone, NAMED_STAGES, find_groups(backbone))
    model = nn.Module()
    model.backbone = backbone
    layers = next((layers for layers in ("attention", "all") if find_layers(model, layers)), "none")
    return f"{name} {len(find_model_stages(model))} {layers}"


if __name__ == "__main__":
    if "--force" in sys.argv or f"({timm.__version__})" not in TARGET.read_text():
        TARGET.write_text(text(timm.list_models()))
