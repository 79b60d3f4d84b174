"""Logits of a trained model on the validation and test videos.

Example:
    python scripts/predict_videos.py --folder results/motion/split1/cnn3d/seed0 \\
        --videos results/motion/videos.csv --split results/motion/splits/split1.csv \\
        --frames results/motion/frames/*.h5 --output results/motion/split1/cnn3d/seed0/predictions.h5

predictions.h5: logits float32 (N, V, K) and video, subset, condition (N,), view (V,), classes (K,).
A video that could not be decoded has no row: scoring counts it. With --shuffles N the test videos stand there again
with their frames in N random orders, reversed, and with one frame in place of all (condition shuffled0, ..., reversed,
single_frame).
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidbench import cli, device, models
from vidbench.clips import Loader, choose_workers
from vidbench.errors import UserError
from vidbench.evaluation.predictions import Predictions
from vidbench.features.clips import open_features
from vidbench.features.extraction import clips_at_once, view_chunks
from vidbench.features.options import takes_clips
from vidbench.features.store import FeatureStore
from vidbench.features.weights_digest import weights_sha256
from vidbench.files import read_json
from vidbench.frame_orders import NORMAL, conditions
from vidbench.motion_test import clip_features, predict_orders, stages
from vidbench.subsets import SplitData
from vidbench.training.checkpoint import load_weights
from vidbench.training.computing import Computing
from vidbench.training.engine import batches_of_views
from vidbench.transforms import to_device

import torch  # isort: skip - after vidbench.device, which sets how its threads wait

TOLERANCE = 0.01  # of the largest logit: by so much cached features and frames may disagree


def main() -> None:
    arguments = parse_arguments()
    record = read_json(arguments.folder / "options.json")
    options = record["options"]
    chosen = device.set_up(arguments.device, arguments.gpus, options["training"])
    model = models.build(options, len(record["classes"]))
    load_weights(arguments.folder / "weights.safetensors", model)
    data = SplitData.read(arguments.videos, arguments.split, arguments.frames)
    features = open_features(arguments.features, options) if arguments.features else None
    if features:
        features.check(options, weights_sha256(model.backbone), data.store)
    workers = choose_workers(arguments.workers, arguments.cores, options["training"]["threads"], chosen)
    job = Job(options, data, model.eval(), features, Computing.of(options["training"], chosen), Loader(chosen, workers))
    table(job, record["classes"], predict_all(job, conditions(arguments.shuffles))).write(arguments.output)


def parse_arguments() -> argparse.Namespace:
    parser = cli.parser(__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="what train_model.py wrote")
    cli.add_data_arguments(parser)
    cli.add_feature_argument(parser)
    cli.add_device_arguments(parser)
    cli.add_loader_arguments(parser)
    parser.add_argument("--shuffles", type=int, default=0, help="random orders of the frames; 0: no motion test")
    parser.add_argument("--output", type=Path, required=True, help="HDF5 file to write")
    return parser.parse_args()


@dataclass(frozen=True)
class Job:
    """A trained model, and what it is to predict."""

    options: dict  # complete model options
    data: SplitData
    model: torch.nn.Module  # in eval mode
    features: FeatureStore | None
    computing: Computing
    load: Loader


def predict_all(job: Job, orders: list[str]) -> list[tuple[str, str, np.ndarray]]:
    """Subset, condition and logits (N, V, K): validation and test, then the test again in other orders of frames."""
    clip, computing, device = job.options["clip"], job.computing, job.computing.device
    # Features of whole clips say nothing of other orders: those need the frames.
    needs_frames = bool(job.features and orders and takes_clips(job.options))
    before, after = stages(job.model, job.options, computing, job.features is not None)
    found = []
    for subset, names in (("val", [NORMAL]), ("test", [NORMAL, *([] if needs_frames else orders)])):
        batches = batches_of_views(job.data.clips(subset, clip, features=job.features), job.options, job.load)
        logits = predict_orders(before, after, batches, computing, clip, names)
        found += [(subset, name, logits[name]) for name in names]
    if needs_frames:
        features = clip_features(job.model.backbone, clip, computing)
        data = job.data.clips("test", clip)
        batches = job.load(data, view_chunks(len(data), clip["views"], clips_at_once(clip)))
        logits = predict_orders(
            lambda clips: to_device(clips, device), lambda clips: after(features(clips)), batches, computing, clip,
            [NORMAL, *orders],
        )  # fmt: skip
        check_agreement(found[-1][2], logits[NORMAL])
        found += [("test", name, logits[name]) for name in orders]
    return found


def check_agreement(cached: np.ndarray, computed: np.ndarray) -> None:
    """Raise UserError where logits (N, V, K) from cached features are not those from frames, but for rounding."""
    difference, largest = np.abs(cached - computed).max(), np.abs(cached).max()
    if not difference <= TOLERANCE * largest:
        raise UserError(
            f"--features: the test videos' logits are up to {difference:.3g} away from those from frames (the largest"
            f" is {largest:.3g}): make the features again on this machine (snakemake --forcerun extract_features), or"
            " set evaluation.motion_test: false"
        )


def table(job: Job, classes: list[str], parts: list[tuple[str, str, np.ndarray]]) -> Predictions:
    """All parts that predict_all gives, one after another."""
    videos, subsets, names = [], [], []
    for subset, condition, _ in parts:
        members = job.data.members[subset]
        videos += members
        subsets += [subset] * len(members)
        names += [condition] * len(members)
    logits = np.concatenate([logits for _, _, logits in parts])
    return Predictions(videos, subsets, names, view_names(job.options["clip"]), classes, logits)


def view_names(clip: dict) -> list[str]:
    """A name for each of the V views: clips times crops."""
    return [
        f"clip{view}" if clip["crops"] == 1 else f"clip{view} crop{crop}"
        for view in range(clip["views"])
        for crop in range(clip["crops"])
    ]


if __name__ == "__main__":
    cli.run(main)
