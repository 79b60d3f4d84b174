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
MOTION_USE = """## Without the order of frames

Accuracy in percent on the test clips: as they are, with frames shuffled (mean of the shuffles), reversed, and with one
frame in place of all. Order: the share of the accuracy above chance that is lost without order. Relative: the same
share of the accuracy above the best order-invariant model. With 95 % intervals: [evaluation.md](evaluation.md)."""


def main() -> None:
    name, seconds = sys.argv[1], int(sys.argv[2])
    results = PROJECT / "results" / name
    comparison, summary = pd.read_csv(results / "comparison.csv"), pd.read_csv(results / "summary.csv")
    text = (PROJECT / f"tests/reproduce/{name}.md").read_text()
    made = (
        f"Made by `make reproduce-{name}`, {datetime.date.today()}, on {os.cpu_count()} CPU cores without a GPU,"
        f" in {seconds / 60:.1f} minutes."
    )
    tables = table(comparison, summary)
    if (results / "motion_use.csv").exists():
        tables = f"{tables}\n\n{MOTION_USE}\n\n{motion_table(pd.read_csv(results / 'motion_use.csv'))}"
    (PROJECT / f"docs/{name}.md").write_text(f"{text}\n{made}\n\n{tables}\n")
    print(tables)


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


def motion_table(rows: pd.DataFrame) -> str:
    """A row a model: accuracies under each condition, shares without a unit."""
    header = ["model", "as it is", "shuffled", "reversed", "one frame", "order", "order, relative"]
    lines = [f"| {' | '.join(header)} |", "| --- |" + " ---: |" * (len(header) - 1)]
    for _, row in rows.iterrows():
        values = [f"{100 * row[name]:.1f}" for name in ("normal", "shuffled", "reversed", "single_frame")]
        shares = [share(row, name) for name in ("order", "relative_order")]
        lines.append(f"| {' | '.join([row['model'], *values, *shares])} |")
    return "\n".join(lines)


def share(row: pd.Series, name: str) -> str:
    """A share with its interval; a dash where it is not defined."""
    if pd.isna(row[name]):
        return "-"
    return f"{row[name]:.2f} ({row[f'{name}_low']:.2f} - {row[f'{name}_high']:.2f})"


if __name__ == "__main__":
    main()
