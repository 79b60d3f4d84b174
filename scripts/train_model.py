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
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from vidbench import cli, device, distributed, models
from vidbench.checkpoint import Checkpoint, Interrupted, save_weights, stop_signals
from vidbench.clips import Loader, choose_workers
from vidbench.computing import Computing
from vidbench.criterion import Criterion
from vidbench.distributed import ALONE, Group
from vidbench.ema import MovingAverage
from vidbench.engine import HISTORY, Progress, Setup, Training, fit, make_optimizer
from vidbench.errors import Diverged
from vidbench.files import digest, exclusive, file_sha256, remove_leftovers, write_csv, write_json
from vidbench.inputs import ClipInputs
from vidbench.recomputing import recompute_blocks
from vidbench.source_files import source_files
from vidbench.subsets import SplitData
from vidbench.watching import Board

import torch  # isort: skip - after vidbench.device, which sets how its threads wait


@dataclass(frozen=True)
class Job:
    """One training: what was asked for, and what it is done with."""

    arguments: argparse.Namespace
    data: SplitData
    computing: Computing
    group: Group = ALONE

    @property
    def options(self) -> dict:
        """The complete model options."""
        return self.arguments.options


def main() -> None:
    arguments = parse_arguments()
    training = arguments.options["training"]
    chosen = device.set_up(arguments.device, arguments.gpus, training)
    group = distributed.join(chosen)
    distributed.check(training["batch_size"], group)
    data = SplitData.read(arguments.videos, arguments.split, arguments.frames)
    job = Job(arguments, data, Computing.of(training, chosen), group)
    model, weights = make_model(job)
    record = describe(job, model) | weights
    with ExitStack() as stack:
        if group.leads:
            stack.enter_context(exclusive(arguments.folder / ".lock"))
            remove_leftovers(arguments.folder)
        group.wait()
        stopped = stack.enter_context(stop_signals())
        path = arguments.folder / "checkpoint.pt"
        checkpoint = Checkpoint(path, fingerprint(record, data, arguments), arguments.checkpoint_minutes)
        trained, status = train(job, model, checkpoint, stopped)
        if group.leads:
            write_outputs(arguments.folder, record | status, trained.progress, checkpoint.best_weights)
            path.unlink(missing_ok=True)
        distributed.leave(group)


def parse_arguments() -> argparse.Namespace:
    parser = cli.parser(__doc__)
    parser.add_argument("--options", type=cli.options, required=True, help="complete model options, JSON or a file")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--weights", type=Path, default=None, help="file of the weights that the options name")
    cli.add_data_arguments(parser)
    cli.add_device_arguments(parser)
    cli.add_loader_arguments(parser)
    parser.add_argument("--checkpoint-minutes", type=float, default=10, help="longest time between two checkpoints")
    parser.add_argument(
        "--on-failure", choices=["stop", "record"], default="stop", help="what a loss that is not finite leads to"
    )
    parser.add_argument("--tensorboard", type=Path, default=None, help="folder for TensorBoard's curves")
    parser.add_argument("--folder", type=Path, required=True, help="where the outputs go")
    return parser.parse_args()


def make_model(job: Job) -> tuple[torch.nn.Module, dict]:
    """The model as it starts, and what options.json says of its pretrained weights, if it has any."""
    torch.manual_seed(job.arguments.seed)
    model = models.build(job.options, len(job.data.classes))
    started = models.start(model, job.options, job.arguments.weights)
    return model, {"weights": started} if started else {}


def train(job: Job, model: torch.nn.Module, checkpoint: Checkpoint, stopped: list[int]) -> tuple[Training, dict]:
    """Train to the end, or save and raise Interrupted when a signal came; with what options.json says of the end."""
    arguments, group, computing = job.arguments, job.group, job.computing
    training = begin(job, model)
    checkpoint.load(training, computing.device)
    if not checkpoint.best_weights:
        checkpoint.keep_best(training.judged)  # what a training that diverges at once ends with

    def save() -> None:
        if group.leads:
            checkpoint.save(training)

    def after_update() -> None:
        stop, due = group.total([len(stopped), checkpoint.is_due()])
        if stop or due:
            save()
        if stop:
            raise Interrupted

    def after_epoch(improved: bool) -> None:
        if improved:
            checkpoint.keep_best(training.judged)
        save()

    try:
        with Board(arguments.tensorboard if group.leads else None, training.progress.epoch) as board:
            run(job, training, board, after_update, after_epoch)
    except Diverged as error:
        if arguments.on_failure == "stop":
            raise
        checkpoint.count_time(training.progress)
        print(f"WARNING: {error}", flush=True)
        return training, {"status": "diverged", "reason": str(error)}
    return training, {"status": "ok"}


def begin(job: Job, model: torch.nn.Module) -> Training:
    """A training of the model from its first step."""
    training = job.options["training"]
    model = distributed.synchronised(model, job.group, job.computing.device)
    if training["activation_checkpointing"]:
        recompute_blocks(model.backbone if "backbone" in job.options else model)
    job.computing.place(model)
    average = MovingAverage(model, training["ema"]) if training["ema"] else None
    return Training(model, make_optimizer(model, training), job.computing.scaler(), average)


def run(
    job: Job,
    training: Training,
    board: Board,
    after_update: Callable[[], None],
    after_epoch: Callable[[bool], None],
) -> None:
    """Train on the job's clips until the end."""
    arguments, computing, group, data, options = job.arguments, job.computing, job.group, job.data, job.options
    clips, val = data.clips("train", options["clip"], arguments.seed), data.clips("val", options["clip"])
    setup = Setup(
        options,
        computing,
        ClipInputs(options, computing, clips, len(data.classes), group.rank),
        Criterion(options["training"], clips.classes, len(data.classes)).to(computing.device),
        computing.compiled(group.wrap(training.model)),
        group,
    )
    cores, threads = arguments.cores and arguments.cores // group.size, options["training"]["threads"]
    load = Loader(computing.device, choose_workers(arguments.workers, cores, threads, computing.device))
    wait = fit(training, setup, clips, val, load, board, after_update, after_epoch)
    if group.leads and (warning := wait.warning(load.workers)):
        print(warning, flush=True)


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
