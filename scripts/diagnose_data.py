"""Diagnose a data set before a model is trained on it: the doctor's findings.

Example:
    python scripts/diagnose_data.py --videos results/mine/videos.csv --inspection results/mine/inspection.csv \\
        --duplicates results/mine/duplicates.csv --splits results/mine/splits/*.csv --output results/mine/diagnosis.json

Videos that cannot be decoded, unbalanced classes, properties of the files that give the class away, and recordings that
are in two subsets of a split.
"""

import sys
from collections import Counter
from pathlib import Path

from vidbench import cli
from vidbench.doctor import data_warnings
from vidbench.doctor.duplicates.pairs import NO_FRAME, Pair, read_not_compared, read_pairs
from vidbench.doctor.shortcuts import find_shortcuts
from vidbench.errors import UserError
from vidbench.files import read_csv, write_json
from vidbench.frames.store import FAILED, OK
from vidbench.video import Video, lost_classes, read_videos

MIN_IMBALANCE = 3  # largest class divided by smallest, from which there is a warning


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--videos", type=Path, required=True, help="videos.csv")
    parser.add_argument("--inspection", type=Path, required=True, help="inspection.csv")
    parser.add_argument("--duplicates", type=Path, default=None, help="duplicates.csv, where there is one")
    parser.add_argument("--not-compared", type=Path, default=None, help="not_compared.csv, where there is one")
    parser.add_argument("--splits", type=Path, nargs="+", required=True, help="CSV files of the splits")
    parser.add_argument(
        "--published", action="store_true", help="a published data set: its groups and labels are not questioned"
    )
    parser.add_argument("--remarks", nargs="*", default=[], help="remarks on the list of videos, to repeat")
    parser.add_argument("--output", type=Path, required=True, help="diagnosis.json to write")
    arguments = parser.parse_args()
    videos = {video.id: video for video in read_videos(arguments.videos)}
    inspection = read_csv(arguments.inspection)
    pairs = read_pairs(arguments.duplicates) if arguments.duplicates else None
    readable = {row["video"] for row in inspection if row["status"] != FAILED}
    listing = [] if arguments.published else data_warnings.listing_warnings(list(videos.values()))
    diagnosis = {
        **describe(videos, inspection),
        "remarks": arguments.remarks,
        "notes": data_warnings.note_lines(inspection),
        "lost": lost_classes({name: video.labels for name, video in videos.items()}, readable),
        "duplicates": None if pairs is None else len(pairs),
        "not_compared": count_not_compared(arguments.not_compared) if arguments.not_compared else 0,
        "splits": {path.stem: describe_split(path, videos, readable, pairs or []) for path in arguments.splits},
    }
    diagnosis["warnings"] = [
        *data_warnings.fault_warnings(inspection),
        *find_warnings(diagnosis, arguments.published),
        *listing,
    ]
    for line in [diagnosis["summary"], *diagnosis["notes"]]:
        print(line, file=sys.stderr)
    for line in diagnosis["warnings"]:
        print(f"WARNING: {line}", file=sys.stderr)
    write_json(arguments.output, diagnosis)


def describe(videos: dict[str, Video], inspection: list[dict[str, str]]) -> dict[str, object]:
    """Return the part of the diagnosis that does not depend on a split."""
    if unknown := [row["video"] for row in inspection if row["video"] not in videos]:
        raise UserError(f"inspection: video '{unknown[0]}' is not in the list of videos; make both again")
    counts = Counter(label for video in videos.values() for label in video.labels)
    decoded = [row for row in inspection if row["status"] == OK]
    decoded_videos = [videos[row["video"]] for row in decoded]
    return {
        "summary": data_warnings.summary(list(videos.values()), len(decoded)),
        "videos": len(videos),
        "status": dict(sorted(Counter(row["status"] for row in inspection).items())),
        "classes": dict(sorted(counts.items())),
        "imbalance": round(max(counts.values()) / min(counts.values()), 2),
        # Of several labels, a set of them is no class: what a property tells of it is not asked.
        "shortcuts": []
        if any(video.multi for video in decoded_videos)
        else find_shortcuts(
            decoded, [video.label for video in decoded_videos], [video.group for video in decoded_videos]
        ),
    }


def count_not_compared(path: Path) -> int:
    """Return the number of decoded videos that show too little to be compared with others."""
    return sum(reason != NO_FRAME for reason in read_not_compared(path).values())


def describe_split(path: Path, videos: dict[str, Video], readable: set[str], pairs: list[Pair]) -> dict[str, object]:
    """Return videos in no subset, groups in two, classes that a subset lacks, and duplicates in two subsets."""
    subset = {row["video"]: row["subset"] for row in read_csv(path)}
    group_subsets: dict[str, set[str]] = {}
    for video, name in subset.items():
        group_subsets.setdefault(videos[video].group, set()).add(name)
    leaks = [
        {"videos": [pair.video_a, pair.video_b], "subsets": [subset[pair.video_a], subset[pair.video_b]],
         "labels": [videos[pair.video_a].label, videos[pair.video_b].label],
         "mirrored": pair.mirrored, "overlap": pair.overlap, "similarity": pair.similarity}
        for pair in pairs
        if pair.video_a in subset and pair.video_b in subset and subset[pair.video_a] != subset[pair.video_b]
    ]  # fmt: skip
    return {
        "left_out": len(videos) - len(subset),
        **data_warnings.describe_subsets(subset, videos, readable),
        "shared_groups": sorted(group for group, names in group_subsets.items() if len(names) > 1),
        "leaks": leaks,
    }


def find_warnings(diagnosis: dict, published: bool = False) -> list[str]:
    """Return what a user should know before training, one line per finding."""
    lines = data_warnings.lost_warnings(diagnosis["lost"])
    if diagnosis["imbalance"] >= MIN_IMBALANCE:
        lines.append(f"the largest class has {diagnosis['imbalance']:g} times as many videos as the smallest")
    for shortcut in diagnosis["shortcuts"]:
        lines.append(
            f"the {shortcut['property']} alone gives the class of {100 * shortcut['accuracy']:.0f} % of the videos"
            f" (by chance {100 * shortcut['chance']:.0f} %): a possible shortcut"
        )
    lines += data_warnings.split_warnings(diagnosis["splits"], diagnosis["videos"], published)
    if diagnosis["not_compared"]:
        lines.append(
            f"{diagnosis['not_compared']} of {diagnosis['videos']} videos could not be compared with others by content"
            " (too dark, flat or short): not_compared.csv"
        )
    for name, split in diagnosis["splits"].items():
        if split["leaks"]:
            first = split["leaks"][0]
            pair, subsets = (" and ".join(first[key]) for key in ("videos", "subsets"))
            lines.append(
                f"{name}: {data_warnings.counted(len(split['leaks']), 'pair')} of videos in two subsets show the same"
                f" recording, e.g. {pair} in {subsets}: look at figures/duplicates.svg and duplicates.csv;"
                " splits.group_duplicates: true keeps such videos together in folds and hold-outs"
            )
        if split["shared_groups"]:
            lines.append(f"{name}: {len(split['shared_groups'])} groups are in two subsets")
    return lines


if __name__ == "__main__":
    cli.run(main)
