"""The figure of accuracy against costs: a panel of energy where that of every model was measured."""

from dataclasses import asdict

import pandas as pd
import pytest
from planted import summary_of
from plot_cost import draw

from vidbench.evaluation.tables import ModelSummary


def panels(rows: list[ModelSummary]) -> dict[str, list[float]]:
    """Label of each panel's axis -> the costs of the points in it."""
    comparison = pd.DataFrame({"model": [row.model for row in rows]})
    figure = draw(comparison, pd.DataFrame([asdict(row) for row in rows]))
    return {
        axis.get_xlabel(): [line.get_xdata()[0] for line in axis.lines if line.get_marker() not in ("None", None, "")]
        for axis in figure.axes
    }


@pytest.mark.parametrize("models", [1, 2, 12])
def test_energy_has_a_panel(models: int) -> None:
    energy = [{"gpu_joules_per_clip": 0.5 + number, "cpu_joules_per_clip": 0.25} for number in range(models)]
    rows = [summary_of(f"m{number}", 0.9 - number / 40, gflops=3.0, **of) for number, of in enumerate(energy)]
    shown = panels(rows)
    assert list(shown)[-1] == "energy (J/clip)"
    assert shown["energy (J/clip)"] == pytest.approx([0.75 + number for number in range(models)])


def test_without_energy_of_each_there_is_none() -> None:
    rows = [summary_of("a", 0.9, gflops=3.0, gpu_joules_per_clip=1.0), summary_of("b", 0.8, gflops=3.0)]
    assert list(panels(rows)) == [
        "ms/clip (one forward pass)", "training time (s)", "GFLOPs/clip", "parameters (millions)",
    ]  # fmt: skip
