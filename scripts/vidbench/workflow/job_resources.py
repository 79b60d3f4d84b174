"""Memory and time that jobs request from a cluster, computed from their work.

The estimates are generous, because a scheduler kills jobs over their limits. Each further attempt requests twice as
much, and a training that ran out of time resumes from its checkpoint: too low an estimate costs a job, not a result.
"""

import math
from dataclasses import dataclass

MAX_DOUBLINGS = 6  # later attempts request no more
FLOAT_BYTES = 4
# torch, torchvision and Snakemake itself; for a GPU also CUDA's libraries and context, page-locked memory, and the
# processes of torch.compile. The GPU's number is an estimate, not measured.
BASE_MB = {"cpu": 2500, "gpu": 3800}
WORKERS_FOR_GPU = 6  # processes that read clips for a GPU, unless the config has a number
MAX_WORKERS_FOR_GPU = 16  # on a machine with more cores than that; clips/loader.py starts no more either
WORKER_MB = 700  # per process that reads clips; memory that forked processes share is counted in each
GRADIENT_STEPS = 3  # time of forward and backward pass, in forward passes
ACTIVATIONS = 60  # size of the activations for the backward pass, in sizes of the clips

# Pixels of clips (frames x height x width) per second of training. With 2 cores r3d_18 reaches 0.08 to 0.14 million
# (train_step_r3d_18 in docs/performance.md, clips of 16x112x112). The GPU's number is not measured: r3d_18
# trains with 3 * 81 GFLOP per clip, so 20 million pixels, 100 clips, take 24 TFLOP, one second of a small GPU (RTX
# 3060) in bf16; an H100 should be ten times as fast. Where it is too much, a training resumes with twice the time.
TRAINED_PIXELS = {"cpu": 50_000, "gpu": 20_000_000}


@dataclass(frozen=True)
class Clips:
    """Clips of a job: their number, frames, (height, width), and clips per batch."""

    number: int
    frames: int
    size: tuple[int, int]
    batch: int

    @property
    def pixels(self) -> int:
        """Pixels of one clip, over all its frames."""
        return self.frames * self.size[0] * self.size[1]


def scale_up(amount: float, attempt: int) -> int:
    """Return `amount`, doubled with each attempt after the first."""
    return math.ceil(amount * 2 ** min(attempt - 1, MAX_DOUBLINGS))


def reading_processes(workers: int | None, on_gpu: bool) -> int:
    """Return the processes that read clips, besides those that compute: the config's number, or some for a GPU."""
    return (WORKERS_FOR_GPU if on_gpu else 0) if workers is None else workers


def readers_per_gpu(cores: int, gpus: int, threads: int) -> int:
    """Return the processes that read clips for each of `gpus` that compute at once: a share of `cores`, 1 at least.

    Its compute `threads` are taken off the share. With more readers fewer jobs would run, and GPUs would be idle.
    """
    return max(1, min(cores // gpus - threads, MAX_WORKERS_FOR_GPU))


def training_minutes(clips: Clips, epochs: int, device: str) -> float:
    """Return the minutes of a training of `epochs`, each of `clips`, on a "cpu" or "gpu"; 30 at least."""
    seconds = epochs * clips.number * clips.pixels / TRAINED_PIXELS[device]
    return 30 + seconds / 60


def prediction_minutes(clips: Clips, device: str) -> float:
    """Return the minutes to predict `clips` on a "cpu" or "gpu"; 30 at least."""
    return 30 + clips.number * clips.pixels / TRAINED_PIXELS[device] / GRADIENT_STEPS / 60


def computing_megabytes(clips: Clips, workers: int, device: str) -> float:
    """Return the main memory of a job that computes with a model; on a CPU it includes the activations."""
    batch = 3 * clips.batch * clips.pixels * FLOAT_BYTES / 1e6
    prefetched = 2 * max(1, workers)  # batches
    readers = 2 * workers  # those of validation live beside those of training
    return BASE_MB[device] + readers * WORKER_MB + batch * (prefetched + (ACTIVATIONS if device == "cpu" else 0))


def logits_megabytes(rows: int, classes: int) -> float:
    """Return the memory of `rows` rows of predictions, with the copies that pooling and writing make."""
    return 3 * rows * classes * FLOAT_BYTES / 1e6
