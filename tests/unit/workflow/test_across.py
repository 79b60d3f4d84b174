"""Functions of rules/across.smk, without Snakemake."""

import inspect
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import tiny
from conftest import PROJECT
from rule_objects import own_config, rules

from vidbench.errors import UserError
from vidbench.planning.jobs import count_jobs
from vidbench.plotting import main
from vidbench.plotting.across_catalogue import ACROSS
from vidbench.workflow.across import AcrossRules
from vidbench.workflow.run import Run


def across_rules(config: dict) -> AcrossRules:
    made = rules(config)
    return AcrossRules.of(made.run, made.files, made.evaluate)


def config_of(number: int, **changes: object) -> dict:
    entries = {f"datasets__set{n}": tiny.MOTION_ENTRY for n in range(number)}
    return tiny.config(**entries, run__datasets=[f"set{n}" for n in range(number)], **changes)


def test_a_run_over_one_data_set_has_none_of_it() -> None:
    across = across_rules(tiny.config())
    assert (across.tables, across.figures, across.page_argument(None)) == ([], [], [])
    assert not {"compare_data_sets", "plot_across_accuracy"} & count_jobs(Run(tiny.config())).keys()


def test_a_run_over_several_has_tables_and_figures(tmp_path: Path) -> None:
    across = across_rules(own_config(tmp_path, run__datasets=["motion", "own"], report__formats=["pdf"]))
    assert across.tables == [f"results/across/{name}" for name in ("models.csv", "pairs.csv", "accuracies.csv",
                                                                   "summary.json")]  # fmt: skip
    assert across.figures == [f"results/across/figures/across_accuracy.{kind}" for kind in ("svg", "pdf")]
    assert across.page_argument(None) == ["--across", "results/across"]
    assert across.folders(None) == ["results/motion", "results/own"]
    assert across.megabytes(None, 1) > 0


def test_data_sets_of_several_labels_are_not_compared(tmp_path: Path) -> None:
    config = own_config(tmp_path, run__datasets=["motion", "own"], datasets__own__labels="multi")
    across = across_rules(config)
    assert (across.tables, across.figures, across.page_argument(None)) == ([], [], [])
    assert "compare_data_sets" not in count_jobs(Run(config))


def test_ranks_are_drawn_from_five_data_sets_and_two_models_on() -> None:
    assert not any("ranks" in path for path in across_rules(config_of(4)).figures)
    assert across_rules(config_of(5)).figures[-1] == "results/across/figures/across_ranks.svg"
    assert not any("ranks" in path for path in across_rules(config_of(5, run__models=["cnn3d"])).figures)
    assert count_jobs(Run(config_of(5)))["plot_across_ranks"] == 1


def test_a_data_set_of_that_name_is_refused_where_there_are_several() -> None:
    named = {"datasets__across": tiny.MOTION_ENTRY}
    with pytest.raises(UserError, match=r"datasets\.across: results/across/ holds"):
        across_rules(tiny.config(**named, run__datasets=["motion", "across"]))
    across_rules(tiny.config(**named, run__datasets=["across"]))


@pytest.mark.parametrize("name", ACROSS)
def test_a_script_takes_what_its_rule_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[str, Any] = {}
    monkeypatch.setattr(main, "plot", lambda text, draw, **inputs: taken.update(text=text, draw=draw, inputs=inputs))
    runpy.run_path(str(PROJECT / f"scripts/plot_{name}.py"), run_name="__main__")
    inputs = across_rules(config_of(5)).figure_inputs(ACROSS[name])
    given = set(inputs)
    assert set(taken["inputs"]) == set(inspect.signature(taken["draw"]).parameters) == given
    example = taken["text"].split("Example:")[1].split("\n\n")[0]
    assert set(re.findall(r" --([a-z-]+)", example)) == given | {"output"}
    flags = across_rules(config_of(5)).flags(None, inputs | {"script": "plot.py"})
    assert flags[:2] == ["--models", "results/across/models.csv"]
