"""Train one model on one split with one seed.

Example:
    python scripts/show_options.py --dataset motion --model cnn3d > cnn3d.json
    python scripts/train_model.py --options cnn3d.json --seed 0 --videos results/motion/videos.csv \\
        --split results/motion/splits/split1.csv --frames results/motion/frames/*.h5 \\
        --folder results/motion/split1/cnn3d/seed0

Writes weights.safetensors (the best epoch on validation), history.csv, options.json and
training_time.json into the folder. A killed run goes on from its checkpoint and ends with the same
bytes (on a CPU) as one that was left alone.
"""

import argparse
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from vidbench import cli, device, models
from vidbench.checkpoint import Checkpoint, Interrupted, save_weights, stop_signals
from vidbench.clips import Loader, choose_workers
from vidbench.engine import HISTORY, Progress, fit, make_optimizer
from vidbench.files import digest, exclusive, file_sha256, remove_leftovers, write_csv, write_json
from vidbench.source_files import source_files
from vidbench.subsets import SplitData

import torch  # isort: skip - after vidbench.device, which sets how its threads wait


def main() -> None:
    arguments = parse_arguments()
    options, seed = arguments.options, arguments.seed
    chosen = device.set_up(arguments.device, arguments.gpus, options["training"]["threads"])
    data = SplitData.read(arguments.videos, arguments.split, arguments.frames)
    record = describe(options, seed, data, chosen)
    path = arguments.folder / "checkpoint.pt"
    with exclusive(arguments.folder / ".lock"), stop_signals() as stopped:
        remove_leftovers(arguments.folder)
        checkpoint = Checkpoint(path, fingerprint(record, data, arguments), arguments.checkpoint_minutes)
        workers = choose_workers(arguments.workers, arguments.cores, options["training"]["threads"], chosen)
        progress = train(options, seed, data, Loader(chosen, workers), checkpoint, stopped)
        write_outputs(arguments.folder, record, progress, checkpoint.best_weights)
        path.unlink(missing_ok=True)


def parse_arguments() -> argparse.Namespace:
    parser = cli.parser(__doc__)
    parser.add_argument("--options", type=cli.options, required=True, help="complete model options, JSON or a file")
    parser.add_argument("--seed", type=int, required=True)
    cli.add_data_arguments(parser)
    cli.add_device_arguments(parser)
    cli.add_loader_arguments(parser)
    parser.add_argument("--checkpoint-minutes", type=float, default=10, help="longest time between two checkpoints")
    parser.add_argument("--folder", type=Path, required=True, help="where the outputs go")
    return parser.parse_args()


def train(
    options: dict, seed: int, data: SplitData, load: Loader, checkpoint: Checkpoint, stopped: list[int]
) -> Progress:
    """Train to the end, or save and raise Interrupted when a signal came."""
    torch.manual_seed(seed)
    model = models.build(options, len(data.classes)).to(load.device)
    optimizer = make_optimizer(model, options["training"])
    progress = checkpoint.load(model, optimizer, load.device)

    def after_step() -> None:
        if stopped or checkpoint.is_due():
            checkpoint.save(model, optimizer, progress)
        if stopped:
            raise Interrupted

    def after_epoch(improved: bool) -> None:
        if improved:
            checkpoint.keep_best(model)
        checkpoint.save(model, optimizer, progress)

    train_clips, val_clips = data.clips("train", options["clip"], seed), data.clips("val", options["clip"])
    fit(model, optimizer, train_clips, val_clips, len(data.classes), options, progress, load, after_step, after_epoch)
    return progress


def describe(options: dict, seed: int, data: SplitData, chosen: torch.device) -> dict:
    """What options.json says: settings, classes, device, versions."""
    torch.manual_seed(seed)
    model = models.build(options, len(data.classes))
    packages = ("torch", "numpy", "h5py", "safetensors", "simplejpeg")
    return {
        "options": options,
        "seed": seed,
        "classes": data.classes,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "device": device.describe(chosen),
        "threads": options["training"]["threads"],
        "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
        "frames": {"recipe": data.store.attributes["recipe"], "ffmpeg": data.store.attributes["ffmpeg_version"]},
        "videos": {subset: len(members) for subset, members in data.members.items()},
    }


def fingerprint(record: dict, data: SplitData, arguments: argparse.Namespace) -> str:
    """Digest of all that the result depends on: settings, code and data."""
    modules = [f"vidbench.models.{name}" for name in models.module_names(arguments.options)]
    code = {path.name: file_sha256(path) for path in source_files("train_model.py", modules)}
    tables = [file_sha256(path) for path in (arguments.videos, arguments.split)]
    frames = [(name, video.num_frames, video["crc32"]) for name, video in sorted(data.store.videos.items())]
    return digest([record, code, tables, frames])


def write_outputs(folder: Path, record: dict, progress: Progress, weights: dict) -> None:
    """The four files of a finished training; none of them but training_time.json holds a time."""
    write_csv(folder / "history.csv", progress.history, HISTORY)
    write_json(folder / "options.json", record | {"best_epoch": progress.best_epoch, "epochs": progress.epoch})
    clips = record["videos"]["train"] * progress.epoch
    write_json(folder / "training_time.json", {"train_seconds": progress.seconds, "train_clips": clips})
    save_weights(folder / "weights.safetensors", weights, {"options": record["options"], "classes": record["classes"]})


if __name__ == "__main__":
    try:
        cli.run(main)
    except Interrupted:
        sys.exit("interrupted: saved, the next run goes on from here")
