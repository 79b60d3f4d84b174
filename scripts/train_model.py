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
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from vidbench import cli, device, models
from vidbench.features.clips import open_features
from vidbench.files import digest, exclusive, file_sha256, remove_leftovers, write_csv, write_json
from vidbench.source_files import code_digests
from vidbench.subsets import SplitData
from vidbench.training import distributed
from vidbench.training.checkpoint import Checkpoint, Interrupted, save_weights, stop_signals
from vidbench.training.computing import Computing
from vidbench.training.engine import HISTORY, Progress
from vidbench.training.job import Job, make_model, train

import torch  # isort: skip - after vidbench.device, which sets how its threads wait


def main() -> None:
    arguments = parse_arguments()
    training = arguments.options["training"]
    chosen = device.set_up(arguments.device, arguments.gpus, training)
    group = distributed.join(chosen)
    distributed.check(training["batch_size"], group)
    data = SplitData.read(arguments.videos, arguments.split, arguments.frames, arguments.whole)
    features = open_features(arguments.features, arguments.options)
    job = Job(arguments, data, Computing.of(training, chosen), features, group)
    model, weights = make_model(job)
    record = describe(job, model) | {"weights": weights}
    with ExitStack() as stack:
        if group.leads:
            stack.enter_context(exclusive(arguments.folder / ".lock"))
            remove_leftovers(arguments.folder)
        group.wait()
        stopped = stack.enter_context(stop_signals())
        path = arguments.folder / "checkpoint.pt"
        checkpoint = Checkpoint(path, fingerprint(record, data, arguments), arguments.checkpoint_minutes)
        progress, best, status = train(job, model, checkpoint, stopped)
        if group.leads:
            write_outputs(arguments.folder, record | status, progress, best)
            path.unlink(missing_ok=True)
        distributed.leave(group)


def parse_arguments() -> argparse.Namespace:
    parser = cli.parser(__doc__)
    parser.add_argument("--options", type=cli.options, required=True, help="complete model options, JSON or a file")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--weights", type=Path, default=None, help="file of the weights that the options name")
    cli.add_data_arguments(parser)
    cli.add_feature_argument(parser)
    parser.add_argument("--whole", type=Path, default=None, help="split of which this is a fraction: as many steps")
    cli.add_device_arguments(parser)
    cli.add_loader_arguments(parser)
    parser.add_argument("--checkpoint-minutes", type=float, default=10, help="longest time between two checkpoints")
    parser.add_argument(
        "--on-failure", choices=["stop", "record"], default="stop", help="what a loss that is not finite leads to"
    )
    parser.add_argument("--tensorboard", type=Path, default=None, help="folder for TensorBoard's curves")
    parser.add_argument("--folder", type=Path, required=True, help="where the outputs go")
    return parser.parse_args()


def describe(job: Job, model: torch.nn.Module) -> dict:
    """What options.json says: settings, classes, device, versions."""
    data, store, chosen = job.data, job.data.store, job.computing.device
    packages = ("torch", "torchvision", "numpy", "h5py", "safetensors", "simplejpeg")
    return {
        "options": job.options,
        "seed": job.arguments.seed,
        "classes": data.classes,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "device": device.describe(chosen),
        "devices": job.group.size,
        "computing": job.computing.describe(),
        "threads": job.options["training"]["threads"],
        "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
        "frames": {"recipe": store.attributes["recipe"], "ffmpeg": store.attributes["ffmpeg_version"]},
        "videos": {subset: len(members) for subset, members in data.members.items()},
        "features": job.features.summary() if job.features else None,
        "clips_an_epoch": data.clips_an_epoch,
    }


def fingerprint(record: dict, data: SplitData, arguments: argparse.Namespace) -> str:
    """Digest of all that the result depends on: settings, code and data.

    Of the device only its type: a job that was preempted may be started again on another model of GPU.
    """
    record = record | {"device": record["device"]["type"]}
    modules = [f"vidbench.models.{name}" for name in models.module_names(arguments.options)]
    code = code_digests("train_model.py", *modules)
    tables = [file_sha256(path) for path in (arguments.videos, arguments.split)]
    frames = [(name, video.num_frames, video["crc32"]) for name, video in sorted(data.store.videos.items())]
    return digest([record, code, tables, frames])


def write_outputs(folder: Path, record: dict, progress: Progress, weights: dict) -> None:
    """The four files of a finished training; none of them but training_time.json holds a time or a peak of memory."""
    write_csv(folder / "history.csv", progress.history, HISTORY)
    write_json(folder / "options.json", record | {"best_epoch": progress.best_epoch, "epochs": progress.epoch})
    clips = record["clips_an_epoch"] * progress.epoch
    cost = {"train_seconds": progress.seconds, "train_clips": clips, "train_peak_memory_mb": progress.peak_memory_mb}
    write_json(folder / "training_time.json", cost)
    save_weights(folder / "weights.safetensors", weights, {"options": record["options"], "classes": record["classes"]})


if __name__ == "__main__":
    try:
        cli.run(main)
    except Interrupted:
        sys.exit("interrupted: saved, the next run goes on from here")
