"""Fetch or make a data set, and record what was fetched.

Example:
    python scripts/print_options.py --configfile config/ucf101.yaml --dataset ucf101 > ucf101.json
    python scripts/download_data.py --options ucf101.json --folder resources/ucf101 \\
        --output resources/ucf101/source.json

Archives and videos stay in the folder and are used again; source.json is rebuilt from them.
"""

from pathlib import Path

from vidbench import cli, datasets
from vidbench.download.dataset import acquire
from vidbench.files import write_json


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--options", type=cli.read_options, required=True, help="data set entry of the config")
    parser.add_argument("--folder", type=Path, required=True, help="where the data set lives")
    parser.add_argument("--jobs", type=int, default=1, help="videos to make at a time")
    parser.add_argument("--ffmpeg", default=None, help="ffmpeg to use instead of the environment's")
    parser.add_argument("--output", type=Path, required=True, help="source.json to write")
    arguments = parser.parse_args()
    options = arguments.options | {"jobs": arguments.jobs, "ffmpeg": arguments.ffmpeg}
    if options["kind"] in datasets.PUBLISHED:
        archives = acquire(options, arguments.folder)
    else:
        archives = datasets.load(options["kind"]).download(options, arguments.folder)
    write_json(arguments.output, {"kind": options["kind"], "archives": archives})


if __name__ == "__main__":
    cli.run(main)
