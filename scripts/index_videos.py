"""List a data set's videos with their labels and groups: one row a video.

Example:
    python scripts/index_videos.py --options '{"kind": "csv", "manifest": "videos.csv"}' \\
        --folder resources/mine --output results/mine/videos.csv
"""

from pathlib import Path

from vidbench import cli, datasets
from vidbench.datasets.video import write_videos


def main() -> None:
    parser = cli.parser(__doc__)
    parser.add_argument("--options", type=cli.options, required=True, help="data set entry of the config")
    parser.add_argument("--folder", type=Path, required=True, help="where the data set lives")
    parser.add_argument("--output", type=Path, required=True, help="videos.csv to write")
    arguments = parser.parse_args()
    videos = datasets.load(arguments.options["kind"]).videos(arguments.options, arguments.folder)
    write_videos(arguments.output, videos)


if __name__ == "__main__":
    cli.run(main)
