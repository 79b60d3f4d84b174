"""The time that a GPU waits for clips, with a simulated GPU: a queue of work beside the CPU."""

from collections.abc import Iterator

import pytest
import torch

from vidbench.training.monitor import DataTimer

STEP = 0.004  # seconds of a step on the GPU
BATCHES = 96
LOSS_CHECK = 16  # batches until the CPU waits for the GPU


class FakeGpu:
    """A clock of the CPU's, a queue of work, and events that a GPU reaches after the work that came before them."""

    def __init__(self) -> None:
        self.now = 0.0
        self.free = 0.0  # when all work is done
        self.busy = 0.0

    def clock(self) -> float:
        return self.now

    def queue(self, seconds: float) -> None:
        self.free = max(self.free, self.now) + seconds
        self.busy += seconds

    def synchronize(self) -> None:
        self.now = max(self.now, self.free)

    def make_event(self) -> "FakeEvent":
        return FakeEvent(self)


class FakeEvent:
    def __init__(self, gpu: FakeGpu) -> None:
        self.gpu = gpu

    def record(self) -> None:
        self.time = max(self.gpu.now, self.gpu.free)

    def query(self) -> bool:
        return self.gpu.now >= self.time

    def elapsed_time(self, later: "FakeEvent") -> float:
        assert self.query()
        assert later.query(), "CUDA refuses events that have not been reached"
        return 1000 * (later.time - self.time)


def train(load: float, check_every: int = LOSS_CHECK) -> tuple[FakeGpu, DataTimer]:
    """An epoch whose loader takes `load` seconds per batch."""
    gpu = FakeGpu()
    timer = DataTimer(torch.device("cuda"), gpu.make_event, gpu.clock)

    def loader() -> Iterator[int]:
        for number in range(BATCHES):
            gpu.now += load
            yield number

    for number in timer.timed(loader()):
        gpu.queue(STEP)
        if (number + 1) % check_every == 0:
            gpu.synchronize()
    gpu.synchronize()
    return gpu, timer


@pytest.mark.parametrize("check_every", [1, LOSS_CHECK, 1000])
@pytest.mark.parametrize("load", [0.001, 0.0039, 0.016])
def test_a_gpu_waits_for_what_it_does_not_compute(load: float, check_every: int) -> None:
    """Whatever the CPU waits for, and however seldom it does."""
    gpu, timer = train(load, check_every)
    idle = gpu.free - gpu.busy
    if check_every == 1:  # the CPU asks for the next batch when the GPU is done: that is a wait, too
        assert idle == pytest.approx(BATCHES * load)
    assert timer.waited == pytest.approx(idle, abs=load)  # what a loader does after the last batch is no wait


def test_a_slow_loader_is_warned_of_and_a_fast_one_not() -> None:
    _, timer = train(0.016)
    timer.worked *= 100  # as long as a training that is worth a warning
    assert timer.warning(6) is None
    timer._waited *= 100
    assert timer.part == pytest.approx(1 - STEP / 0.016, abs=0.02)
    warning = timer.warning(6)
    assert warning is not None
    assert "waited for clips 75% of the training time; raise training.workers from 6 to about 25" in warning
    assert train(0.001)[1].part < 0.02


@pytest.mark.parametrize(
    ("part", "workers", "needed"), [(0.75, 6, 24), (0.2, 6, 8), (0.11, 2, 3), (0.5, 0, 1), (0.75, 0, 3), (1.0, 1, 100)]
)
def test_the_warning_names_as_many_workers_as_read_in_time(part: float, workers: int, needed: int) -> None:
    timer = DataTimer(torch.device("cpu"))
    timer.worked, timer._waited = 100.0, 100.0 * part
    assert timer.needed_workers(workers) == needed
    assert f"from {workers} to about {needed} " in timer.warning(workers)


def test_a_cpu_waits_for_the_loader_alone() -> None:
    gpu = FakeGpu()
    timer = DataTimer(torch.device("cpu"), clock=gpu.clock)

    def loader() -> Iterator[int]:
        for number in range(4):
            gpu.now += 2
            yield number

    for _ in timer.timed(loader()):
        gpu.now += 6
    assert (timer.waited, timer.worked, timer.part) == (8, 32, 0.25)


def test_waits_are_summed_up_as_the_gpu_reaches_them() -> None:
    """The list of events stays short, and nothing waits for the GPU."""
    gpu = FakeGpu()
    timer = DataTimer(torch.device("cuda"), gpu.make_event, gpu.clock)
    longest = 0
    for _ in timer.timed(range(1000)):
        gpu.queue(STEP)
        gpu.now = max(gpu.now, gpu.free - 4 * STEP)  # the CPU is four steps ahead
        longest = max(longest, len(timer._waits))
    assert longest <= 6
