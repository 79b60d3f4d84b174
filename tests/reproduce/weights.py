"""Train one network with and without pretrained weights, and write what came out: the numbers of docs/weights.md.

Example:
    PYTHONPATH=scripts python tests/reproduce/weights.py docs/weights.md --cores 2    # the rest goes to Snakemake
"""

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from vidbench.files import read_csv, write_csv, write_text

PROJECT = Path(__file__).resolve().parents[2]
GESTURES = PROJECT.parent / "shared" / "data" / "gestures"
MANIFEST = PROJECT / "resources" / "weights_scenes.csv"
LEAST = 4  # videos of a place: two to train and validate, two to test
RUN = ("snakemake", "--configfile", "tests/reproduce/weights.yaml", "--resources", "gpu=1")


def main() -> None:
    target, given = Path(sys.argv[1]), sys.argv[2:]
    write_manifest()
    begin = time.monotonic()
    subprocess.run([*RUN, *(given if "--cores" in given else ["--cores", "all", *given])], cwd=PROJECT, check=True)
    seconds = str(round(time.monotonic() - begin))
    subprocess.run([sys.executable, PROJECT / "tests/reproduce/write_table.py", "weights", seconds], check=True)
    write_text(target, f"{target.read_text()}\n{differences()}\n")


def write_manifest() -> None:
    """The place of each video as its label; places with few videos are left out."""
    rows = read_csv(GESTURES / "videos.csv")
    videos = Counter(row["group"] for row in rows)
    kept = [{"path": row["path"], "label": row["group"]} for row in rows if videos[row["group"]] >= LEAST]
    write_csv(MANIFEST, kept, ("path", "label"))


def differences() -> str:
    """The pairs of models in points of accuracy, with intervals."""
    lines = ["| models | difference in points | 95 % interval | p (Holm) |", "| --- | ---: | ---: | ---: |"]
    for row in read_csv(PROJECT / "results/weights/pairwise.csv"):
        difference, low, high = (100 * float(row[key]) for key in ("difference", "low", "high"))
        p = float(row["p_holm"])
        shown = "< 0.0001" if p < 1e-4 else f"{p:.4f}"
        lines.append(f"| {row['model_a']} - {row['model_b']} | {difference:.1f} | {low:.1f} to {high:.1f} | {shown} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
