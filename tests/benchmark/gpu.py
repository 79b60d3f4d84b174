"""The benchmark of GPUs: `make bench-gpu`.

Measures training steps of torchvision's video models at their pretrained sizes, and of 2D backbones with heads, on
generated videos: fed by the loader, fed from memory, and as a tutorial's loop does them. Each network has a process of
its own; they come by importance, and what the time is not enough for is named. Prints a table, writes
results/benchmark/gpu.json after each network and, on a GPU, the table in docs/performance.md. Needs torch, torchvision,
h5py, safetensors, PyYAML and tqdm; nothing else should run meanwhile.
"""

import argparse
import datetime
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from vidbench import cli  # isort: skip - before torch, as in the steps: sets how its threads wait

import torch
import torchvision
from apart import Budget, Failed, run_apart
from gpu_cases import CASES, TINY_CASES, VIDEOS, Case, Stores
from gpu_measure import Effort, Measured, measure
from gpu_table import describe_run, make_table
from page import PAGE, PROJECT, replace_block

from vidbench.compute import device
from vidbench.errors import UserError
from vidbench.files import write_json

SUMMARY = PROJECT / "results" / "benchmark" / "gpu.json"
COMMAND = "make bench-gpu"
MINUTES = 9.5
LONGEST = 180  # seconds of a network
SHORTEST = 30  # seconds that have to be left to begin another one
TINY_VIDEOS = 4


def main() -> None:
    arguments = parse_arguments()
    budget = Budget(60 * arguments.minutes)
    machine = find_machine(arguments.device)
    if machine is None:
        print('skipped: torch finds no CUDA GPU here; `ARGS="--device cpu --tiny"` tries the benchmark itself')
        return
    cases = [case for case in (TINY_CASES if arguments.tiny else CASES) if arguments.only in (None, case.name)]
    if not cases:
        raise UserError(f"--only: '{arguments.only}' is none of {', '.join(case.name for case in CASES)}")
    with tempfile.TemporaryDirectory(prefix="vidbench") as folder:
        stores = Stores(Path(folder), TINY_VIDEOS if arguments.tiny else VIDEOS)
        measured, missing = measure_all(cases, stores, arguments, budget, machine)
    text = f"{describe_run(machine, versions(), datetime.date.today())}\n\n{make_table(measured, missing)}"
    print(text)
    if measured and arguments.page:
        replace_block(arguments.page, COMMAND, text)
    if not measured:
        sys.exit("error: no network was measured; the lines above say why")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--tiny", action="store_true", help="two networks, tiny clips: whether it runs, not how fast")
    parser.add_argument("--only", default=None, metavar="NETWORK", help="measure this one alone")
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"time for all; default {MINUTES}")
    parser.add_argument("--output", type=Path, default=SUMMARY, help="JSON file to write instead")
    parser.add_argument("--page", type=Path, default=None, help="page to write the table into instead")
    parser.add_argument("--no-page", action="store_true", help="write the table into no page")
    arguments = parser.parse_args()
    whole = arguments.device == "cuda" and not arguments.tiny and arguments.only is None
    if arguments.page is not None and not arguments.page.exists():
        parser.error(f"--page: {arguments.page} is not there; name a copy of docs/performance.md")
    if arguments.page is None and whole and not arguments.no_page:
        arguments.page = PAGE
    return arguments


def find_machine(name: str) -> dict[str, str | float | int] | None:
    """Name of the device, its memory in GB, cores; None where CUDA is asked for and not there."""

    def ask() -> dict[str, str | float | int] | None:
        if name == "cuda" and not torch.cuda.is_available():
            return None
        found = device.describe(torch.device(name))
        total = torch.cuda.get_device_properties(0).total_memory / 1e9 if name == "cuda" else 0.0
        return found | {"memory_gb": total, "cores": len(os.sched_getaffinity(0)), "cpu": device.cpu_name()}

    return run_apart(ask, 120)  # a process that has looked for a GPU cannot fork ones that use it


def versions() -> dict[str, str]:
    """Versions of what computes."""
    return {"torch": torch.__version__, "torchvision": torchvision.__version__}


def measure_all(
    cases: list[Case], stores: Stores, arguments: argparse.Namespace, budget: Budget, machine: dict
) -> tuple[list[Measured], dict[str, str]]:
    """Measure the cases in turn; return results, and by name why others have none."""
    measured: list[Measured] = []
    missing: dict[str, str] = {}
    for case in cases:
        result = measure_apart(case, stores, arguments, budget)
        if isinstance(result, Measured):
            measured.append(result)
            print(f"{case.name}: {result.rate:.1f} clips/s, {budget.left:.0f} s left", flush=True)
        else:
            missing[case.name] = result
            print(f"{case.name}: {result}", flush=True)
        networks = [asdict(row) for row in measured]
        summary = {"machine": machine, "versions": versions(), "networks": networks, "missing": missing}
        write_json(arguments.output, summary)
    return measured, missing


def measure_apart(case: Case, stores: Stores, arguments: argparse.Namespace, budget: Budget) -> Measured | str:
    """Measure a network in a process of its own; return why it has no result where it has none."""
    if budget.left < SHORTEST and not arguments.tiny:
        return "not reached in time"
    stores.make(case.clip())  # not in the process, which may be killed
    try:
        return run_apart(make_work(case, stores, arguments), min(LONGEST, budget.left))
    except TimeoutError:
        return "not finished in time"
    except Failed as error:
        return str(error)


def make_work(case: Case, stores: Stores, arguments: argparse.Namespace) -> Callable[[], Measured]:
    """What the process of a network does."""

    def work() -> Measured:
        chosen = device.set_up(arguments.device, 1, 2, deterministic=False)
        effort = Effort(seconds=0.05, rounds=1) if arguments.tiny else Effort()
        return measure(case, stores.split, chosen, effort)

    return work


if __name__ == "__main__":
    cli.run(main)
