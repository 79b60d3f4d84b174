"""Write scripts/vidbench/models/tables/official_weights.py from torchvision, which the workflow does not import.

Example:
    python tests/tools/describe_weights.py --write
"""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "scripts"))

from torchvision.models import WeightsEnum, get_model_weights  # noqa: E402

from vidbench import models  # noqa: E402

TARGET = PROJECT / "scripts" / "vidbench" / "models" / "tables" / "official_weights.py"
BASE = "https://download.pytorch.org/models/"
NORMALISATIONS = {
    "imagenet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    "kinetics": ([0.43216, 0.394666, 0.37645], [0.22803, 0.22145, 0.216989]),
    "grey": ([0.45] * 3, [0.225] * 3),
    "half": ([0.5] * 3, [0.5] * 3),
    "caffe": ([0.48235, 0.45882, 0.40784], [1 / 255] * 3),
}
# Trained with `transform_input`, which is off here (torchvision2d.py): the network's own normalisation.
OWN_NORMALISATION = {"inception_v3": "half", "googlenet": "half"}
HEAD = f'''"""torchvision's official weights and the input they were trained on: the workflow imports no torch.

Made by `make docs` (tests/tools/describe_weights.py); vidbench/models/torchvision_weights.py reads it.
"""

BASE = "{BASE}"

# Mean and standard deviation of red, green and blue, for values in [0, 1].
NORMALISATIONS = {{
'''
COLUMNS = '''}

# Network, weights, file, normalisation, pixels of the square crop, pixels that the short side is scaled to before it
# (or height x width), interpolation, fewest frames that torchvision's network takes, and what DEFAULT stands for.
TABLE = """\\
'''


def text() -> str:
    """The whole module."""
    lines = [HEAD]
    lines += [f'    "{name}": ({mean}, {std}),\n' for name, (mean, std) in NORMALISATIONS.items()]
    lines.append(COLUMNS)
    for name in [*models.clip_names(), *models.backbone_names()]:
        lines += [f"{' '.join(map(str, row(name, weights)))}\n" for weights in official(name)]
    return "".join([*lines, '"""\n'])


def official(name: str) -> list[WeightsEnum]:
    """A network's official weights."""
    try:
        return list(get_model_weights(name))
    except ValueError:  # a network of our own
        return []


def row(name: str, weights: WeightsEnum) -> tuple:
    """One row of the catalogue."""
    transforms = weights.transforms()
    own = ([*map(float, transforms.mean)], [*map(float, transforms.std)])
    known = next(key for key, value in NORMALISATIONS.items() if value == own)
    resize, crop = list(transforms.resize_size), list(transforms.crop_size)
    if len({*crop}) > 1 or not weights.url.startswith(BASE):
        raise ValueError(f"{weights}: the catalogue has no place for a crop of {crop} or the address {weights.url}")
    return (
        name,
        weights.name,
        weights.url.removeprefix(BASE),
        OWN_NORMALISATION.get(name, known),
        crop[0],
        "x".join(map(str, resize)) if len({*resize}) > 1 else resize[0],
        transforms.interpolation.value,
        weights.meta.get("min_temporal_size", 1),
        "DEFAULT" if weights is type(weights).DEFAULT else "-",
    )


if __name__ == "__main__":
    if "--write" in sys.argv:
        TARGET.write_text(text())
    else:
        print(text())
