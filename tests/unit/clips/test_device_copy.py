"""Batches are copied beside the computing, and no batch's memory is taken while it may still be read."""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from vidbench.clips import device_copy
from vidbench.clips.clip_buffer import join_clips
from vidbench.clips.device_copy import MAX_AHEAD, BatchCopier, copy_batches
from vidbench.clips.loader import Batch

CPU = torch.device("cpu")
COPY, STEP = 1.0, 4.0  # seconds


class FakeStream:
    """Does what it is given one after another; `free`: when that is done."""

    def __init__(self, cuda: "FakeCuda") -> None:
        self.cuda = cuda
        self.free = 0.0

    def run(self, seconds: float) -> tuple[float, float]:
        """Return when the work begins and ends."""
        begin = max(self.free, self.cuda.now)
        self.free = begin + seconds
        return begin, self.free

    def record_event(self) -> "FakeEvent":
        return FakeEvent(self.cuda, max(self.free, self.cuda.now))

    def wait_event(self, event: "FakeEvent") -> None:
        self.free = max(self.free, event.time)

    def wait_stream(self, other: "FakeStream") -> None:
        self.wait_event(other.record_event())


class FakeEvent:
    def __init__(self, cuda: "FakeCuda", time: float) -> None:
        self.cuda = cuda
        self.time = time

    def synchronize(self) -> None:
        self.cuda.now = max(self.cuda.now, self.time)


class FakeCuda:
    """Stands in for torch.cuda: two streams, and the CPU's clock `now`."""

    def __init__(self) -> None:
        self.now = 0.0
        self.computing = FakeStream(self)
        self.made: list[FakeStream] = []
        self.current = self.computing

    def Stream(self, device: torch.device) -> FakeStream:
        self.made.append(FakeStream(self))
        return self.made[-1]

    def current_stream(self, device: torch.device) -> FakeStream:
        return self.current

    @contextmanager
    def stream(self, stream: FakeStream) -> Iterator[None]:
        before, self.current = self.current, stream
        yield
        self.current = before


def batch(number: int) -> Batch:
    return Batch(
        torch.full((2, 4, 3, 8, 8), number, dtype=torch.uint8), torch.tensor([number, 0]), torch.tensor([5, 6])
    )


def timeline(monkeypatch, batches: int, load: float) -> tuple[FakeCuda, list[tuple], list[tuple], list[float]]:
    """Begin and end of each batch's copy and step, and how far the CPU was ahead."""
    cuda, copies, steps, ahead = FakeCuda(), [], [], []

    def copy(clips: torch.Tensor, device: torch.device) -> torch.Tensor:
        assert cuda.current is not cuda.computing
        copies.append(cuda.current.run(COPY))
        return clips.clone()

    monkeypatch.setattr(device_copy, "to_device", copy)

    def loader() -> Iterator[Batch]:
        for number in range(batches):
            cuda.now += load
            yield batch(number)

    for number, copied in enumerate(BatchCopier(CPU, cuda).copied(loader())):
        assert copied.clips[0, 0, 0, 0, 0] == copied.targets[0] == number
        steps.append(cuda.computing.run(STEP))
        ahead.append(steps[-1][1] - cuda.now)
    return cuda, copies, steps, ahead


def test_the_next_batch_is_copied_while_the_gpu_computes(monkeypatch) -> None:
    cuda, copies, steps, _ = timeline(monkeypatch, 20, load=0.1)
    for (_, copied), (begin, _) in zip(copies, steps, strict=True):
        assert copied <= begin  # a step begins with its batch there
    for (copy_begins, _), (begin, end) in zip(copies[3:], steps[2:], strict=False):
        assert begin <= copy_begins < end  # beside the step before
    assert cuda.computing.free < 20 * STEP + 3 * COPY  # the GPU computes all the time


def test_a_copy_waits_for_the_step_whose_memory_it_takes(monkeypatch) -> None:
    """Two batches are in memory: the third takes that of the first, which has been computed then."""
    _, copies, steps, _ = timeline(monkeypatch, 20, load=0.1)
    for (copy_begins, _), (_, over) in zip(copies[2:], steps, strict=False):
        assert copy_begins >= over


def test_memory_of_the_last_batch_is_held_until_the_next_one_has_its_own(monkeypatch) -> None:
    alive: list[bool] = []
    clips = []

    def copy(host: torch.Tensor, device: torch.device) -> torch.Tensor:
        alive.append([reference() is not None for reference in clips])
        copied = host.clone()
        clips.append(weakref.ref(copied))
        return copied

    monkeypatch.setattr(device_copy, "to_device", copy)
    for copied in BatchCopier(CPU, FakeCuda()).copied(map(batch, range(4))):
        del copied  # the loop itself keeps nothing
    assert alive == [[], [True], [False, True], [False, False, True]]


def test_the_cpu_is_few_batches_ahead(monkeypatch) -> None:
    """Otherwise a stop would wait for a long queue of steps."""
    *_, ahead = timeline(monkeypatch, 40, load=0.0)
    assert max(ahead) <= (MAX_AHEAD + 1) * STEP + COPY
    assert min(ahead[5:]) >= (MAX_AHEAD - 1) * STEP  # yet far enough for a loader that stumbles


def test_seeds_stay_where_they_are_read_and_packed_clips_come_apart() -> None:
    packed = join_clips([torch.rand(4, 3, 8, 8), torch.rand(4, 3, 8, 9)])
    one = batch(0)._replace(clips=packed)
    (copied,) = BatchCopier(CPU, FakeCuda()).copied([one])
    assert copied.seeds is one.seeds
    assert isinstance(copied.clips, list)
    assert all(torch.equal(*pair) for pair in zip(copied.clips, packed, strict=True))


def test_a_cpu_copies_nothing() -> None:
    batches = [batch(0)]
    assert copy_batches(batches, CPU) is batches
