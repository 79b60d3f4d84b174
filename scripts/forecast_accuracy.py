"""Accuracy of each model by number of training videos, and what twice as many may bring.

Example:
    python scripts/forecast_accuracy.py --runs results/motion/split1*/*/seed*/metrics.json \\
        --videos results/motion/videos.csv --splits results/motion/splits/*.csv --folder results/motion

Writes into the folder
    accuracy_by_data.csv   one row a model and fraction: accuracy pooled over splits, mean over seeds, 95 % interval
    data_forecast.csv      one row a model: range of the accuracy at twice the videos, or the reason why there is none

Only splits that were run with every fraction count, so that all points of a model are of the same test videos.
"""

from collections import Counter
from math import isnan
from pathlib import Path

import numpy as np

from vidbench import cli
from vidbench.datasets.video import Video, read_videos
from vidbench.errors import UserError
from vidbench.evaluation.data_scaling import Z, forecast
from vidbench.evaluation.pooling import pool
from vidbench.evaluation.runs import Run, chance, in_order, runs
from vidbench.evaluation.significance import accuracy_interval
from vidbench.files import write_csv
from vidbench.fractions import fraction_of, full_split

POINTS = ("model", "fraction", "train_videos", "top1", "top1_low", "top1_high", "standard_error", "chance", "num_seeds")
FORECAST = ("model", "videos", "low", "high", "reason")


def main() -> None:
    parser = cli.parser(__doc__)
    cli.add_comparison_arguments(parser, "metrics.json")
    parser.add_argument("--folder", type=Path, required=True, help="where the two tables go")
    arguments = parser.parse_args()
    videos = {video.video: video for video in read_videos(arguments.videos)}
    found = comparable(runs(arguments.runs))
    fractions = sorted({fraction_of(run.split) for run in found})
    if len(fractions) < 2:
        raise UserError(f"{arguments.folder}: no split was run with all fractions; set splits.fractions")
    points = [
        row
        for fraction in fractions
        for row in rows_of(fraction, found, videos, arguments.splits, arguments.unreadable)
    ]
    forecasts = [forecast_row(model, points) for model in in_order([row["model"] for row in points])]
    write_csv(arguments.folder / "accuracy_by_data.csv", points, POINTS)
    write_csv(arguments.folder / "data_forecast.csv", forecasts, FORECAST)


def comparable(found: list[Run]) -> list[Run]:
    """Runs of the splits that were run with every fraction."""
    names = {run.split for run in found}
    most = len({fraction_of(name) for name in names})
    fractions = Counter(full_split(name) for name in names)
    return [run for run in found if fractions[full_split(run.split)] == most]


def rows_of(
    fraction: float, found: list[Run], videos: dict[str, Video], splits: list[Path], unreadable: str
) -> list[dict[str, object]]:
    """One row a model: its accuracy after training on a fraction."""
    own = [run for run in found if fraction_of(run.split) == fraction]
    names = {run.split for run in own}
    pooled, tested = pool(own, videos, [path for path in splits if path.stem in names], unreadable=unreadable)
    groups = np.array([videos[video].group for video in tested])
    classes = np.array([videos[video].label for video in tested])
    rows = []
    for model, results in pooled.items():
        matrix = results.matrix(tested)
        interval = accuracy_interval(matrix.mean(axis=0), groups, classes)
        trained = [run.json("options.json")["videos"]["train"] for run in own if run.model == model]
        rows.append({
            "model": model, "fraction": fraction, "train_videos": float(np.mean(trained)), "top1": interval.value,
            "top1_low": interval.low, "top1_high": interval.high, "num_seeds": len(matrix),
            "chance": chance(classes.tolist(), len({video.label for video in videos.values()})),
            "standard_error": standard_error(interval.low, interval.high, matrix.mean(axis=1)),
        })  # fmt: skip
    return rows


def standard_error(low: float, high: float, seeds: np.ndarray) -> float:
    """Of an accuracy, from its interval by group and the spread of its seeds (S,); one seed shows no spread."""
    of_seeds = seeds.var(ddof=1) / len(seeds) if len(seeds) > 1 else 0.0
    return float(np.sqrt(((high - low) / (2 * Z)) ** 2 + of_seeds))


def forecast_row(model: str, points: list[dict]) -> dict[str, object]:
    """What twice the training videos may bring a model; empty cells where nothing can be said."""
    own = sorted((row for row in points if row["model"] == model), key=lambda row: row["train_videos"])
    columns = [np.array([row[name] for row in own]) for name in ("train_videos", "top1", "standard_error")]
    made = forecast(*columns, own[0]["chance"], 2 * own[-1]["train_videos"])
    low, high = ("" if isnan(value) else value for value in (made.low, made.high))
    return {"model": model, "videos": made.videos, "low": low, "high": high, "reason": made.reason}


if __name__ == "__main__":
    cli.run(main)
