"""Draw the videos whose labels are most suspicious: frames, the label, the more likely class, and how sure that is.

Example:
    python scripts/plot_label_issues.py --label-issues results/motion/label_issues.csv \\
        --frames results/motion/frames/*.h5 --output results/motion/figures/label_issues.svg

Shows at most 12 videos.
"""

from matplotlib.figure import Figure

from vidbench.formatting import percent
from vidbench.frames.store import FrameStore
from vidbench.plotting import frame_strips, style
from vidbench.plotting.frame_strips import FRAMES
from vidbench.plotting.main import ROWS, plot

MAX_VIDEOS = 12
Row = dict[str, str]


def draw(label_issues: list[Row], frames: FrameStore) -> Figure:
    """Draw strips of the first suspicious videos in two columns."""
    rows = label_issues[:MAX_VIDEOS]
    if not rows:
        return style.empty_figure("No suspicious labels, or no model that can judge them")
    cells = [(frame_strips.read_strip(frames, row["video"]), heading(row)) for row in rows]
    return frame_strips.draw_strips(cells, "Label → more likely class (probability that the label is wrong)")


def heading(row: Row) -> str:
    """Return three lines: both classes and how sure it is; the models that agree; the video."""
    label, suggested = style.shorten([row["label"], row["suggested"]], 22)
    agree = row["models_agree"].split("; ") if row["models_agree"] else []
    names = f": {style.shorten([agree[0]], 24)[0]}{' …' if len(agree) > 1 else ''}" if agree else ""
    video = frame_strips.shorten_video_name(row["video"], 40)
    agreement = f"{len(agree)} of {row['num_models']} models agree{names}"
    return f"{label} → {suggested} ({percent(row['wrong'], 0)})\n{agreement}\n{video}"


if __name__ == "__main__":
    plot(__doc__, draw, label_issues=ROWS, frames=FRAMES)
