"""The table of bench-gpu in Markdown, with the machine and the date."""

import datetime
from collections.abc import Mapping, Sequence

from gpu_measure import Measured

HEAD = (
    "network", "clip, batch", "clips/s", "ms/step", "allocated, reserved", "waits for clips", "host waits per step",
    "of the rate from memory", "times the tutorial", "at equal precision", "first two steps",
)  # fmt: skip
NONE = "-"


def make_table(measured: Sequence[Measured], missing: Mapping[str, str]) -> str:
    """A row per network; below it those that were not measured, and why."""
    lines = [_line(HEAD), _line(["---"] * len(HEAD)), *(_line(_cells(row)) for row in measured)]
    if missing:
        lines += ["", "Not measured: " + "; ".join(f"{name}: {reason}" for name, reason in missing.items()) + "."]
    return "\n".join(lines)


def describe_run(machine: Mapping[str, object], versions: Mapping[str, str], date: datetime.date) -> str:
    """The command with its date, machine and versions."""
    memory = f", {machine['memory_gb']:.0f} GB" if machine["memory_gb"] else ""
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"`make bench-gpu`, {date}, {machine['name']}{memory}, {machine['cores']} cores of {machine['cpu']}; {packages}"
    )


def _cells(row: Measured) -> list[str]:
    frames, height, width = row.clip
    return [
        f"{row.name} ({row.precision}{', compiled' if row.compiled else ''})",
        f"{frames} x {height} x {width}, {row.batch}",
        f"{row.rate:.1f}",
        f"{row.step_ms:.1f}",
        f"{row.allocated_mb / 1000:.1f}, {NONE if row.reserved_mb is None else f'{row.reserved_mb / 1000:.1f}'} GB",
        f"{row.data_wait:.0%}".replace("%", " %"),
        f"{row.host_waits:.1f}",
        f"{row.of_memory:.2f}",
        *(NONE if ratio is None else f"{ratio:.2f}" for ratio in (row.of_tutorial, row.of_same_precision)),
        f"{row.first_seconds:.0f} s",
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
