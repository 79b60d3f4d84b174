"""Compare the baselines with heads on the same frozen features, and write what came out into docs/baselines.md.

Example:
    PYTHONPATH=scripts:tests python tests/reproduce/baselines.py docs/baselines.md --cores 2   # the rest: for Snakemake
"""

import datetime
import os
import subprocess
import sys
import time
from pathlib import Path

from reproduce.weights import GESTURES, PROJECT, write_manifest

from vidbench.evaluation.tables import ModelSummary, PairedDifference, read_table
from vidbench.files import write_text

TEXT = PROJECT / "tests/reproduce/baselines.md"
WEIGHTS = GESTURES.parent / "weights" / "mobilenet_v2_imagenet_features_torchvision.pth"
RUN = ("snakemake", "metrics", "--configfile", "tests/reproduce/baselines.yaml", "--resources", "gpu=1")
RIVAL = "logistic-mobilenet"
DATASETS = {"places": "In which of 18 places a video was taken", "gestures": "Which of ten gestures a hand makes"}


def main() -> None:
    target, given = Path(sys.argv[1]), sys.argv[2:]
    for path in (GESTURES, WEIGHTS):
        if not path.exists():
            sys.exit(f"not reproduced: {path} is not there; the videos and weights are not part of the project")
    write_manifest()
    begin = time.monotonic()
    subprocess.run([*RUN, *(given if "--cores" in given else ["--cores", "all", *given])], cwd=PROJECT, check=True)
    made = (
        f"Made by `make reproduce-baselines`, {datetime.date.today()}, on {os.cpu_count()} CPU cores without a GPU, in"
        f" {(time.monotonic() - begin) / 60:.1f} minutes."
    )
    sections = [f"### {title}\n\n{table(PROJECT / 'results' / name)}" for name, title in DATASETS.items()]
    write_text(target, "\n\n".join([TEXT.read_text().strip(), made, *sections]) + "\n")


def table(results: Path) -> str:
    """A row per model, the most accurate first: accuracy, interval, verdict, seconds, and against the regression."""
    pairs = read_table(results / "pairwise.csv", PairedDifference)
    header = ("model", "top-1 (%)", "95 % interval", "verdict", "s per fit or training", f"minus {RIVAL}", "p (Holm)")
    lines = [f"| {' | '.join(header)} |", "| --- | ---: | ---: | --- | ---: | ---: | ---: |"]
    for row in read_table(results / "summary.csv", ModelSummary):
        ends = " - ".join(f"{100 * end:.1f}" for end in (row.top1_low, row.top1_high) if end is not None)
        cells = [row.label, f"{100 * row.top1:.1f}", ends, row.verdict, f"{row.train_seconds or 0:.1f}"]
        lines.append(f"| {' | '.join([*cells, *against_rival(row.model, pairs)])} |")
    return "\n".join(lines)


def against_rival(model: str, pairs: list[PairedDifference]) -> tuple[str, str]:
    """The difference to the regression in points, and its p value; empty for the regression itself."""
    found = [pair.of(model) for pair in pairs if pair.models == {model, RIVAL}]
    if not found or found[0].p_holm is None:
        return "", ""
    p_value = found[0].p_holm
    return f"{100 * found[0].difference:+.1f}", "< 0.0001" if p_value < 1e-4 else f"{p_value:.4f}"


if __name__ == "__main__":
    main()
