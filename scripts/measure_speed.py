"""Measure how fast a model trains and predicts on this machine, for a plan (plan_run.py), without a data set.

Example:
    python scripts/print_options.py --dataset motion --model cnn3d > cnn3d.json
    python scripts/measure_speed.py --options cnn3d.json --classes 6 --frames results/plan/extraction/motion.h5 \\
        --output results/plan/speed/motion/cnn3d.json

Runs some steps of the training loop and some predictions on the frames that measure_extraction.py stored. On a CPU,
large networks are measured with fewer clips per step. Pretrained weights are not needed: they do not change the time.
"""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from vidbench import cli
from vidbench.compute import compilation, device
from vidbench.compute.precision import Precision, explained_errors
from vidbench.files import make_folder, write_json
from vidbench.models.build import build_backbone
from vidbench.models.flops import count_gflops
from vidbench.models.options import ModelOptions
from vidbench.planning import speed
from vidbench.planning.stopwatch import now, time_start
from vidbench.training.setup import TrainingJob, make_model

FLOAT_BYTES, TOKEN_BYTES = 4, 2  # of a value of features, which are float32, and of tokens, which are float16


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument(
        "--options", type=cli.read_options, required=True, help="complete model options, JSON or a file"
    )
    parser.add_argument("--classes", type=int, required=True, help="classes of the data set")
    parser.add_argument("--frames", type=Path, required=True, help="a shard with some frames")
    parser.add_argument("--feature-threads", type=int, default=None, help="compute threads of a feature extraction")
    cli.add_device_arguments(parser)
    cli.add_loader_arguments(parser)
    parser.add_argument("--output", type=Path, required=True, help="JSON file to write")
    arguments = parser.parse_args()
    options = speed_options(ModelOptions.from_dict(arguments.options))
    training = options.training
    compilation.limit_processes(arguments.cores, arguments.workers, training.threads)
    torch_device = device.set_up(arguments.device, arguments.gpus, training.threads, training.deterministic)
    # Whether compiling pays is not known before the data set is: an estimate without it is on the safe side.
    precision = Precision.of(training, torch_device, compile_pays=False, takes_frames=options.takes_frames)
    loading = arguments.workers, arguments.cores
    job = speed.make_job(options, arguments.frames, arguments.classes, precision, *loading)
    make_folder(arguments.output.parent)
    with explained_errors(training.batch_size):
        measured = measure(job, arguments.feature_threads or training.threads)
    start = time_start("train_model.py").as_dict()
    write_json(arguments.output, {"device": device.describe(torch_device), "start": start, **measured})


def speed_options(options: ModelOptions) -> ModelOptions:
    """Return the options of one of a training's devices, without pretrained weights."""
    batch_size = max(2, options.training.batch_size // options.training.gpus)
    training = replace(options.training, batch_size=batch_size)
    network = replace(options.network, weights=None)
    return replace(options, training=training, network=network)


def measure(job: TrainingJob, feature_threads: int) -> dict[str, object]:
    """Measure training, prediction and features, these with threads of their own, and the model's size."""
    job = speed.set_batch_size(job, speed.choose_batch_size(job))
    begin = now()
    model, _ = make_model(job)
    build_time = now() - begin
    train_time, training = speed.time_training(job, model)
    epoch_end_time = speed.time_epoch_end(training)
    predict_time, order_time = speed.time_prediction(job, model)
    return {
        "batch": job.options.training.batch_size,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "weights_bytes": sum(tensor.nbytes for tensor in model.state_dict().values()),
        "gflops": count_gflops(job.options, len(job.data.class_names)),
        "build": build_time.as_dict(),
        "train": train_time.as_dict(),
        "epoch_end": epoch_end_time.as_dict(),
        "predict": predict_time.as_dict(),
        "order": order_time.as_dict(),
        **(measure_features(job, feature_threads) if job.options.caches_features else {}),
    }


def measure_features(job: TrainingJob, threads: int) -> dict[str, object]:
    """Measure the features of a frozen backbone: time, how many there are per row, and the bytes of a row."""
    torch.set_num_threads(threads)
    network = job.options.network
    backbone: Any = build_backbone(network, job.options.clip, gives_tokens=network.tokens is not None)
    rate = speed.time_features(job, backbone.to(job.precision.device).eval())
    row_bytes = FLOAT_BYTES * backbone.num_features
    if network.tokens:
        row_bytes += TOKEN_BYTES * backbone.num_channels * math.prod(backbone.cells)
    return {"features": rate.as_dict(), "num_features": backbone.num_features, "row_bytes": row_bytes}


if __name__ == "__main__":
    cli.run(main)
