"""Two gestures per video: does a model of several labels reach what one-label models suggest? docs/multi_label.md.

Example:
    make reproduce-multi_label

ffmpeg joins real gestures in pairs, side by side, of the same scene and with different labels. The same network is
trained on the single gestures (one label) and on the pairs (two). What the one-label model suggests for a pair: for
each label the larger of its probabilities for the two gestures, from the training that has not seen their scene. The
mAP of both on the same pairs goes into a table in the document, between two marks. What is done already is in results/,
so that an interrupted run goes on.
"""

import argparse
import csv
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from vidbench.evaluation import bootstrap
from vidbench.evaluation.label_tests import LabelTests, ModelPrecision, compare_precision
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import runs
from vidbench.evaluation.significance import Interval, SeedVariance
from vidbench.files import read_csv, write_text
from vidbench.frames import ffmpeg
from vidbench.frames.probe import probe
from vidbench.report.table import fixed
from vidbench.video import read_videos

PROJECT = Path(__file__).resolve().parents[2]
GESTURES = PROJECT.parent / "shared" / "data" / "gestures"
VIDEOS = Path("results/multi_label_videos")
CONFIG = "tests/reproduce/multi_label.yaml"
SINGLE, PAIRS = Path("results/single_gestures"), Path("results/gesture_pairs")
TABLES = (f"{SINGLE}/scores.csv", f"{PAIRS}/label_summary.csv")
BEGIN, END = "<!-- made by make reproduce-multi_label: begin -->", "<!-- end -->"
BETWEEN = "__"  # the names of the two gestures in that of a pair
PARTNERS = 4  # of each gesture
SECONDS, FPS = 4, 12
# Both gestures take the same time, as in a clip of one gesture. Side by side each keeps its own mean over time, which
# is subtracted from the network's input; one after the other, half of each background would stay in the other's frames.
HALF = f"fps={FPS},tpad=stop_mode=clone:stop=-1,trim=end_frame={SECONDS * FPS},scale=160:120,setsar=1"
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
    """Write some videos per gesture, each with another one of the same scene beside it, and videos.csv beside them."""
    VIDEOS.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    joined = []
    for row in rows:
        others = [other for other in rows if other["group"] == row["group"] and other["label"] != row["label"]]
        for number in random.permutation(len(others))[:PARTNERS].tolist():
            other = others[number]
            name = f"{Path(row['path']).stem}{BETWEEN}{Path(other['path']).stem}.mp4"
            joined.append([name, f"{row['label']};{other['label']}", row["group"]])
            if not (VIDEOS / name).exists():
                join(GESTURES / row["path"], GESTURES / other["path"], VIDEOS / name)
    with (VIDEOS / "videos.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["path", "label", "group"], *joined])


def join(first: Path, second: Path, output: Path) -> None:
    """Write two videos as one, under a temporary name first."""
    partial = output.with_suffix(".part.mp4")
    stretch = [f"setpts=(PTS-STARTPTS)*{SECONDS / probe(str(video)).duration:.6f}" for video in (first, second)]
    filters = f"[0:v]{stretch[0]},{HALF}[a];[1:v]{stretch[1]},{HALF}[b];[a][b]hstack,format=yuv420p"
    command = [ffmpeg.executable(), "-v", "error", "-y", "-i", first, "-i", second, "-filter_complex", filters]
    subprocess.run([*map(str, command), "-threads", "1", "-an", str(partial)], check=True)
    partial.replace(output)


def describe() -> str:
    """Return the table, with what made it."""
    single = next(row for row in read_csv(SINGLE / "scores.csv") if row["metric"] == MAP)
    (pairs,) = read_csv(PAIRS / "label_summary.csv")
    suggested, difference = compare_with_halves()
    given = " | ".join(_percent(pairs[name]) for name in ("micro_f1", "macro_f1", "exact_match", "chance"))
    lines = [
        f"Made by `make reproduce-multi_label`, {date.today()}.",
        "",
        "| | mAP (%) | 95 % interval | micro F1 (%) | macro F1 (%) | exact (%) | random ranking (%) |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        f"| one gesture, one-label model | {_percent(single['value'])} | {_limits(single)} | | | | 10.0 |",
        f"| pairs, one-label model on each half | {_cells(suggested)} | | | | {_percent(pairs['chance'])} |",
        f"| pairs, model of several labels | {_percent(pairs[MAP])} | {_limits(pairs)} | {given} |",
        f"| difference of the last two | {_cells(difference)} | | | | |",
    ]
    return "\n".join(lines) + "\n"


def compare_with_halves() -> tuple[Interval, Interval]:
    """Return the mAP that the one-label model suggests for the pairs, and how much the model of the pairs has more."""
    trained = runs(sorted(PAIRS.glob("fold*/cnn3d/seed0/metrics.json")))
    splits = sorted((PAIRS / "splits").glob("*.csv"))
    tests = LabelTests.read(trained, read_videos(PAIRS / "videos.csv"), splits, "wrong")
    (answers,) = tests.read_model("cnn3d")
    of_gesture = read_one_label_model()
    names = [Path(video).stem.split(BETWEEN) for video in tests.tests.test_videos]
    larger = np.array([np.maximum(of_gesture[first], of_gesture[second]) for first, second in names])
    samples = tests.resamples()
    halves = ModelPrecision.of("halves", [replace(answers, probabilities=larger)], samples, is_baseline=False)
    pairs = ModelPrecision.of("pairs", [answers], samples, is_baseline=False)
    test = compare_precision(pairs, halves, tests.effective_groups, SeedVariance(0.0, 0))
    suggested = bootstrap.fraction_interval(halves.value, halves.resampled, tests.tests.groups, stratified=False)
    return suggested, Interval(test.difference, test.low, test.high)


def read_one_label_model() -> dict[str, np.ndarray]:
    """Return the test probabilities (K,) of each gesture, by its file's name without its ending."""
    found: dict[str, np.ndarray] = {}
    for path in sorted(SINGLE.glob("fold*/cnn3d/seed0/predictions.h5")):
        videos, probabilities = Predictions.read(path).probabilities("test")
        found |= {Path(video).stem: row for video, row in zip(videos, probabilities, strict=True)}
    return found


MAP = "mean_average_precision"


def _cells(value: Interval) -> str:
    return f"{fixed(value.value, 100, 1)} | {fixed(value.low, 100, 1)} - {fixed(value.high, 100, 1)}"


def _percent(value: str) -> str:
    return fixed(value, 100, 1) if value else "–"


def _limits(row: Row) -> str:
    return f"{_percent(row['low'])} - {_percent(row['high'])}"


if __name__ == "__main__":
    main()
