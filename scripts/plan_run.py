"""Estimate what a configured run will take: jobs, hours, GPU-hours and disk. Starts, fetches and changes nothing.

Example:
    snakemake plan --cores all --resources gpu=1 --configfile config/kinetics400.yaml

or, if results/plan has the files of measure_extraction.py and measure_speed.py:
    python scripts/plan_run.py --config config/config.yaml config/kinetics400.yaml \\
        --measurements results/plan --text results/plan.txt --output results/plan.json
"""

from functools import reduce
from pathlib import Path

from vidbench import cli
from vidbench.config import schema
from vidbench.errors import UserError
from vidbench.files import read_json, write_json, write_text
from vidbench.planning import jobs, text
from vidbench.planning.disk import estimate_disk
from vidbench.planning.hours import Capacity, Measured, estimate_work
from vidbench.planning.job_times import digest_run
from vidbench.workflow.run import Run
from vidbench.workflow.speeds import measured_by, measured_models

GUESSED_TFLOPS = 20  # trillion operations/s of a GPU in mixed precision


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument(
        "--config", type=cli.read_options, nargs="+", required=True, help="config files, later ones win"
    )
    parser.add_argument("--measurements", type=Path, required=True, help="folder with extraction/ and speed/")
    parser.add_argument("--cores", type=int, default=1, help="cores that jobs share")
    parser.add_argument("--gpus", type=int, default=0, help="GPUs that jobs share")
    parser.add_argument("--jobs", type=int, default=0, help="jobs that a cluster takes at once")
    parser.add_argument(
        "--tflops", type=float, default=GUESSED_TFLOPS, help="trillion operations/s of a GPU that was not measured"
    )
    parser.add_argument("--text", type=Path, required=True, help="text file to write")
    parser.add_argument("--output", type=Path, required=True, help="JSON file to write")
    arguments = parser.parse_args()
    run = Run(reduce(schema.merge, arguments.config))
    measured = read_measured(run, arguments.measurements)
    capacity = Capacity(arguments.cores, arguments.gpus, arguments.jobs)
    rate = 0 if measured.on_gpu or run.device == "cpu" else arguments.tflops * 1e12
    job_counts = jobs.count_jobs(run)
    disk = estimate_disk(run, measured)
    plan = text.make_plan(estimate_work(run, job_counts, measured, capacity), job_counts, disk, capacity, rate)
    notes = text.make_notes(run, measured, disk, capacity, rate)
    plan_text = text.format_plan(plan, notes)
    write_json(arguments.output, {"digest": digest_run(run), **plan, "rests_on": notes})
    write_text(arguments.text, plan_text)
    print(f"\n{plan_text}", flush=True)


def read_measured(run: Run, folder: Path) -> Measured:
    """Read the measurements for the run; UserError if one is missing."""
    extraction = {data.name: _read_measurement(folder / "extraction" / f"{data.name}.json") for data in run.datasets}
    speeds = {
        (name, model): _read_measurement(folder / "speed" / name / f"{model}.json")
        for name, model in measured_models(run)
    }
    speed = {
        (data.name, model): speeds[data.name, measured]
        for data in run.datasets
        for model, measured in measured_by(run, data).items()
    }
    return Measured(extraction, speed)


def _read_measurement(path: Path) -> dict:
    if not path.exists():
        script = "measure_extraction.py" if path.parent.name == "extraction" else "measure_speed.py"
        raise UserError(f"{path}: missing; `snakemake plan` makes it, or {script}")
    return read_json(path)


if __name__ == "__main__":
    cli.run(main)
