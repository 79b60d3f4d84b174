"""Cost of a network: time per clip and video, memory. Frames are random; only their shape matters."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import nn

from vidbench.clips.preprocessing import ClipInputs
from vidbench.compute import compilation, memory
from vidbench.compute.device import synchronize
from vidbench.compute.energy import STILL, EnergyMeter
from vidbench.compute.precision import Precision
from vidbench.evaluation.view_ladder import steps
from vidbench.models.options import ClipOptions, ModelOptions

MIN_SPEEDUP = 1.02  # a larger batch must be 2 % faster to be preferred


@dataclass(frozen=True)
class Effort:
    """Length of a measurement: until `seconds` or `passes` are reached, after `warm_up` seconds."""

    warm_up: float
    seconds: float
    passes: int


ONE_CLIP = Effort(0.3, 1.0, 150)  # a median hardly gains by more passes
BRIEF = Effort(0.1, 0.25, 30)  # for larger batches and whole videos, of which there are many
SEARCH_SECONDS = {"cpu": 20, "cuda": 300, "mps": 60}  # for the best batch; on a GPU most of it may be compilation
MAX_CLIPS = {"cpu": 64, "cuda": 1024, "mps": 256}
ENERGY_SECONDS = 3.0  # a GPU's counter moves some ten times per second


@dataclass(frozen=True)
class Subject:
    """The model that is measured, on its device and in eval mode, with its options and precision."""

    model: nn.Module
    options: ModelOptions
    precision: Precision

    @property
    def clip(self) -> ClipOptions:
        """Options of the model's clips."""
        return self.options.clip

    def random_clips(self, clips: int, device: torch.device) -> torch.Tensor:
        """Draw (clips, T, 3, H, W) uint8."""
        shape = (clips, self.clip.frames, 3, *self.clip.size)
        return torch.randint(0, 256, shape, dtype=torch.uint8).to(device)

    def compiled(self) -> Callable[[torch.Tensor], torch.Tensor]:
        """Return what to call: compiled again for each shape, because torch stops compiling after some shapes."""
        if self.precision.compile:
            compilation.reset()
        return self.precision.compiled(self.model)

    def forward(self, batch: int) -> Callable[[], object]:
        """Return a pass from `batch` clips on the device, one crop each, to logits."""
        frames = self.random_clips(batch, self.precision.device)
        inputs = ClipInputs(replace(self.clip, crops=1), self.precision)
        network = self.compiled()
        return lambda: network(inputs.test(frames))

    def video(self, clips: int, crops: int, batch_size: int) -> Callable[[], object]:
        """Return a pass from a video's clips in main memory to its averaged probabilities (K,).

        It is done in batches of `batch_size` views, a view being a crop of a clip.
        """
        frames = self.random_clips(clips, torch.device("cpu"))
        inputs = ClipInputs(replace(self.clip, crops=crops), self.precision)
        network = self.compiled()
        parts = frames.split(max(1, batch_size // crops))

        def run() -> torch.Tensor:
            logits = torch.cat([network(inputs.test(part)).float() for part in parts])
            return logits.softmax(dim=1).mean(dim=0).cpu()

        return run


@torch.inference_mode()
def time_passes(run: Callable[[], object], precision: Precision, effort: Effort) -> list[float]:
    """Return the milliseconds of each call of `run`, after a warm-up of at least one call."""
    times: list[float] = []
    if precision.compile or precision.device.type != "cpu":
        _call(run, precision)  # compiles, or searches algorithms, which can take longer than all the rest
    begin = time.perf_counter()
    while (now := time.perf_counter()) - begin < effort.warm_up + effort.seconds and len(times) <= effort.passes:
        _call(run, precision)
        if now - begin >= effort.warm_up or not times:
            times.append(1000 * (time.perf_counter() - now))
    # times[0] is the first pass of the warm-up and is dropped, unless it is the only one: a single pass may take longer
    # than warm-up and measurement together.
    return times[1:] or times


@torch.inference_mode()
def joules_per_clip(
    run: Callable[[], object], clips: int, precision: Precision, meter: EnergyMeter, seconds: float = ENERGY_SECONDS
) -> dict[str, float]:
    """Measure the joules per clip of each source of the meter, in calls of `run`, which takes `clips` clips."""
    _call(run, precision)
    meter.take()
    begin, passes = time.perf_counter(), 0
    while not passes or time.perf_counter() - begin < seconds:
        _call(run, precision)
        passes += 1
    taken = meter.take()
    for source in [source for source, joules in taken.items() if not joules]:
        meter.drop(source, STILL)
    return {source: joules / (passes * clips) for source, joules in taken.items() if joules}


def _call(run: Callable[[], object], precision: Precision) -> None:
    with precision.autocast():
        run()
    synchronize(precision.device)


@torch.inference_mode()
def peak_memory_mb(subject: Subject) -> float:
    """Measure the peak memory (10^6 bytes) of a forward pass with one clip, the weights included.

    On a CPU it is that of the whole process.
    """
    run = subject.forward(1)
    precision = subject.precision
    _call(run, precision)  # what only the first pass needs, e.g. to search algorithms, does not count
    memory.reset_peak(precision.device)
    _call(run, precision)
    return memory.peak_mb(precision.device)


def time_ladder(subject: Subject) -> list[dict[str, float]]:
    """Time a video with each number of clips and crops, from one to the model's own."""
    rows = []
    for clips, crops in steps(subject.clip.views, subject.clip.crops):
        rows.append({"clips": clips, "crops": crops, "ms_per_video": time_video(subject, clips, crops)})
    return rows


def time_video(subject: Subject, clips: int, crops: int) -> float:
    """Measure the median milliseconds per video, its views in batches of the training's size, as in prediction."""
    batch_size = subject.options.training.batch_size
    while True:
        try:
            return statistics.median(time_passes(subject.video(clips, crops, batch_size), subject.precision, BRIEF))
        except torch.OutOfMemoryError:  # a head alone, on cached features, was trained with larger batches
            if batch_size <= crops:
                raise
        batch_size = min(batch_size, clips * crops) // 2


def find_best_batch(
    ms_per_batch: Callable[[int], float], one_clip: float, seconds: float, max_clips: int
) -> tuple[int, float]:
    """Return the batch size with the highest throughput, and its ms/clip.

    `ms_per_batch` measures a batch of a number of clips, `one_clip` is its result for 1. Batches double until two in a
    row are no faster, memory or `seconds` run out, or the next would have more than `max_clips` clips.
    """
    end = time.perf_counter() + seconds
    best = (1, one_clip)
    fastest = 1  # clips of the best batch
    batch = 2
    last = one_clip
    # A pass of the next batch takes about 2 * last milliseconds, and there are at least two of them.
    while batch <= max_clips and batch <= 4 * fastest and time.perf_counter() + 2 * 2 * last / 1000 < end:
        try:
            last = ms_per_batch(batch)
        except RuntimeError as error:  # out of memory, or more elements than a kernel can count
            print(f"batches end at {batch // 2} clips: {' '.join(str(error).split())[:150]}", flush=True)
            break
        if last / batch * MIN_SPEEDUP < best[1]:
            best, fastest = (batch, last / batch), batch
        batch *= 2
    return best


def search_batch(subject: Subject, one_clip: float) -> tuple[int, float]:
    """Measure the batch size with the highest throughput, and its ms/clip; `one_clip`: ms of a single clip."""
    device = subject.precision.device

    def ms_per_batch(batch: int) -> float:
        return statistics.median(time_passes(subject.forward(batch), subject.precision, BRIEF))

    best = find_best_batch(ms_per_batch, one_clip, SEARCH_SECONDS[device.type], MAX_CLIPS[device.type])
    if device.type == "cuda":
        torch.cuda.empty_cache()
    return best
