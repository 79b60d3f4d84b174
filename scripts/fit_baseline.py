"""Fit a baseline on one split: a classifier of frozen features, or of what the files are like, in seconds.

Example:
    python scripts/fit_baseline.py --videos results/mine/videos.csv --split results/mine/splits/fold1.csv \\
        --frames results/mine/frames/*.h5 --options '{"kind": "file_properties", "strengths": [0.01, 1]}' \\
        --folder results/mine/fold1/file_properties/seed0

Writes predictions.h5, as predict_videos.py does, options.json and training_time.json into the folder. The setting is
chosen on the validation videos; then all but the test videos are fitted. Nothing is random: one fit serves all seeds.
"""

import argparse
import platform
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from vidbench import cli
from vidbench.baselines import choice
from vidbench.baselines.choice import Examples, Fitted
from vidbench.baselines.file_properties import read_properties
from vidbench.baselines.inputs import mean_features
from vidbench.baselines.options import BaselineOptions
from vidbench.clips.frame_orders import NORMAL
from vidbench.clips.split_data import SUBSETS, SplitData
from vidbench.errors import UserError
from vidbench.evaluation.predictions import Predictions
from vidbench.features.store import FeatureStore
from vidbench.files import write_json
from vidbench.frames.shared_files import versions
from vidbench.video import read_videos


def main() -> None:
    arguments = parse_arguments()
    options = BaselineOptions.from_dict(arguments.options)
    data = SplitData.read(arguments.videos, arguments.split, arguments.frames)
    store = open_features(options, arguments.features)
    vectors = read_vectors(options, data, arguments.videos, store)
    begin = time.perf_counter()
    with threadpool_limits(1):  # other numbers of threads round differently
        train, val, test = (examples(data, vectors, subset) for subset in SUBSETS)
        fitted = choice.fit(options, train, val, test.x, len(data.class_names))
    seconds = time.perf_counter() - begin
    predictions(data, fitted).write(arguments.folder / "predictions.h5")
    write_json(arguments.folder / "training_time.json", describe_time(seconds))
    write_json(arguments.folder / "options.json", describe(arguments.options, data, fitted, store))


def parse_arguments() -> argparse.Namespace:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--options", type=cli.read_options, required=True, help="kind and lists, JSON or a file")
    cli.add_data_arguments(parser)
    cli.add_feature_argument(parser)
    parser.add_argument("--folder", type=Path, required=True, help="where the outputs go")
    return parser.parse_args()


def open_features(options: BaselineOptions, shards: list[Path] | None) -> FeatureStore | None:
    """Open the features that a baseline is fitted on; None for one without. UserError where they are missing."""
    if bool(options.features) is not bool(shards):
        raise UserError(f"--features: {'missing' if options.features else 'not used'}: the baseline is {options.kind}")
    return FeatureStore(shards) if shards else None


def read_vectors(
    options: BaselineOptions, data: SplitData, videos: Path, store: FeatureStore | None
) -> dict[str, np.ndarray]:
    """Return a vector (D,) for each video of the split: its mean features, or its file's properties."""
    names = [video for subset in SUBSETS for video in data.video_ids[subset]]
    if store and options.features:
        return mean_features(store, options.features, data.store, names)
    paths = {video.id: Path(video.path) for video in read_videos(videos)}
    return read_properties(data.store.videos, {name: paths[name] for name in names})


def examples(data: SplitData, vectors: dict[str, np.ndarray], subset: str) -> Examples:
    """Return a subset's videos as rows."""
    return Examples(np.stack([vectors[video] for video in data.video_ids[subset]]), np.array(data.targets(subset)))


def predictions(data: SplitData, fitted: Fitted) -> Predictions:
    """Return the logits of the validation and test videos, one view each."""
    val, test = data.video_ids["val"], data.video_ids["test"]
    return Predictions(
        video=[*val, *test],
        subset=["val"] * len(val) + ["test"] * len(test),
        condition=[NORMAL] * (len(val) + len(test)),
        view=["clip0"],
        classes=data.class_names,
        logits=np.concatenate([fitted.val, fitted.test])[:, None].astype(np.float32),
    )


def describe(given: dict, data: SplitData, fitted: Fitted, store: FeatureStore | None) -> dict[str, object]:
    """Return the content of options.json: `options` is the network whose features are used, None without one."""
    attributes = data.store.attributes
    return {
        "status": "ok",
        "options": given.get("features"),
        "baseline": {
            "kind": given["kind"],
            "chosen": fitted.chosen.setting,
            "candidates": [asdict(candidate) for candidate in fitted.candidates],
        },
        "cost_of": given.get("cost_of"),
        "classes": data.class_names,
        "best_epoch": None,
        "epochs": None,
        "device": {"type": "cpu", "name": platform.machine()},
        "versions": {"python": platform.python_version(), **versions(("numpy", "scipy", "h5py"))},
        "frames": {"recipe": attributes["recipe"], "ffmpeg": attributes["ffmpeg_version"]},
        "videos": {subset: len(videos) for subset, videos in data.video_ids.items()},
        "features": store.summary() if store else None,
    }


def describe_time(seconds: float) -> dict[str, float | None]:
    """Return the content of training_time.json: nothing is trained, so only the time of the fits is known."""
    return {
        "train_seconds": seconds,
        "train_clips": None,
        "train_clips_per_second": None,
        "train_peak_memory_mb": None,
        "train_reserved_memory_mb": None,
    }


if __name__ == "__main__":
    cli.run(main)
