"""What starting a step costs: processor seconds and modules of its script's imports, with the packages that it loads.

Each script is run without its main function in a Python of its own, some times; the least counts. `--project` measures
other checkouts beside this one, e.g. of an earlier commit.

Example:
    python tests/benchmark/imports.py --project . ../earlier train_model.py plot_cost.py
"""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# Prints the modules that are loaded once a script's imports are done.
IMPORT = "import runpy, sys\nrunpy.run_path(sys.argv[1], run_name='imported')\nprint(*sys.modules)"
LARGE = (
    "torch",
    "torchvision",
    "timm",
    "transformers",
    "scipy.stats",
    "sklearn",
    "matplotlib",
    "pandas",
    "seaborn",
    "h5py",
)  # that take long


@dataclass(frozen=True)
class ImportCost:
    """What the imports of a script cost: user and system time in seconds, and the modules that they load."""

    seconds: float
    modules: list[str]

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {len(self.modules):,} modules"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, nargs="+", default=[PROJECT], help="checkouts that are measured")
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each script")
    parser.add_argument("scripts", nargs="*", help="names in scripts/; default: all")
    arguments = parser.parse_args()
    names = arguments.scripts or sorted(path.name for path in (PROJECT / "scripts").glob("*.py"))
    for name in names:
        costs = [measure(project.resolve() / "scripts" / name, arguments.repeats) for project in arguments.project]
        large = [package for package in LARGE if package in costs[-1].modules]
        print(f"{name:28}", *(f"{cost!s:>24}" for cost in costs), "  ", ", ".join(large), flush=True)


def measure(script: Path, repeats: int) -> ImportCost:
    """Return the cost of a script's imports, the least of some measurements."""
    return min((import_once(script) for _ in range(repeats)), key=lambda cost: cost.seconds)


def import_once(script: Path) -> ImportCost:
    """Import what a script imports in a new Python, as a step of a run does."""
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(script)],
        cwd=script.parent,  # in sys.path, as the folder of a script is
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert process.stdout
    modules = process.stdout.read().split()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # or else Popen would wait for it, too
    if status:
        sys.exit(f"{script}: cannot be imported")
    return ImportCost(usage.ru_utime + usage.ru_stime, modules)


if __name__ == "__main__":
    main()
