"""Print the options of a data set or model with all defaults filled in, as the step scripts take them.

Example:
    python scripts/print_options.py --dataset motion                  # for download, index, extraction, splits
    python scripts/print_options.py --dataset motion --model cnn3d    # for train_model.py
    python scripts/print_options.py --configfile config/own_videos.yaml --dataset mine
"""

import json
from pathlib import Path

import yaml

from vidbench import cli
from vidbench.config import home, schema
from vidbench.errors import UserError, did_you_mean

DEFAULT = Path(__file__).resolve().parents[1] / "config" / "config.yaml"


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument(
        "--configfile", type=cli.read_options, default={}, help="your config, merged over the default one"
    )
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--model", default=None)
    arguments = parser.parse_args()
    config = schema.merge(yaml.safe_load(DEFAULT.read_text(encoding="utf-8")), arguments.configfile)
    config = home.fill_in(config)
    schema.check(config)
    for kind, name in (("datasets", arguments.dataset), ("models", arguments.model)):
        if name is not None and name not in config[kind]:
            raise UserError(f"no '{name}' under {kind}: {did_you_mean(name, config[kind])}")
    if arguments.model is None:
        options = schema.dataset_options(config, arguments.dataset)
    else:
        options = schema.model_options(config, arguments.dataset, arguments.model)
    print(json.dumps(options, indent=2))


if __name__ == "__main__":
    cli.run(main)
