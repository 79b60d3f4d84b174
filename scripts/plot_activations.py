"""Draw what models looked at in the same videos: frames over time with activation maps, and the map's weight below.

Example:
    python scripts/plot_activations.py --runs results/motion/split1/*/seed0/activations.h5 \\
        --summary results/motion/summary.csv --output results/motion/figures/activations.svg

At most 6 videos, 5 models (the most accurate) and 6 frames of a clip, with words that say so. The files hold them all.
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
from vidbench.plotting.main import TABLE, Reader, plot
from vidbench.prediction.grad_cam_file import Activations

MAX_VIDEOS, MAX_MODELS, MAX_FRAMES, MAX_STEPS = 6, 5, 6, 32  # steps: of the weight over time
BYTES = 190_000  # of all pictures together: a page with many figures must stay small
MAX_SIDE, MIN_PIXELS = 72, 400  # of a frame
SAMPLED = 12  # strips that are tried
LEVELS = 28  # of each colour, for the same reason
# Inches.
LABEL, GAP, TITLE, BARS, PAD, MIN_ROW, WIDEST = 1.14, 0.12, 0.2, 0.12, 0.05, 0.5, 0.6
HEAD, FOOT = 0.25, 0.3
STRIP = (style.WIDTH - GAP) / 2 - LABEL
SMALL = 6.2  # points
HEAT = "inferno"  # of even steps in brightness, also for the colour-blind
FAINTEST = 0.25  # where in it a map begins: its black would darken the frames


def draw(runs: list[Path], summary: pd.DataFrame) -> Figure:
    """The most accurate models' maps; `runs`: their files, `summary`: the most accurate model first."""
    return draw_maps(most_accurate(summary["model"].tolist(), runs), len(runs))


def most_accurate(order: list[str], paths: Sequence[Path]) -> dict[str, Activations]:
    """The maps of the first models in the order of the summary. UserError where they are of different videos."""
    place = {model: number for number, model in enumerate(order)}
    files = {run.model: path for run, path in zip(runs(list(paths)), paths, strict=True)}
    names = sorted(files, key=lambda name: place.get(name, len(place)))[:MAX_MODELS]
    shown = {name: Activations.read(files[name]) for name in names}
    for name in names[1:]:
        if shown[name].video != shown[names[0]].video:
            first = files[names[0]]
            raise UserError(f"{files[name]}: holds other videos than {first}; make both with the same --examples")
    return shown


def draw_maps(shown: dict[str, Activations], num_models: int) -> Figure:
    """Two columns of blocks, a block for each video, a row for each model; `num_models`: of the run."""
    videos = next(iter(shown.values())).video
    numbers = spread(len(videos), MAX_VIDEOS)
    if not numbers:
        return style.nothing("No test video was chosen")
    heights = row_heights(shown)
    block = TITLE + heights["frames"] + len(shown) * heights["row"] + GAP
    rows, words = -(-len(numbers) // 2), limits(len(shown), num_models, len(numbers), len(videos))
    head = HEAD if words else 0.05
    figure = style.plt.figure(figsize=(style.WIDTH, head + rows * block + FOOT))
    pixels = affordable(shown, numbers)
    for place, number in enumerate(numbers):
        left = (place // rows) * (LABEL + STRIP + GAP)
        draw_block(figure, left, head + (place % rows) * block, shown, number, heights, pixels)
    write(figure, 0, 0.08, words, va="top")
    draw_key(figure)
    return figure


def affordable(shown: dict[str, Activations], numbers: Sequence[int]) -> float:
    """How many pixels a frame may have, so that all pictures together stay below BYTES."""
    pixels, strips = float(MAX_SIDE**2), [(maps, number) for maps in shown.values() for number in numbers]
    some = strips[:: -(-len(strips) // SAMPLED)]
    while pixels > MIN_PIXELS:
        taken = sum(png_bytes(sheet(maps, number, True, pixels)) for maps, number in some)
        taken *= len(numbers) * (len(shown) + 1) / len(some)  # each video has a row without a map
        if taken <= BYTES:
            break
        pixels *= min(0.9, BYTES / taken)
    return max(pixels, MIN_PIXELS)


def png_bytes(picture: np.ndarray) -> int:
    """What a picture takes in the figure, in which it stands as RGBA."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).convert("RGBA").save(buffer, format="png")
    return len(buffer.getvalue())


def spread(length: int, most: int) -> list[int]:
    """At most so many numbers below `length`, spread evenly."""
    shown = min(length, most)
    return [int((place + 0.5) * length / shown) for place in range(shown)]


def limits(num_shown: int, num_models: int, num_numbers: int, num_videos: int) -> str:
    """What the figure leaves out."""
    words = []
    if num_shown < num_models:
        words.append(f"the {num_shown} most accurate of {num_models} models")
    if num_numbers < num_videos:
        words.append(f"{num_numbers} of the {num_videos} explained videos")
    return "Shown: " + ", ".join(words) if words else ""


def row_heights(shown: dict[str, Activations]) -> dict[str, float]:
    """Inches of a strip of frames and of a model's whole row; all models' rows are as high as the highest."""
    tallest = 0.0
    for maps in shown.values():
        _, time, height, width, _ = maps.frames.shape
        tallest = max(tallest, frame_width(time) * height / width)
    return {"frames": tallest, "row": max(tallest + BARS, MIN_ROW) + PAD}


def frame_width(time: int) -> float:
    """Inches of a frame of a clip of so many."""
    return min(STRIP / min(time, MAX_FRAMES), WIDEST)


def draw_block(
    figure: Figure,
    left: float,
    top: float,
    shown: dict[str, Activations],
    number: int,
    heights: dict[str, float],
    pixels: float,
) -> None:
    """A video: its frames as they are, then each model's map and its weight over time."""
    first = next(iter(shown.values()))
    wrong = sum(maps.predicted[number] != maps.truth[number] for maps in shown.values())
    title = f"Truth: {style.short([first.truth[number]], 42)[0]}"
    write(figure, left, top + TITLE - 0.06, title, va="baseline", fontsize=SMALL + 1, fontweight="bold")
    top += TITLE
    write(figure, left, top + 0.01, f"{shortened(first.video[number])}\n{verdict(wrong, len(shown))}", va="top")
    add_strip(figure, left + LABEL, top, first, number, False, pixels)
    top += heights["frames"] + PAD
    for model, maps in shown.items():
        words, color = said(maps, number)
        write(figure, left, top + 0.01, shortened(model, 19), va="top", fontweight="bold")
        write(figure, left, top + 0.115, words, va="top", color=color)
        height = add_strip(figure, left + LABEL, top, maps, number, True, pixels)
        add_weight(figure, left + LABEL, top + height, maps, number)
        top += heights["row"]


def shortened(name: str, length: int = 20) -> str:
    """A name on one line without its middle: names of one run often differ at their end only."""
    flat = " ".join(name.split())
    return flat if len(flat) <= length else f"{flat[: length // 2 - 1]}…{flat[-(length // 2) :]}"


def verdict(wrong: int, models: int) -> str:
    """How many of the models are wrong, in words."""
    if models == 1:
        return "the model is wrong" if wrong else "the model is right"
    if wrong in (0, models):
        return f"all {models} models {'wrong' if wrong else 'right'}"
    return f"{wrong} of {models} models wrong"


def said(maps: Activations, number: int) -> tuple[str, str]:
    """What a model says of a video, in words, and their colour."""
    right = maps.predicted[number] == maps.truth[number]
    share = f"{100 * maps.probability[number]:.0f} %"
    said_class = f"“{style.short([maps.predicted[number]], 19)[0]}”"
    words = [f"✓ right, {share}"] if right else [f"✗ wrong, {share} for", said_class]
    if not maps.maps[number].any():
        words.append("nothing speaks for it")
    elif right:  # with a word less to say
        words.append(" × ".join(map(str, maps.grid)) + " cells")
    return "\n".join(words), "0.35" if right else "black"


def add_strip(
    figure: Figure, left: float, top: float, maps: Activations, number: int, heat: bool, pixels: float
) -> float:
    """A sheet of frames at its place; gives its height in inches."""
    frames = maps.frames[number]  # (T, h, w, 3)
    width, ratio = frame_width(len(frames)), frames.shape[1] / frames.shape[2]
    axis = axis_at(figure, left, top, width * min(len(frames), MAX_FRAMES) - 0.01, width * ratio)
    axis.imshow(sheet(maps, number, heat, pixels), interpolation="none", aspect="auto")
    axis.axis("off")
    return width * ratio


def sheet(maps: Activations, number: int, heat: bool, pixels: float) -> np.ndarray:
    """Frames side by side, of at most so many pixels each, under the map (`heat`) or as they are."""
    frames, values = maps.frames[number], maps.maps[number]
    size = fitting(frames.shape[1:3], pixels)
    shown = spread(len(frames), MAX_FRAMES)
    return reduced(joined([picture(frames[place], values[place] if heat else None, size) for place in shown]))


def fitting(size: tuple[int, int], pixels: float) -> tuple[int, int]:
    """(width, height) of a frame (height, width) made small."""
    scale = min(1.0, MAX_SIDE / max(size), (pixels / (size[0] * size[1])) ** 0.5)
    return max(1, round(size[1] * scale)), max(1, round(size[0] * scale))


def picture(frame: np.ndarray, heat: np.ndarray | None, size: tuple[int, int]) -> np.ndarray:
    """A frame (h, w, 3) uint8 made small; under a map (h, w) it is grey, and the map's colour covers it."""
    from PIL import Image

    small = Image.fromarray(frame).resize(size, Image.Resampling.BOX)
    if heat is None:
        return np.asarray(small)
    values = Image.fromarray(heat.astype(np.float32)).resize(size, Image.Resampling.BILINEAR)
    values = np.clip(np.asarray(values), 0, 1)
    grey = np.asarray(small.convert("L"))[..., None] / 255
    color = style.plt.get_cmap(HEAT)(FAINTEST + (1 - FAINTEST) * values)[..., :3]
    cover = 0.85 * values[..., None] ** 0.7
    return np.round(255 * ((1 - cover) * (0.15 + 0.7 * grey) + cover * color)).astype(np.uint8)


def joined(pictures: Sequence[np.ndarray], gap: int = 2) -> np.ndarray:
    """Pictures side by side on white: one picture is smaller than many."""
    height, width = pictures[0].shape[:2]
    sheet = np.full((height, len(pictures) * (width + gap) - gap, 3), 255, np.uint8)
    for place, one in enumerate(pictures):
        sheet[:, place * (width + gap) : place * (width + gap) + width] = one
    return sheet


def reduced(sheet: np.ndarray) -> np.ndarray:
    """The same in fewer colours: LEVELS steps of red, green and blue, too fine to be seen in a small picture."""
    return np.round(np.round(sheet / 255 * (LEVELS - 1)) * (255 / (LEVELS - 1))).astype(np.uint8)


def add_weight(figure: Figure, left: float, top: float, maps: Activations, number: int) -> None:
    """The map's mean over each of the clip's frames, on one time axis with the frames above."""
    weight = maps.weight[number]
    width = frame_width(len(weight)) * min(len(weight), MAX_FRAMES) - 0.01
    axis = axis_at(figure, left, top + 0.015, width, BARS - 0.015)
    steps = np.array([part.mean() for part in np.array_split(weight, min(len(weight), MAX_STEPS))])
    share = steps / max(float(steps.max()), 1e-12)
    axis.stairs(share, fill=True, color="0.35", linewidth=0)  # one path, however long
    axis.set(xlim=(0, len(steps)), ylim=(0, 1.05), xticks=[], yticks=[])
    axis.spines[["left"]].set_visible(False)
    axis.spines["bottom"].set(linewidth=0.4, color="0.35")


def draw_key(figure: Figure) -> None:
    """The colours of the map, and what the bars are."""
    height = figure.get_figheight()
    axis = axis_at(figure, 0.02, height - 0.2, 1.0, 0.09)
    ramp = np.broadcast_to(np.linspace(0, 1, 64), (4, 64))
    grey = np.full((4, 64, 3), 128, np.uint8)
    axis.imshow(picture(grey, ramp, (64, 4)), aspect="auto", interpolation="none")
    axis.axis("off")
    words = "map, from nothing to the video's largest value    below: the map's mean in each frame of the clip, time →"
    write(figure, 1.1, height - 0.155, words, va="center")


def axis_at(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at a place in inches from the figure's upper left corner."""
    total_width, total = figure.get_size_inches()
    return figure.add_axes((left / total_width, 1 - (top + height) / total, width / total_width, height / total))


def write(figure: Figure, left: float, top: float, text: str, fontsize: float = SMALL, **settings: Any) -> None:
    """Text at a place in inches from the figure's upper left corner."""
    width, height = figure.get_size_inches()
    figure.text(left / width, 1 - top / height, text, fontsize=fontsize, linespacing=1.15, **settings)


if __name__ == "__main__":
    plot(__doc__, draw, runs=Reader(list, "+", "activations.h5 of each model"), summary=TABLE)
