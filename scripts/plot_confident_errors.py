"""Draw the most confident errors: frames of the video, its true class and the class that a model predicts.

Example:
    python scripts/plot_confident_errors.py --errors results/motion/errors.csv \\
        --frames results/motion/frames/*.h5 --output results/motion/figures/confident_errors.svg

Shows at most 8 videos, each once: the most confident error of each model, then the second of each, and so on, so that
one overconfident model does not fill the figure.
"""

from itertools import zip_longest

from matplotlib.figure import Figure

from vidbench.formatting import percent
from vidbench.frames.store import FrameStore
from vidbench.plotting import frame_strips, style
from vidbench.plotting.frame_strips import FRAMES
from vidbench.plotting.main import ROWS, plot

MAX_VIDEOS = 8
Row = dict[str, str]


def select(rows: list[Row]) -> list[Row]:
    """Return the errors to draw, the most confident first."""
    models: dict[str, list[Row]] = {}
    for row in rows:
        models.setdefault(row["model"], []).append(row)
    selected: dict[str, Row] = {}  # by video
    for turn in zip_longest(*models.values()):
        for row in sorted(filter(None, turn), key=confidence, reverse=True):
            if len(selected) < MAX_VIDEOS:
                selected.setdefault(row["video"], row)
    return sorted(selected.values(), key=confidence, reverse=True)


def confidence(row: Row) -> float:
    return float(row["confidence"])


def draw(errors: list[Row], frames: FrameStore) -> Figure:
    """Draw strips of the selected errors in two columns."""
    cells = [(frame_strips.read_strip(frames, row["video"]), heading(row)) for row in select(errors)]
    if not cells:
        return style.empty_figure("No errors: every model classifies every test video correctly")
    return frame_strips.draw_strips(cells, "True class → predicted class (its probability)")


def heading(row: Row) -> str:
    """Return three lines: truth, prediction and confidence; the model, and how many others are right; the video."""
    truth, predicted = style.shorten([row["truth"], row["predicted"]], 22)
    model = style.shorten([row["model"]], 24)[0]
    models_right = (
        f" · right: {row['others_right']} of {row['num_others']} other models" if int(row["num_others"]) else ""
    )
    video = frame_strips.shorten_video_name(row["video"], 40)
    return f"{truth} → {predicted} ({percent(confidence(row), 0)})\n{model}{models_right}\n{video}"


if __name__ == "__main__":
    plot(__doc__, draw, errors=ROWS, frames=FRAMES)
