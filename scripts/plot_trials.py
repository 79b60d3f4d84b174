"""Draw the validation accuracy of the trials of a sweep or a search over each setting, and mark the chosen trial.

Example:
    python scripts/plot_trials.py --trials results/motion/*/cnn3d/trials.csv --output results/motion/figures/trials.svg
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import ColorType

from vidbench.config.sweeps import OF_RUNGS, SCORES
from vidbench.evaluation.runs import in_order
from vidbench.files import read_csv
from vidbench.plotting import style
from vidbench.plotting.main import Reader, plot

MAX_LINES = 6  # up to which there is a legend
MAX_LENGTH = 12  # characters of a value below the axis
MAX_LETTERS = 45  # of all values below the axis before they are rotated
MIN_RATIO = 20  # of the largest value to the smallest one, from which the axis is logarithmic
MIN_SPAN = 0.1  # of the accuracy axis, so that equal accuracies do not look different
GREY = "0.6"


@dataclass(frozen=True)
class Trial:
    """One trial over all splits."""

    settings: dict[str, str]
    val_top1: float  # mean validation accuracy
    low: float
    high: float
    num_chosen: int  # number of splits that chose it
    rung: int = 1  # the last one of successive halving that it came into, on any split


def read_trials(files: list[Path]) -> dict[str, list[Trial]]:
    """Return the trials of each swept model, pooled over its splits; the name of a file's folder is its model."""
    rows: dict[str, dict[str, list[dict[str, str]]]] = {}
    for file in files:
        for row in read_csv(file):
            rows.setdefault(file.parent.name, {}).setdefault(row["trial"], []).append(row)
    return {model: [pool(splits) for splits in by_trial.values()] for model, by_trial in rows.items()}


def pool(rows: list[dict[str, str]]) -> Trial:
    """Return one trial from its rows, one per split."""
    return Trial(
        {key: value for key, value in rows[0].items() if key not in ("trial", *SCORES, *OF_RUNGS)},
        float(np.mean([float(row["val_top1"]) for row in rows])),
        min(float(row["val_top1_low"]) for row in rows),
        max(float(row["val_top1_high"]) for row in rows),
        sum(row["chosen"] == "True" for row in rows),
        max(int(row.get("rung") or 1) for row in rows),
    )


def draw(trials: dict[str, list[Trial]]) -> Figure:
    """Draw a panel per model and setting, two in a row."""
    panels = [(model, key) for model, of_model in trials.items() for key in swept_keys(of_model)]
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = style.plt.subplots(
        rows, columns, figsize=(style.WIDTH, 3.0 * rows), squeeze=False, layout="constrained"
    )
    for axis, (model, key) in zip(axes.flat, panels, strict=False):
        draw_one = draw_scattered if is_scattered(trials[model], key) else draw_panel
        draw_one(axis, trials[model], key)
        style.show_accuracy(axis.yaxis)
        axis.set(
            title=style.shorten([model])[0],
            xlabel=key,
            ylabel="validation top-1 accuracy (%)" if axis in axes[:, 0] else "",
        )
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    return figure


def draw_panel(axis: Axes, trials: list[Trial], key: str) -> None:
    """Draw accuracy over the values of one setting; a line joins trials that differ in nothing else."""
    values = sort_by_size(in_order([trial.settings[key] for trial in trials]))
    lines: dict[str, list[Trial]] = {}
    for trial in sorted(trials, key=lambda trial: values.index(trial.settings[key])):
        lines.setdefault(other_settings(trial, key), []).append(trial)
    several = sum(trial.num_chosen > 0 for trial in trials) > 1
    is_colored = len(lines) <= MAX_LINES
    shifts = np.linspace(-0.2, 0.2, len(lines)) if len(lines) > 1 else [0.0]
    palette: Mapping[str, ColorType] = style.colors(list(lines)) if is_colored else dict.fromkeys(lines, GREY)
    markers = style.markers(list(lines)) if is_colored else dict.fromkeys(lines, "o")
    for (label, line), shift in zip(lines.items(), shifts, strict=True):
        x = [values.index(trial.settings[key]) + shift for trial in line]
        color = palette[label]
        marks = {"color": color, "marker": markers[label], "markersize": 4}
        axis.plot(x, [trial.val_top1 for trial in line], "-", linewidth=1, label=label, **marks)
        axis.vlines(x, [trial.low for trial in line], [trial.high for trial in line], color, linewidth=1)
        mark_chosen(axis, x, line, color if is_colored else "black", is_colored and several)
    axis.set_xticks(range(len(values)), style.shorten(values, MAX_LENGTH))
    if sum(map(len, style.shorten(values, MAX_LENGTH))) > MAX_LETTERS:
        axis.tick_params(axis="x", rotation=90)
    axis.set_xlim(-0.5, len(values) - 0.5)
    show_accuracies(axis, trials)
    if is_colored and len(lines) > 1:
        columns = 2 if max(map(len, lines)) < 22 else 1
        axis.legend(fontsize="x-small", loc="upper left", bbox_to_anchor=(0, -0.25), ncols=columns, handlelength=1.5)


def draw_scattered(axis: Axes, trials: list[Trial], key: str) -> None:
    """Draw accuracy over a number that was drawn at random; trials of fewer rungs of successive halving are hollow."""
    last = max(trial.rung for trial in trials)
    x = [float(trial.settings[key]) for trial in trials]
    for place, trial in zip(x, trials, strict=True):
        face = GREY if trial.rung == last else "white"
        axis.vlines(place, trial.low, trial.high, GREY, linewidth=1)
        axis.plot(place, trial.val_top1, "o", color=GREY, markerfacecolor=face, markersize=4)
    mark_chosen(axis, x, trials, "black", sum(trial.num_chosen > 0 for trial in trials) > 1)
    if min(x) > 0 and max(x) / min(x) >= MIN_RATIO:
        axis.set_xscale("log")
    show_accuracies(axis, trials)


def show_accuracies(axis: Axes, trials: list[Trial]) -> None:
    """Let the axis of accuracies reach a little beyond those of the trials."""
    low, high = min(trial.low for trial in trials), max(trial.high for trial in trials)
    margin = max(0.05 * (high - low), (MIN_SPAN - (high - low)) / 2)
    axis.set_ylim(max(low - margin, -0.02), min(high + margin, 1.03))
    axis.grid(axis="y", linewidth=0.3)


def is_scattered(trials: list[Trial], key: str) -> bool:
    """Return whether a setting is a number that was drawn: with halving, or where not all combinations were tried."""
    combinations = prod(len({trial.settings[name] for trial in trials}) for name in trials[0].settings)
    is_drawn = combinations > len(trials) or any(trial.rung > 1 for trial in trials)
    return is_drawn and all(is_number(trial.settings[key]) for trial in trials)


def is_number(text: str) -> bool:
    """Return whether a setting is a number."""
    try:
        return isinstance(json.loads(text), int | float) and text not in ("true", "false")
    except ValueError:
        return False


def mark_chosen(axis: Axes, x: list[float], line: list[Trial], color: ColorType, with_count: bool) -> None:
    """Draw a diamond on each trial that a split has chosen, and the number of those splits."""
    for place, trial in zip(x, line, strict=True):
        if trial.num_chosen:
            axis.plot(place, trial.val_top1, "D", color=color, markeredgecolor="black", markersize=7, zorder=3)
        if trial.num_chosen and with_count:
            text = f"{trial.num_chosen} split{'s' if trial.num_chosen > 1 else ''}"
            axis.annotate(
                text, (place, trial.val_top1), (7, 5), textcoords="offset points", fontsize="x-small", zorder=4
            )


def swept_keys(trials: list[Trial]) -> list[str]:
    """Return the settings with more than one value, or else the first setting."""
    keys = list(trials[0].settings)
    return [key for key in keys if len({trial.settings[key] for trial in trials}) > 1] or keys[:1]


def other_settings(trial: Trial, key: str) -> str:
    """Return a trial's settings except `key`, e.g. 'hidden 64, dropout 0.5'."""
    return ", ".join(f"{name.rpartition('.')[2]} {value}" for name, value in trial.settings.items() if name != key)


def sort_by_size(values: list[str]) -> list[str]:
    """Sort values by size if all are numbers, else keep their order."""
    try:
        return sorted(values, key=float)
    except ValueError:
        return values


if __name__ == "__main__":
    plot(__doc__, draw, trials=Reader(read_trials, "+", "trials.csv of every split and swept model"))
