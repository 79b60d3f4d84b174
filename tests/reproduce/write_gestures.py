"""Write docs/gestures.md from results/gestures; the argument is the seconds that the run took."""

import datetime
import os
import sys
from pathlib import Path

import pandas as pd

PROJECT = Path(__file__).resolve().parents[2]
HEAD = """# Gestures: the chain on real videos

217 real videos of ten pointing gestures in 27 scenes, at 48 x 64 pixels; chance is 10 %. Four folds by
scene, validation by scene out of the training folds, one seed; no choice is made on the test videos.
`cnn2d_mean` averages over frames and so is blind to their order. Settings: tests/reproduce/gestures.yaml.

Made by `make reproduce-gestures`, {date}, on {cores} CPU cores, in {minutes:.1f} minutes{note}.

"""


def main() -> None:
    seconds = int(sys.argv[1])
    comparison = pd.read_csv(PROJECT / "results/gestures/comparison.csv")
    summary = pd.read_csv(PROJECT / "results/gestures/summary.csv").set_index("model")
    table = comparison.pivot_table(index="model", columns="split", values="top1")
    lines = ["| model | " + " | ".join(table.columns) + " | mean | pooled, 95 % interval by scene |"]
    lines += ["| --- |" + " ---: |" * (len(table.columns) + 2)]
    for model in summary.index:
        folds = " | ".join(f"{100 * value:.1f}" for value in table.loc[model])
        row = summary.loc[model]
        interval = f"{100 * row.top1:.1f} [{100 * row.top1_low:.1f}, {100 * row.top1_high:.1f}]"
        lines.append(f"| {model} | {folds} | {100 * table.loc[model].mean():.1f} | {interval} |")
    note = "" if seconds > 60 else " (most of it found finished)"
    head = HEAD.format(date=datetime.date.today(), cores=os.cpu_count(), minutes=seconds / 60, note=note)
    (PROJECT / "docs/gestures.md").write_text(head + "\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
