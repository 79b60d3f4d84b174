"""The search for a batch that costs least per clip, on made-up times."""

import pytest
import torch

from vidbench.compute.counters import Counter
from vidbench.compute.energy import EnergyMeter
from vidbench.compute.precision import Precision
from vidbench.models.options import TrainingOptions
from vidbench.prediction import cost


def searched(ms: dict[int, float], seconds: float = 1e9, most: int = 1024) -> tuple[tuple[int, float], list[int]]:
    """The best batch, and what was measured; a batch without a time does not fit in memory."""
    tried = []

    def ms_per_batch(batch: int) -> float:
        tried.append(batch)
        if batch not in ms:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return ms[batch]

    return cost.find_best_batch(ms_per_batch, ms[1], seconds, most), tried


def test_batches_double_until_nothing_is_gained() -> None:
    times = {1: 10.0, 2: 12.0, 4: 16.0, 8: 32.0, 16: 64.0, 32: 3.0}
    assert searched(times) == ((4, 4.0), [2, 4, 8, 16])
    assert searched(times | {8: 33.0, 16: 32.0}) == ((32, 3 / 32), [2, 4, 8, 16, 32, 64])  # one bad time ends nothing
    assert searched({1: 1.0, 2: 2.0, 4: 4.0, 8: 1.0}) == ((1, 1.0), [2, 4])


def test_batches_end_with_memory_time_or_the_most(capsys: pytest.CaptureFixture) -> None:
    times = {2**power: 1.0 for power in range(5)}
    assert searched(times) == ((16, 1 / 16), [2, 4, 8, 16, 32])
    assert capsys.readouterr().out == "batches end at 16 clips: CUDA out of memory. Tried to allocate 20.00 GiB\n"
    assert searched(times, most=4) == ((4, 1 / 4), [2, 4])
    assert searched(times, seconds=0) == ((1, 1.0), [])


class Passes:
    """A model whose passes take two joules of a GPU, and whose processors' counter stands still."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> None:
        self.done += 1

    def meter(self) -> EnergyMeter:
        return EnergyMeter({"gpu": lambda: [Counter(lambda: 2.0 * self.done)], "cpu": lambda: [Counter(lambda: 7.0)]})


def test_energy_per_clip_is_that_of_the_measured_passes() -> None:
    passes, precision = Passes(), Precision.of(TrainingOptions(), torch.device("cpu"))
    with passes.meter() as meter:
        assert cost.joules_per_clip(passes, 8, precision, meter, seconds=0.01) == {"gpu": pytest.approx(0.25)}
        assert passes.done >= 2
        assert meter.missing == {"cpu": "its counter did not move"}
        assert cost.joules_per_clip(passes, 1, precision, meter, seconds=0) == {"gpu": pytest.approx(2.0)}
