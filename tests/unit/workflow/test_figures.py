"""The functions of rules/figures.smk, without Snakemake: which figures there are, their inputs, files and flags."""

import inspect
import re
import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import tiny
from conftest import PROJECT
from rule_objects import rules

from vidbench.plotting import main
from vidbench.plotting.catalogue import CATALOGUE, Figure
from vidbench.workflow.figures import FigureRules, RunProperties, drawn_figures

MOTION = SimpleNamespace(dataset="motion")
PLAIN = {"views": 1, "crops": 1}
NONE = RunProperties.of(
    swept=[], splits=["split1"], explained_videos=0, shuffles=0, clips=[PLAIN, PLAIN], leak_check=False
)


def listing(kind: str) -> Callable[[object], list[str]]:
    """An input function that gives one file."""
    return lambda wildcards: [f"{kind} of {wildcards.dataset}"]


def figure_rules(properties: RunProperties = NONE) -> FigureRules:
    return FigureRules(
        formats=["pdf"], swept=["a", "b"], full_splits=lambda name: ["fold1", "fold2"],
        properties=lambda name: properties,
        runs=lambda file: listing(f"every {file}"), first_runs=lambda file: listing(f"first {file}"),
        shards=listing("shards"), split_files=listing("splits"),
    )  # fmt: skip


def test_a_plain_run_has_the_figures_without_a_condition() -> None:
    plain = {name for name, figure in CATALOGUE.items() if not figure.when}
    assert set(drawn_figures(NONE)) == {name for name in plain if CATALOGUE[name].labels != "multi"}


def test_several_labels_per_video_have_figures_of_their_own() -> None:
    drawn = drawn_figures(replace(NONE, labels="multi"))
    assert {"label_precision", "cooccurrence", "label_calibration", "learning_curves"} <= drawn.keys()
    assert all(figure.labels != "single" for figure in drawn.values())


@pytest.mark.parametrize(
    ("change", "when"),
    [
        ({"swept": ["a"]}, "has_sweep"),
        ({"splits": ["split1", "split1-train50"]}, "has_fractions"),
        ({"explained_videos": 1}, "has_activation_maps"),
        ({"shuffles": 5}, "has_motion_test"),
        ({"clips": [PLAIN, PLAIN | {"views": 2}]}, "has_several_views"),
        ({"clips": [PLAIN | {"crops": 3}]}, "has_several_views"),
        ({"leak_check": True}, "has_leak_check"),
    ],
)
def test_a_property_of_the_run_brings_its_figures(change: dict, when: str) -> None:
    plain = {"swept": [], "splits": ["split1"], "explained_videos": 0, "shuffles": 0, "clips": [], "leak_check": False}
    added = drawn_figures(RunProperties.of(**plain | change)).keys() - drawn_figures(NONE).keys()
    assert added == {name for name, figure in CATALOGUE.items() if figure.when == when} != set()


def test_inputs_are_tables_and_functions_by_the_names_of_the_flags() -> None:
    rules = figure_rules()
    named = rules.inputs(Figure("", "", tables=("errors",), runs="metrics.json", files=("frames", "splits")))
    assert named["errors"] == "results/{dataset}/errors.csv"
    assert {name: named[name](MOTION) for name in ("runs", "frames", "splits")} == {
        "runs": ["every metrics.json of motion"],
        "frames": ["shards of motion"],
        "splits": ["splits of motion"],
    }
    assert set(named) == {"errors", "runs", "frames", "splits"}
    first = rules.inputs(Figure("", "", first_runs="activations.h5"))
    assert first["runs"](MOTION) == ["first activations.h5 of motion"]
    assert rules.inputs(Figure("", "")) == {}


def test_trials_are_a_table_per_full_split_and_swept_model() -> None:
    trials = figure_rules().inputs(Figure("", "", files=("trials",)))["trials"]
    assert trials(MOTION) == [
        f"results/motion/{split}/{model}/trials.csv" for split in ("fold1", "fold2") for model in "ab"
    ]


def test_flags_are_the_names_of_the_inputs() -> None:
    given = {"script": "plot_x.py", "class_scores": "a b.csv", "runs": ["1.json", "2.json"], "splits": []}
    assert figure_rules().flags(MOTION, given) == [
        "--class-scores", "a b.csv", "--runs", "1.json", "2.json", "--splits",
    ]  # fmt: skip


def test_files_are_svg_and_the_formats_of_the_config() -> None:
    assert figure_rules().outputs("cost") == [f"results/{{dataset}}/figures/cost.{kind}" for kind in ("svg", "pdf")]
    assert replace(figure_rules(), formats=[]).outputs("cost", "own") == ["results/own/figures/cost.svg"]


def test_all_files_are_those_of_the_figures_that_the_data_set_has() -> None:
    files = figure_rules().all_files(MOTION)
    assert len(files) == 2 * len(drawn_figures(NONE))
    assert "results/motion/figures/cost.pdf" in files
    assert not any("duplicates" in path for path in files)


def test_figures_of_the_data_need_no_model() -> None:
    assert figure_rules().data_files(MOTION) == ["results/motion/figures/inspection.svg"]
    with_leaks = figure_rules(replace(NONE, has_leak_check=True))
    assert with_leaks.data_files(MOTION) == [
        f"results/motion/figures/{name}.svg" for name in ("inspection", "duplicates")
    ]


def test_each_data_set_has_figures_of_its_own() -> None:
    rules = replace(figure_rules(), properties=lambda name: replace(NONE, has_leak_check=name == "own"))
    assert len(rules.all_files(SimpleNamespace(dataset="own"))) == len(rules.all_files(MOTION)) + 2


def test_figures_of_a_run_are_those_that_its_configuration_asks_for() -> None:
    swept = {"architecture": "cnn3d", "sweep": {"width": [4, 8]}, "clip": {"views": 2}}
    config = tiny.config(models__swept=swept, run__models=["cnn3d", "swept"], report__formats=["pdf"])
    figures = rules(config).figures
    drawn = drawn_figures(figures.properties("motion"))
    assert {"trials", "ladder", "motion_use", "duplicates"} <= drawn.keys()
    assert not {"accuracy_by_data", "activations"} & drawn.keys()
    assert figures.trial_tables(MOTION) == ["results/motion/split1/swept/trials.csv"]
    assert figures.outputs("cost", "motion") == [f"results/motion/figures/cost.{kind}" for kind in ("svg", "pdf")]
    assert figures.inputs(CATALOGUE["confusion"])["runs"](MOTION)[0] == "results/motion/split1/cnn3d/seed0/metrics.json"


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_script_takes_what_its_rule_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As flags, as parameters of its `draw`, and in the example of its docstring."""
    taken: dict[str, Any] = {}
    monkeypatch.setattr(main, "plot", lambda text, draw, **inputs: taken.update(text=text, draw=draw, inputs=inputs))
    runpy.run_path(str(PROJECT / f"scripts/plot_{name}.py"), run_name="__main__")
    given = set(figure_rules().inputs(CATALOGUE[name]))
    assert set(taken["inputs"]) == set(inspect.signature(taken["draw"]).parameters) == given
    example = taken["text"].split("Example:")[1].split("\n\n")[0]
    assert {flag.replace("-", "_") for flag in re.findall(r" --([a-z-]+)", example)} == given | {"output"}
    assert f"python scripts/plot_{name}.py " in example
    assert Path(PROJECT / "report" / f"{name}.rst").read_text().strip()
