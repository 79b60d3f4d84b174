"""Energy in the tables of a comparison: columns only where measured, and a front of its own."""

from dataclasses import asdict
from pathlib import Path

import compare_labels
from planted import summary_of

from vidbench.evaluation import energy
from vidbench.evaluation.comparison import cost_columns, mark_energy_front
from vidbench.evaluation.runs import Run
from vidbench.evaluation.tables import LabelSummary, ModelSummary, columns, read_table, write_table
from vidbench.files import read_csv, write_json

RUN = {"parameters": 1, "train_seconds": 1.0, **dict.fromkeys(energy.COLUMNS)}


def test_only_columns_that_were_measured_are_written(tmp_path: Path) -> None:
    rows = [summary_of("a", 0.9), summary_of("b", 0.8, gpu_joules_per_clip=0.5)]
    write_table(tmp_path / "without.csv", rows[:1], ModelSummary)
    write_table(tmp_path / "with.csv", rows, ModelSummary)
    assert not [name for name in read_csv(tmp_path / "without.csv")[0] if "joules" in name or "energy" in name]
    assert [name for name in read_csv(tmp_path / "with.csv")[0] if "joules" in name] == ["gpu_joules_per_clip"]
    assert read_table(tmp_path / "with.csv", ModelSummary)[1].gpu_joules_per_clip == 0.5
    assert read_table(tmp_path / "without.csv", ModelSummary)[0].gpu_joules_per_clip is None
    assert energy.measured_columns([RUN, RUN | {"train_cpu_joules": 3.0}]) == ("train_cpu_joules",)
    assert energy.measured_columns([RUN]) == ()


def test_runs_of_a_model_are_averaged_where_all_were_measured() -> None:
    runs = [RUN | {"train_gpu_joules": joules, "gpu_joules_per_clip": 0.5} for joules in (100.0, 300.0)]
    found = cost_columns(runs)
    assert (found["train_gpu_joules"], found["gpu_joules_per_clip"], found["train_cpu_joules"]) == (200.0, 0.5, None)
    assert cost_columns([*runs, RUN])["train_gpu_joules"] is None


def test_the_front_of_energy_is_of_sources_that_all_models_have() -> None:
    rows = [
        summary_of("accurate", 0.9, gpu_joules_per_clip=2.0, cpu_joules_per_clip=1.0),
        summary_of("frugal", 0.8, gpu_joules_per_clip=1.0),
        summary_of("wasteful", 0.7, gpu_joules_per_clip=1.5),
        summary_of("broken", 0.95, gpu_joules_per_clip=0.1, diverged_runs=1),
        summary_of("files", 0.6, ms_per_clip=None, baseline="file_properties"),
    ]
    assert energy.common_sources(rows) == ["gpu"]
    fronts = {row.model: row.on_energy_front for row in mark_energy_front(rows)}
    assert fronts == {"accurate": True, "frugal": True, "wasteful": False, "broken": False, "files": False}


def test_without_a_measurement_of_each_model_there_is_no_front() -> None:
    rows = [summary_of("a", 0.9, gpu_joules_per_clip=2.0), summary_of("b", 0.8)]
    assert energy.common_sources(rows) == energy.common_sources([]) == []
    assert [asdict(row) for row in mark_energy_front(rows)] == [asdict(row) for row in rows]


def test_trainings_of_several_labels_keep_what_was_measured(tmp_path: Path) -> None:
    folder = tmp_path / "moves/fold1/cnn3d/seed0"
    write_json(folder / "options.json", {"parameters": 7})
    write_json(folder / "metrics.json", {"status": "ok"})
    write_json(folder / "training_time.json", {"train_seconds": 2.0, "train_gpu_joules": 5.0})
    write_json(tmp_path / "moves/costs/cnn3d.json", {"ms_per_clip": 1.0, "cpu_joules_per_clip": 0.5})
    row = compare_labels.run_row(Run(folder))
    assert energy.measured_columns([row]) == ("cpu_joules_per_clip", "train_gpu_joules")
    summary = cost_columns([row])
    assert (summary["cpu_joules_per_clip"], summary["train_gpu_joules"]) == (0.5, 5.0)
    assert set(energy.COLUMNS) < set(columns(LabelSummary))
