"""Fetch weights of a network, torchvision's, timm's or the Hub's, or use a file that was put into a folder for them.

Example:
    python scripts/fetch_weights.py --architecture r3d_18 --weights KINETICS400_V1 \\
        --output resources/weights/r3d_18-KINETICS400_V1.pth

    python scripts/fetch_weights.py --architecture hf/vjepa2 --weights hf-hub:OWNER/NAME@REVISION \\
        --output resources/weights/hf/vjepa2-OWNER--NAME@REVISION.safetensors

The file is searched under torchvision's own name (of timm's weights: NETWORK.WEIGHTS.safetensors) in incoming/ beside
the output, then in fetched/, and else downloaded into fetched/. Its SHA-256 must begin with the digits in its name, or
be the one that the Hugging Face Hub lists. The output is a link to it.
"""

from dataclasses import replace
from pathlib import Path

from vidbench import cli
from vidbench.download.hub_settings import fetch_settings
from vidbench.download.weights import link_weights
from vidbench.errors import UserError
from vidbench.models.hub_name import HubName, is_hub
from vidbench.models.network import Weights
from vidbench.models.official_weights import is_file, official, resolve
from vidbench.models.published_weights import located


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--architecture", required=True, help="network, e.g. r3d_18")
    parser.add_argument("--weights", required=True, help="name of the weights, e.g. KINETICS400_V1, or DEFAULT")
    parser.add_argument("--options", type=cli.read_options, default={}, help="weights_download of the config")
    parser.add_argument("--mirror", action="append", default=[], help="address of a folder that is tried first")
    parser.add_argument("--output", type=Path, required=True, help="link to make")
    arguments = parser.parse_args()
    if is_file(arguments.weights):
        raise UserError(
            f"--weights {arguments.weights}: is a file and need not be fetched; give one of torchvision's names"
        )
    options = arguments.options
    if arguments.mirror:
        options |= {"mirrors": [*arguments.mirror, *options.get("mirrors", [])], "mirrors_first": True}
    if is_hub(arguments.weights) or "@" in arguments.weights:
        weights = fetch_hub_settings(arguments.architecture, arguments.weights, arguments.output, options)
    else:
        name = resolve(arguments.architecture, arguments.weights)
        assert name is not None  # as --weights is
        weights = official(arguments.architecture)[name]
    link_weights(weights, arguments.output, options)


def fetch_hub_settings(architecture: str, name: str, output: Path, options: dict) -> Weights:
    """Fetch the settings of a repository, and return where its weights are; `name` may also be that of its folder."""
    folder = output.parents[1]  # resources/weights
    parsed = HubName.parse(name) if is_hub(name) else HubName.of_folder(name)
    resolved = fetch_settings(replace(parsed, folder=folder), options)
    # Of the input nothing is needed to fetch them.
    weights = Weights(
        network=architecture, name=str(resolved), file="", base="", link="",
        mean=[], std=[], size=[], resize=0, interpolation="",
    )  # fmt: skip
    return located(weights, resolved)


if __name__ == "__main__":
    cli.run(main)
