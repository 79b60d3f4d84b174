"""Compute each model's accuracy by number of training videos, and forecast it for twice that number.

Example:
    python scripts/forecast_accuracy.py --runs results/motion/split1*/*/seed*/metrics.json \\
        --videos results/motion/videos.csv --splits results/motion/splits/*.csv --folder results/motion

Writes into the folder
    accuracy_by_data.csv   one row per model and fraction: accuracy pooled over splits, mean over seeds, 95 % interval
    data_forecast.csv      one row per model: range of the accuracy at twice the videos, or why there is no forecast

Only splits that were run with all fractions count, so that all points of a model are of the same test videos.
"""

from dataclasses import asdict
from pathlib import Path

from vidbench import cli
from vidbench.datasets.fractions import fraction_of
from vidbench.errors import UserError
from vidbench.evaluation.data_scaling import FORECAST, POINTS, forecast_row, measure_points, select_comparable
from vidbench.evaluation.runs import in_order, runs
from vidbench.files import write_csv
from vidbench.video import read_videos


def main() -> None:
    parser = cli.make_parser(__doc__)
    cli.add_comparison_arguments(parser, "metrics.json")
    parser.add_argument("--folder", type=Path, required=True, help="where the two tables go")
    arguments = parser.parse_args()
    trained = select_comparable(runs(arguments.runs))
    fractions = sorted({fraction_of(run.split) for run in trained})
    if len(fractions) < 2:
        raise UserError(f"{arguments.folder}: no split was run with all fractions; set splits.fractions")
    tests = (trained, read_videos(arguments.videos), arguments.splits, arguments.unreadable)
    points = [point for fraction in fractions for point in measure_points(fraction, *tests)]
    forecasts = [forecast_row(model, points) for model in in_order(point.model for point in points)]
    write_csv(arguments.folder / "accuracy_by_data.csv", (asdict(point) for point in points), POINTS)
    write_csv(arguments.folder / "data_forecast.csv", forecasts, FORECAST)


if __name__ == "__main__":
    cli.run(main)
