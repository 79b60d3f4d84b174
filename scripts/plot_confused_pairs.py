"""Draw the classes that are most often taken for another one: a video of each such pair beside one of the other class.

Example:
    python scripts/plot_confused_pairs.py --confused-pairs results/motion/confused_pairs.csv \\
        --frames results/motion/frames/*.h5 --output results/motion/figures/confused_pairs.svg

At most 6 pairs, by the mean over all models, and no more than two with one predicted class where there are others.
Left: the video of the class that a model most surely takes for the other one; right: the video of that other class that
a model most surely classifies correctly.
"""

from collections import Counter

from matplotlib.figure import Figure

from vidbench.formatting import percent
from vidbench.frames.store import FrameStore
from vidbench.plotting import frame_strips, style
from vidbench.plotting.frame_strips import FRAMES
from vidbench.plotting.main import ROWS, plot

MAX_PAIRS, MAX_ALIKE = 6, 2  # pairs; with one predicted class
Row = dict[str, str]


def draw(confused_pairs: list[Row], frames: FrameStore) -> Figure:
    """A line a pair: the misclassified video at the left, one of the class that it was taken for at the right."""
    overall = [row for row in confused_pairs if not row["model"]]
    if not overall:
        return style.nothing("No errors: no model takes a test video for another class")
    cells = []
    for row in varied(overall)[:MAX_PAIRS]:
        own = [other for other in confused_pairs if other["model"] and same_pair(other, row)]
        cells.append((frame_strips.strip(frames, row["example"]), error_heading(row, own)))
        beside = frame_strips.strip(frames, row["other_example"]) if row["other_example"] else []
        cells.append((beside, other_heading(row)))
    return frame_strips.columns(cells, summary(len(overall)))


def varied(rows: list[Row]) -> list[Row]:
    """Pairs in their order, but from the third on those with one predicted class behind all others."""
    seen: Counter[str] = Counter()
    first, rest = [], []
    for row in rows:
        seen[row["predicted"]] += 1
        (first if seen[row["predicted"]] <= MAX_ALIKE else rest).append(row)
    return first + rest


def same_pair(one: Row, other: Row) -> bool:
    return (one["truth"], one["predicted"]) == (other["truth"], other["predicted"])


def summary(pairs: int) -> str:
    """How many pairs of classes there are with an error."""
    if pairs == 1:
        return "One class is taken for one other (true class → predicted class)"
    return f"True class → predicted class: {f'{MAX_PAIRS} of ' if pairs > MAX_PAIRS else ''}{pairs} pairs"


def error_heading(row: Row, own: list[Row]) -> str:
    """What was taken for what, how often, by which model most, and the video's name."""
    truth, predicted = style.short([row["truth"], row["predicted"]], 24)
    most = max(own, key=lambda other: float(other["share"]))
    often = f"{percent(row['share'], 0)} of {float(row['videos']):g} videos"
    if most["share"] != row["share"]:  # else there is but one model, or all are alike
        often += f", mean of models; {percent(most['share'], 0)} by {style.short([most['model']], 22)[0]}"
    return f"{truth} → {predicted}\n{often}\n{frame_strips.shortened(row['example'], 40)}"


def other_heading(row: Row) -> str:
    """The class at the right, and its video."""
    label = style.short([row["predicted"]], 24)[0]
    if not row["other_example"]:
        return f"{label}\nno test video of this class has frames\n"
    right = "classified correctly" if row["other_correct"] == "True" else "no video of this class is ever classified so"
    return f"{label}\n{right}\n{frame_strips.shortened(row['other_example'], 40)}"


if __name__ == "__main__":
    plot(__doc__, draw, confused_pairs=ROWS, frames=FRAMES)
