"""Measure what a trained model costs on this machine.

Example:
    python scripts/measure_cost.py --folder results/motion/split1/cnn3d/seed0 --output results/motion/costs/cnn3d.json

ms_per_clip is the median time of a forward pass with one clip. docs/evaluation.md explains the other numbers. Nothing
else should compute on the device meanwhile: the workflow gives this step all cores, or a GPU of its own. Seeds and
splits of a model compute the same, so one of its trainings is measured for all.
"""

import statistics
from pathlib import Path

from vidbench import cli
from vidbench.compute import device, memory, torch_errors
from vidbench.compute.energy import EnergyMeter, describe_missing, device_sources
from vidbench.compute.precision import Precision, explained_errors
from vidbench.files import read_json, write_json
from vidbench.models.build import build
from vidbench.models.flops import count_gflops
from vidbench.models.options import ModelOptions
from vidbench.models.weights_file import load_weights
from vidbench.prediction.cost import (
    ONE_CLIP,
    Subject,
    joules_per_clip,
    peak_memory_mb,
    search_batch,
    time_ladder,
    time_passes,
)


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="what train_model.py wrote")
    parser.add_argument("--threads", type=int, default=None, help="compute threads; default: the training's")
    cli.add_device_arguments(parser)
    parser.add_argument("--output", type=Path, required=True, help="JSON file to write")
    arguments = parser.parse_args()
    record = read_json(arguments.folder / "options.json")
    options = ModelOptions.from_dict(record["options"])
    settings = options.training
    threads = arguments.threads or settings.threads
    torch_device = device.set_up(arguments.device, arguments.gpus, threads, settings.deterministic)
    # Compiling each of the measured shapes would take longer than measuring them.
    precision = Precision.of(settings, torch_device, compile_pays=False, takes_frames=options.takes_frames)
    model = build(options, len(record["classes"]))
    load_weights(arguments.folder / "weights.safetensors", model)
    with explained_errors(remedy=torch_errors.MEASURE):
        measured = measure(Subject(precision.to_device(model).eval(), options, precision))
    cost = {
        **measured,
        "gflops": count_gflops(options, len(record["classes"]), "cpu" if torch_device.type == "cpu" else "meta"),
        "parameters": record["parameters"],
        "trial": record.get("trial"),
        "threads": threads,
        "device": device.describe(torch_device),
        "computing": precision.describe(),
    }
    write_json(arguments.output, cost)


def measure(subject: Subject) -> dict[str, object]:
    """Measure memory and times; memory first, while the process has not held more than one clip needs."""
    peak = peak_memory_mb(subject)
    milliseconds = time_passes(subject.forward(1), subject.precision, ONE_CLIP)
    views = time_ladder(subject)
    batch, ms_per_clip = search_batch(subject, statistics.median(milliseconds))
    return {
        "ms_per_clip": statistics.median(milliseconds),
        "passes": len(milliseconds),
        "best_batch": batch,
        "ms_per_clip_best_batch": ms_per_clip,
        "peak_memory_mb": peak,
        "memory_kind": memory.kind(subject.precision.device),
        "ladder": views,
        **measure_energy(subject, batch),
    }


def measure_energy(subject: Subject, best_batch: int) -> dict[str, object]:
    """Measure joules per clip of GPU and processors, where the system counts them; else say why they are missing."""
    joules: dict[str, object] = {}
    with EnergyMeter(device_sources(subject.precision.device)) as meter:
        for batch, ending in ((1, ""), (best_batch, "_best_batch")):
            found = joules_per_clip(subject.forward(batch), batch, subject.precision, meter) if meter.measures else {}
            joules |= {f"{source}_joules_per_clip{ending}": value for source, value in found.items()}
    lines = describe_missing(meter.missing)
    for line in lines:
        print(line, flush=True)
    return joules | ({"energy_not_measured": lines} if lines else {})


if __name__ == "__main__":
    cli.run(main)
