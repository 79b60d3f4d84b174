"""What a dry run or a small step asks loads no large package: each in a process of its own."""

import subprocess
import sys

import pytest
from conftest import PROJECT

IMPORTS = {
    "names and checks of models": (
        "from vidbench import models\n"
        "from vidbench.models.options import ModelOptions\n"
        "entry = {'backbone': {'architecture': 'vit_b_16'}, 'head': 'mean'}\n"
        "models.backbone_names(); models.check(ModelOptions.from_dict(entry))",
        "torch",
    ),
    "official weights": (
        "from vidbench.models import official_weights\n"
        "assert official_weights.resolve('vit_b_16', 'DEFAULT') == 'IMAGENET1K_V1'",
        "torch",
    ),
    "pairs of equal videos": ("from vidbench.doctor.duplicates.pairs import clusters, read_pairs", "numpy"),
    "downloads without a hub": ("import vidbench.download.dataset, vidbench.datasets.hmdb51", "huggingface_hub"),
}


@pytest.mark.parametrize("what", IMPORTS)
def test_no_large_package_is_loaded(what: str) -> None:
    code, package = IMPORTS[what]
    code += f"\nimport sys\nprint({package!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT / "scripts", capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
