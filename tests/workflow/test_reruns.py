"""What runs again when something changes: each line of the table in docs/architecture.md, by counting jobs.

The finished run has 2 data sets with 3 splits in all, 2 models, 1 seed: 6 runs, 4 shards.
"""

import os
import re
import shutil
from pathlib import Path

import pytest
import tiny
import yaml

from vidbench.plotting.catalogue import CATALOGUE
from workflow.conftest import changed, edited, own_config, planned, snakemake, write_config

# Without those that only other runs have.
CONDITIONS = ("", "has_motion_test", "has_leak_check")
DRAWN = {name: figure for name, figure in CATALOGUE.items() if figure.when in CONDITIONS and figure.labels != "multi"}
DATA_PLOTS = {f"plot_{name}": 2 for name, figure in DRAWN.items() if figure.of_data}
PLOTS = {f"plot_{name}": 2 for name, figure in DRAWN.items() if not figure.of_data}
TABLES = {"make_tables": 2}
REPORT = {"build_report": 1}
# What compares all runs of a data set.
COMPARED = dict.fromkeys(
    ("compare_models", "compare_scores", "compare_errors", "explain_scores", "measure_motion_use"), 2
)
EXPLAINED = {"explain_scores": 2}
COMPARED["find_label_issues"] = 2
# What looks at the data of one data set whose frames have changed.
LOOKS = dict.fromkeys(("inspect_videos", "find_duplicates", "diagnose_data", "plot_inspection", "plot_duplicates"), 1)
LOOKS["measure_difficulty"] = 1
# What compares the two data sets with each other.
ACROSS = dict.fromkeys(("compare_data_sets", "plot_across_accuracy"), 1)
AFTER_SCORES = {**ACROSS, **COMPARED, **PLOTS, **TABLES, **REPORT}
del AFTER_SCORES["plot_learning_curves"]  # drawn from the trainings' histories, which no score changes


def plots_of(*tables: str) -> dict[str, int]:
    """The figures that are drawn from these tables."""
    return {f"plot_{name}": 2 for name, figure in DRAWN.items() if {*tables} & {*figure.tables}}


SCORE_PLOTS = plots_of("scores", "class_scores")
ERROR_PLOTS = plots_of("confused_pairs", "errors", "overlap", "ensembles", "accuracy_by_difficulty")
# What runs for another fraction: no figure of full splits alone, but those that are made from the comparison.
AFTER_FRACTIONS = (
    "train_model", "predict_videos", "score_predictions", "make_tables", *plots_of("summary")
)  # fmt: skip


def chain(runs: int, data_sets: int, costs: int, across: bool = True) -> dict[str, int]:
    """The chains of some runs, the costs of some models, and all that is made from them.

    `across`: the project has several data sets, which are compared.
    """
    own = dict.fromkeys(("train_model", "predict_videos", "score_predictions"), runs)
    own |= {"measure_cost": costs} if costs else {}
    return own | dict.fromkeys((*COMPARED, *PLOTS, *TABLES), data_sets) | (ACROSS if across else {}) | REPORT


def config_with(folder: Path, **changes: object):
    return edited(folder / "tiny.yaml", yaml.safe_dump(tiny.with_changes(own_config(), changes)))


def test_nothing_changed(finished: Path) -> None:
    assert "Nothing to be done" in snakemake(finished).stdout


def test_named_splits_are_those_of_any_data_set(finished: Path) -> None:
    with config_with(finished, run__splits=["split1", "fold1"]):
        jobs = planned(finished)
    assert "train_model" not in jobs
    assert jobs["compare_models"] == 1  # own videos have lost fold2


def test_touching_runs_nothing(finished: Path) -> None:
    for name in (
        "scripts/train_model.py",
        "scripts/vidbench/frames/store.py",
        "tiny.yaml",
        "own.csv",
        "report/page/page.html.j2",
    ):
        os.utime(finished / name)
    assert planned(finished) == {}


def test_prose_runs_nothing(finished: Path) -> None:
    """A comment, a docstring and another layout, in scripts and in what they import."""
    loop, script = finished / "scripts/vidbench/training/loop.py", finished / "scripts/plot_cost.py"
    sentence = loop.read_text().split('"""')[1]
    with (
        edited(loop, loop.read_text().replace(sentence, "Another sentence.", 1) + "\n\n\n# A comment.\n"),
        edited(script, script.read_text().replace("\ndef ", "\n\n\n\ndef ")),
    ):
        assert planned(finished) == {}


def test_a_figure_script_runs_its_figure_and_the_page(finished: Path) -> None:
    with changed(finished / "scripts/plot_cost.py"):
        assert planned(finished) == {"plot_cost": 2, **REPORT}


def test_the_reason_names_the_file_that_changed(finished: Path) -> None:
    with changed(finished / "scripts/vidbench/training/loop.py"):
        reasons = re.findall(r"reason: Params .*", snakemake(finished, "--dry-run", "models").stdout)
    assert len(reasons) == 6
    for reason in reasons:
        assert set(re.findall(r"[\w/]+\.py", reason)) == {"vidbench/training/loop.py"}


@pytest.mark.slow
def test_another_colour_makes_that_figure_and_the_page(finished: Path) -> None:
    """Run for real: that figure of both data sets and the page, whose answers the run ends with."""
    script = finished / "scripts/plot_cost.py"
    assert "alpha=0.5" in script.read_text()
    with edited(script, script.read_text().replace("alpha=0.5", "alpha=0.6")):
        text = snakemake(finished, "--printshellcmds").stdout
    snakemake(finished)
    assert set(re.findall(r"^(?:local)?rule (\w+):", text, re.MULTILINE)) == {"plot_cost", "build_report", "all"}
    rest = r"(?:  .*\n)*"  # a long line continues indented
    across = rf"(?:On the mean over|Over all data sets) .*\n{rest}"
    answers = rf"^On motion, .*\n{rest}On own, .*\n{rest}{across}The report: results/report.html$"
    assert re.search(answers, text, re.MULTILINE)


def test_the_figure_style_runs_all_figures_and_the_page(finished: Path) -> None:
    with changed(finished / "scripts/vidbench/plotting/style.py"):
        assert planned(finished) == PLOTS | DATA_PLOTS | {"plot_across_accuracy": 1} | REPORT


def test_code_that_looks_at_the_data_trains_nothing(finished: Path) -> None:
    with changed(finished / "scripts/find_duplicates.py"):
        assert planned(finished) == {"find_duplicates": 2, "diagnose_data": 2, "plot_duplicates": 2, **REPORT}
    with changed(finished / "scripts/inspect_videos.py"):
        assert planned(finished) == {
            "inspect_videos": 2,
            "diagnose_data": 2,
            "plot_inspection": 2,
            **EXPLAINED,
            **REPORT,
        }
    with changed(finished / "scripts/vidbench/doctor/shortcuts.py"):
        assert planned(finished) == {"diagnose_data": 2, **EXPLAINED, **REPORT}
    with changed(finished / "scripts/measure_difficulty.py"):
        assert planned(finished) == {"measure_difficulty": 2, "compare_errors": 2, **ERROR_PLOTS, **REPORT}


def test_a_diagnosis_that_is_gone_trains_nothing(finished: Path) -> None:
    """Though trainings wait for one that is made in their run."""
    path = finished / "results/own/diagnosis.json"
    aside = path.rename(path.with_suffix(".aside"))
    try:
        assert planned(finished) == {"diagnose_data": 1, **REPORT}
    finally:
        aside.rename(path)


def test_tables_that_are_gone_are_made_again_and_weights_are_not(finished: Path) -> None:
    """A table is a moment; weights are hours, and are trained again only for the target that asks for them."""
    own = finished / "results/own"
    compared = dict.fromkeys((*plots_of("summary"), "compare_models", "make_tables"), 1) | ACROSS | REPORT
    weights = "fold1/cnn3d/seed0/weights.safetensors"
    again = {"summary.csv": compared, "tables/comparison.tex": {"make_tables": 1, **REPORT}, weights: {}}
    for name, jobs in again.items():
        aside = (own / name).rename(own / "aside")
        try:
            assert planned(finished) == jobs, name
            assert name != weights or planned(finished, "models") == {"train_model": 1, "models": 1}
        finally:
            aside.rename(own / name)


def test_the_leak_check_can_be_switched_off(finished: Path) -> None:
    with config_with(finished, datasets__own__leak_check=False):
        assert planned(finished) == {"diagnose_data": 1, **REPORT}


def test_the_page_template_runs_the_page(finished: Path) -> None:
    for name in ("page.html.j2", "style.css", "page.js"):
        with changed(finished / "report/page" / name):
            assert planned(finished) == REPORT


def test_metric_code_trains_nothing(finished: Path) -> None:
    with changed(finished / "scripts/vidbench/evaluation/metrics.py"):
        assert planned(finished) == {"score_predictions": 6, **AFTER_SCORES}


def test_statistics_code_trains_nothing(finished: Path) -> None:
    with changed(finished / "scripts/vidbench/evaluation/significance.py"):
        assert planned(finished) == {"score_predictions": 6, **AFTER_SCORES}


def test_bootstrap_code_runs_the_pooled_scores(finished: Path) -> None:
    with changed(finished / "scripts/vidbench/evaluation/bootstrap.py"):
        assert planned(finished) == {"compare_scores": 2, **SCORE_PLOTS, **TABLES, **ACROSS, **REPORT}


def test_counting_unreadable_videos_otherwise_trains_nothing(finished: Path) -> None:
    with config_with(finished, evaluation__unreadable="leave_out"):
        assert planned(finished) == {"score_predictions": 6, **AFTER_SCORES}


def test_several_views_add_the_protocol_ladder(finished: Path) -> None:
    with config_with(finished, models__cnn3d__clip={"views": 2}):
        assert planned(finished) == chain(3, 2, costs=2) | {"plot_ladder": 2}


def test_the_motion_test_trains_nothing(finished: Path) -> None:
    """More shuffles, another order of frames, another formula, or none of it at all."""
    predicted = {"predict_videos": 6, "score_predictions": 6, **AFTER_SCORES}
    conditions = {"measure_motion_use": 2, "plot_motion_use": 2, **EXPLAINED, **REPORT}
    with config_with(finished, evaluation__shuffles=6):
        assert planned(finished) == predicted
    with changed(finished / "scripts/vidbench/prediction/orders.py"):
        assert planned(finished) == predicted
    with changed(finished / "scripts/vidbench/evaluation/motion_use.py"):
        assert planned(finished) == conditions
    with config_with(finished, evaluation__motion_test=False):
        jobs = planned(finished)
    assert not jobs.keys() & {"measure_motion_use", "plot_motion_use", "train_model", "measure_cost"}
    assert jobs["predict_videos"] == 6


def test_another_model_runs_its_chain(finished: Path) -> None:
    with config_with(finished, run__models=["cnn3d", "cnn2d_mean", "cnn2d_tcn"]):
        assert planned(finished) == chain(3, 2, costs=2)


def test_features_are_computed_once_for_all_heads_seeds_and_splits(finished: Path) -> None:
    """Before the first of them; afterwards see test_features.py."""
    backbones = tiny.CONFIG["backbones"] | {"frozen": {"architecture": "cnn2d", "width": 4, "trained_stages": 0}}
    heads = {f"frozen_{head}": {"backbone": "frozen", "head": head} for head in ("mean", "tcn")}
    added = {"backbones": backbones, "models": tiny.CONFIG["models"] | heads}
    with config_with(finished, **added, run__models=["cnn3d", "cnn2d_mean", *heads]):
        baselines = {"fit_baseline": 3 * 3, "score_predictions": 6 + 3 * 3}  # three kinds on three splits
        assert planned(finished) == {"extract_features": 4, **chain(6, 2, costs=4)} | baselines
    with config_with(finished, **added):  # a catalogue's entry that is not run
        assert planned(finished) == {}


def test_a_hyperparameter_runs_its_models_chain(finished: Path) -> None:
    for training in ({"epochs": 1}, {"refit": True}):
        with config_with(finished, models__cnn3d__training=training):
            assert planned(finished) == chain(3, 2, costs=2)


def test_settings_that_change_no_result_run_the_page_that_shows_them(finished: Path) -> None:
    with config_with(finished, training={"workers": 1, "checkpoint_minutes": 3}):
        assert planned(finished) == {"build_report": 1}
    assert planned(finished, "--cores", "1") == {}


def test_a_data_sets_schedule_runs_its_data_sets_chain(finished: Path) -> None:
    with config_with(finished, datasets__motion__training=tiny.TRAINING | {"epochs": 1}):
        assert planned(finished) == chain(2, 1, costs=2)


def test_a_models_source_runs_its_familys_chain(finished: Path) -> None:
    with changed(finished / "scripts/vidbench/models/networks/cnn3d.py"):
        assert planned(finished) == chain(3, 2, costs=2)
    with changed(finished / "scripts/vidbench/models/heads/lstm.py"):
        assert planned(finished) == {}


def test_the_training_loop_runs_all_chains(finished: Path) -> None:
    with changed(finished / "scripts/vidbench/training/loop.py"):
        assert planned(finished) == chain(6, 2, costs=4)


def test_a_sweep_trains_its_trials_and_makes_one_of_them_the_model(finished: Path) -> None:
    """And no trial but that one sees a test video."""
    trials = {"train_model": 6, "select_trial": 3, "promote_trial": 3, "plot_trials": 2}
    with config_with(finished, models__cnn3d__sweep={"width": [4, 8]}):
        assert planned(finished) == chain(3, 2, costs=2) | trials


def test_a_fraction_of_the_training_videos_runs_its_jobs(finished: Path) -> None:
    """The full splits, and what is drawn of them alone, stay as they are."""
    own = own_config()["datasets"]["own"]["splits"]
    with config_with(finished, datasets__own__splits=own | {"fractions": [0.5]}):
        jobs = planned(finished)
    jobs_after = ("compare_models", *AFTER_FRACTIONS)
    chains = {name: count for name, count in chain(4, 1, costs=0).items() if name in jobs_after}
    assert jobs == {"make_splits": 2, "forecast_accuracy": 1, "plot_accuracy_by_data": 1, **chains, **ACROSS, **REPORT}


def test_another_seed_runs_its_jobs(finished: Path) -> None:
    with config_with(finished, run__seeds=[0, 1]):
        assert planned(finished) == chain(6, 2, costs=0)


def test_another_split_runs_its_jobs(finished: Path) -> None:
    with config_with(finished, datasets__own__splits={"folds": 2}, run__splits=None):
        assert planned(finished) == {}
    with config_with(finished, datasets__own__splits={"folds": 3}):
        jobs = planned(finished)
        assert jobs["make_splits"] == 3
        assert jobs["plot_duplicates"] == 1  # which says what stands in two subsets
        assert jobs["train_model"] == 6
        assert "extract_frames" not in jobs


def test_a_corrected_label_or_group_extracts_nothing(finished: Path) -> None:
    text = (finished / "own.csv").read_text()
    looks = {"diagnose_data": 1, "plot_inspection": 1, "plot_duplicates": 1}
    expected = {"index_videos": 1, "make_splits": 2, **looks, **chain(4, 1, costs=2)}
    for corrected in (text.replace("ä.MP4,left,g3", "ä.MP4,right,g3", 1), text.replace(",left,g3", ",left,g4")):
        assert corrected != text
        with edited(finished / "own.csv", corrected):
            assert planned(finished) == expected
            os.utime(finished / "own.csv", (0, 0))  # as after `cp -p` of an old file
            assert planned(finished) == expected


def test_a_removed_video_runs_its_shard_and_what_follows(finished: Path) -> None:
    lines = (finished / "own.csv").read_text().splitlines(keepends=True)
    with edited(finished / "own.csv", "".join(lines[:-1])):
        again = {"index_videos": 1, "extract_frames": 1, "make_splits": 2, **LOOKS}
        assert planned(finished) == again | chain(4, 1, costs=2)


def test_a_replaced_video_runs_its_shard_and_what_follows(finished: Path) -> None:
    """Also where the other one has the same size and time, and is moved there."""
    paths = sorted(finished.glob("own videos/left/*.MP4"))
    content, times = paths[0].read_bytes(), paths[0].stat()
    expected = {"extract_frames": 1, **LOOKS, **chain(4, 1, costs=2)}
    with edited(paths[0], paths[1].read_bytes()):
        assert planned(finished) == expected
    with edited(paths[0], content[:-1] + bytes([content[-1] ^ 1])):
        os.utime(paths[0], ns=(times.st_atime_ns, times.st_mtime_ns))
        assert planned(finished) == expected
    assert planned(finished) == {}


def test_a_video_that_is_touched_or_copied_runs_nothing(finished: Path) -> None:
    paths = sorted(finished.glob("own videos/*/*.MP4"))
    for path in paths:
        os.utime(path)
    shutil.copy(paths[0], paths[0].with_suffix(".copy"))
    os.replace(paths[0].with_suffix(".copy"), paths[0])
    assert planned(finished) == {}
    shutil.rmtree(finished / ".snakemake" / "vidbench")  # what is remembered may go
    assert planned(finished) == {}


def test_the_frame_recipe_runs_extraction_and_all_after_it(finished: Path) -> None:
    with config_with(finished, datasets__own__frames={"size": [40, 40]}):
        assert planned(finished) == {"extract_frames": 2, **LOOKS, **chain(4, 1, costs=2)}


def test_a_catalogue_entry_that_is_not_run_changes_nothing(finished: Path) -> None:
    """Not even where it names the same download, and another way to it."""
    with config_with(finished, datasets__zz={"kind": "csv", "manifest": "nope.csv", "source": "motion"}):
        assert planned(finished) == {}


def test_download_code_fetches_nothing_again(finished: Path) -> None:
    with changed(finished / "scripts/download_data.py"):
        assert planned(finished) == {}


def test_results_come_back_without_a_download(finished: Path, tmp_path: Path) -> None:
    shutil.move(finished / "results", tmp_path / "results")
    try:
        jobs = planned(finished)
    finally:
        shutil.rmtree(finished / "results", ignore_errors=True)
        shutil.move(tmp_path / "results", finished / "results")
    assert "download_data" not in jobs
    looks = dict.fromkeys(LOOKS, 2)
    assert jobs == {"index_videos": 2, "extract_frames": 4, "make_splits": 3, **looks, **chain(6, 2, costs=4)}


@pytest.mark.slow
def test_figures_come_back_without_torch_or_training(finished: Path, tmp_path: Path) -> None:
    """Also runs for real: a module called torch that cannot be imported is in the way."""
    (tmp_path / "torch.py").write_text("raise ImportError('torch was imported')")
    pages = {path: path.read_bytes() for path in finished.glob("results/*/figures/*.svg")}
    across = [name for name in ACROSS if name.startswith("plot_")]
    assert len(pages) == 2 * len(PLOTS | DATA_PLOTS) + len(across)
    page = (finished / "results/report.html").read_bytes()
    for path in [*pages, finished / "results/report.html"]:
        path.unlink()
    text = snakemake(finished, "--printshellcmds", env=os.environ | {"PYTHONPATH": str(tmp_path)}).stdout
    assert not re.search("rule (train|predict|score|measure|compare)", text)
    assert {path: path.read_bytes() for path in pages} == pages
    assert (finished / "results/report.html").read_bytes() == page


def test_named_targets(finished: Path, tmp_path: Path) -> None:
    targets = ("frames", "doctor", "models", "metrics", "figures", "tables", "report")
    assert planned(finished, *targets) == {}
    elsewhere = tmp_path / "fresh"
    shutil.copytree(finished, elsewhere, ignore=shutil.ignore_patterns("results", "resources", "logs", ".snakemake"))
    write_config(elsewhere, tiny.config())
    jobs = {target: planned(elsewhere, target).keys() for target in targets}
    last = {"frames": "inspect_videos", "models": "train_model", "metrics": "compare_models", "figures": "plot_cost"}
    for target, rule in last.items():
        assert rule in jobs[target]
    assert "predict_videos" not in jobs["models"]
    assert {"plot_inspection", "plot_duplicates", "diagnose_data"} <= jobs["doctor"]
    assert "train_model" not in jobs["doctor"]
    assert "build_report" not in jobs["figures"]
    assert jobs["tables"] & {"make_tables", "build_report", "plot_cost"} == {"make_tables"}
    assert "index_videos" in jobs["report"]
