"""What the page says that each model got to find its settings."""

import json
from pathlib import Path

from vidbench.report.dataset_results import DatasetResults
from vidbench.report.searches import read_shares, search_table, trials_by_model, unequal

ESTIMATE = {"top1": 0.8, "low": 0.7, "high": 0.9, "num_videos": 40, "num_groups": 20}


def row(model: str, seed: int, trial: str = "", sweep: str = "") -> dict[str, str]:
    return {"model": model, "split": "split1", "seed": str(seed), "trial": trial, "epochs": "5", "train_seconds": "10",
            "sweep_seconds": sweep}  # fmt: skip


def results(*rows: dict[str, str]) -> DatasetResults:
    return DatasetResults("d", [], runs=list(rows))


def write_choice(folder: Path, model: str, trials: int, **more: object) -> None:
    choice = {"trial": f"{model}-a1", "trials": trials, "epochs": 70, "val_top1": 0.85, "optimism": 0.05}
    (folder / "split1" / model).mkdir(parents=True)
    (folder / "split1" / model / "choice.json").write_text(json.dumps(choice | {"estimate": ESTIMATE} | more))


def test_each_model_has_its_trials_epochs_and_time(tmp_path: Path) -> None:
    write_choice(tmp_path, "a", 8)
    found = results(row("a", 0, "a-a1", "100"), row("a", 1, "a-a1", "90"), row("b", 0), row("b", 1))
    shares = read_shares(tmp_path, found)
    assert trials_by_model(shares) == {"a": 8, "b": 1}
    table = search_table(found, shares)
    assert table is not None
    assert [[cell.text for cell in cells] for cells in table.rows] == [
        ["a", "split1", "8", "70", "3 min 10 s", "85.0", "80.0 [70.0, 90.0]", "5.0", "a-a1"],
        ["b", "split1", "1", "10", "20 s", "–", "–", "–", "–"],
    ]
    assert "a 8 and b 1" in table.notes[0]
    assert "on 40 validation videos" in table.notes[1]


def test_equal_budgets_are_said_and_are_no_caveat(tmp_path: Path) -> None:
    for model in "ab":
        write_choice(tmp_path, model, 8, **({"estimate": None, "optimism": None} if model == "b" else {}))
    found = results(row("a", 0, "a-a1", "100"), row("b", 0, "b-a1", "50"))
    shares = read_shares(tmp_path, found)
    assert unequal(trials_by_model(shares)) == ""
    table = search_table(found, shares)
    assert table is not None
    assert table.notes[0] == "Each model had 8 trials on each split."
    assert "too few groups" in table.notes[-1]


def test_a_trial_of_an_earlier_rung_is_said_to_be_one(tmp_path: Path) -> None:
    write_choice(tmp_path, "a", 8, rung=2, rungs=3)
    write_choice(tmp_path, "b", 8, rung=3, rungs=3)
    found = results(row("a", 0, "a-a1", "100"), row("b", 0, "b-a1", "50"))
    table = search_table(found, read_shares(tmp_path, found))
    assert table is not None
    assert [note for note in table.notes if "rung" in note] == [
        "a-a1 was chosen in rung 2 of 3 and trained no longer: all trials that went on diverged."
    ]


def test_a_run_without_trials_has_no_table(tmp_path: Path) -> None:
    found = results(row("a", 0), row("b", 0))
    assert read_shares(tmp_path, found) == []
    assert search_table(found, []) is None
    assert unequal({}) == ""
