"""Measuring one network for bench-gpu: rates of its training steps three ways, memory, waits."""

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from device_steps import Steps, counted_waits, synchronize
from gpu_cases import CLASSES, Case
from measuring import alternate, compare
from plain_loop import plain_loops

from vidbench.clips.loader import Batch
from vidbench.compute import memory
from vidbench.errors import UserError
from vidbench.models.options import ModelOptions
from vidbench.training.monitor import DataTimer

OURS, MEMORY, TUTORIAL, SAME = "VidBench", "from memory", "tutorial", "tutorial, same precision"
MIN_STEPS = 2
MAX_STEPS = 400
MIN_BATCH = 2
WAIT_STEPS = 4


@dataclass(frozen=True)
class Effort:
    """How long is measured."""

    seconds: float = 1.0  # of a round
    rounds: int = 3


@dataclass(frozen=True)
class Measured:
    """What was measured of a network; rates in clips/s, ratios above 1: VidBench is faster."""

    name: str
    clip: tuple[int, int, int]  # frames, height, width
    batch: int
    precision: str
    compiled: bool
    first_seconds: float  # until two steps were done, compilation included
    rate: float  # fed by the loader
    step_ms: float
    allocated_mb: float
    reserved_mb: float | None  # None on a CPU
    data_wait: float  # part of the time, 0 to 1
    host_waits: float  # times per step that the CPU waits for the GPU
    of_memory: float  # rate / rate from memory
    of_tutorial: float | None  # rate / rate of the tutorial's loop in float32; None: it needs too much memory
    of_same_precision: float | None  # the same with the tutorial's loop in the same precision


def measure(case: Case, split: Callable, device: torch.device, effort: Effort) -> Measured:
    """Measure a network; with fewer clips per batch, and not compiled, where it has to be. `split`: of Stores."""
    data = split(case.clip())
    batch = case.batch
    while True:
        try:
            return _measure(case, _started(case, batch, data, device), effort)
        except torch.OutOfMemoryError as error:
            if batch // 2 < MIN_BATCH:
                raise
            print(f"  {case.name}: {batch} clips do not fit ({str(error).split('. ')[0]})", flush=True)
        batch //= 2
        gc.collect()
        torch.cuda.empty_cache()


def _started(case: Case, batch: int, data: object, device: torch.device) -> tuple[Steps, float]:
    """Training steps of which two are done, and the seconds that this took."""
    for compile in (True, False) if device.type == "cuda" else (False,):
        start = time.perf_counter()
        try:
            steps = Steps(case.options(batch, compile), data, device, workers=None)
            steps.train(steps.from_memory(2))
            return steps, time.perf_counter() - start
        except torch.OutOfMemoryError:
            raise
        except (UserError, RuntimeError) as error:
            if not compile:
                raise
            print(f"  {case.name}: not compiled: {' '.join(str(error).split())[:200]}", flush=True)
    raise AssertionError("not reached")


def _measure(case: Case, started: tuple[Steps, float], effort: Effort) -> Measured:
    steps, first_seconds = started
    clip, batch = steps.job.options.clip, steps.job.options.training.batch_size
    allocated, reserved = _peak_memory(steps)
    host_waits = _count_host_waits(steps)
    fed = Fed(steps)
    rates = alternate(_make_ways(steps, fed, _steps_per_round(steps, effort.seconds)), effort.rounds)
    ratios = {result.baseline: result.ratio for result in compare(OURS, rates, OURS, "clips/s")}
    rate = statistics.median(rates[OURS])
    computing = steps.job.precision.describe()
    return Measured(
        name=case.name,
        clip=(clip.frames, *clip.size),
        batch=batch,
        precision=str(computing["precision"]),
        compiled=bool(computing["compile"]),
        first_seconds=first_seconds,
        rate=rate,
        step_ms=1000 * batch / rate,
        allocated_mb=allocated,
        reserved_mb=reserved,
        data_wait=fed.timer.part,
        host_waits=host_waits,
        of_memory=ratios[MEMORY],
        of_tutorial=ratios.get(TUTORIAL),
        of_same_precision=ratios.get(SAME),
    )


def _make_ways(steps: Steps, fed: "Fed", number: int) -> dict[str, Callable[[], float]]:
    """The ways to do `number` steps, each of which returns its clips/s; without those that need too much memory."""
    options, device, dtype = steps.job.options, steps.device, steps.job.precision.dtype
    ways = {
        OURS: lambda: fed.rate(number),
        MEMORY: lambda: _rate(steps.train, steps.from_memory(number), number, options),
    }
    loops = plain_loops(options, CLASSES, device, [None, dtype])
    for name, loop in zip((TUTORIAL, SAME), loops, strict=True):
        if _fits(loop, steps):
            ways[name] = lambda loop=loop: _rate(_waited(loop, device), steps.from_memory(number), number, options)
    return ways


def _steps_per_round(steps: Steps, seconds: float) -> int:
    step_seconds = _seconds(lambda: steps.train(steps.from_memory(MIN_STEPS))) / MIN_STEPS
    return min(MAX_STEPS, max(MIN_STEPS, round(seconds / step_seconds)))


def _count_host_waits(steps: Steps) -> float:
    """Times per step that the CPU waits for the GPU."""
    with counted_waits(steps.device) as waits:
        steps.train(steps.from_memory(WAIT_STEPS))
    return len(waits) / WAIT_STEPS


class Fed:
    """Steps on batches that the loader's processes read, timed without what was read before the time began."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.timer = DataTimer(steps.device)
        self.batches = iter(steps.batches.train)

    def rate(self, number: int) -> float:
        """Clips/s of `number` steps."""
        for _ in self._next(2 * self.steps.batches.workers):
            pass  # read while another way was measured
        self.steps.train(self._next(MIN_STEPS))
        seconds = _seconds(lambda: self.steps.train(self.timer.timed(self._next(number))))
        return number * self.steps.job.options.training.batch_size / seconds

    def _next(self, number: int) -> Iterator[Batch]:
        for _ in range(number):
            batch = next(self.batches, None)
            if batch is None:  # the end of an epoch
                self.batches = iter(self.steps.batches.train)
                batch = next(self.batches)
            yield batch


def _peak_memory(steps: Steps) -> tuple[float, float | None]:
    """Peak megabytes of later steps, allocated and reserved, without what trying kernels took in the first ones."""
    on_gpu = steps.device.type == "cuda"
    if on_gpu:
        torch.cuda.empty_cache()
    memory.reset_peak(steps.device)
    steps.train(steps.from_memory(MIN_STEPS))
    reserved = torch.cuda.max_memory_reserved(steps.device) / 1e6 if on_gpu else None
    return memory.peak_mb(steps.device), reserved


def _fits(loop: Callable[[Iterable[Batch]], None], steps: Steps) -> bool:
    """Try the tutorial's loop, which also warms it up."""
    try:
        loop(steps.from_memory(MIN_STEPS))
    except torch.OutOfMemoryError:
        torch.cuda.empty_cache()
        return False
    synchronize(steps.device)
    return True


def _waited(loop: Callable[[Iterable[Batch]], None], device: torch.device) -> Callable[[Iterable[Batch]], None]:
    def train(batches: Iterable[Batch]) -> None:
        loop(batches)
        synchronize(device)

    return train


def _rate(
    train: Callable[[Iterable[Batch]], None], batches: Iterable[Batch], number: int, options: ModelOptions
) -> float:
    return number * options.training.batch_size / _seconds(lambda: train(batches))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
