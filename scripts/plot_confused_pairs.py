"""Draw the pairs of classes that are confused most often: a misclassified video beside one of the predicted class.

Example:
    python scripts/plot_confused_pairs.py --confused-pairs results/motion/confused_pairs.csv \\
        --frames results/motion/frames/*.h5 --output results/motion/figures/confused_pairs.svg

Shows at most 6 pairs, by the mean over all models, and no more than two with the same predicted class if there are
others. Left: the misclassified video of which a model is most confident; right: the video of the predicted class of
which a model is most confident, among those that it classifies correctly.
"""

from collections import Counter

from matplotlib.figure import Figure

from vidbench.formatting import percent
from vidbench.frames.store import FrameStore
from vidbench.plotting import frame_strips, style
from vidbench.plotting.frame_strips import FRAMES
from vidbench.plotting.main import ROWS, plot

MAX_PAIRS = 6
MAX_ALIKE = 2  # pairs with the same predicted class, before pairs with others
Row = dict[str, str]


def draw(confused_pairs: list[Row], frames: FrameStore) -> Figure:
    """Draw one line per pair: the misclassified video at the left, one of the predicted class at the right."""
    overall = [row for row in confused_pairs if not row["model"]]
    if not overall:
        return style.empty_figure("No errors: every model classifies every test video correctly")
    cells = []
    for row in repeats_last(overall)[:MAX_PAIRS]:
        by_model = [other for other in confused_pairs if other["model"] and same_pair(other, row)]
        cells.append((frame_strips.read_strip(frames, row["example"]), error_heading(row, by_model)))
        beside = frame_strips.read_strip(frames, row["other_example"]) if row["other_example"] else []
        cells.append((beside, other_heading(row)))
    return frame_strips.draw_strips(cells, summary(len(overall)))


def repeats_last(rows: list[Row]) -> list[Row]:
    """Return pairs in their order, except that all but MAX_ALIKE with the same predicted class come last."""
    count_of: Counter[str] = Counter()
    leading, repeats = [], []
    for row in rows:
        count_of[row["predicted"]] += 1
        (leading if count_of[row["predicted"]] <= MAX_ALIKE else repeats).append(row)
    return leading + repeats


def same_pair(pair: Row, other: Row) -> bool:
    return (pair["truth"], pair["predicted"]) == (other["truth"], other["predicted"])


def summary(pairs: int) -> str:
    """Return the figure's heading, which says how many pairs of classes are confused."""
    if pairs == 1:
        return "One pair of classes is confused (true class → predicted class)"
    return f"True class → predicted class: {f'{MAX_PAIRS} of ' if pairs > MAX_PAIRS else ''}{pairs} pairs"


def error_heading(row: Row, by_model: list[Row]) -> str:
    """Return three lines: the two classes; how often they are confused, and by which model most; the video."""
    truth, predicted = style.shorten([row["truth"], row["predicted"]], 24)
    most = max(by_model, key=lambda other: float(other["share"]))
    often = f"{percent(row['share'], 0)} of {float(row['videos']):g} videos"
    if most["share"] != row["share"]:  # otherwise there is only one model, or all are alike
        often += f", mean of models; {percent(most['share'], 0)} by {style.shorten([most['model']], 22)[0]}"
    return f"{truth} → {predicted}\n{often}\n{frame_strips.shorten_video_name(row['example'], 40)}"


def other_heading(row: Row) -> str:
    """Return three lines on the video at the right: its class, whether it is classified correctly, its name."""
    label = style.shorten([row["predicted"]], 24)[0]
    if not row["other_example"]:
        return f"{label}\nno test video of this class has frames\n"
    right = "classified correctly" if row["other_correct"] == "True" else "no video of this class is ever classified so"
    return f"{label}\n{right}\n{frame_strips.shorten_video_name(row['other_example'], 40)}"


if __name__ == "__main__":
    plot(__doc__, draw, confused_pairs=ROWS, frames=FRAMES)
