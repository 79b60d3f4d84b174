"""The section of the page over several data sets: from predictions to tables, figures and their words."""

import re
import runpy
import shutil
import sys
from pathlib import Path

import pytest
from conftest import PROJECT
from planted import Model, Planted
from planted_predictions import plant_with_predictions

from vidbench.files import read_json, write_json
from vidbench.report.across_section import describe_across
from vidbench.report.page import describe
from vidbench.report.rendering import FOLDER, render

SETS = 6


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six data sets: x is better on each of them, z is missing on one."""
    folder = tmp_path_factory.mktemp("across")
    for number in range(SETS):
        models = [Model("x_<b>", 0.9), Model("y", 0.6), Model("z", 0.5, seeds=(0,))][: 2 if number == 1 else 3]
        plant_with_predictions(folder, Planted(f"set{number}", models, rich=True), number)
    folders = [str(folder / f"set{number}") for number in range(SETS)]
    run("compare_data_sets", "--datasets", *folders, "--folder", folder / "across")
    for name, tables in {"accuracy": (), "ranks": ("--summary", folder / "across/summary.json")}.items():
        inputs = ("--models", folder / "across/models.csv", "--accuracies", folder / "across/accuracies.csv")
        run(f"plot_across_{name}", *inputs, *tables, "--output", folder / f"across/figures/across_{name}.svg")
    return folder


def run(script: str, *arguments: object) -> None:
    """Run a script in this process, which is quicker."""
    before, sys.argv = sys.argv, [script, *map(str, arguments)]
    try:
        runpy.run_path(str(PROJECT / f"scripts/{script}.py"), run_name="__main__")
    finally:
        sys.argv = before


def test_data_sets_of_several_labels_are_named_as_not_compared(results: Path) -> None:
    words = describe_across(results / "across", [], FOLDER, ["pairs"]).answer[-1]
    assert words == ("pairs does not count here: accuracies are compared, and its videos may have several labels.")


def test_one_data_set_that_counts_has_no_tables_of_several(results: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(results / "across", tmp_path / "across")
    summary = read_json(folder / "summary.json")
    write_json(folder / "summary.json", summary | {"data_sets": ["set0"], "enough_for_new": False})
    page = describe_across(folder, [], FOLDER)
    assert page.answer[0].startswith("Over all data sets nothing is compared")
    assert (page.models, page.pairs, page.new) == (None, None, None)
    assert page.accuracies is not None


def test_the_page_has_the_section_its_answer_and_figures(results: Path) -> None:
    figures = sorted((results / "across/figures").glob("*.svg"))
    page = describe_across(results / "across", figures, FOLDER)
    assert page.answer[0].startswith("On the mean over 6 data sets (set0, set1, set2 and 3 more), x_<b> reaches 89.6 %")
    assert [figure["title"] for figure in page.figures] == [
        "Accuracy on each data set", "Mean ranks and critical difference"
    ]  # fmt: skip
    alts = [str(figure["alt"]) for figure in page.figures]
    assert "Mean top-1: x_<b> 89.6 % [" in alts[0]
    assert "x_<b> 89.6 % on set5" in alts[0]
    assert re.search(
        r"Mean ranks: x_<b> 1\.00; y 2\.00\. Critical difference 0\.80\. All differences are significant\.", alts[1]
    )
    data_sets = [describe(results / f"set{number}", [], FOLDER, None) for number in range(SETS)]
    html = render("A", data_sets, "run: {}\n", "", page)
    assert html.count('id="across"') == html.count('href="#across"') == 1
    assert "x_<wbr>&lt;b&gt;" in html
    assert html.index('id="set5"') < html.index('id="across"') < html.index('id="settings"')
    (models,) = [table for table in [page.models] if table]
    assert [row[0].text for row in models.rows] == ["x_<b>", "y", "z"]
    assert models.rows[2][-1].text == "set1"
    assert page.new is not None


def test_a_page_without_the_section_is_what_it_was(results: Path) -> None:
    described = [describe(results / "set0", [], FOLDER, None)]
    html = render("A", described, "run: {}\n", "")
    assert "across" not in html.replace("across their", "")


def test_a_wrong_call_is_one_line(results: Path) -> None:
    for folders, words in (
        ([results / "set0"], "--datasets: name two or more folders results/{dataset}, each once"),
        ([results / "set0", results / "set0"], "each once"),
        ([results / "set0", results / "nothing"], "nothing"),
    ):
        with pytest.raises(SystemExit) as stopped:
            run("compare_data_sets", "--datasets", *folders, "--folder", results / "other")
        message = str(stopped.value.code)
        assert message.startswith("error: ")
        assert words in message
        assert "\n" not in message
    assert not (results / "other").exists()
