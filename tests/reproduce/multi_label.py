"""Two gestures per video: does a model of several labels reach what one-label models suggest? docs/multi_label.md.

Example:
    make reproduce-multi_label

ffmpeg joins real gestures in pairs, one movement after the other, of the same scene and with different labels. The same
network is trained on the single gestures (one label) and on the pairs (two); its mAP on both goes into a table in the
document, between two marks. What is done already is in results/, so that an interrupted run goes on.
"""

import argparse
import csv
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np

from vidbench.files import read_csv, write_text
from vidbench.frames import ffmpeg
from vidbench.report.table import fixed

PROJECT = Path(__file__).resolve().parents[2]
GESTURES = PROJECT.parent / "shared" / "data" / "gestures"
VIDEOS = Path("results/multi_label_videos")
CONFIG = "tests/reproduce/multi_label.yaml"
TABLES = ("results/single_gestures/scores.csv", "results/gesture_pairs/label_summary.csv")
BEGIN, END = "<!-- made by make reproduce-multi_label: begin -->", "<!-- end -->"
SMALL = "scale=160:120,fps=15,setsar=1"
JOIN = f"[0:v]{SMALL}[a];[1:v]{SMALL}[b];[a][b]concat=n=2:v=1:a=0,format=yuv420p"
Row = dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document", type=Path, help="the document whose table is written")
    parser.add_argument("snakemake", nargs="*", help="further arguments of Snakemake")
    arguments = parser.parse_args()
    if not GESTURES.exists():
        sys.exit(f"{GESTURES}: no such folder: the videos of gestures are no part of the project")
    join_pairs(read_csv(GESTURES / "videos.csv"))
    command = ["snakemake", "--configfile", CONFIG, "--cores", "all", *arguments.snakemake, *TABLES]
    subprocess.run(command, check=True)
    text = arguments.document.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    write_text(arguments.document, f"{before}{BEGIN}\n{describe()}{END}{after}")


def join_pairs(rows: list[Row]) -> None:
    """Write a video per gesture, followed by another of the same scene, and videos.csv beside them."""
    VIDEOS.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    joined = []
    for row in rows:
        others = [other for other in rows if other["group"] == row["group"] and other["label"] != row["label"]]
        if not others:
            continue
        other = others[int(random.integers(len(others)))]
        name = f"{Path(row['path']).stem}__{Path(other['path']).stem}.mp4"
        joined.append([name, f"{row['label']};{other['label']}", row["group"]])
        if not (VIDEOS / name).exists():
            join(GESTURES / row["path"], GESTURES / other["path"], VIDEOS / name)
    with (VIDEOS / "videos.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["path", "label", "group"], *joined])


def join(first: Path, second: Path, output: Path) -> None:
    """Write two videos as one, under a temporary name first."""
    partial = output.with_suffix(".part.mp4")
    command = [ffmpeg.executable(), "-v", "error", "-y", "-i", first, "-i", second, "-filter_complex", JOIN]
    subprocess.run([*map(str, command), "-threads", "1", "-an", str(partial)], check=True)
    partial.replace(output)


def describe() -> str:
    """Return the table, with what made it."""
    single = next(row for row in read_csv(Path("results/single_gestures/scores.csv")) if row["metric"] == MAP)
    (pairs,) = read_csv(Path("results/gesture_pairs/label_summary.csv"))
    lines = [
        f"Made by `make reproduce-multi_label`, {date.today()}.",
        "",
        "| data set | mAP (%) | 95 % interval | micro F1 (%) | macro F1 (%) | exact (%) | random ranking (%) |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        f"| one gesture | {_percent(single['value'])} | {_limits(single)} | | | | 10.0 |",
        f"| pairs of gestures | {_percent(pairs[MAP])} | {_limits(pairs)} | {_percent(pairs['micro_f1'])} |"
        f" {_percent(pairs['macro_f1'])} | {_percent(pairs['exact_match'])} | {_percent(pairs['chance'])} |",
    ]
    return "\n".join(lines) + "\n"


MAP = "mean_average_precision"


def _percent(value: str) -> str:
    return fixed(value, 100, 1) if value else "–"


def _limits(row: Row) -> str:
    return f"{_percent(row['low'])} - {_percent(row['high'])}"


if __name__ == "__main__":
    main()
