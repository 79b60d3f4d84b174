"""Who goes on in successive halving, and what is chosen at the end, from planted histories."""

import json
from pathlib import Path

from vidbench.evaluation.choice import describe_choice
from vidbench.evaluation.rungs import RANKING, Stage, entrants, last_stages
from vidbench.evaluation.trial_answers import write_answers
from vidbench.evaluation.trials import trial_rows
from vidbench.files import write_csv

TRIALS = {"m-a1": {"a": 1}, "m-a2": {"a": 2}, "m-a3": {"a": 3}, "m-a4": {"a": 4}}


def write_run(folder: Path, top1: list[float], status: str = "ok") -> None:
    folder.mkdir(parents=True)
    rows = [
        {"epoch": place, "learning_rate": 0.1, "train_loss": 1, "val_loss": 1, "val_top1": value}
        for place, value in enumerate(top1, start=1)
    ]
    write_csv(folder / "history.csv", rows, tuple(rows[0]))
    (folder / "options.json").write_text(json.dumps({"status": status}))
    right = [("0" * round(8 - 8 * value) + "1" * round(8 * value)) for value in top1]
    videos = [f"v{place}" for place in range(8)]
    write_answers(folder, videos, {video: video for video in videos}, [f"{int(bits, 2):02x}" for bits in right])


def write_ranking(path: Path, trials: list[str], going_on: int) -> None:
    rows = [
        dict.fromkeys(RANKING, 0) | {"place": place, "trial": trial, "goes_on": place <= going_on}
        for place, trial in enumerate(trials, start=1)
    ]
    write_csv(path, rows, RANKING)


def halved(split: Path) -> list[Path]:
    """Four trials of which two went on and one came to the end; the first rung's best is not the best at last."""
    (split / "m").mkdir(parents=True)
    for trial, top1 in {"m-a1": 0.25, "m-a2": 0.75, "m-a3": 0.5, "m-a4": 0.125}.items():
        write_run(split / trial / "seed0", [top1])
    write_run(split / "m/rung2/1/seed0", [0.75, 0.25])
    write_run(split / "m/rung2/2/seed0", [0.5, 0.875])
    write_run(split / "m/rung3/1/seed0", [0.5, 0.625, 0.5, 0.25])
    write_ranking(split / "m/rung1.csv", ["m-a2", "m-a3", "m-a1", "m-a4"], 2)
    write_ranking(split / "m/rung2.csv", ["m-a3", "m-a2"], 1)
    return [split / "m/rung2.csv", split / "m/rung1.csv"]


def test_a_trial_has_the_folder_of_the_last_rung_that_it_came_into(tmp_path: Path) -> None:
    rankings = halved(tmp_path / "split1")
    assert entrants(rankings[0]) == {"m-a3": Stage(3, "m/rung3/1")}
    assert last_stages(TRIALS, rankings) == {
        "m-a1": Stage(1, "m-a1"),
        "m-a2": Stage(2, "m/rung2/1"),
        "m-a3": Stage(3, "m/rung3/1"),
        "m-a4": Stage(1, "m-a4"),
    }
    assert last_stages(TRIALS, [])["m-a2"] == Stage(1, "m-a2")


def test_only_a_trial_of_the_last_rung_is_chosen(tmp_path: Path) -> None:
    """Another one has a higher accuracy after fewer epochs."""
    split = tmp_path / "split1"
    rows = trial_rows(split, TRIALS, [0], last_stages(TRIALS, halved(split)))
    assert [row["trial"] for row in rows if row["chosen"]] == ["m-a3"]
    assert [row["val_top1"] for row in rows] == [0.25, 0.75, 0.625, 0.125]
    assert [row["epochs"] for row in rows] == [1, 2, 4, 1]


def diverge(split: Path, *folders: str) -> None:
    for folder in folders:
        (split / folder / "seed0/options.json").write_text(json.dumps({"status": "diverged"}))


def test_where_the_last_rung_diverged_the_best_of_the_rung_before_is_chosen(tmp_path: Path) -> None:
    """The next one that is sound, however far it came; a diverged one only where all are."""
    split = tmp_path / "split1"
    stages = last_stages(TRIALS, halved(split))
    for folders, chosen, rung in (
        (["m/rung3/1"], "m-a2", 2), (["m/rung2/1"], "m-a1", 1), (["m-a1", "m-a4"], "m-a3", 3),
    ):  # fmt: skip
        diverge(split, *folders)
        rows = trial_rows(split, TRIALS, [0], stages)
        (best,) = [row for row in rows if row["chosen"]]
        assert (best["trial"], best["status"]) == (chosen, "diverged" if rung == 3 else "ok")
        choice = describe_choice(split, rows, [0])
        assert (choice["trial"], choice["rung"], choice["rungs"]) == (chosen, rung, 3)


def test_the_choice_says_what_it_took_and_is_worth(tmp_path: Path) -> None:
    split = tmp_path / "split1"
    choice = describe_choice(split, trial_rows(split, TRIALS, [0], last_stages(TRIALS, halved(split))), [0])
    assert [choice[key] for key in ("trial", "trials", "rungs", "epochs", "seeds", "val_top1")] == [
        "m-a3", 4, 3, 8, 1, 0.625,
    ]  # fmt: skip
    found = choice["estimate"]
    assert isinstance(found, dict)
    assert (found["num_videos"], found["num_groups"]) == (8, 8)
    assert choice["optimism"] == 0.625 - found["top1"]


def test_without_the_answers_of_a_trial_nothing_is_estimated(tmp_path: Path) -> None:
    split = tmp_path / "split1"
    rows = trial_rows(split, TRIALS, [0], last_stages(TRIALS, halved(split)))
    (split / "m-a1/seed0/validation_answers.csv").unlink()
    choice = describe_choice(split, rows, [0])
    assert (choice["estimate"], choice["optimism"], choice["trials"]) == (None, None, 4)
