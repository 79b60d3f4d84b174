"""Logits of a trained model on the validation and test videos.

Example:
    python scripts/predict_videos.py --folder results/motion/split1/cnn3d/seed0 \\
        --videos results/motion/videos.csv --split results/motion/splits/split1.csv \\
        --frames results/motion/frames/*.h5 --output results/motion/split1/cnn3d/seed0/predictions.h5

predictions.h5: logits float32 (N, V, K) and video, subset, condition (N,), view (V,), classes (K,).
A video that could not be decoded has no row: scoring counts it.
"""

from pathlib import Path

from vidbench import cli, device, models
from vidbench.clips import Loader, choose_workers
from vidbench.features.clips import FeatureInputs, open_features
from vidbench.features.weights_digest import weights_sha256
from vidbench.files import read_json
from vidbench.predictions import Predictions
from vidbench.subsets import SplitData
from vidbench.training.checkpoint import load_weights
from vidbench.training.computing import Computing
from vidbench.training.engine import batches_of_views, predict
from vidbench.training.inputs import ClipInputs

import torch  # isort: skip - after vidbench.device, which sets how its threads wait


def main() -> None:
    parser = cli.parser(__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="what train_model.py wrote")
    cli.add_data_arguments(parser)
    cli.add_feature_argument(parser)
    cli.add_device_arguments(parser)
    cli.add_loader_arguments(parser)
    parser.add_argument("--output", type=Path, required=True, help="HDF5 file to write")
    arguments = parser.parse_args()
    record = read_json(arguments.folder / "options.json")
    options = record["options"]
    chosen = device.set_up(arguments.device, arguments.gpus, options["training"])
    computing = Computing.of(options["training"], chosen)
    model = models.build(options, len(record["classes"]))
    load_weights(arguments.folder / "weights.safetensors", model)
    data = SplitData.read(arguments.videos, arguments.split, arguments.frames)
    features = open_features(arguments.features, options) if arguments.features else None
    if features:
        features.check(options, weights_sha256(model.backbone), data.store)
    inputs = FeatureInputs(chosen) if features else ClipInputs(options, computing)
    network = computing.compiled(computing.place(model.head if features else model).eval())
    workers = choose_workers(arguments.workers, arguments.cores, options["training"]["threads"], chosen)
    load, clip = Loader(chosen, workers), options["clip"]
    videos, subsets, logits = [], [], []
    for subset in ("val", "test"):
        batches = batches_of_views(data.clips(subset, clip, features=features), options, load)
        parts = [batch for batch, _ in predict(network, batches, inputs, computing, clip["crops"])]  # (B, crops, K)
        logits.append(torch.cat(parts).unflatten(0, (-1, clip["views"])).flatten(1, 2))  # (N, V, K)
        videos += data.members[subset]
        subsets += [subset] * len(data.members[subset])
    table = Predictions(
        videos, subsets, ["normal"] * len(videos), view_names(clip), record["classes"], torch.cat(logits).numpy()
    )
    table.write(arguments.output)


def view_names(clip: dict) -> list[str]:
    """A name for each of the V views: clips times crops."""
    return [
        f"clip{view}" if clip["crops"] == 1 else f"clip{view} crop{crop}"
        for view in range(clip["views"])
        for crop in range(clip["crops"])
    ]


if __name__ == "__main__":
    cli.run(main)
