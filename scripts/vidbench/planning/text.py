"""A plan as text and as JSON."""

from collections.abc import Sequence

from vidbench.formatting import bytes_text, duration, number
from vidbench.planning.disk import Disk
from vidbench.planning.hours import Capacity, Measured, Work
from vidbench.workflow.run import Run

STEPS = {
    "download_data": "download",
    "extract_frames": "extraction",
    "extract_features": "features",
    "train_model": "training",
    "predict_videos": "prediction",
    "measure_cost": "costs",
}
REST, NONE = "the rest", "–"
LONG = 48 * 3600  # seconds from which on days say more than hours
COLUMNS = ("step", "jobs", "time", "GPU-hours", "CPU-hours", "disk")


def summary(work: Sequence[Work], jobs: dict[str, int], disk: Disk, capacity: Capacity, rate: float) -> dict:
    """The content of plan.json but for what it rests on; `rate`: operations a second of a GPU that was not measured.

    `seconds` are on the clock; those of all jobs one after another are `job_seconds`.
    """
    steps = {}
    for name in (*STEPS.values(), REST):
        parts = [part for part in work if STEPS.get(part.rule, REST) == name]
        if parts:
            steps[name] = _sums(parts, capacity, rate) | {"jobs": sum(part.jobs for part in parts)}
    total = {key: sum(step[key] for step in steps.values()) for key in next(iter(steps.values()))}
    trained = [part for part in work if part.rule == "train_model"]
    models = [
        {"dataset": part.dataset, "model": part.model, "trainings": part.jobs, **_sums([part], capacity, rate)}
        for part in trained
    ]
    sizes = {key: value for key, value in vars(disk).items() if key != "passing"} | {"total": disk.total}
    return {"jobs": jobs, "steps": steps, "total": total, "models": models, "disk": sizes, "passing": disk.passing}


def _sums(parts: Sequence[Work], capacity: Capacity, rate: float) -> dict[str, float]:
    held = sum(part.gpu_hours for part in parts)
    return {
        "seconds": sum(3600 * part.hours(capacity) for part in parts),
        "job_seconds": sum(part.spent.seconds for part in parts),
        "gpu_hours": held or (sum(part.operations for part in parts) / rate / 3600 if rate else 0.0),
        "cpu_hours": sum(part.spent.cpu_seconds for part in parts) / 3600,
    }


def text(plan: dict, notes: Sequence[str]) -> str:
    """What a person reads: the steps, the models, and what the numbers rest on."""
    disk = plan["disk"]
    of_step = {
        "download": disk["downloads"], "extraction": disk["frames"], "features": disk["features"],
        "training": disk["weights"], "prediction": disk["predictions"], REST: disk["others"],
    }  # fmt: skip
    rows = [[name, *_cells(step), _size(of_step.get(name, 0.0))] for name, step in plan["steps"].items()]
    rows.append(["total", *_cells(plan["total"]), _size(disk["total"])])
    models = [
        [f"{row['dataset']}, {row['model']}", *_cells(row | {"jobs": row["trainings"]})] for row in plan["models"]
    ]
    parts = [
        _aligned([COLUMNS, *rows]),
        "",
        _aligned([("trained", *COLUMNS[1:5]), *models]),
        "",
        *(f"- {note}" for note in notes),
    ]
    return "\n".join(parts) + "\n"


def _cells(row: dict) -> list[str]:
    return [f"{row['jobs']:,}", _time(row["seconds"]), _hours(row["gpu_hours"]), _hours(row["cpu_hours"])]


def _time(seconds: float) -> str:
    if not seconds:
        return NONE
    return duration(seconds) if seconds < LONG else f"{number(seconds / 86400)} days"


def _hours(count: float) -> str:
    if count < 0.001:
        return "< 0.001" if count else NONE
    return f"{count:.3f}" if count < 1 else f"{count:.1f}" if count < 100 else number(count)


def _size(count: float) -> str:
    return bytes_text(count) if count else NONE


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    return "\n".join(lines)


def notes(run: Run, measured: Measured, disk: Disk, capacity: Capacity, rate: float) -> list[str]:
    """What the numbers rest on, and what they cannot know."""
    devices = sorted({found["device"]["name"] for found in measured.speed.values()})
    at_once = f"{capacity.jobs} jobs" if capacity.jobs else f"{capacity.cores} cores"
    lines = [
        f"Measured on {', '.join(devices)}, as busy as it was then; results/plan/ holds the measurements; to"
        " measure again: snakemake plan --forcerun measure_extraction measure_speed",
        f"Time: with {at_once}{f' and {capacity.gpus} GPUs' if measured.on_gpu else ''} at once, one step after another"
        " (steps overlap where they can). Waiting in a queue is not in it.",
        *_gpu_notes(run, measured, rate),
        *_data_notes(run, measured),
    ]
    if any(data.typed_options(model).training.patience is not None for data in run.datasets
           for model in run.trained):  # fmt: skip
        lines.append("Trainings take all their epochs here: patience may end them earlier, so they take this at most.")
    if disk.passing > 1e6:
        lines.append(f"Besides, up to {bytes_text(disk.passing)} of disk that are free again at the end.")
    return lines


def _gpu_notes(run: Run, measured: Measured, rate: float) -> list[str]:
    if measured.on_gpu or run.device == "cpu":
        return []
    return [
        "No GPU was measured: times and CPU-hours are those of a run on this CPU. GPU-hours are arithmetic alone, at"
        f" {rate / 1e12:g} trillion operations a second, a guess; `snakemake plan` on a GPU node measures them.",
    ]


def _data_notes(run: Run, measured: Measured) -> list[str]:
    words = {
        "its own": "some of its own videos",
        "generated": "videos made as its own are",
        "made up": "made-up videos of its average size and length",
    }
    lines = []
    for data in run.datasets:
        found = measured.extraction[data.name]
        number_of = f"{data.num_videos:,} videos" + ("" if data.known else ", as published")
        lines.append(
            f"{data.name}: {number_of}; frames and decoding measured on {words[found['videos']]}."
            + (" How long its download takes is not known." if data.published else "")
        )
    return lines
