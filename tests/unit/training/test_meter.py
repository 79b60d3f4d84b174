"""Speed and peak memory of a training, without what only its first passes take; the GPU's memory is a fake."""

import pytest
import torch

from vidbench.compute import memory
from vidbench.training.meter import Meter
from vidbench.training.state import Progress

GPU = torch.device("cuda")
WEIGHTS, STEP, VIEWS, TRIALS = 100, 300, 200, 5000  # 10^6 bytes


class FakeAllocator:
    """Memory in use and in reserve, and their peaks since the last reset."""

    def __init__(self) -> None:
        self.used = self.reserved = self.peak = self.reserved_peak = 0

    def take(self, megabytes: int) -> None:
        """Take memory and give it back, which leaves it in reserve."""
        self.peak = max(self.peak, self.used + megabytes)
        self.reserved = max(self.reserved, self.used + megabytes)
        self.reserved_peak = max(self.reserved_peak, self.reserved)

    def empty_cache(self) -> None:
        self.reserved = self.used

    def reset_peak_memory_stats(self, device: torch.device) -> None:
        self.peak, self.reserved_peak = self.used, self.reserved


@pytest.fixture
def allocator(monkeypatch: pytest.MonkeyPatch) -> FakeAllocator:
    fake = FakeAllocator()
    fake.used = WEIGHTS
    monkeypatch.setattr(torch.cuda, "empty_cache", fake.empty_cache)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", fake.reset_peak_memory_stats)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda _: 1e6 * fake.peak)
    monkeypatch.setattr(torch.cuda, "max_memory_reserved", lambda _: 1e6 * fake.reserved_peak)
    return fake


def epoch(meter: Meter, allocator: FakeAllocator, seen: set, batches=(8, 8, 8, 3)) -> None:
    """Steps and a validation, in which the first pass of each number of clips tries algorithms."""
    for kind, clips, needed in [*(("train", clips, STEP) for clips in batches), ("val", 4, VIEWS), ("val", 4, VIEWS)]:
        meter.begin_pass(kind, clips)
        allocator.take(needed if (kind, clips) in seen else TRIALS)
        seen.add((kind, clips))


def test_a_peak_holds_no_trials_of_algorithms(allocator: FakeAllocator) -> None:
    progress, seen = Progress(), set()
    meter = Meter(GPU, progress)
    for _ in range(2):
        epoch(meter, allocator, seen)
        meter.count_memory()
        assert (progress.peak_memory_mb, progress.reserved_memory_mb) == (WEIGHTS + STEP, WEIGHTS + STEP)
    assert allocator.peak < TRIALS


def test_a_checkpoint_after_a_first_pass_holds_no_trials(allocator: FakeAllocator) -> None:
    progress, seen = Progress(), set()
    meter = Meter(GPU, progress)
    epoch(meter, allocator, seen, batches=(8, 8, 3))
    meter.begin_pass("train", 5)
    allocator.take(TRIALS)
    meter.count_memory()
    assert progress.peak_memory_mb == WEIGHTS + STEP


def test_memory_in_reserve_is_more_than_memory_in_use(allocator: FakeAllocator) -> None:
    """Fragments, and what torch has not given back."""
    progress, seen = Progress(), set()
    meter = Meter(GPU, progress)
    epoch(meter, allocator, seen)
    allocator.reserved = allocator.reserved_peak = 900
    epoch(meter, allocator, seen)
    meter.finish()
    assert (progress.peak_memory_mb, progress.reserved_memory_mb) == (WEIGHTS + STEP, 900)


def test_a_training_of_first_passes_alone_has_their_peak(allocator: FakeAllocator) -> None:
    progress = Progress()
    meter = Meter(GPU, progress)
    epoch(meter, allocator, set(), batches=(8,))
    meter.begin_pass("val", 1)
    allocator.take(TRIALS)
    meter.count_memory()
    assert progress.peak_memory_mb == WEIGHTS + VIEWS  # the second pass of validation
    alone = Progress()
    meter = Meter(GPU, alone)
    meter.begin_pass("train", 2)
    allocator.take(TRIALS)
    meter.finish()
    assert alone.peak_memory_mb == WEIGHTS + TRIALS


def test_a_cpu_counts_every_pass() -> None:
    progress = Progress()
    meter = Meter(torch.device("cpu"), progress)
    meter.begin_pass("train", 8)
    meter.count_memory()
    assert progress.peak_memory_mb == pytest.approx(memory.peak_mb(torch.device("cpu")), rel=0.2)
    assert progress.reserved_memory_mb == 0


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_speed_is_that_of_steps_after_the_first_of_their_size() -> None:
    """Compilation takes 60 s, a step of 8 clips 2 s, one of 3 clips 1 s; checkpoints and validation do not count."""
    clock, progress = Clock(), Progress()
    meter = Meter(torch.device("cpu"), progress, clock)
    for epoch_number in range(3):
        progress.clips = 0
        meter.start()
        for clips in (8, 8, 8, 3):
            meter.begin_pass("train", clips)
            clock.now += (2 if clips == 8 else 1) + 60 * (epoch_number == 0)
            progress.clips += clips
            meter.stop()
            clock.now += 10  # a checkpoint
            meter.start()
        meter.begin_pass("val", 4)
        clock.now += 30
        if epoch_number == 0:
            assert (progress.timed_clips, progress.timed_seconds) == (16, 2 * 62)
            progress.timed_clips, progress.timed_seconds = 0, 0.0
    assert (progress.timed_clips, progress.timed_seconds) == (2 * 27, 2 * 7)


def test_a_first_step_among_others_leaves_them_out_of_the_speed() -> None:
    """On a GPU the time is looked at every 16 updates."""
    clock, progress = Clock(), Progress()
    meter = Meter(GPU, progress, clock)
    meter._seen.add(("train", 8))
    for left_out in (False, True):
        meter.start()
        for clips in (8, 8, 3 if left_out else 8):
            meter.begin_pass("train", clips)
            progress.clips += clips
            clock.now += 1
        meter.stop()
        assert (progress.timed_clips, progress.timed_seconds) == (24, 3)
