"""Measure what a trained model costs on this machine.

Example:
    python scripts/measure_cost.py --folder results/motion/split1/cnn3d/seed0 \\
        --output results/motion/split1/cnn3d/seed0/cost.json

ms_per_clip is the median time of a forward pass with one clip, with the model's thread setting.
Nothing else should run meanwhile: the workflow gives this step all cores.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from vidbench import cli, device, models
from vidbench.files import read_json, write_json
from vidbench.training.checkpoint import load_weights
from vidbench.training.computing import Computing
from vidbench.training.inputs import ClipInputs

import torch  # isort: skip - after vidbench.device, which sets how its threads wait

WARM_UP_SECONDS, SECONDS, MOST = 0.5, 2.0, 500


def main() -> None:
    parser = cli.parser(__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="what train_model.py wrote")
    cli.add_device_arguments(parser)
    parser.add_argument("--output", type=Path, required=True, help="cost.json to write")
    arguments = parser.parse_args()
    record = read_json(arguments.folder / "options.json")
    options, training = record["options"], read_json(arguments.folder / "training_time.json")
    chosen = device.set_up(arguments.device, arguments.gpus, options["training"])
    computing = Computing.of(options["training"], chosen)
    model = models.build(options, len(record["classes"]))
    load_weights(arguments.folder / "weights.safetensors", model)
    network = computing.compiled(computing.place(model).eval())
    milliseconds = time_forward(network, options["clip"] | {"crops": 1}, computing)
    cost = {
        "train_seconds": training["train_seconds"],
        "train_clips_per_second": training["train_clips"] / training["train_seconds"],
        "ms_per_clip": statistics.median(milliseconds),
        "passes": len(milliseconds),
        "parameters": record["parameters"],
        "threads": options["training"]["threads"],
        "device": device.describe(chosen),
    }
    if "sweep_seconds" in training:
        cost["sweep_seconds"] = training["sweep_seconds"]
    write_json(arguments.output, cost)


@torch.inference_mode()
def time_forward(network: Callable[[torch.Tensor], torch.Tensor], clip: dict, computing: Computing) -> list[float]:
    """Milliseconds of each of many forward passes, from uint8 clip to logits, after a warm-up."""
    frames = torch.randint(0, 256, (1, clip["frames"], 3, *clip["size"]), dtype=torch.uint8).to(computing.device)
    inputs = ClipInputs({"clip": clip}, computing)
    times: list[float] = []
    begin = time.perf_counter()
    while (now := time.perf_counter()) - begin < WARM_UP_SECONDS + SECONDS and len(times) < MOST:
        with computing.autocast():
            network(inputs.test(frames))
        if computing.device.type == "cuda":
            torch.cuda.synchronize()
        if now - begin >= WARM_UP_SECONDS or not times:
            times.append(1000 * (time.perf_counter() - now))
    return times[1:] or times  # the first one stands in only where a pass takes longer than the limit


if __name__ == "__main__":
    cli.run(main)
