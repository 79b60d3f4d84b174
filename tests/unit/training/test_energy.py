"""The energy of a training: over resumes and processes, and absent where a part of it could not be measured."""

from dataclasses import dataclass, field

import pytest
import train_model

from vidbench.compute.counters import Counter, NotMeasured
from vidbench.compute.energy import EnergyMeter
from vidbench.training.distributed import ProcessGroup
from vidbench.training.energy import TrainingEnergy, describe_energy
from vidbench.training.state import Progress


@dataclass
class Joules:
    """A counter that a test sets; None: it cannot be read."""

    value: float | None = 0.0

    def opened(self) -> list[Counter]:
        return [Counter(self.read)]

    def read(self) -> float:
        if self.value is None:
            raise NotMeasured("no counter")
        return self.value


@dataclass(frozen=True)
class Ranks(ProcessGroup):
    """Processes of which each adds the same values as the main one does, or those of `others`."""

    others: list[float] = field(default_factory=list)

    def all_reduce_sum(self, values: list[float]) -> list[float]:
        return [a + b for a, b in zip(values, self.others or values, strict=True)]


def test_attempts_are_added_up() -> None:
    gpu, progress = Joules(100.0), Progress()
    for used in (30.0, 12.0):  # the second after a resume, in another process
        energy = TrainingEnergy(EnergyMeter({"gpu": gpu.opened}))
        with energy.counting():
            gpu.value = (gpu.value or 0) + used
            energy.count(progress)
            energy.count(progress)
    assert describe_energy(progress) == {"train_gpu_joules": 42.0}


def test_gpus_of_all_processes_are_added_up_and_processors_once_per_machine() -> None:
    gpu, cpu = Joules(), Joules()
    ranks = Ranks(size=2, others=[5.0, 1, 0, 0.0, 0, 0])  # another GPU; the processors are the first process's
    energy, progress = TrainingEnergy(EnergyMeter({"gpu": gpu.opened, "cpu": cpu.opened}), ranks), Progress()
    with energy.counting():
        gpu.value, cpu.value = 3.0, 7.0
        energy.count(progress)
    assert describe_energy(progress) == {"train_gpu_joules": 8.0, "train_cpu_joules": 7.0}


def test_a_part_that_was_not_measured_leaves_no_number(capsys: pytest.CaptureFixture) -> None:
    cpu, progress = Joules(), Progress()
    for value in (5.0, None, 9.0):  # the second attempt was on a machine that does not tell
        cpu.value = None if value is None else 0.0
        energy = TrainingEnergy(EnergyMeter({"cpu": cpu.opened}))
        with energy.counting():
            cpu.value = value
            energy.count(progress)
    assert describe_energy(progress) == {}
    assert progress.unmeasured == {"cpu": "no counter"}
    assert capsys.readouterr().out == "energy of the CPU: not measured on this machine: no counter\n"


def test_another_process_that_cannot_read_leaves_no_number() -> None:
    gpu, progress = Joules(), Progress()
    energy = TrainingEnergy(EnergyMeter({"gpu": gpu.opened}), Ranks(size=2, others=[0.0, 0, 1, 0.0, 0, 0]))
    with energy.counting():
        gpu.value = 3.0
        energy.count(progress)
    assert describe_energy(progress) == {}
    assert progress.unmeasured == {"gpu": "another process of this training cannot read it"}


def test_a_counter_that_does_not_move_gives_no_number(capsys: pytest.CaptureFixture) -> None:
    energy, progress = TrainingEnergy(EnergyMeter({"gpu": Joules(4.0).opened})), Progress()
    with energy.counting():
        energy.count(progress)
    assert describe_energy(progress) == {}
    assert "energy of the GPU: not measured on this machine: its counter did not move" in capsys.readouterr().out


def test_training_time_has_it_beside_the_rest() -> None:
    progress = Progress(history=[{}], seconds=60.0, peak_memory_mb=5.0, joules={"cpu": 900.0})
    cost = train_model.describe_cost(progress, 120)
    assert cost["train_cpu_joules"] == 900.0
    assert "train_gpu_joules" not in cost
