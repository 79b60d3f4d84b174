"""Write docs/NAME.md from results/NAME and the text in tests/reproduce/NAME.md.

Example:
    python tests/reproduce/write_table.py gestures 720    # the run took 720 seconds
"""

import datetime
import os
import sys
from pathlib import Path

import pandas as pd

PROJECT = Path(__file__).resolve().parents[2]


def main() -> None:
    name, seconds = sys.argv[1], int(sys.argv[2])
    results = PROJECT / "results" / name
    comparison, summary = pd.read_csv(results / "comparison.csv"), pd.read_csv(results / "summary.csv")
    text = (PROJECT / f"tests/reproduce/{name}.md").read_text()
    made = (
        f"Made by `make reproduce-{name}`, {datetime.date.today()}, on {os.cpu_count()} CPU cores without a GPU,"
        f" in {seconds / 60:.1f} minutes."
    )
    (PROJECT / f"docs/{name}.md").write_text(f"{text}\n{made}\n\n{table(comparison, summary)}\n")
    print(table(comparison, summary))


def table(comparison: pd.DataFrame, summary: pd.DataFrame) -> str:
    """Test accuracy in percent: a row a model, a column a split, each the mean over seeds."""
    splits = comparison.pivot_table(index="model", columns="split", values="top1")
    header = ["model", *splits.columns, "mean", "pooled", "95 % interval by group", "ms a clip", "s a training"]
    lines = [f"| {' | '.join(header)} |", "| --- |" + " ---: |" * (len(header) - 1)]
    for row in summary.itertuples():
        values = [f"{100 * value:.1f}" for value in (*splits.loc[row.model], splits.loc[row.model].mean(), row.top1)]
        interval = f"{100 * row.top1_low:.1f} - {100 * row.top1_high:.1f}"
        cells = [row.model, *values, interval, f"{row.ms_per_clip:.2f}", f"{row.train_seconds:.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
