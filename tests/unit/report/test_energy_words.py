"""What the page says of energy: columns, notes, facts, alternative text and caption; nothing where nothing was read."""

from pathlib import Path

from conftest import PROJECT
from planted import summary_of

from vidbench.files import write_json
from vidbench.report import alt_texts, energy_words
from vidbench.report.captions import caption
from vidbench.report.dataset_results import DatasetResults, energy_not_measured
from vidbench.report.model_section import cost as facts
from vidbench.report.section_tables import cost

MISSING = "energy of the CPU: not measured on this machine: this system has no counter"
ROWS = [
    summary_of("a", 0.9, gpu_joules_per_clip=0.5, gpu_joules_per_clip_best_batch=0.25, train_gpu_joules=5.4e4,
               on_energy_front=True),
    summary_of("b", 0.8, gpu_joules_per_clip=1.25, train_gpu_joules=7.2e6, on_energy_front=False),
]  # fmt: skip
MEASURED = DatasetResults("mine", ROWS, energy_not_measured=[MISSING])
PLAIN = DatasetResults("mine", [summary_of("a", 0.9), summary_of("b", 0.8)])


def test_the_table_of_costs_has_what_was_measured() -> None:
    table = cost(MEASURED)
    assert table is not None
    titles = [column.title for column in table.columns]
    energy = ["J/clip, GPU", "J/clip, GPU, best batch", "training, GPU energy", "on the front of energy"]
    assert titles[-4:] == energy
    assert [[cell.text for cell in row[-4:]] for row in table.rows] == [
        ["0.5", "0.25", "15 Wh", "yes"],
        ["1.25", "–", "2 kWh", "no"],
    ]
    assert table.notes == [
        "The energy of the GPU is that of the whole GPU, as its driver counts it (NVML).",
        "Energy of the CPU: not measured on this machine: this system has no counter.",
    ]
    plain = cost(PLAIN)
    assert plain is not None
    assert [column.title for column in plain.columns] == titles[:-4]
    assert plain.notes == []


def test_words_beside_figure_and_model() -> None:
    assert facts(ROWS[0])[-3:] == [
        ("energy per clip, GPU", "0.5 J"),
        ("energy per clip, best batch, GPU", "0.25 J"),
        ("energy of one training, GPU", "15 Wh"),
    ]
    assert "a 2 ms/clip, 0.5 J/clip, 90.0 %" in alt_texts.cost(MEASURED, [])
    assert "J/clip" not in alt_texts.cost(PLAIN, [])
    assert "energy of one clip" in caption(PROJECT / "report", "cost", MEASURED, 4)
    assert "energy" not in caption(PROJECT / "report", "cost", PLAIN, 4)


def test_all_trainings_together() -> None:
    runs = [{"train_gpu_joules": "3600.0", "train_cpu_joules": ""}, {"train_gpu_joules": "1800.0"}]
    assert energy_words.all_trainings(runs) == ["GPU 1.5 Wh"]
    assert energy_words.all_trainings([run | {"sweep_seconds": "9.0"} for run in runs]) == []
    assert energy_words.all_trainings([{"train_seconds": "3"}]) == energy_words.all_trainings([]) == []


def test_what_is_missing_is_said_once(tmp_path: Path) -> None:
    for model in "ab":
        write_json(tmp_path / "costs" / f"{model}.json", {"energy_not_measured": [MISSING]})
    write_json(tmp_path / "costs" / "older.json", {"ms_per_clip": 3})
    assert energy_not_measured(tmp_path, ["a", "b", "older", "baseline"]) == [MISSING]
