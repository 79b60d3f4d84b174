"""Draw test accuracy against the number of training videos, a line a model.

Example:
    python scripts/plot_accuracy_by_data.py --comparison results/motion/comparison.csv \\
        --videos results/motion/videos.csv --output results/motion/figures/accuracy_by_data.svg

Only splits that were run with every fraction are drawn, so that all points of a line are of the same test videos.
"""

from collections import Counter
from pathlib import Path

from vidbench import cli, figures
from vidbench.datasets.video import read_videos
from vidbench.errors import UserError
from vidbench.fractions import full_split
from vidbench.results import in_order

import pandas as pd  # isort: skip


def main() -> None:
    parser = cli.parser(__doc__)
    parser.add_argument("--comparison", type=Path, required=True, help="comparison.csv")
    parser.add_argument("--videos", type=Path, required=True, help="videos.csv")
    parser.add_argument("--output", type=Path, nargs="+", required=True, help="figure, one file a format")
    arguments = parser.parse_args()
    rows = comparable(figures.read_table(arguments.comparison))
    if rows["fraction"].nunique() < 2:
        raise UserError(f"{arguments.comparison}: no split was run with all fractions; set splits.fractions")
    counts = Counter(video.label for video in read_videos(arguments.videos))
    figures.style()
    figures.save(draw(rows, max(counts.values()) / counts.total()), arguments.output)


def comparable(comparison: pd.DataFrame) -> pd.DataFrame:
    """Rows of the splits that were run with every fraction, with the full split's name in the column `full`."""
    rows = comparison.assign(full=comparison["split"].map(full_split))
    fractions = rows.groupby("full")["fraction"].nunique()
    return rows[rows["full"].isin(fractions.index[fractions == rows["fraction"].nunique()])]


def draw(rows: pd.DataFrame, largest_class: float) -> figures.Figure:
    """Mean over splits and seeds at each fraction, the band from lowest to highest; videos on a logarithmic axis."""
    figure, axis = figures.plt.subplots(figsize=(figures.WIDTH, 3.4), layout="constrained")
    videos = rows.groupby("fraction")["train_videos"].mean()
    for model, color in figures.colors(in_order(rows["model"].tolist())).items():
        top1 = rows[rows["model"] == model].groupby("fraction")["top1"]
        axis.plot(videos, top1.mean(), "o-", color=color, markersize=4, label=model)
        axis.fill_between(videos, top1.min(), top1.max(), color=color, alpha=0.2, linewidth=0)
    axis.axhline(largest_class, color="black", linestyle=":", linewidth=1, label="the largest class")
    whole = videos.iloc[-1] / videos.index[-1]  # of whole groups a fraction can be much less or more than its name
    ticks = [f"{count:.0f}\n({100 * count / whole:.3g} %)" for count in videos]
    axis.set(xscale="log", xlabel="training videos", ylabel="top-1 accuracy on the test videos", ylim=(0, 1.02))
    axis.minorticks_off()
    axis.set_xticks(videos, ticks)
    axis.grid(linewidth=0.3)
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


if __name__ == "__main__":
    cli.run(main)
