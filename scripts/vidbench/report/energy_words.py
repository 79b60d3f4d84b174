"""What the page says of energy: its columns of the table of costs, its notes, and that of all trainings."""

from collections.abc import Sequence

from vidbench.evaluation.energy import BEST_BATCH, PER_CLIP, TRAINING, common_sources, joules_per_clip
from vidbench.evaluation.tables import LabelSummary, ModelSummary
from vidbench.formatting import energy_text, known, number
from vidbench.report.dataset_results import DatasetResults, Row
from vidbench.report.table import NONE, Cell, Column, Number, as_float, column

Summaries = Sequence[ModelSummary] | Sequence[LabelSummary]
NAMES = {"gpu": "GPU", "cpu": "CPU"}
WHOLE = {
    "gpu": "The energy of the GPU is that of the whole GPU, as its driver counts it (NVML).",
    "cpu": "The energy of the CPU is that of all processors of the machine, with whatever else ran on them, and without"
    " main memory, as they count it (RAPL).",
}


def energy_columns(rows: list[ModelSummary]) -> list[tuple[Column, list[Cell]]]:
    """Return the columns of the table of costs; those of which nothing was measured are left out there."""
    words = {True: "yes", False: "no", None: NONE}
    front = [Cell(words[row.on_energy_front]) for row in rows]
    title = "no other model is both more accurate and takes less energy per clip"
    return [*joule_columns(rows), (Column("on the front of energy", "text", title), front)]


def joule_columns(rows: Summaries) -> list[tuple[Column, list[Cell]]]:
    """Return the columns of what was measured."""
    found = []
    for source, name in NAMES.items():
        found += [
            column(rows, f"J/clip, {name}", PER_CLIP[source], help="energy of one clip at a time"),
            column(rows, f"J/clip, {name}, best batch", BEST_BATCH[source], help="at the fastest batch size"),
            column(rows, f"training, {name} energy", TRAINING[source], energy_cell, "mean of one training"),
        ]
    return found


def energy_cell(joules: Number) -> Cell:
    """Return joules as text, sorted by their number; a dash for none."""
    amount = as_float(joules)
    return Cell(NONE) if amount is None else Cell(energy_text(amount), amount)


def energy_notes(rows: Summaries, not_measured: Sequence[str]) -> list[str]:
    """Say what the numbers of energy count, and once what was `not_measured`, and why."""
    measured = {
        source
        for source in NAMES
        for columns in (PER_CLIP, BEST_BATCH, TRAINING)
        if any(getattr(row, columns[source]) is not None for row in rows)
    }
    lines = [f"{line[0].upper()}{line[1:].removesuffix('.')}." for line in not_measured]
    return [*(text for source, text in WHOLE.items() if source in measured), *lines]


def model_energy(row: ModelSummary) -> list[tuple[str, str]]:
    """Return what is known of a model's energy, as facts of its section."""
    facts = []
    for source, name in NAMES.items():
        for columns, title, say in (
            (PER_CLIP, "energy per clip", lambda joules: f"{number(joules)} J"),
            (BEST_BATCH, "energy per clip, best batch", lambda joules: f"{number(joules)} J"),
            (TRAINING, "energy of one training", energy_text),
        ):
            if (joules := getattr(row, columns[source])) is not None:
                facts.append((f"{title}, {name}", say(joules)))
    return facts


def clip_energy(results: DatasetResults) -> dict[str, str]:
    """Return the energy per clip of each model in words, with a comma before; {} where not all were measured."""
    sources = common_sources(results.summary)
    return {
        row.model: f", {number(joules_per_clip(row, sources))} J/clip"
        for row in results.summary
        if sources and row.ms_per_clip is not None
    }


def all_trainings(runs: list[Row]) -> list[str]:
    """Return the energy of all trainings by source, 'GPU 1.2 kWh', where that of each was measured.

    Of a swept model that of its selected trial alone is known here.
    """
    if any(known(run.get("sweep_seconds", "")) for run in runs):
        return []
    words = []
    for source, name in NAMES.items():
        values = [run.get(TRAINING[source], "") for run in runs]
        if values and all(map(known, values)):
            words.append(f"{name} {energy_text(sum(map(float, values)))}")
    return [", ".join(words)] if words else []
