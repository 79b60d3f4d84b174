"""Predict the validation and test videos with a trained model: logits of every view.

Example:
    python scripts/predict_videos.py --folder results/motion/split1/cnn3d/seed0 \\
        --videos results/motion/videos.csv --split results/motion/splits/split1.csv \\
        --frames results/motion/frames/*.h5 --output results/motion/split1/cnn3d/seed0/predictions.h5

predictions.h5: logits float32 (N, V, K) and video, subset, condition (N,), view (V,), classes (K,)
for N videos, V views and K classes. After a refit the validation videos are predicted with the weights from before it,
to which they are new. A video that could not be decoded has no row: scoring counts it. With --shuffles M
the test videos are repeated with their frames in M random orders, reversed, and with one frame in place of all
(condition shuffled0, ..., reversed, single_frame).
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from torch import nn

from vidbench import cli
from vidbench.clips.frame_orders import conditions
from vidbench.clips.loader import Loader, choose_workers
from vidbench.clips.split_data import SplitData
from vidbench.compute import compilation, device, torch_errors
from vidbench.compute.allocator import keep_freed_memory
from vidbench.compute.precision import Precision, explained_errors
from vidbench.evaluation.predictions import Predictions
from vidbench.features.dataset import open_features
from vidbench.features.store import FeatureStore
from vidbench.files import read_json
from vidbench.models.build import build, build_head
from vidbench.models.options import ClipOptions, ModelOptions
from vidbench.models.weights_file import load_head, load_weights, weights_sha256
from vidbench.models.weights_metadata import BEFORE_REFIT
from vidbench.prediction.orders import PredictionJob, predict_subsets


def main() -> None:
    arguments = parse_arguments()
    record = read_json(arguments.folder / "options.json")
    options = ModelOptions.from_dict(record["options"])
    settings = options.training
    keep_freed_memory()
    compilation.limit_processes(arguments.cores, arguments.workers, settings.threads)
    torch_device = device.set_up(arguments.device, arguments.gpus, settings.threads, settings.deterministic)
    num_classes = len(record["classes"])
    data = SplitData.read(arguments.videos, arguments.split, arguments.frames)
    features = open_features(arguments.features, options) if arguments.features else None
    orders = conditions(arguments.shuffles)
    load = partial(load_model, options, num_classes, data, features, orders)
    model = load(arguments.folder / "weights.safetensors")
    validated = load(arguments.folder / BEFORE_REFIT) if "refit" in record else None
    loader = Loader(torch_device, choose_workers(arguments.workers, arguments.cores, settings.threads, torch_device))
    passes = count_passes(data, options.clip, len(orders))
    compile_pays = compilation.pays(options, torch_device, num_classes, passes)
    precision = Precision.of(settings, torch_device, compile_pays, options.takes_frames)
    job = PredictionJob(options, data, model, precision, loader, features, validated)
    with explained_errors(settings.batch_size, torch_errors.PREDICT):
        logits = predict_subsets(job, orders)
    join_predictions(job, record["classes"], logits).write(arguments.output)


def load_model(
    options: ModelOptions,
    classes: int,
    data: SplitData,
    features: FeatureStore | None,
    orders: list[str],
    path: Path,
) -> nn.Module:
    """Return a trained model in eval mode. On cached `features` a head alone: a backbone takes seconds to build.

    UserError where the weights are damaged or another model's, or the features not those of its backbone.
    """
    # Features of whole clips belong to one order of the frames: others need the backbone after all.
    if features and not (orders and options.network.takes_clips):
        model = nn.ModuleDict({"head": build_head(options, classes, features.width)})
        backbone = load_head(path, model)
    else:
        model = build(options, classes)
        load_weights(path, model)
        backbone = weights_sha256(model.get_submodule("backbone")) if features else ""
    if features:
        features.check(options, backbone, data.store)
    return model.eval()


def parse_arguments() -> argparse.Namespace:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="what train_model.py wrote")
    cli.add_data_arguments(parser)
    cli.add_feature_argument(parser)
    cli.add_device_arguments(parser)
    cli.add_loader_arguments(parser)
    parser.add_argument("--shuffles", type=int, default=0, help="random orders of the frames; 0: no motion test")
    parser.add_argument("--output", type=Path, required=True, help="HDF5 file to write")
    return parser.parse_args()


def count_passes(data: SplitData, clip: ClipOptions, orders: int) -> int:
    """Return the forward passes with one clip and one crop: of validation, of the test, and again for each order."""
    videos = len(data.video_ids["val"]) + len(data.video_ids["test"]) * (1 + orders)
    return videos * clip.views * clip.crops


def join_predictions(job: PredictionJob, classes: list[str], parts: list[tuple[str, str, np.ndarray]]) -> Predictions:
    """Concatenate the parts (subset, order of frames, logits) that predict_subsets gives."""
    video_ids, subsets, orders = [], [], []
    for subset, order, _ in parts:
        videos = job.data.video_ids[subset]
        video_ids += videos
        subsets += [subset] * len(videos)
        orders += [order] * len(videos)
    logits = np.concatenate([logits for _, _, logits in parts])
    return Predictions(video_ids, subsets, orders, view_names(job.options.clip), classes, logits)


def view_names(clip: ClipOptions) -> list[str]:
    """Return a name for each of the V views: clips times crops."""
    return [
        f"clip{view}" if clip.crops == 1 else f"clip{view} crop{crop}"
        for view in range(clip.views)
        for crop in range(clip.crops)
    ]


if __name__ == "__main__":
    cli.run(main)
