"""What jobs ask a cluster for: memory and time, from what they will do.

On the safe side, because a scheduler ends what goes over its limits. Each further attempt asks for twice as much, and
a training that ran out of time goes on from its checkpoint, so a figure that is too small costs a job, not a result.
"""

import math
from dataclasses import dataclass

MAX_DOUBLINGS = 6  # an attempt after that asks for no more
FLOAT_BYTES = 4
BASE_MB = 2500  # torch, torchvision and Snakemake itself
WORKERS_FOR_GPU = 6  # that read clips, where there is a GPU to feed and the config names no number
WORKER_MB = 700  # a process that reads clips; what forked processes share is counted in each
GRADIENT_STEPS = 3  # forward and backward against forward alone
ACTIVATIONS = 60  # bytes of what a training keeps for its backward pass, against those of its clips

# Pixels of clips (frames x height x width) trained on in a second. On 2 cores r3d_18 does 0.08 to 0.14 million
# (train_step_r3d_18 in docs/performance.md, clips of 16x112x112). A GPU's is a guess: none has been measured.
TRAINED_PIXELS = {"cpu": 50_000, "gpu": 5_000_000}


@dataclass(frozen=True)
class Clips:
    """Clips that a job computes with: their number, frames, height and width, and how many at once."""

    number: int
    frames: int
    size: tuple[int, int]
    batch: int

    @property
    def pixels(self) -> int:
        """Of one clip, over all its frames."""
        return self.frames * self.size[0] * self.size[1]


def grown(amount: float, attempt: int) -> int:
    """`amount`, twice as much with each attempt after the first."""
    return math.ceil(amount * 2 ** min(attempt - 1, MAX_DOUBLINGS))


def reading_processes(workers: int | None, on_gpu: bool) -> int:
    """Processes that read clips beside those that compute: as the config says, or some where there is a GPU to feed."""
    return (WORKERS_FOR_GPU if on_gpu else 0) if workers is None else workers


def training_minutes(clips: Clips, epochs: int, device: str) -> float:
    """Of a training of `epochs` with as many clips each, on a "cpu" or "gpu"; half an hour at least."""
    seconds = epochs * clips.number * clips.pixels / TRAINED_PIXELS[device]
    return 30 + seconds / 60


def prediction_minutes(clips: Clips, device: str) -> float:
    """Of the logits of that many clips; half an hour at least."""
    return 30 + clips.number * clips.pixels / TRAINED_PIXELS[device] / GRADIENT_STEPS / 60


def computing_megabytes(clips: Clips, workers: int, device: str) -> float:
    """Main memory of a job that computes with a model: on a CPU its activations are in it, too."""
    batch = 3 * clips.batch * clips.pixels * FLOAT_BYTES / 1e6
    waiting = 2 * max(1, workers)  # batches that are read ahead
    return BASE_MB + workers * WORKER_MB + batch * (waiting + (ACTIVATIONS if device == "cpu" else 0))


def logits_megabytes(rows: int, classes: int) -> float:
    """Of predictions with so many rows, held a few times while they are pooled or written."""
    return 3 * rows * classes * FLOAT_BYTES / 1e6
