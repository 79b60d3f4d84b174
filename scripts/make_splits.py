"""Divide a data set's videos into train, val and test.

Example:
    python scripts/make_splits.py --options '{"kind": "folds", "folds": 4, "validation": 0.15, "seed": 0}' \\
        --videos results/mine/videos.csv --split fold1 --output results/mine/splits/fold1.csv

Groups stay whole. Validation comes out of the training videos, never out of the test videos.
"""

from pathlib import Path

from vidbench import cli
from vidbench.datasets.video import read_videos
from vidbench.errors import UserError, did_you_mean
from vidbench.files import write_csv
from vidbench.splits import make_split, split_names


def main() -> None:
    parser = cli.parser(__doc__)
    parser.add_argument("--options", type=cli.options, required=True, help="complete `splits` section")
    parser.add_argument("--videos", type=Path, required=True, help="videos.csv")
    parser.add_argument("--split", required=True, help="name of the split: split1, or fold1, fold2 ...")
    parser.add_argument("--output", type=Path, required=True, help="CSV to write: video,subset")
    arguments = parser.parse_args()
    videos = read_videos(arguments.videos)
    names = split_names(arguments.options, videos)
    if arguments.split not in names:
        raise UserError(f"no split '{arguments.split}': {did_you_mean(arguments.split, names)}")
    subsets = make_split(arguments.split, arguments.options, videos)
    rows = [{"video": video.video, "subset": subsets[video.video]} for video in videos if video.video in subsets]
    write_csv(arguments.output, rows, ("video", "subset"))


if __name__ == "__main__":
    cli.run(main)
