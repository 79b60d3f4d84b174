"""Divide a data set's videos into train, val and test.

Example:
    python scripts/make_splits.py --options '{"kind": "folds", "folds": 4, "validation": 0.15, "seed": 0}' \\
        --videos results/mine/videos.csv --split fold1 --output results/mine/splits/fold1.csv

Groups are never divided. Validation videos are taken from the training videos, never from the test videos. With
--duplicates, videos that show the same recording are one group. With --inspection, a video that could not be decoded is
an error.
"""

from pathlib import Path

from vidbench import cli
from vidbench.datasets.splits import make_split, merge_groups, official_splits, split_names
from vidbench.doctor.duplicates.pairs import clusters, read_pairs
from vidbench.errors import UserError, did_you_mean
from vidbench.files import read_csv, write_csv
from vidbench.video import read_videos

MAX_NAMES = 10  # of bad videos in the error


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--options", type=cli.read_options, required=True, help="complete `splits` section")
    parser.add_argument("--videos", type=Path, required=True, help="videos.csv")
    parser.add_argument("--split", required=True, help="name of the split: split1, fold1-train25 ...")
    parser.add_argument("--published", action="store_true", help="published official lists: warn instead of refusing")
    parser.add_argument("--duplicates", type=Path, default=None, help="duplicates.csv: keep such videos together")
    parser.add_argument("--inspection", type=Path, default=None, help="inspection.csv: refuse bad videos")
    parser.add_argument("--output", type=Path, required=True, help="CSV to write: video,subset")
    arguments = parser.parse_args()
    videos = read_videos(arguments.videos)
    names = split_names(arguments.options, official_splits(videos))
    if arguments.split not in names:
        raise UserError(f"no split '{arguments.split}': {did_you_mean(arguments.split, names)}")
    if arguments.inspection:
        refuse_bad(arguments.inspection)
    if arguments.duplicates:
        videos = merge_groups(videos, clusters(read_pairs(arguments.duplicates)))
    subsets = make_split(arguments.split, arguments.options, videos, arguments.published)
    rows = [{"video": video.id, "subset": subsets[video.id]} for video in videos if video.id in subsets]
    write_csv(arguments.output, rows, ("video", "subset"))


def refuse_bad(inspection: Path) -> None:
    """Raise UserError if a video could not be decoded, wholly or in part."""
    bad = [f"{row['video']!r} ({row['status']})" for row in read_csv(inspection) if row["status"] != "ok"]
    if bad:
        more = f" and {len(bad) - MAX_NAMES} more" if len(bad) > MAX_NAMES else ""
        raise UserError(
            f"{inspection}: {len(bad)} videos cannot be decoded: {', '.join(bad[:MAX_NAMES])}{more};"
            " repair them, take them out of the data set, or set on_bad_video: exclude"
        )


if __name__ == "__main__":
    cli.run(main)
