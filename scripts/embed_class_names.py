"""Make a classifier of the names of the classes with an image-text network, without any training.

Example:
    python scripts/print_options.py --configfile mine.yaml --dataset motion --model siglip > siglip.json
    python scripts/embed_class_names.py --options siglip.json --seed 0 --videos results/motion/videos.csv \\
        --split results/motion/splits/split1.csv --frames results/motion/frames/*.h5 \\
        --folder results/motion/split1/siglip/seed0

Writes what train_model.py writes of a model: weights.safetensors (the image tower, and the embedded texts of the
classes), history.csv without an epoch, options.json and training_time.json. Nothing of it depends on the seed.
"""

import argparse
import platform
import time
from pathlib import Path
from typing import Any

from vidbench import cli
from vidbench.clips.split_data import SplitData
from vidbench.compute import device
from vidbench.files import exclusive, file_sha256, write_csv, write_json
from vidbench.frames.shared_files import versions
from vidbench.models import class_words, packages
from vidbench.models.build import build
from vidbench.models.composite import FrameModel
from vidbench.models.options import ModelOptions, ZeroShotOptions
from vidbench.models.text_embedding import copy_weights, embed_classes, load_library_model
from vidbench.models.weights_file import save_weights
from vidbench.models.weights_metadata import describe_training

HISTORY = ("epoch", "learning_rate", "train_loss", "val_loss", "val_top1")  # columns of a training's history
# Of trainings alone.
NOT_MEASURED = ("train_clips", "train_clips_per_second", "train_peak_memory_mb", "train_reserved_memory_mb")


def main() -> None:
    arguments = parse_arguments()
    options = ModelOptions.from_dict(arguments.options)
    torch_device = device.set_up("cpu", 0, options.training.threads, options.training.deterministic)
    data = SplitData.read(arguments.videos, arguments.split, arguments.frames)
    texts = list_texts(options, data.class_names)
    library = load_library_model(Path(arguments.options["weights"]).parent)
    begin = time.perf_counter()
    model, weights = make_model(options, arguments.options["weights"], library, texts)
    seconds = time.perf_counter() - begin
    record = {
        "options": arguments.options,
        "seed": arguments.seed,
        "classes": data.class_names,
        "texts": texts,
        **describe(options, data, model),
        "device": device.describe(torch_device),
        "weights": weights,
        "status": "ok",
        "best_epoch": None,
        "epochs": None,
        # As of a baseline: nothing is random, so that its seeds say nothing of the spread of trainings.
        "baseline": {"kind": "zero_shot", "chosen": {}, "candidates": []},
    }
    with exclusive(arguments.folder / ".lock"):
        write_outputs(arguments.folder, record, model, seconds)


def parse_arguments() -> argparse.Namespace:
    parser = cli.make_parser(__doc__)
    parser.add_argument(
        "--options", type=cli.read_options, required=True, help="complete model options, JSON or a file"
    )
    parser.add_argument("--seed", type=int, required=True, help="of the run; changes no number")
    cli.add_data_arguments(parser)
    parser.add_argument("--folder", type=Path, required=True, help="where the outputs go")
    return parser.parse_args()


def list_texts(options: ModelOptions, labels: list[str]) -> list[list[str]]:
    """Return the prompts of each class, filled in."""
    network = options.network
    assert isinstance(network, ZeroShotOptions), network
    words = class_words.choose_words(labels, network.class_names)
    return [class_words.fill_prompts(network.prompts, each) for each in words]


def make_model(options: ModelOptions, weights: str, library: Any, texts: list[list[str]]) -> tuple[FrameModel, dict]:
    """Return the model, and the record of its weights for options.json; `library`: of load_library_model()."""
    model = build(options, len(texts)).eval()
    assert isinstance(model, FrameModel), model
    copy_weights(model, library, embed_classes(library, Path(weights).parent, texts))
    tensors = len(model.state_dict())
    print(f"weights {weights}: {tensors} tensors, the names of {len(texts)} classes embedded", flush=True)
    return model, {
        "name": weights,
        "sha256": file_sha256(weights),
        "loaded": tensors,
        "interpolated": 0,
        "new": 0,
        "unused": len(library.state_dict()) - tensors,
    }


def describe(options: ModelOptions, data: SplitData, model: FrameModel) -> dict:
    """Return the entries of options.json that train_model.py writes of every model."""
    attributes = data.store.attributes
    names = (*packages(options.network.architecture), "numpy", "h5py", "safetensors", "simplejpeg")
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "devices": 1,
        "threads": options.training.threads,
        "versions": {"python": platform.python_version(), **versions(names)},
        "frames": {"recipe": attributes["recipe"], "ffmpeg": attributes["ffmpeg_version"]},
        "videos": {subset: len(videos) for subset, videos in data.video_ids.items()},
        "features": None,
        "clips_an_epoch": 0,
    }


def write_outputs(folder: Path, record: dict, model: FrameModel, seconds: float) -> None:
    """Write the four files; only training_time.json depends on time."""
    write_csv(folder / "history.csv", [], HISTORY)
    write_json(folder / "options.json", record)
    write_json(folder / "training_time.json", {"train_seconds": seconds, **dict.fromkeys(NOT_MEASURED)})
    metadata = describe_training(record)
    del metadata["seed"]  # changes nothing
    save_weights(folder / "weights.safetensors", model.state_dict(), metadata)


if __name__ == "__main__":
    cli.run(main)
