"""The energy counters of this machine's processors, which Linux has under /sys (RAPL; Intel's, and AMD's from Zen on).

A counter is that of a whole package: all its cores, whoever computes on them, without main memory. Imports no torch.
"""

from functools import partial
from pathlib import Path

from vidbench.compute.counters import Counter, NotMeasured

FOLDER = Path("/sys/class/powercap")
MICRO = 1e-6


def cpu_counters(folder: Path = FOLDER) -> list[Counter]:
    """Return a counter per package; NotMeasured where there is none, or one that cannot be read."""
    # Parts of a package have a second colon (intel-rapl:0:0), and the same packages come again as intel-rapl-mmio:0.
    zones = sorted(path for path in folder.glob("intel-rapl:*") if path.name.count(":") == 1)
    # "psys" is the whole machine, so that the packages are in it.
    packages = [zone for zone in zones if _text(zone / "name").startswith("package")]
    if not packages:
        raise NotMeasured(f"this system has no counter of a processor's energy (RAPL) in {folder}")
    counters = [
        Counter(partial(_joules, zone / "energy_uj"), _joules(zone / "max_energy_range_uj")) for zone in packages
    ]
    for counter in counters:
        counter.read()
    return counters


def _joules(path: Path) -> float:
    text = _text(path)
    if not text.isdigit():
        raise NotMeasured(f"{path} holds no number")
    return int(text) * MICRO


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except PermissionError:
        raise NotMeasured(
            f"{path} is readable by root only; `sudo chmod a+r {path.parents[1]}/intel-rapl:*/energy_uj` lets all read"
            " it until the next start"
        ) from None
    except OSError as error:
        raise NotMeasured(f"{path}: {error.strerror}") from error
