"""Measuring the energy that a process's GPU and the machine's processors take, where the system counts it.

Nothing is estimated: what has no counter is not measured, and `missing` says why.
"""

import threading
from collections.abc import Callable, Mapping
from types import TracebackType

import torch

from vidbench.compute.counters import Counter, NotMeasured, Total
from vidbench.compute.nvml import gpu_counter
from vidbench.compute.rapl import cpu_counters

NAMES = {"gpu": "GPU", "cpu": "CPU"}
# A package's counter may begin again after 65,536 J, which 400 W take in three minutes.
SECONDS = 20.0
STILL = "its counter did not move"
Opener = Callable[[], list[Counter]]


class EnergyMeter:
    """Adds up the joules by source while its block lasts, in a thread of its own."""

    def __init__(self, sources: Mapping[str, Opener], seconds: float = SECONDS) -> None:
        """`sources`: what opens the counters of each (NotMeasured); `seconds`: between two readings."""
        self.sources = sources
        self.seconds = seconds
        self.missing: dict[str, str] = {}  # reason by source
        self._totals: dict[str, Total] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()

    @property
    def measures(self) -> bool:
        """Whether anything is measured."""
        return bool(self._totals)

    def take(self) -> dict[str, float]:
        """Return the joules of each measured source since the last call."""
        with self._lock:
            self._update()
            taken = {source: total.joules for source, total in self._totals.items()}
            for total in self._totals.values():
                total.joules = 0.0
        return taken

    def drop(self, source: str, reason: str) -> None:
        """Measure a source no longer."""
        self._totals.pop(source, None)
        self.missing.setdefault(source, reason)

    def __enter__(self) -> "EnergyMeter":
        for source, opener in self.sources.items():
            try:
                self._totals[source] = Total(opener())
            except NotMeasured as error:
                self.missing[source] = str(error)
        if self._totals:
            threading.Thread(target=self._read_often, daemon=True).start()
        return self

    def __exit__(self, _kind: type | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._ended.set()

    def _update(self) -> None:
        for source in list(self._totals):
            try:
                self._totals[source].update()
            except NotMeasured as error:
                self.drop(source, str(error))

    def _read_often(self) -> None:
        while not self._ended.wait(self.seconds):
            with self._lock:
                self._update()


def device_sources(device: torch.device, with_cpu: bool = True) -> dict[str, Opener]:
    """Return the sources of a process that computes on `device`; `with_cpu`: in one process per machine."""
    gpu: dict[str, Opener] = {"gpu": lambda: [gpu_counter(_uuid(device))]} if device.type == "cuda" else {}
    cpu: dict[str, Opener] = {"cpu": cpu_counters} if with_cpu else {}
    return gpu | cpu


def _uuid(device: torch.device) -> str:
    """Return a GPU's UUID as NVML knows it; NotMeasured of what is no whole GPU of NVIDIA's."""
    properties = torch.cuda.get_device_properties(device)
    if torch.version.hip:
        raise NotMeasured("only NVIDIA's GPUs are read")
    if " MIG " in properties.name:
        raise NotMeasured("the counter is that of the whole GPU, of which this is a slice (MIG)")
    return f"GPU-{properties.uuid}"


def describe_missing(missing: Mapping[str, str]) -> list[str]:
    """Return a line per source that is not measured."""
    return [
        f"energy of the {NAMES[source]}: not measured on this machine: {reason}" for source, reason in missing.items()
    ]
