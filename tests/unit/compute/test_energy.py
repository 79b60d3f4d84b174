"""Energy from counters of processors and GPUs: sums, wraps, counters that are not there, locked, or set back."""

import time
from pathlib import Path

import fake_energy
import pytest
import torch
from fake_energy import RANGE, FakeNvml, write_zone

from vidbench.compute import energy, rapl
from vidbench.compute.counters import Counter, NotMeasured
from vidbench.compute.energy import EnergyMeter, describe_missing, device_sources
from vidbench.compute.nvml import gpu_counter
from vidbench.compute.rapl import cpu_counters


def meter_of(folder: Path, **more: float) -> EnergyMeter:
    return EnergyMeter({"cpu": lambda: cpu_counters(folder)}, **more)


def test_packages_are_added_up_and_their_parts_are_not(tmp_path: Path) -> None:
    first = write_zone(tmp_path, "intel-rapl:0", "package-0", 5_000_000)
    second = write_zone(tmp_path, "intel-rapl:1", "package-1", 7_000_000)
    others = [
        write_zone(tmp_path, "intel-rapl:0:0", "core", 0), write_zone(tmp_path, "intel-rapl:2", "psys", 0),
        write_zone(tmp_path, "intel-rapl-mmio:0", "package-0", 0),
    ]  # fmt: skip
    with meter_of(tmp_path) as meter:
        assert (meter.measures, meter.take()) == (True, {"cpu": 0.0})
        first.write_text("15000000\n")
        second.write_text("7500000\n")
        for other in others:
            other.write_text("900000000\n")
        assert meter.take() == {"cpu": pytest.approx(10.5)}
        assert meter.take() == {"cpu": 0.0}


def test_a_counter_that_begins_again_goes_on(tmp_path: Path) -> None:
    counter = write_zone(tmp_path, "intel-rapl:0", "package-0", RANGE - 2_000_000)
    with meter_of(tmp_path) as meter:
        counter.write_text("1000000\n")
        assert meter.take() == {"cpu": pytest.approx(3.0)}


def test_wraps_between_two_readings_are_seen_by_the_thread(tmp_path: Path) -> None:
    counter = write_zone(tmp_path, "intel-rapl:0", "package-0", 0)
    with meter_of(tmp_path, seconds=0.005) as meter:
        for microjoules in (RANGE // 2, 10, RANGE // 2, 20):
            temporary = tmp_path / "next"
            temporary.write_text(f"{microjoules}\n")
            temporary.replace(counter)
            total, end = meter._totals["cpu"], time.monotonic() + 10
            while total._last != [pytest.approx(microjoules * 1e-6)] and time.monotonic() < end:
                time.sleep(0.002)
        assert meter.take() == {"cpu": pytest.approx((2 * RANGE + 20) * 1e-6)}


def test_where_nothing_counts_it_says_so(tmp_path: Path) -> None:
    with meter_of(tmp_path / "powercap") as meter:
        assert (meter.measures, meter.take()) == (False, {})
    [line] = describe_missing(meter.missing)
    assert line.startswith("energy of the CPU: not measured on this machine: this system has no counter of a processor")


def test_a_locked_counter_says_how_it_is_unlocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_zone(tmp_path, "intel-rapl:0", "package-0", 5)
    read = Path.read_text

    def locked(path: Path, **more: str) -> str:
        if path.name == "energy_uj":  # as root, tests may read any file
            raise PermissionError(13, "Permission denied", str(path))
        return read(path, **more)

    monkeypatch.setattr(Path, "read_text", locked)
    with pytest.raises(NotMeasured) as raised:
        cpu_counters(tmp_path)
    assert str(raised.value) == (
        f"{tmp_path}/intel-rapl:0/energy_uj is readable by root only;"
        f" `sudo chmod a+r {tmp_path}/intel-rapl:*/energy_uj`"
        " lets all read it until the next start"
    )


@pytest.mark.parametrize("text", ["", "many\n"])
def test_a_counter_that_is_no_number_is_not_measured(tmp_path: Path, text: str) -> None:
    counter = write_zone(tmp_path, "intel-rapl:0", "package-0", 5)
    with meter_of(tmp_path) as meter:
        counter.write_text(text)
        assert (meter.take(), meter.measures) == ({}, False)
    assert meter.missing == {"cpu": f"{counter} holds no number"}


def test_a_counter_without_a_range_that_goes_back_is_not_measured() -> None:
    values = iter((9.0, 4.0))
    with EnergyMeter({"gpu": lambda: [Counter(lambda: next(values))]}) as meter:
        assert meter.take() == {}
    assert meter.missing == {"gpu": "its counter was set back meanwhile"}


def test_gpus_are_counted_by_their_uuid() -> None:
    nvml = FakeNvml(a=1_000, b=50_000, old=None)
    counters = [gpu_counter(f"GPU-{name}", nvml) for name in "ab"]
    assert [counter.read() for counter in counters] == [1.0, 50.0]
    nvml.millijoules["GPU-b"] = 53_500
    assert [counter.read() for counter in counters] == [1.0, 53.5]
    with pytest.raises(NotMeasured, match="NVML says: Not Supported"):
        gpu_counter("GPU-old", nvml)
    with pytest.raises(NotMeasured, match="NVML says: Not Found"):
        gpu_counter("GPU-none", nvml)


def test_without_the_driver_a_gpu_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vidbench.compute.nvml.LIBRARY", "libnvidia-ml-nowhere.so.1")
    with pytest.raises(NotMeasured, match=r"the driver's libnvidia-ml-nowhere\.so\.1 is not there"):
        gpu_counter("GPU-a")


def test_a_driver_without_such_a_counter_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(FakeNvml, "nvmlDeviceGetTotalEnergyConsumption")
    with pytest.raises(NotMeasured, match=r"is too old: .*nvmlDeviceGetTotalEnergyConsumption"):
        gpu_counter("GPU-a", FakeNvml(a=1_000))


def test_a_process_measures_its_gpu_and_one_per_machine_the_processors() -> None:
    cpu, gpu = torch.device("cpu"), torch.device("cuda", 1)
    assert [*device_sources(cpu)] == ["cpu"]
    assert [*device_sources(gpu)] == ["gpu", "cpu"]
    assert [*device_sources(gpu, with_cpu=False)] == ["gpu"]
    assert device_sources(cpu)["cpu"] is energy.cpu_counters is rapl.cpu_counters


@pytest.mark.parametrize(
    ("name", "hip", "said"),
    [("NVIDIA H200 MIG 1g.18gb", None, "a slice"), ("AMD Instinct", "7.0", "only NVIDIA's GPUs are read")],
)
def test_what_is_no_whole_gpu_of_nvidias(
    name: str, hip: str | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    properties = fake_energy.SimpleNamespace(name=name, uuid="1-2")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: properties)
    monkeypatch.setattr(torch.version, "hip", hip)
    with EnergyMeter(device_sources(torch.device("cuda", 0), with_cpu=False)) as meter:
        assert not meter.measures
    assert said in meter.missing["gpu"]
