"""The catalogue of figures and what belongs to each entry: a script, a caption, a part of the page."""

import ast
from dataclasses import fields

import pytest
from conftest import PROJECT

from vidbench.plotting.across_catalogue import ACROSS
from vidbench.plotting.catalogue import CATALOGUE, Figure
from vidbench.report.figures import PARTS
from vidbench.workflow.figures import RunProperties


def test_each_figure_has_one_script_and_one_caption() -> None:
    names = {*CATALOGUE, *ACROSS}
    assert {f"plot_{name}" for name in names} == {path.stem for path in (PROJECT / "scripts").glob("plot_*.py")}
    with_files = {*ACROSS, *(name for name, figure in CATALOGUE.items() if not figure.caption)}
    of_snakemakes_report = {"landing", "page", "answers"}  # which are no figures
    assert with_files | of_snakemakes_report == {path.stem for path in (PROJECT / "report").glob("*.rst")}


@pytest.mark.parametrize(("name", "figure"), CATALOGUE.items(), ids=list(CATALOGUE))
def test_an_entry_is_whole(name: str, figure: Figure) -> None:
    assert figure.title
    assert figure.part in PARTS
    assert figure.tables or figure.runs or figure.files
    assert set(figure.files) <= {"frames", "splits", "trials"}
    assert not (figure.runs and figure.first_runs)
    assert figure.when in ("", *(field.name for field in fields(RunProperties)))


def test_a_figure_of_the_data_is_drawn_from_nothing_that_needs_a_model() -> None:
    of_data = [figure for figure in CATALOGUE.values() if figure.of_data]
    assert of_data
    for figure in of_data:
        assert (figure.runs, figure.first_runs) == ("", "")
        assert "trials" not in figure.files
        assert set(figure.tables) <= {"videos", "inspection", "duplicates", "not_compared", "difficulty"}


def test_the_catalogue_imports_no_package() -> None:
    """Snakemake reads it, whose environment need not have what draws figures."""
    tree = ast.parse((PROJECT / "scripts/vidbench/plotting/catalogue.py").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = [getattr(node, "module", None) for node in imports]
    assert modules == ["dataclasses", "pathlib", "vidbench.declared", "vidbench.errors"]
