"""Compare each model's accuracy with that on the same clips without the order of their frames.

Example:
    python scripts/measure_motion_use.py --predictions results/motion/split1/*/seed*/predictions.h5 \\
        --videos results/motion/videos.csv --splits results/motion/splits/*.csv --output results/motion/motion_use.csv

The predictions are made with predict_videos.py --shuffles. motion_use.csv has one row per model, the most accurate
first: accuracies normal, shuffled, reversed, single_frame, and that of chance; the shares static, unordered and order
of what is above chance, and relative_order of what is above the order-invariant `blind_model`, with 95 % intervals, or
in words (undefined, relative_undefined) why there are none. Needs no torch.
"""

from pathlib import Path

from vidbench import cli
from vidbench.datasets.fractions import is_variant
from vidbench.evaluation.motion_use import motion_rows
from vidbench.evaluation.runs import runs
from vidbench.evaluation.tables import MotionUse, write_table
from vidbench.video import read_videos


def main() -> None:
    parser = cli.make_parser(__doc__)
    cli.add_comparison_arguments(parser, "predictions.h5", "--predictions")
    parser.add_argument("--output", type=Path, required=True, help="motion_use.csv to write")
    arguments = parser.parse_args()
    full = [run for run in runs(arguments.predictions) if not is_variant(run.split)]
    rows = motion_rows(full, read_videos(arguments.videos), arguments.splits, arguments.unreadable)
    write_table(arguments.output, rows, MotionUse)


if __name__ == "__main__":
    cli.run(main)
