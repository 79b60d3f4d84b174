"""List a data set's videos with their labels and groups: one row per video.

skipped.csv, beside it, lists the files among them that are left out, and why.

Example:
    python scripts/index_videos.py --options '{"kind": "csv", "manifest": "videos.csv"}' \\
        --folder resources/mine --output results/mine/videos.csv
"""

from pathlib import Path

from vidbench import cli
from vidbench.datasets import skipped
from vidbench.datasets.listing import listing
from vidbench.video import write_videos


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--options", type=cli.read_options, required=True, help="data set entry of the config")
    parser.add_argument("--folder", type=Path, required=True, help="where the data set lives")
    parser.add_argument("--output", type=Path, required=True, help="videos.csv to write; skipped.csv goes beside it")
    arguments = parser.parse_args()
    skipped_table = arguments.output.with_name("skipped.csv")
    listed = listing(arguments.options, arguments.folder)
    if listed.skipped:
        print(skipped.line(listed.skipped, skipped_table), flush=True)
    skipped.write_skipped(skipped_table, listed.skipped)
    write_videos(arguments.output, listed.videos)


if __name__ == "__main__":
    cli.run(main)
