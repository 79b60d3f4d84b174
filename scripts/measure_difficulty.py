"""Measure what makes a video easy or hard for any model: its duration and the amount of motion in it.

Example:
    python scripts/measure_difficulty.py --frames results/motion/frames/*.h5 --jobs 2 \\
        --output results/motion/difficulty.csv

Columns: video; duration, seconds; motion, the mean absolute difference of gray values (0 - 255) from frame to frame, of
stored frames about a quarter of a second apart. motion is empty for a video with fewer than two frames, duration if it
is not known.
"""

import os
from pathlib import Path

# Before NumPy is imported: processes, not threads, fill the cores.
os.environ.update(OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

from vidbench import cli
from vidbench.doctor.difficulty import COLUMNS, measure_difficulty
from vidbench.files import write_csv


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="the frame store's shards")
    parser.add_argument("--jobs", type=int, default=1, help="processes that read and decode")
    parser.add_argument("--output", type=Path, required=True, help="difficulty.csv to write")
    arguments = parser.parse_args()
    rows = measure_difficulty(arguments.frames, arguments.jobs)
    write_csv(arguments.output, (row._asdict() for row in rows), COLUMNS)


if __name__ == "__main__":
    cli.run(main)
