"""Hold each model's accuracy against that on the same clips without the order of their frames.

Example:
    python scripts/compare_conditions.py --predictions results/motion/split1/*/seed*/predictions.h5 \\
        --videos results/motion/videos.csv --splits results/motion/splits/*.csv --output results/motion/motion_use.csv

The predictions are made with predict_videos.py --shuffles. motion_use.csv has one row a model, the most accurate
first: accuracies normal, shuffled, reversed, single_frame, and that of chance; the shares static, unordered and order
of what is above chance, and relative_order of what is above the order-blind `blind_model`, with 95 % intervals, or in
words (undefined, relative_undefined) why there are none. Needs no torch.
"""

from pathlib import Path

import numpy as np

from vidbench import cli
from vidbench.datasets.video import Video, read_videos
from vidbench.errors import UserError
from vidbench.evaluation import motion_use
from vidbench.evaluation.motion_use import SHARES
from vidbench.evaluation.pooling import pool
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run, chance, runs
from vidbench.files import write_csv
from vidbench.fractions import is_variant
from vidbench.frame_orders import NORMAL, REVERSED, SHUFFLED, SINGLE_FRAME

ACCURACIES = (NORMAL, SHUFFLED, REVERSED, SINGLE_FRAME)
ENDS = ("", "_low", "_high")
COLUMNS = (
    "model", *ACCURACIES, "chance",
    *(f"{name}{end}" for name in SHARES for end in ENDS),
    "blind_model", "undefined", "relative_undefined", "num_seeds", "num_videos",
)  # fmt: skip
Results = dict[str, dict[str, np.ndarray]]  # model -> condition -> (S, N) results of each seed on each video


def main() -> None:
    parser = cli.parser(__doc__)
    cli.add_comparison_arguments(parser, "predictions.h5", "--predictions")
    parser.add_argument("--output", type=Path, required=True, help="motion_use.csv to write")
    arguments = parser.parse_args()
    videos = {video.video: video for video in read_videos(arguments.videos)}
    found = [run for run in runs(arguments.predictions) if not is_variant(run.split)]
    results, tested = pooled_results(found, videos, arguments.splits, arguments.unreadable)
    base = chance([videos[name].label for name in tested], len({video.label for video in videos.values()}))
    blind = order_blind(found, results)
    rows = [row(model, results, blind, base, [videos[name] for name in tested]) for model in results]
    write_csv(arguments.output, sorted(rows, key=lambda row: -row[NORMAL]), COLUMNS)


def pooled_results(
    found: list[Run], videos: dict[str, Video], splits: list[Path], unreadable: str
) -> tuple[Results, list[str]]:
    """Results of each model under each condition, the shuffled ones averaged, and the videos that were tested."""
    shuffled = shuffles_of(found)
    results: Results = {}
    for condition in (NORMAL, *shuffled, REVERSED, SINGLE_FRAME):
        pooled, tested = pool(found, videos, splits, condition, unreadable)
        for model, of_model in pooled.items():
            results.setdefault(model, {})[condition] = of_model.matrix(tested)
    for conditions in results.values():
        conditions[SHUFFLED] = np.mean([conditions.pop(name) for name in shuffled], axis=0)
    return results, tested


def shuffles_of(found: list[Run]) -> list[str]:
    """Names of the shuffled conditions, which are the same in all runs; UserError where a run has others or none."""
    names: list[str] = []
    for run in found:
        path = run.folder / "predictions.h5"
        there = Predictions.conditions_of(path)
        own = sorted(name for name in there if name.startswith(SHUFFLED))
        if not own or not {REVERSED, SINGLE_FRAME} <= there:
            raise UserError(f"{path}: has no motion test; make it again with predict_videos.py --shuffles 5")
        names = names or own
        if own != names:
            raise UserError(
                f"{path}: has {len(own)} shuffles and others {len(names)}; predict all with the same number"
            )
    return names


def order_blind(found: list[Run], results: Results) -> list[str]:
    """Models that are order-blind by construction in all of their runs, the most accurate first."""
    options: dict[str, list[dict]] = {}
    for run in found:
        options.setdefault(run.model, []).append(run.json("options.json")["options"])
    blind = [model for model in results if all(map(motion_use.is_order_blind, options[model]))]
    return sorted(blind, key=lambda model: -results[model][NORMAL].mean())


def row(model: str, results: Results, blind: list[str], base: float, tested: list[Video]) -> dict[str, object]:
    """A model's row of motion_use.csv; `blind`: see order_blind, `base`: accuracy of chance."""
    groups = np.array([video.group for video in tested])
    correct = {condition: results[model][condition].mean(axis=0) for condition in ACCURACIES}  # (N,) each
    classes = np.array([video.label for video in tested])
    undefined = motion_use.why_undefined(correct[NORMAL], base, groups, classes)
    found = {} if undefined else motion_use.shares(correct, base, groups)
    not_relative = "no order-blind model in the run"
    if blind:
        other = results[blind[0]][NORMAL].mean(axis=0)
        is_one = "it is order-blind itself" if model in blind else ""
        not_relative = is_one or motion_use.why_not_relative(correct[NORMAL], other, groups)
    if not not_relative:
        found["relative_order"] = motion_use.relative_order(correct, other, groups)
    numbers = {
        f"{name}{end}": getattr(found[name], end.removeprefix("_") or "value") if name in found else ""
        for name in SHARES
        for end in ENDS
    }
    accuracies = {condition: float(values.mean()) for condition, values in correct.items()}
    words = {
        "blind_model": "" if not_relative else blind[0],
        "undefined": undefined,
        "relative_undefined": not_relative,
    }
    counts = {"num_seeds": len(results[model][NORMAL]), "num_videos": len(tested)}
    return {"model": model, **accuracies, "chance": base, **numbers, **words, **counts}


if __name__ == "__main__":
    cli.run(main)
