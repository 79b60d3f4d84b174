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
from vidbench.checkpoint import load_weights
from vidbench.engine import predict
from vidbench.files import read_json
from vidbench.predictions import Predictions
from vidbench.subsets import SplitData

import torch  # isort: skip - after vidbench.device, which sets how its threads wait


def main() -> None:
    parser = cli.parser(__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="what train_model.py wrote")
    cli.add_data_arguments(parser)
    cli.add_device_arguments(parser)
    parser.add_argument("--output", type=Path, required=True, help="HDF5 file to write")
    arguments = parser.parse_args()
    record = read_json(arguments.folder / "options.json")
    options = record["options"]
    chosen = device.set_up(arguments.device, arguments.gpus, options["training"]["threads"])
    model = models.build(options, len(record["classes"]))
    load_weights(arguments.folder / "weights.safetensors", model)
    data = SplitData.read(arguments.videos, arguments.split, arguments.frames)
    model.to(chosen)
    videos, subsets, logits = [], [], []
    for subset in ("val", "test"):
        parts = [batch for batch, _ in predict(model, data.clips(subset, options["clip"]), options, chosen)]
        logits.append(torch.cat(parts).unflatten(0, (-1, options["clip"]["views"])))  # (N, V, K)
        videos += data.members[subset]
        subsets += [subset] * len(data.members[subset])
    views = [f"clip{view}" for view in range(options["clip"]["views"])]
    table = Predictions(videos, subsets, ["normal"] * len(videos), views, record["classes"], torch.cat(logits).numpy())
    table.write(arguments.output)


if __name__ == "__main__":
    cli.run(main)
