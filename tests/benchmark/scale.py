"""What the size of a data set costs before any work: `make bench-scale`.

Generates manifests of up to 240,000 (empty) videos and stores to go with them, times a dry run and the opening of the
store's index, and draws docs/scale.png. Prints a table; with --write-docs it goes into docs/performance.md.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml
from page import PAGE, PROJECT, replace_block
from workflow.conftest import copy_project

from vidbench.frames.shard_writer import ShardWriter
from vidbench.plotting import style
from vidbench.video import shard_of

OPEN = (
    "import sys, time; from vidbench.frames.store import FrameStore; start = time.perf_counter()\n"
    "store = FrameStore(sys.argv[1]); print(time.perf_counter() - start, len(store.videos))\n"
    # Not getrusage: its peak begins with that of the process that started this one.
    "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
)


@dataclass(frozen=True)
class Size:
    """A generated data set and what is run on it."""

    videos: int
    shards: int
    splits: int = 2
    models: int = 1
    seeds: int = 1

    def __str__(self) -> str:
        return f"{self.videos:,} videos, {self.shards} shards, {self.splits * self.models * self.seeds} trainings"


SIZES = (Size(1000, 4), Size(13_320, 16, 3, 8, 3), Size(60_000, 128), Size(240_000, 512))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write-docs", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--quick", action="store_true", help="1,000 videos: whether it runs, not how fast")
    arguments = parser.parse_args()
    rows = []
    for size in [SIZES[0]] if arguments.quick else SIZES:
        with tempfile.TemporaryDirectory(prefix="vidbench") as folder:
            rows.append((size, *measure(size, Path(folder))))
            print(*rows[-1], flush=True)
    lines = [f"| {size} | {dry:.1f} s | {opening:.1f} s | {memory:.0f} MB |\n" for size, dry, opening, memory in rows]
    head = "| size | dry run | opening the store | its peak memory |\n| --- | --- | --- | --- |\n"
    print(head + "".join(lines))
    if arguments.write_docs:
        draw(rows)
        command = "`make bench-scale ARGS=--write-docs`\n\n"
        replace_block(PAGE, "make bench-scale", command + head + "".join(lines))


def measure(size: Size, folder: Path) -> tuple[float, float, float]:
    """Seconds of a dry run, seconds and peak megabytes of opening the store."""
    write_project(size, folder)
    command = [sys.executable, "-m", "snakemake", "-n", "-q", "--cores", "2", "--configfile", "scale.yaml"]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    dry = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    write_store(size, folder / "store")
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "scripts")}
    opened = subprocess.run(
        [sys.executable, "-c", OPEN, folder / "store"], env=environment, capture_output=True, text=True, check=True
    ).stdout.split()
    return dry, float(opened[0]), int(opened[2]) / 1024


def write_project(size: Size, folder: Path) -> None:
    """A copy of the workflow, a manifest of `size` empty files in 400 classes, and a config."""
    copy_project(folder)
    with open(folder / "videos.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("path", "label", "group"))
        for path, number in names(size):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).touch()
            rows.writerow((path, Path(path).parts[1], f"g{number // 4}"))
    models = {f"model{number}": {"architecture": "cnn3d", "width": 8 + number} for number in range(size.models)}
    entry = {"kind": "csv", "manifest": "videos.csv", "shards": size.shards, "splits": {"folds": size.splits}}
    run = {"datasets": ["many"], "models": list(models), "seeds": list(range(size.seeds))}
    (folder / "scale.yaml").write_text(yaml.safe_dump({"run": run, "datasets": {"many": entry}, "models": models}))


def names(size: Size) -> list[tuple[str, int]]:
    """Path and number of each video."""
    return [(f"videos/class {number % 400:03d}/recording_{number:07d}.mp4", number) for number in range(size.videos)]


def write_store(size: Size, folder: Path) -> None:
    """Shards whose columns are full and whose frames are one byte each, 300 a video."""
    members: dict[int, list[str]] = {number: [] for number in range(size.shards)}
    for path, _ in names(size):
        members[shard_of(path, size.shards)].append(path)
    known = {"height": 128, "width": 171, "source_fps": 29.97, "duration": 10.0, "codec": "h264", "rotation": 0}
    known |= {"source_height": 240, "source_width": 320, "expected_frames": 300, "status": "ok", "message": ""}
    known |= {"transfer": "", "primaries": "", "notes": ""}
    known["crc32"] = 7
    recipe = {"size": 128, "fps": None, "codec": "jpeg", "quality": 2}
    for number, videos in members.items():
        spool = folder / "spool"
        spool.mkdir(parents=True)
        writer = ShardWriter(spool)
        for place, video in enumerate(sorted(videos)):
            writer.rows.append(known | {"id": video, "first_frame": 300 * place, "num_frames": 300})
        writer.sizes = [1] * 300 * len(videos)
        writer.times = [frame / 29.97 for frame in range(300)] * len(videos)
        writer.end += len(writer.sizes)
        writer.finish(folder / f"{number}.h5", {"recipe": json.dumps(recipe), "ffmpeg_version": "0"})
        shutil.rmtree(spool)


def draw(rows: list[tuple[Size, float, float, float]]) -> None:
    """Cost against size, both logarithmic."""
    import matplotlib.pyplot as plt

    style.apply()
    figure, axes = plt.subplots(figsize=(5, 3.2))
    videos = [size.videos for size, *_ in rows]
    axes.loglog(videos, [row[1] for row in rows], "o-", label="dry run (the second point: 72 trainings)")
    axes.loglog(videos, [row[2] for row in rows], "s-", label="opening the store's index")
    axes.set(xlabel="videos", ylabel="seconds")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axes.legend(loc="upper left", bbox_to_anchor=(0, 1.2))
    style.save(figure, [PROJECT / "docs" / "scale.png"])


if __name__ == "__main__":
    main()
