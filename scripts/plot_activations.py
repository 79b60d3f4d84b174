"""Draw activation maps of several models on the same videos: frames over time, and the map's weight below.

Example:
    python scripts/plot_activations.py --runs results/motion/split1/*/seed0/activations.h5 \\
        --summary results/motion/summary.csv --output results/motion/figures/activations.svg

Shows at most 6 videos, 5 models (the most accurate) and 6 frames per clip, and says so. The files hold all of them.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.errors import UserError
from vidbench.evaluation.runs import runs
from vidbench.plotting import style
from vidbench.plotting.heat import make_picture
from vidbench.plotting.main import TABLE, Reader, plot
from vidbench.prediction.grad_cam_file import Activations

MAX_VIDEOS = 6
MAX_MODELS = 5
MAX_FRAMES = 6  # of a clip
MAX_STEPS = 32  # of the weight over time
MAX_BYTES = 190_000  # of all pictures together: a page with many figures must stay small
MAX_SIDE = 72  # pixels of a frame
MIN_PIXELS = 400  # of a frame
SAMPLED_STRIPS = 12  # from which the size of all is estimated
LEVELS = 28  # per colour channel, to keep the pictures small
# Inches.
LABEL = 1.14  # width of the texts at the left of a strip
GAP = 0.12  # between blocks
TITLE = 0.2  # height of a block's title
BARS = 0.12  # height of the weight over time
PAD = 0.05  # below a row
MIN_ROW = 0.5  # height of a row
MAX_WIDTH = 0.6  # of a frame
HEAD, FOOT = 0.25, 0.3  # of the figure
STRIP = (style.WIDTH - GAP) / 2 - LABEL  # width of a strip
SMALL = 6.2  # points


def draw(runs: list[Path], summary: pd.DataFrame) -> Figure:
    """Draw the maps of the most accurate models; `runs`: files of all, `summary`: the most accurate model first."""
    return draw_maps(read_most_accurate(summary["model"].tolist(), runs), len(runs))


def read_most_accurate(order: list[str], paths: Sequence[Path]) -> dict[str, Activations]:
    """Read the maps of the first models in the summary's `order`. UserError if they are of different videos."""
    rank = {model: number for number, model in enumerate(order)}
    files = {run.model: path for run, path in zip(runs(list(paths)), paths, strict=True)}
    names = sorted(files, key=lambda name: rank.get(name, len(rank)))[:MAX_MODELS]
    shown = {name: Activations.read(files[name]) for name in names}
    for name in names[1:]:
        if shown[name].video != shown[names[0]].video:
            first = files[names[0]]
            raise UserError(f"{files[name]}: holds other videos than {first}; make both with the same --examples")
    return shown


def draw_maps(shown: dict[str, Activations], num_models: int) -> Figure:
    """Draw two columns of blocks, a block per video, in it a row per model; `num_models`: of the whole run."""
    videos = next(iter(shown.values())).video
    numbers = spread_evenly(len(videos), MAX_VIDEOS)
    if not numbers:
        return style.empty_figure("No test video was chosen")
    heights = row_heights(shown)
    block = TITLE + heights["frames"] + len(shown) * heights["row"] + GAP
    rows = -(-len(numbers) // 2)
    words = describe_omissions(len(shown), num_models, len(numbers), len(videos))
    head = HEAD if words else 0.05
    figure = style.plt.figure(figsize=(style.WIDTH, head + rows * block + FOOT))
    pixels = pixels_per_frame(shown, numbers)
    for index, number in enumerate(numbers):
        left = (index // rows) * (LABEL + STRIP + GAP)
        draw_block(figure, left, head + (index % rows) * block, shown, number, heights, pixels)
    write_text(figure, 0, 0.08, words, va="top")
    draw_key(figure)
    return figure


def pixels_per_frame(shown: dict[str, Activations], numbers: Sequence[int]) -> float:
    """Return the number of pixels per frame with which all pictures together stay below MAX_BYTES."""
    pixels = float(MAX_SIDE**2)
    strips = [(maps, number) for maps in shown.values() for number in numbers]
    sample = strips[:: -(-len(strips) // SAMPLED_STRIPS)]
    while pixels > MIN_PIXELS:
        size = sum(png_bytes(make_sheet(maps, number, True, pixels)) for maps, number in sample)
        size *= len(numbers) * (len(shown) + 1) / len(sample)  # each video also has a row without a map
        if size <= MAX_BYTES:
            break
        pixels *= min(0.9, MAX_BYTES / size)
    return max(pixels, MIN_PIXELS)


def png_bytes(picture: np.ndarray) -> int:
    """Return the size of a picture in the figure, which stores it as an RGBA PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).convert("RGBA").save(buffer, format="png")
    return len(buffer.getvalue())


def spread_evenly(length: int, max_count: int) -> list[int]:
    """Return at most `max_count` evenly spread numbers below `length`."""
    count = min(length, max_count)
    return [int((index + 0.5) * length / count) for index in range(count)]


def describe_omissions(num_shown: int, num_models: int, num_numbers: int, num_videos: int) -> str:
    """Return a sentence on which models and videos are shown; "" if all are."""
    words = []
    if num_shown < num_models:
        words.append(f"the {num_shown} most accurate of {num_models} models")
    if num_numbers < num_videos:
        words.append(f"{num_numbers} of the {num_videos} explained videos")
    return "Shown: " + ", ".join(words) if words else ""


def row_heights(shown: dict[str, Activations]) -> dict[str, float]:
    """Return the height in inches of a strip of frames and of a model's whole row, the same for all models."""
    tallest = 0.0
    for maps in shown.values():
        _, time, height, width, _ = maps.frames.shape
        tallest = max(tallest, frame_width(time) * height / width)
    return {"frames": tallest, "row": max(tallest + BARS, MIN_ROW) + PAD}


def frame_width(num_frames: int) -> float:
    """Return the width in inches of a frame of a clip of `num_frames`."""
    return min(STRIP / min(num_frames, MAX_FRAMES), MAX_WIDTH)


def draw_block(
    figure: Figure,
    left: float,
    top: float,
    shown: dict[str, Activations],
    number: int,
    heights: dict[str, float],
    pixels: float,
) -> None:
    """Draw a video: its frames unchanged, then each model's map and the map's weight over time."""
    first = next(iter(shown.values()))
    wrong = sum(maps.predicted[number] != maps.truth[number] for maps in shown.values())
    title = f"Truth: {style.shorten([first.truth[number]], 42)[0]}"
    write_text(figure, left, top + TITLE - 0.06, title, va="baseline", fontsize=SMALL + 1, fontweight="bold")
    top += TITLE
    write_text(
        figure, left, top + 0.01, f"{cut_middle(first.video[number])}\n{describe_errors(wrong, len(shown))}", va="top"
    )
    add_strip(figure, left + LABEL, top, first, number, False, pixels)
    top += heights["frames"] + PAD
    for model, maps in shown.items():
        words, color = describe_prediction(maps, number)
        write_text(figure, left, top + 0.01, cut_middle(model, 19), va="top", fontweight="bold")
        write_text(figure, left, top + 0.115, words, va="top", color=color)
        height = add_strip(figure, left + LABEL, top, maps, number, True, pixels)
        add_weight(figure, left + LABEL, top + height, maps, number)
        top += heights["row"]


def cut_middle(name: str, length: int = 20) -> str:
    """Return a name on one line, cut in the middle: names of one run often differ only at their end."""
    flat = " ".join(name.split())
    return flat if len(flat) <= length else f"{flat[: length // 2 - 1]}…{flat[-(length // 2) :]}"


def describe_errors(wrong: int, models: int) -> str:
    """Return how many of the models are wrong, in words."""
    if models == 1:
        return "the model is wrong" if wrong else "the model is right"
    if wrong in (0, models):
        return f"all {models} models {'wrong' if wrong else 'right'}"
    return f"{wrong} of {models} models wrong"


def describe_prediction(maps: Activations, number: int) -> tuple[str, str]:
    """Return a model's prediction for a video in words, and the colour of the text."""
    right = maps.predicted[number] == maps.truth[number]
    share = f"{100 * maps.probability[number]:.0f} %"
    predicted_class = f"“{style.shorten([maps.predicted[number]], 19)[0]}”"
    words = [f"✓ right, {share}"] if right else [f"✗ wrong, {share} for", predicted_class]
    if not maps.maps[number].any():
        words.append("nothing speaks for it")
    elif right:  # there is room only if no wrong class is named
        words.append(" × ".join(map(str, maps.grid)) + " cells")
    return "\n".join(words), "0.35" if right else "black"


def add_strip(
    figure: Figure, left: float, top: float, maps: Activations, number: int, heat: bool, pixels: float
) -> float:
    """Draw a strip of frames at a place in inches; return its height in inches."""
    frames = maps.frames[number]  # (T, h, w, 3)
    width = frame_width(len(frames))
    ratio = frames.shape[1] / frames.shape[2]
    axis = add_axes(figure, left, top, width * min(len(frames), MAX_FRAMES) - 0.01, width * ratio)
    axis.imshow(make_sheet(maps, number, heat, pixels), interpolation="none", aspect="auto")
    axis.axis("off")
    return width * ratio


def make_sheet(maps: Activations, number: int, heat: bool, pixels: float) -> np.ndarray:
    """Join a video's frames of at most `pixels` pixels each, under the map (`heat`) or unchanged."""
    frames, values = maps.frames[number], maps.maps[number]
    size = fit_size(frames.shape[1:3], pixels)
    shown = spread_evenly(len(frames), MAX_FRAMES)
    return reduce_colors(join([make_picture(frames[place], values[place] if heat else None, size) for place in shown]))


def fit_size(size: tuple[int, int], pixels: float) -> tuple[int, int]:
    """Return the size (width, height) to which a frame (height, width) is scaled down."""
    scale = min(1.0, MAX_SIDE / max(size), (pixels / (size[0] * size[1])) ** 0.5)
    return max(1, round(size[1] * scale)), max(1, round(size[0] * scale))


def join(pictures: Sequence[np.ndarray], gap: int = 2) -> np.ndarray:
    """Put pictures side by side on white: one picture makes a smaller file than many."""
    height, width = pictures[0].shape[:2]
    sheet = np.full((height, len(pictures) * (width + gap) - gap, 3), 255, np.uint8)
    for index, picture in enumerate(pictures):
        sheet[:, index * (width + gap) : index * (width + gap) + width] = picture
    return sheet


def reduce_colors(sheet: np.ndarray) -> np.ndarray:
    """Round red, green and blue to LEVELS steps, too fine to be seen in a small picture."""
    return np.round(np.round(sheet / 255 * (LEVELS - 1)) * (255 / (LEVELS - 1))).astype(np.uint8)


def add_weight(figure: Figure, left: float, top: float, maps: Activations, number: int) -> None:
    """Draw the map's mean over each of the clip's frames, on the time axis of the frames above."""
    weight = maps.weight[number]
    width = frame_width(len(weight)) * min(len(weight), MAX_FRAMES) - 0.01
    axis = add_axes(figure, left, top + 0.015, width, BARS - 0.015)
    steps = np.array([part.mean() for part in np.array_split(weight, min(len(weight), MAX_STEPS))])
    share = steps / max(float(steps.max()), 1e-12)
    axis.stairs(share, fill=True, color="0.35", linewidth=0)  # a single path, however many steps
    axis.set(xlim=(0, len(steps)), ylim=(0, 1.05), xticks=[], yticks=[])
    axis.spines[["left"]].set_visible(False)
    axis.spines["bottom"].set(linewidth=0.4, color="0.35")


def draw_key(figure: Figure) -> None:
    """Draw the key: the colours of the map, and the meaning of the bars."""
    height = figure.get_figheight()
    axis = add_axes(figure, 0.02, height - 0.2, 1.0, 0.09)
    ramp = np.broadcast_to(np.linspace(0, 1, 64), (4, 64))
    grey = np.full((4, 64, 3), 128, np.uint8)
    axis.imshow(make_picture(grey, ramp, (64, 4)), aspect="auto", interpolation="none")
    axis.axis("off")
    words = "map, from nothing to the video's largest value    below: the map's mean in each frame of the clip, time →"
    write_text(figure, 1.1, height - 0.155, words, va="center")


def add_axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes at a place in inches from the figure's upper left corner."""
    total_width, total = figure.get_size_inches()
    return figure.add_axes((left / total_width, 1 - (top + height) / total, width / total_width, height / total))


def write_text(figure: Figure, left: float, top: float, text: str, fontsize: float = SMALL, **settings: Any) -> None:
    """Write text at a place in inches from the figure's upper left corner."""
    width, height = figure.get_size_inches()
    figure.text(left / width, 1 - top / height, text, fontsize=fontsize, linespacing=1.15, **settings)


if __name__ == "__main__":
    plot(__doc__, draw, runs=Reader(list, "+", "activations.h5 of each model"), summary=TABLE)
