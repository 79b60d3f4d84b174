"""List what extraction found: one row per video, with its status and ffmpeg's error.

Example:
    python scripts/inspect_videos.py --frames results/motion/frames/*.h5 --output results/motion/inspection.csv
"""

import sys
from pathlib import Path

from vidbench import cli
from vidbench.doctor.data_warnings import common_fault
from vidbench.files import write_csv
from vidbench.frames.store import COLUMNS, OK, FrameStore


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="the frame store's shards")
    parser.add_argument("--output", type=Path, required=True, help="inspection.csv to write")
    arguments = parser.parse_args()
    videos = FrameStore(sorted(arguments.frames)).videos
    columns = ["video", "status", *(name for name in COLUMNS if name not in ("id", "first_frame", "status", "crc32"))]
    rows = [
        {"video": name} | {column: stored[column] for column in columns[1:]} for name, stored in sorted(videos.items())
    ]
    fault = common_fault(rows)
    if fault:
        print(f"all {len(rows)} videos: {fault}", file=sys.stderr)
    for row in rows:
        if row["status"] != OK and not fault:
            print(f"{row['video']}: {row['status']}: {row['message']}", file=sys.stderr)
    write_csv(arguments.output, rows, columns)


if __name__ == "__main__":
    cli.run(main)
