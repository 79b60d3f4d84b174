"""The benchmark suite: `make bench`.

Prints a table and writes results/benchmark/summary.json; with --write-docs also the table in docs/performance.md.
Each figure is a median of several rounds in which all ways take turns. Nothing else should run meanwhile.
"""

import argparse
import datetime
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

from vidbench import cli  # noqa: F401  # isort: skip - before torch, as in the steps: sets how its threads wait

import bench_augmentation
import bench_classification
import bench_clips
import bench_extraction
import bench_features
import bench_training
import measuring
import samples
from measuring import Result
from page import PAGE, PROJECT, replace_block

from vidbench.compute import device
from vidbench.files import write_json
from vidbench.frames import ffmpeg

SUITES = {
    "extraction": bench_extraction,
    "clips": bench_clips,
    "augmentation": bench_augmentation,
    "training": bench_training,
    "features": bench_features,
    "classification": bench_classification,
}
SUMMARY = PROJECT / "results" / "benchmark" / "summary.json"
QUICK_VIDEOS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SUITES, default=list(SUITES), help="parts to run")
    parser.add_argument("--write-docs", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--quick", action="store_true", help="few videos, one round: whether it runs, not how fast")
    parser.add_argument("--output", type=Path, default=SUMMARY, help="JSON file to write instead")
    arguments = parser.parse_args()
    if arguments.quick:
        samples.most, measuring.most_rounds = QUICK_VIDEOS, 1
    results: list[Result] = []
    for name in arguments.only:
        with tempfile.TemporaryDirectory(prefix="vidbench") as folder:
            results += SUITES[name].run(Path(folder))
    print(table(results))
    write_json(arguments.output, [result.as_dict() for result in results])
    print(f"written to {os.path.relpath(arguments.output)}")
    if arguments.write_docs:
        replace_block(PAGE, "make bench", described(results))


def table(results: list[Result]) -> str:
    """A Markdown table."""
    rows = [f"| {r.name} | {r.value:.1f} {r.unit} | {r.baseline} | {r.ratio:.2f} |\n" for r in results]
    return "| what | VidBench | baseline | times the baseline |\n| --- | --- | --- | --- |\n" + "".join(rows)


def described(results: list[Result]) -> str:
    """The table with its command, date and machine."""
    packages = ("torch", "h5py", "simplejpeg", "torchcodec", "av", "decord", "pillow")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    cores = len(os.sched_getaffinity(0))
    return (
        f"`make bench ARGS=--write-docs`, {datetime.date.today()}, {cores} cores of {device.cpu_name()};"
        f" ffmpeg {ffmpeg.version()}, {versions}\n\n{table(results)}"
    )


if __name__ == "__main__":
    main()
