"""What a network costs: time per clip and video, memory, arithmetic. Frames are random; only their shape matters."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from vidbench.clips.preprocessing import ClipInputs
from vidbench.compute import memory
from vidbench.compute.precision import Precision
from vidbench.evaluation.view_ladder import steps
from vidbench.models.build import build
from vidbench.models.options import ClipOptions, ModelOptions

MIN_SPEEDUP = 1.02  # a larger batch must be 2 % faster to be preferred


@dataclass(frozen=True)
class Effort:
    """How long to measure: until `seconds` or `passes` are reached, after `warm_up` seconds."""

    warm_up: float
    seconds: float
    passes: int


ONE_CLIP = Effort(0.3, 1.7, 500)
OTHERS = Effort(0.1, 0.5, 100)  # of larger batches and of whole videos, of which there are many
SEARCH_SECONDS = {"cpu": 20, "cuda": 300}  # for the best batch; on a GPU most of it may be compilation
MAX_CLIPS = {"cpu": 64, "cuda": 1024}


@dataclass(frozen=True)
class Subject:
    """What is measured: a placed model in evaluation, the options it was made with, and how it computes."""

    model: nn.Module
    options: ModelOptions
    precision: Precision

    @property
    def clip(self) -> ClipOptions:
        """How clips are made for it."""
        return self.options.clip

    def random_clips(self, clips: int, device: torch.device) -> torch.Tensor:
        """(clips, T, 3, H, W) uint8."""
        shape = (clips, self.clip.frames, 3, *self.clip.size)
        return torch.randint(0, 256, shape, dtype=torch.uint8).to(device)

    def network(self) -> Callable[[torch.Tensor], torch.Tensor]:
        """What is called: compiled anew for each shape, because torch stops compiling after some shapes."""
        if self.precision.compile:
            torch.compiler.reset()
        return self.precision.compiled(self.model)

    def forward(self, batch: int) -> Callable[[], object]:
        """From `batch` clips on the device, one crop each, to logits."""
        frames = self.random_clips(batch, self.precision.device)
        inputs, network = ClipInputs(replace(self.clip, crops=1), self.precision), self.network()
        return lambda: network(inputs.test(frames))

    def video(self, clips: int, crops: int, at_once: int) -> Callable[[], object]:
        """From a video's clips in main memory to its averaged probabilities (K,), in batches of `at_once` views."""
        frames = self.random_clips(clips, torch.device("cpu"))
        inputs, network = ClipInputs(replace(self.clip, crops=crops), self.precision), self.network()
        parts = frames.split(max(1, at_once // crops))

        def run() -> torch.Tensor:
            logits = torch.cat([network(inputs.test(part)).float() for part in parts])
            return logits.softmax(dim=1).mean(dim=0).cpu()

        return run


@torch.inference_mode()
def time_passes(run: Callable[[], object], precision: Precision, effort: Effort) -> list[float]:
    """Milliseconds of each call of `run`, after a warm-up of at least one call."""
    times: list[float] = []
    if precision.compile or precision.device.type == "cuda":
        _call(run, precision)  # compiles, or tries algorithms, which can take longer than all the rest
    begin = time.perf_counter()
    while (now := time.perf_counter()) - begin < effort.warm_up + effort.seconds and len(times) <= effort.passes:
        _call(run, precision)
        if now - begin >= effort.warm_up or not times:
            times.append(1000 * (time.perf_counter() - now))
    # The first time is of the warm-up; it is there so that there is one at all where a single pass takes longer than
    # warm-up and measurement together.
    return times[1:] or times


def _call(run: Callable[[], object], precision: Precision) -> None:
    with precision.autocast():
        run()
    if precision.device.type == "cuda":
        torch.cuda.synchronize(precision.device)


@torch.inference_mode()
def peak_memory_mb(subject: Subject) -> float:
    """Peak of a forward pass with one clip, the weights included; on a CPU with all else that the process holds."""
    run, precision = subject.forward(1), subject.precision
    _call(run, precision)  # what only the first pass needs, e.g. for trying algorithms, does not count
    memory.reset_peak(precision.device)
    _call(run, precision)
    return memory.peak_mb(precision.device)


def ladder(subject: Subject) -> list[dict[str, float]]:
    """Time a video for each step of the test protocol, up to the model's own clips and crops."""
    rows = []
    for clips, crops in steps(subject.clip.views, subject.clip.crops):
        rows.append({"clips": clips, "crops": crops, "ms_per_video": ms_per_video(subject, clips, crops)})
    return rows


def ms_per_video(subject: Subject, clips: int, crops: int) -> float:
    """Median time of a video, its views in one batch or in several of the training's size, as in prediction."""
    at_once = subject.options.training.batch_size
    while True:
        try:
            return statistics.median(time_passes(subject.video(clips, crops, at_once), subject.precision, OTHERS))
        except torch.OutOfMemoryError:  # a head alone, on cached features, was trained with larger batches
            if at_once <= crops:
                raise
        at_once = min(at_once, clips * crops) // 2


def best_batch(ms_per_batch: Callable[[int], float], first: float, seconds: float, most: int) -> tuple[int, float]:
    """Batch size with the highest throughput, and its milliseconds a clip.

    `ms_per_batch` measures a batch of so many clips, `first` is that of one clip. Batches double until two in a row
    gain nothing, memory or time ends, or the next would have more than `most` clips.
    """
    end = time.perf_counter() + seconds
    best, gained, batch, last = (1, first), 1, 2, first
    while batch <= most and batch <= 4 * gained and time.perf_counter() + 2 * 2 * last / 1000 < end:
        try:
            last = ms_per_batch(batch)
        except RuntimeError as error:  # out of memory, or more elements than a kernel can count
            print(f"batches end at {batch // 2} clips: {' '.join(str(error).split())[:150]}", flush=True)
            break
        if last / batch * MIN_SPEEDUP < best[1]:
            best, gained = (batch, last / batch), batch
        batch *= 2
    return best


def search_batch(subject: Subject, first: float) -> tuple[int, float]:
    """The best batch of a model, and its milliseconds a clip; `first`: those of one clip alone."""
    device = subject.precision.device

    def measured(batch: int) -> float:
        return statistics.median(time_passes(subject.forward(batch), subject.precision, OTHERS))

    best = best_batch(measured, first, SEARCH_SECONDS[device.type], MAX_CLIPS[device.type])
    if device.type == "cuda":
        torch.cuda.empty_cache()
    return best


def gflops(options: ModelOptions, num_classes: int) -> float:
    """Billions of operations of a forward pass with one clip and one crop; a multiply-add counts as two.

    Matrix products, convolutions and attention are counted, as is usual. Counted on shapes alone: there every layer is
    made of these, while a device's own kernels, e.g. the CPU's for an LSTM, are unknown to the counter.
    """
    model = build(options, num_classes).eval().to("meta")
    clip = torch.empty(1, 3, options.clip.frames, *options.clip.size, device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:  # inference_mode breaks it with weight norm
        model(clip)
    return counter.get_total_flops() / 1e9
