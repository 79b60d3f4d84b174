"""Draw the most confident errors: frames of the video, what it shows and what a model takes it for.

Example:
    python scripts/plot_confident_errors.py --errors results/motion/errors.csv \\
        --frames results/motion/frames/*.h5 --output results/motion/figures/confident_errors.svg

At most 8 videos, each once: the most confident error of each model, then the second of each, and so on, so that one
model that is always sure does not fill the figure.
"""

from itertools import zip_longest

from matplotlib.figure import Figure

from vidbench.formatting import percent
from vidbench.frames.store import FrameStore
from vidbench.plotting import frame_strips, style
from vidbench.plotting.frame_strips import FRAMES
from vidbench.plotting.main import ROWS, plot

MAX_VIDEOS = 8  # videos
Row = dict[str, str]


def choose(rows: list[Row]) -> list[Row]:
    """The errors to draw, the most confident first."""
    models: dict[str, list[Row]] = {}
    for row in rows:
        models.setdefault(row["model"], []).append(row)
    chosen: dict[str, Row] = {}
    for turn in zip_longest(*models.values()):
        for row in sorted(filter(None, turn), key=confidence):
            if len(chosen) < MAX_VIDEOS:
                chosen.setdefault(row["video"], row)
    return sorted(chosen.values(), key=confidence)


def confidence(row: Row) -> float:
    """For sorting: the most confident first."""
    return -float(row["confidence"])


def draw(errors: list[Row], frames: FrameStore) -> Figure:
    """Strips of the chosen errors in two columns."""
    cells = [(frame_strips.strip(frames, row["video"]), heading(row)) for row in choose(errors)]
    if not cells:
        return style.nothing("No errors: every model classifies every test video correctly")
    return frame_strips.columns(cells, "True class → predicted class (its probability)")


def heading(row: Row) -> str:
    """Truth, prediction and confidence; the model, and how the others did; the video's name."""
    truth, predicted = style.short([row["truth"], row["predicted"]], 22)
    model = style.short([row["model"]], 24)[0]
    others = f" · right: {row['others_right']} of {row['num_others']} other models" if int(row["num_others"]) else ""
    sure = float(row["confidence"])
    return f"{truth} → {predicted} ({percent(sure, 0)})\n{model}{others}\n{frame_strips.shortened(row['video'], 40)}"


if __name__ == "__main__":
    plot(__doc__, draw, errors=ROWS, frames=FRAMES)
