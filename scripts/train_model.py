"""Train one model on one split with one seed.

Example:
    python scripts/print_options.py --dataset motion --model cnn3d > cnn3d.json
    python scripts/train_model.py --options cnn3d.json --seed 0 --videos results/motion/videos.csv \\
        --split results/motion/splits/split1.csv --frames results/motion/frames/*.h5 \\
        --folder results/motion/split1/cnn3d/seed0

Writes weights.safetensors (of the best epoch on validation), history.csv, options.json and training_time.json into the
folder. A killed run resumes from its checkpoint and ends with the same bytes (on a CPU) as an uninterrupted one. With
training.refit the best epoch's weights are in weights_before_refit.safetensors, and weights.safetensors has those of a
second training, on training and validation videos together. A trial of a search (--trial) also leaves
validation_answers.csv; one that pauses (--share) leaves its checkpoint, from which continue_trial.py goes on.
"""

import argparse
import platform
import sys
from contextlib import ExitStack
from pathlib import Path

from vidbench import cli
from vidbench.clips.split_data import SplitData
from vidbench.compute import compilation, device
from vidbench.compute.allocator import keep_freed_memory
from vidbench.compute.gpus import LocalRanks
from vidbench.compute.precision import explained_errors
from vidbench.errors import Diverged, UserError
from vidbench.evaluation.trial_answers import write_answers
from vidbench.features.dataset import open_features
from vidbench.files import digest, exclusive, file_sha256, remove_leftovers, write_csv, write_json
from vidbench.frames.shared_files import versions
from vidbench.models import module_names, packages
from vidbench.models.options import ModelOptions
from vidbench.models.weights_file import save_weights
from vidbench.models.weights_metadata import BEFORE_REFIT, describe_training
from vidbench.tracking.process import TrackerProcess
from vidbench.training import distributed
from vidbench.training.allowance import Allowance
from vidbench.training.checkpoint import Checkpoint, Interrupted, stop_signals
from vidbench.training.energy import TrainingEnergy, describe_energy
from vidbench.training.loop import train
from vidbench.training.refit import refit
from vidbench.training.setup import (
    TrainingJob,
    begin,
    choose_precision,
    has_trained_batch_norm,
    make_model,
    whole_weights,
)
from vidbench.training.state import HISTORY, OF_LABELS, Progress, Training, named_history
from vidbench.video import MULTI, read_videos
from vidbench.workflow.source_files import code_digests

import torch  # isort: skip - after vidbench.cli, which sets how its threads wait

Weights = dict[str, torch.Tensor]  # of a whole model, by name


def main() -> None:
    arguments = parse_arguments()
    job = make_job(arguments)
    model, weights = make_model(job, arguments.weights)
    record = {"options": arguments.options, **describe(job, model), "weights": weights}
    with ExitStack() as stack:
        stack.enter_context(explained_errors(job.options.training.batch_size))
        lock(stack, arguments.folder, job.group)
        stopped = stack.enter_context(stop_signals())
        checkpoint = make_checkpoint(arguments, job, record)
        stack.enter_context(job.energy.counting())
        training = begin(job, model)
        names = arguments.trackers if job.group.is_main else []
        start = {"fingerprint": checkpoint.fingerprint, "config": record}
        trackers = stack.enter_context(TrackerProcess(names, arguments.logs, arguments.folder, start))
        job, end = train_and_refit(arguments, job, training, checkpoint, stopped, trackers)
        job.energy.count(training.progress)
        if job.group.is_main:
            is_paused = arguments.share < 1 and end["status"] == "ok"
            if is_paused:
                checkpoint.save(training)
            write_results(arguments, job, model, training, checkpoint, record | end)
            trackers.finish()
            if not is_paused:
                checkpoint.path.unlink(missing_ok=True)
        distributed.leave(job.group)


def lock(stack: ExitStack, folder: Path, group: distributed.ProcessGroup) -> None:
    """Let the main process have the folder for itself, without leftovers, before the others go on."""
    if group.is_main:
        stack.enter_context(exclusive(folder / ".lock"))
        remove_leftovers(folder)
    group.barrier()


def make_checkpoint(arguments: argparse.Namespace, job: TrainingJob, record: dict) -> Checkpoint:
    """Return the training's checkpoint, which one of other settings, code or data is not taken for."""
    tables = [arguments.videos, arguments.split]
    mark = fingerprint(record, job.options, job.data, tables, arguments.seconds)
    return Checkpoint(arguments.folder / "checkpoint.pt", mark, arguments.checkpoint_minutes)


def train_and_refit(
    arguments: argparse.Namespace,
    job: TrainingJob,
    training: Training,
    checkpoint: Checkpoint,
    stopped: list[int],
    trackers: TrackerProcess,
) -> tuple[TrainingJob, dict[str, object]]:
    """Train to the end, or to a trial's pause; return the job with its planned epochs, and the end for options.json."""
    allowance = Allowance(arguments.seconds, arguments.share)
    end: dict[str, object] = {"status": "ok"}
    try:
        job = train(job, training, checkpoint, stopped, trackers, allowance)
        if job.options.training.refit and not allowance.is_part:
            refit(job, training, checkpoint, stopped, lambda: begin(job, make_model(job, arguments.weights)[0]))
            end |= {"refit": describe_refit(job.data, training.progress)}
    except Diverged as error:
        end = end_diverged(error, arguments.on_failure)
    return job, end | allowance.describe(training.progress)


def write_results(
    arguments: argparse.Namespace,
    job: TrainingJob,
    model: torch.nn.Module,
    training: Training,
    checkpoint: Checkpoint,
    record: dict,
) -> None:
    """Write the files of a training that has ended or paused; of a trial also which validation videos are right."""
    chosen = whole_weights(job, model, checkpoint.best_weights)
    final = whole_weights(job, model, training.eval_model.state_dict()) if "refit" in record else None
    write_outputs(arguments.folder, record, training.progress, chosen, final)
    if arguments.trial:
        groups = {video.id: video.group for video in read_videos(arguments.videos)}
        write_answers(arguments.folder, job.data.video_ids["val"], groups, training.progress.answers)


def make_job(arguments: argparse.Namespace) -> TrainingJob:
    """Set the device up, join the other processes, open the data, and return what is to be trained."""
    options = ModelOptions.from_dict(arguments.options)
    settings = options.training
    keep_freed_memory()
    granted = arguments.cores and arguments.cores // LocalRanks.of_torchrun().size
    compilation.limit_processes(granted, arguments.workers, settings.threads)
    torch_device = device.set_up(arguments.device, arguments.gpus, settings.threads, settings.deterministic)
    group = distributed.join(torch_device)
    distributed.check(settings.batch_size, group)
    data = SplitData.read(arguments.videos, arguments.split, arguments.frames, arguments.whole)
    features = open_features(arguments.features, options)
    precision = choose_precision(options, data, torch_device, group)
    energy = TrainingEnergy.of(torch_device, group)
    return TrainingJob(
        options, arguments.seed, data, precision, features, group, arguments.workers, arguments.cores, energy
    )


def parse_arguments() -> argparse.Namespace:
    parser = cli.make_parser(__doc__)
    parser.add_argument(
        "--options", type=cli.read_options, required=True, help="complete model options, JSON or a file"
    )
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--weights", type=Path, default=None, help="file of the weights that the options name")
    cli.add_data_arguments(parser)
    cli.add_feature_argument(parser)
    parser.add_argument(
        "--whole", type=Path, default=None, help="full split of which this is a fraction: same number of steps"
    )
    cli.add_device_arguments(parser)
    cli.add_loader_arguments(parser)
    parser.add_argument("--checkpoint-minutes", type=float, default=10, help="maximum time between two checkpoints")
    parser.add_argument(
        "--on-failure", choices=["stop", "record"], default="stop", help="what to do when the loss is no longer finite"
    )
    cli.add_tracker_arguments(parser)
    parser.add_argument("--trial", action="store_true", help="write which validation videos are right, for the choice")
    parser.add_argument("--seconds", type=float, default=None, help="plan the epochs that fit into so many seconds")
    parser.add_argument("--share", type=float, default=1.0, help="part of the epochs, or seconds, after which to pause")
    parser.add_argument("--folder", type=Path, required=True, help="where the outputs go")
    return parser.parse_args()


def describe(job: TrainingJob, model: torch.nn.Module) -> dict:
    """Return the entries of options.json beside the options: seed, classes, device, versions ..."""
    data = job.data
    attributes = data.store.attributes
    of_network = packages(job.options.network.architecture)
    names = (*of_network, "numpy", "h5py", "safetensors", "simplejpeg")
    return {
        "seed": job.seed,
        "classes": data.class_names,
        **({"labels": MULTI} if data.multi else {}),
        **count_parameters(model),
        "device": device.describe(job.precision.device),
        "devices": job.group.size,
        "computing": job.precision.describe(),
        "precise_batch_norm": job.precise_batch_norm and has_trained_batch_norm(model),
        "threads": job.options.training.threads,
        "versions": {"python": platform.python_version(), **versions(names)},
        "frames": {"recipe": attributes["recipe"], "ffmpeg": attributes["ffmpeg_version"]},
        "videos": {subset: len(videos) for subset, videos in data.video_ids.items()},
        "features": job.features.summary() if job.features else None,
        "clips_an_epoch": data.clips_per_epoch,
    }


def count_parameters(model: torch.nn.Module) -> dict[str, int]:
    """Return the numbers of parameters of the model as it is used, without LoRA's matrices, and of those trained."""
    trained = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    of_lora = sum(parameter.numel() for name, parameter in model.named_parameters() if "_lora_" in name)
    whole = sum(parameter.numel() for parameter in model.parameters()) - of_lora
    return {"parameters": whole, "trained_parameters": trained}


def fingerprint(
    record: dict, options: ModelOptions, data: SplitData, tables: list[Path], seconds: float | None = None
) -> str:
    """Return a digest of all that the result depends on: settings, code and data; `tables`: videos.csv and the split.

    `seconds`: of a training that plans its epochs in them. Not the part of it after which it pauses. Of the device
    only its type counts: a preempted job may be restarted on another model of GPU.
    """
    record = record | {"device": record["device"]["type"]}
    modules = [f"vidbench.models.{name}" for name in module_names(options)]
    code = code_digests("train_model.py", *modules)
    frames = [(name, video.num_frames, video["crc32"]) for name, video in sorted(data.store.videos.items())]
    limited = [] if seconds is None else [seconds]
    return digest([record, code, [file_sha256(path) for path in tables], frames, *limited])


def describe_refit(data: SplitData, progress: Progress) -> dict[str, int]:
    """Return the record of a refit for options.json: its epochs, and the videos that it was trained on."""
    return {"epochs": progress.epoch, "videos": len(data.video_ids["train"]) + len(data.video_ids["val"])}


def end_diverged(error: Diverged, on_failure: str) -> dict[str, object]:
    """Return the status of a training that diverged, for options.json; UserError if `on_failure` is "stop"."""
    if on_failure == "stop":
        raise UserError(f"{error}; training.on_failure: record lets the other trainings continue") from error
    print(f"WARNING: {error}", flush=True)
    return {"status": "diverged", "reason": str(error)}


def write_outputs(folder: Path, record: dict, progress: Progress, chosen: Weights, final: Weights | None) -> None:
    """Write the files of a finished training; only training_time.json depends on time and memory.

    `chosen`: the weights of the best epoch on validation; `final`: those of the refit, if there was one. Then the
    chosen ones are written, too, because the validation videos are new to them alone.
    """
    metadata = describe_training(record)
    history = named_history(progress.history, "labels" in record)
    columns = (*HISTORY[:-1], OF_LABELS) if "labels" in record else HISTORY
    write_csv(folder / "history.csv", history, columns)
    write_json(folder / "options.json", record | {"best_epoch": progress.best_epoch, "epochs": len(progress.history)})
    write_json(folder / "training_time.json", describe_cost(progress, record["clips_an_epoch"]))
    if final is None:
        (folder / BEFORE_REFIT).unlink(missing_ok=True)
    else:
        save_weights(folder / BEFORE_REFIT, chosen, metadata)
    save_weights(folder / "weights.safetensors", final or chosen, metadata)


def describe_cost(progress: Progress, clips_per_epoch: int) -> dict[str, float | None]:
    """Return the content of training_time.json; energy only where it was measured."""
    clips = clips_per_epoch * (len(progress.history) + (progress.epoch if progress.refitting else 0))
    # A training of a step per epoch, say, has no step but first ones of their kind: its whole time counts then.
    timed = (progress.timed_clips, progress.timed_seconds) if progress.timed_clips else (clips, progress.seconds)
    return {
        "train_seconds": progress.seconds,
        "train_clips": clips,
        "train_clips_per_second": timed[0] / timed[1],
        "train_peak_memory_mb": progress.peak_memory_mb,
        "train_reserved_memory_mb": progress.reserved_memory_mb or None,
        **describe_energy(progress),
    }


if __name__ == "__main__":
    try:
        cli.run(main)
    except Interrupted:
        sys.exit("interrupted: saved, the next run resumes from here")
