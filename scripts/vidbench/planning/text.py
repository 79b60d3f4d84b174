"""A plan as text and as JSON."""

from collections.abc import Sequence

from vidbench.formatting import bytes_text, counted, duration, number
from vidbench.planning.disk import Disk
from vidbench.planning.hours import Capacity, Measured, Work
from vidbench.workflow.run import Run

STEPS = {
    "download_data": "data",
    "extract_frames": "extraction",
    "extract_features": "features",
    "train_model": "training",
    "continue_trial": "training",
    "fit_baseline": "baselines",
    "predict_videos": "prediction",
    "measure_cost": "costs",
}
REST = "the rest"
NONE = "–"
LONG = 48 * 3600  # seconds from which on days are clearer than hours
COLUMNS = ("step", "jobs", "time", "GPU-hours", "CPU-hours", "disk")


def make_plan(work: Sequence[Work], jobs: dict[str, int], disk: Disk, capacity: Capacity, rate: float) -> dict:
    """Return the content of plan.json without its notes; `rate`: operations per second of an unmeasured GPU.

    `seconds` are wall-clock time; `job_seconds` are the sum over all jobs.
    """
    steps = {}
    for name in dict.fromkeys((*STEPS.values(), REST)):
        parts = [part for part in work if STEPS.get(part.rule, REST) == name]
        if parts:
            steps[name] = _add_up(parts, capacity, rate) | {"jobs": sum(part.jobs for part in parts)}
    total = {key: sum(step[key] for step in steps.values()) for key in next(iter(steps.values()))}
    trained = [part for part in work if part.rule == "train_model"]
    models = [
        {"dataset": part.dataset, "model": part.model, "trainings": part.jobs, **_add_up([part], capacity, rate)}
        for part in trained
    ]
    sizes = {key: value for key, value in vars(disk).items() if key != "passing"} | {"total": disk.total}
    return {"jobs": jobs, "steps": steps, "total": total, "models": models, "disk": sizes, "passing": disk.passing}


def _add_up(work: Sequence[Work], capacity: Capacity, rate: float) -> dict[str, float]:
    gpu_hours = sum(part.gpu_hours for part in work)
    return {
        "seconds": sum(3600 * part.hours(capacity) for part in work),
        "job_seconds": sum(part.spent.seconds for part in work),
        "gpu_hours": gpu_hours or (sum(part.operations for part in work) / rate / 3600 if rate else 0.0),
        "cpu_hours": sum(part.spent.cpu_seconds for part in work) / 3600,
    }


def format_plan(plan: dict, notes: Sequence[str]) -> str:
    """Return the plan as text: the steps, the models, and the notes."""
    disk = plan["disk"]
    disk_by_step = {
        "data": disk["downloads"],
        "extraction": disk["frames"],
        "features": disk["features"],
        "training": disk["weights"],
        "prediction": disk["predictions"],
        REST: disk["others"],
    }
    rows = [[name, *_cells(step), _size(disk_by_step.get(name, 0.0))] for name, step in plan["steps"].items()]
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
    """Return the rows as lines, the first column aligned to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *numbers in rows:
        cells = [cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), *cells]))
    return "\n".join(lines)


def make_notes(run: Run, measured: Measured, disk: Disk, capacity: Capacity, rate: float) -> list[str]:
    """Return what the numbers are based on, and what they do not include."""
    devices = sorted({speed["device"]["name"] for speed in measured.speed.values()})
    limits = counted(capacity.jobs, "job") if capacity.jobs else counted(capacity.cores, "core")
    if measured.on_gpu:
        limits += f" and {counted(capacity.gpus, 'GPU')}"
    lines = [
        f"Measured on {', '.join(devices)}, as busy as it was then; results/plan/ holds the measurements; to"
        " measure again: snakemake plan --forcerun measure_extraction measure_speed",
        f"Times are wall-clock times with {limits}, one step after another (in a run, steps overlap). They"
        " do not include waiting in a queue.",
        *_gpu_notes(run, measured, rate),
        *_data_notes(run, measured),
    ]
    trained_options = [data.typed_options(model) for data in run.datasets for model in run.trained]
    if any(options.training.patience is not None for options in trained_options):
        lines.append("Trainings are counted with all their epochs; early stopping (patience) may end them sooner.")
    if disk.passing > 1e6:
        lines.append(f"Up to {bytes_text(disk.passing)} of disk are needed in addition, and are free again at the end.")
    return lines


def _gpu_notes(run: Run, measured: Measured, rate: float) -> list[str]:
    if measured.on_gpu or run.device == "cpu":
        return []
    return [
        "No GPU was measured: times and CPU-hours are those of a run on this CPU. GPU-hours are the models' operations"
        f" at {rate / 1e12:g} trillion per second, a guess; `snakemake plan` on a GPU node measures them.",
    ]


def _data_notes(run: Run, measured: Measured) -> list[str]:
    samples = {
        "its own": "some of its videos",
        "generated": "a few generated videos",
        "made up": "artificial videos of its average size and length",
    }
    lines = []
    for data in run.datasets:
        sample = samples[measured.extraction[data.name]["videos"]]
        num_videos = f"{data.num_videos:,} videos" + ("" if data.known else ", as published")
        lines.append(
            f"{data.name}: {num_videos}; frames and decoding measured on {sample}."
            + (" The time of its download is unknown." if data.published else "")
        )
    return lines
