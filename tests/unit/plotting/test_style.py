"""What all figures share: colours and markers tell models apart, files suit a publisher."""

from pathlib import Path

import pandas as pd
import pytest

from vidbench.plotting import style


@pytest.mark.parametrize("count", [1, 10, 20])
def test_colour_and_marker_tell_models_apart(count: int) -> None:
    models = [f"model{number}" for number in range(count)]
    colors, markers = style.colors(models), style.markers(models)
    assert len({(colors[model], markers[model]) for model in models}) == count
    assert len(set(markers.values())) == min(count, 10)
    assert style.markers(models[:1])[models[0]] == markers[models[0]]


def test_the_most_accurate_model_comes_first_and_one_without_a_number_last() -> None:
    table = pd.DataFrame({"model": ["a", "b", "b", "c"], "top1": [0.5, 0.6, 0.8, float("nan")]})
    assert style.sort_by_accuracy(["c", "a", "b"], table, "top1") == ["b", "a", "c"]


def test_ticks_are_in_percent() -> None:
    axis = style.plt.figure().add_subplot()
    style.show_percent(axis.yaxis)
    assert [axis.yaxis.get_major_formatter()(value, 0) for value in (0, 0.07, 0.825, 1, -0.2)] == [
        "0", "7", "82.5", "100", "−20",
    ]  # fmt: skip


def test_no_tick_of_an_accuracy_is_above_100_or_below_0() -> None:
    figure, (left, right) = style.plt.subplots(1, 2, sharey=True)
    style.show_accuracy(left.yaxis)
    for low, high, ends in ((0.965, 1.03, (0.97, 1)), (-0.05, 1.1, (0, 1)), (-0.02, 0.035, (0, 0.03))):
        left.set_ylim(low, high)
        for axis in (left, right):
            ticks = [tick for tick in axis.get_yticks() if low <= tick <= high]
            assert max(axis.get_yticks()) <= 1 + 1e-9
            assert min(axis.get_yticks()) >= 0
            assert (min(ticks), max(ticks)) == pytest.approx(ends)
            assert len(ticks) >= 3
    style.plt.close(figure)


def test_fonts_are_embedded_as_truetype_and_svg_holds_no_text(tmp_path: Path) -> None:
    style.apply()
    figure, axis = style.plt.subplots(figsize=(3.4, 2))
    axis.set_title("Accuracy")
    style.save(figure, [tmp_path / "figure.pdf", tmp_path / "figure.svg"])
    pdf = (tmp_path / "figure.pdf").read_bytes()
    assert b"/Type3" not in pdf
    assert b"/CIDFontType2" in pdf
    assert "<text" not in (tmp_path / "figure.svg").read_text()
