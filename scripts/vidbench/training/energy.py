"""The energy of a training, over all its processes and attempts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch

from vidbench.compute.energy import NAMES, STILL, EnergyMeter, describe_missing, device_sources
from vidbench.compute.gpus import LocalRanks
from vidbench.training.distributed import SINGLE_PROCESS, ProcessGroup
from vidbench.training.state import Progress

ELSEWHERE = "another process of this training cannot read it"


@dataclass(frozen=True)
class TrainingEnergy:
    """Counts what a training takes: each process its GPU, one per machine the processors."""

    meter: EnergyMeter = field(default_factory=lambda: EnergyMeter({}))
    group: ProcessGroup = SINGLE_PROCESS

    @classmethod
    def of(cls, device: torch.device, group: ProcessGroup) -> "TrainingEnergy":
        """Make it for this process; it counts while its counting() lasts."""
        return cls(EnergyMeter(device_sources(device, with_cpu=LocalRanks.of_torchrun().rank == 0)), group)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Begin to count, and print what cannot be counted."""
        with self.meter:
            if self.group.is_main:
                for line in describe_missing(self.meter.missing):
                    print(line, flush=True)
            yield

    def count(self, progress: Progress) -> None:
        """Add what all processes took since the last call, which they call at the same points of the training."""
        taken, missing = self.meter.take(), self.meter.missing
        values = [[taken.get(source, 0.0), source in taken, source in missing] for source in NAMES]
        sums = iter(self.group.all_reduce_sum([value for of_source in values for value in of_source]))
        for source, joules, readers, failures in zip(NAMES, sums, sums, sums, strict=True):
            if failures:
                progress.unmeasured.setdefault(source, missing.get(source, ELSEWHERE))
            elif readers:
                progress.joules[source] = progress.joules.get(source, 0.0) + joules


def describe_energy(progress: Progress) -> dict[str, float]:
    """Return the entries of training_time.json: train_gpu_joules, train_cpu_joules; what was not measured has none."""
    measured = {source: joules for source, joules in progress.joules.items() if source not in progress.unmeasured}
    for source, joules in measured.items():
        if not joules:
            print(*describe_missing({source: STILL}), flush=True)
    return {f"train_{source}_joules": joules for source, joules in measured.items() if joules}
