"""Draw the most confident errors: frames of the video, what it shows and what a model takes it for.

Example:
    python scripts/plot_confident_errors.py --errors results/motion/errors.csv \\
        --frames results/motion/frames/*.h5 --output results/motion/figures/confident_errors.svg

At most 8 videos, each once: the most confident error of each model, then the second of each, and so on, so that one
model that is always sure does not fill the figure.
"""

from itertools import zip_longest

from vidbench import cli, figures, strips
from vidbench.frames import FrameStore
from vidbench.wording import percent

MOST = 8  # videos
Row = dict[str, str]


def main() -> None:
    strips.main(__doc__, "errors", draw)


def choose(rows: list[Row]) -> list[Row]:
    """The errors to draw, the most confident first."""
    models: dict[str, list[Row]] = {}
    for row in rows:
        models.setdefault(row["model"], []).append(row)
    chosen: dict[str, Row] = {}
    for turn in zip_longest(*models.values()):
        for row in sorted(filter(None, turn), key=confidence):
            if len(chosen) < MOST:
                chosen.setdefault(row["video"], row)
    return sorted(chosen.values(), key=confidence)


def confidence(row: Row) -> float:
    """For sorting: the most confident first."""
    return -float(row["confidence"])


def draw(rows: list[Row], store: FrameStore) -> figures.Figure:
    """Strips of the chosen errors in two columns."""
    cells = [(strips.strip(store, row["video"]), heading(row)) for row in choose(rows)]
    if not cells:
        return figures.nothing("No errors: every model classifies every test video correctly")
    return strips.columns(cells, "True class → predicted class (its probability)")


def heading(row: Row) -> str:
    """Truth, prediction and confidence; the model, and how the others did; the video's name."""
    truth, predicted = figures.short([row["truth"], row["predicted"]], 22)
    model = figures.short([row["model"]], 24)[0]
    others = f" · right: {row['others_right']} of {row['num_others']} other models" if int(row["num_others"]) else ""
    sure = float(row["confidence"])
    return f"{truth} → {predicted} ({percent(sure, 0)})\n{model}{others}\n{strips.shortened(row['video'], 40)}"


if __name__ == "__main__":
    cli.run(main)
