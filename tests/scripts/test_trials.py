"""select_trial.py, promote_trial.py and plot_trials.py: the choice is made on validation alone."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from conftest import run_script

from vidbench.datasets.fractions import variant_name
from vidbench.evaluation.predictions import Predictions

SETTINGS = {"m-rate0.1": {"rate": 0.1, "schedule": "step"}, "m-rate1": {"rate": 1, "schedule": None}}
# Epochs of each seed: (validation accuracy, loss).
Histories = dict[str, list[list[tuple[float, float]]]]


def write_runs(split: Path, histories: Histories) -> None:
    for trial, seeds in histories.items():
        for seed, epochs in enumerate(seeds):
            folder = split / trial / f"seed{seed}"
            folder.mkdir(parents=True)
            rows = [f"{n + 1},0.1,1.0,{loss},{top1}" for n, (top1, loss) in enumerate(epochs)]
            text = "\n".join(["epoch,learning_rate,train_loss,val_loss,val_top1", *rows]) + "\n"
            (folder / "history.csv").write_text(text)
            (folder / "weights.safetensors").write_bytes(f"{trial} {seed}".encode())
            (folder / "options.json").write_text(json.dumps({"options": {"rate": trial}, "seed": seed}))
            time = {"train_seconds": 10.0 + seed, "train_clips": 5}
            (folder / "training_time.json").write_text(json.dumps(time))


def choose(folder: Path, histories: Histories, check: bool = True):
    split = folder / "results/d/split1"
    write_runs(split, histories)
    seeds = range(len(next(iter(histories.values()))))
    return run_script("select_trial.py", "--trials", json.dumps(SETTINGS), "--seeds", *seeds,
                      "--folder", split, "--output", split / "m/trials.csv", cwd=folder, check=check)  # fmt: skip


def table(folder: Path) -> list[dict[str, str]]:
    with open(folder / "results/d/split1/m/trials.csv") as file:
        return list(csv.DictReader(file))


def chosen(folder: Path) -> list[str]:
    return [row["trial"] for row in table(folder) if row["chosen"] == "True"]


def test_the_best_mean_over_seeds_of_the_best_epochs_is_chosen(tmp_path: Path) -> None:
    """One seed alone, or the last epoch, would choose the other one."""
    first = [[(0.9, 1.0), (0.2, 2.0)], [(0.4, 1.0), (0.2, 2.0)]]
    choose(tmp_path, {"m-rate0.1": first, "m-rate1": [[(0.7, 1.0)], [(0.5, 1.0)]]})
    assert chosen(tmp_path) == ["m-rate0.1"]
    row, other = table(tmp_path)
    assert (row["rate"], row["schedule"], other["schedule"]) == ("0.1", "step", "null")
    assert float(row["val_top1"]) == pytest.approx(0.65)
    assert float(row["val_top1_sd"]) == pytest.approx(0.35355339)
    assert [row[key] for key in ("val_top1_low", "val_top1_high", "epochs", "num_seeds")] == ["0.4", "0.9", "2.0", "2"]
    assert "seconds" not in (tmp_path / "results/d/split1/m/trials.csv").read_text()


def test_a_tie_goes_to_the_lower_loss_then_to_the_first(tmp_path: Path) -> None:
    seeds = [(0.1, 2.0), (0.2, 2.0), (0.3, 2.0)]  # whose mean depends on the order in the last digit
    ahead = [[(top1, 1.9)] for top1, _ in reversed(seeds)]
    choose(tmp_path / "loss", {"m-rate0.1": [[epoch] for epoch in seeds], "m-rate1": ahead})
    assert chosen(tmp_path / "loss") == ["m-rate1"]
    choose(tmp_path / "same", {name: [[epoch] for epoch in seeds] for name in SETTINGS})
    assert chosen(tmp_path / "same") == ["m-rate0.1"]


def test_a_trial_without_a_finite_loss_is_never_chosen(tmp_path: Path) -> None:
    choose(tmp_path / "one", {"m-rate0.1": [[]], "m-rate1": [[(0.0, 9.0), (0.9, float("nan"))]]})
    assert chosen(tmp_path / "one") == ["m-rate1"]
    done = choose(tmp_path / "none", {"m-rate0.1": [[]], "m-rate1": [[(0.9, float("nan"))]]}, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("no trial has finished an epoch with a finite loss; sweep other settings\n")


def test_a_diverged_trial_is_chosen_only_where_all_have(tmp_path: Path) -> None:
    split = tmp_path / "results/d/split1"
    choose(tmp_path, {"m-rate0.1": [[(0.5, 1.0)]], "m-rate1": [[(0.9, 0.1)]]})
    again = ("select_trial.py", "--trials", json.dumps(SETTINGS), "--seeds", 0, "--folder", split)
    for trial, expected in (("m-rate1", "m-rate0.1"), ("m-rate0.1", "m-rate1")):
        (split / trial / "seed0/options.json").write_text(json.dumps({"status": "diverged"}))
        run_script(*again, "--output", split / "m/trials.csv", cwd=tmp_path)
        assert chosen(tmp_path) == [expected]
    assert [row["status"] for row in table(tmp_path)] == ["diverged", "diverged"]
    for trial in SETTINGS:  # in their first epoch
        (split / trial / "seed0/history.csv").write_text("epoch,learning_rate,train_loss,val_loss,val_top1\n")
    run_script(*again, "--output", split / "m/trials.csv", cwd=tmp_path)
    assert chosen(tmp_path) == ["m-rate0.1"]
    run_script("plot_trials.py", "--trials", split / "m/trials.csv", "--output", "trials.svg", cwd=tmp_path)
    assert (tmp_path / "trials.svg").stat().st_size


def test_the_chosen_trial_becomes_the_model(tmp_path: Path) -> None:
    epochs = [[(0.5, 1.0)], [(0.5, 1.0)]]
    choose(tmp_path, {"m-rate0.1": epochs, "m-rate1": [[(0.6, 1.0)], [(0.6, 1.0)]]})
    model = tmp_path / "results/d/split1/m"
    run_script("promote_trial.py", "--trials", model / "trials.csv", "--folder", model / "seed1", cwd=tmp_path)
    assert {path.name for path in (model / "seed1").iterdir()} == {
        "weights.safetensors", "history.csv", "options.json", "training_time.json",
    }  # fmt: skip
    trial = model.parent / "m-rate1/seed1"
    for name in ("weights.safetensors", "history.csv"):
        assert (model / "seed1" / name).read_bytes() == (trial / name).read_bytes()
    record = json.loads((model / "seed1/options.json").read_text())
    assert record == {"options": {"rate": "m-rate1"}, "seed": 1, "trial": "m-rate1"}
    time = json.loads((model / "seed1/training_time.json").read_text())
    assert time == {"train_seconds": 11.0, "train_clips": 5, "sweep_seconds": 22.0}


def test_a_trial_with_a_refit_brings_the_weights_from_before_it(tmp_path: Path) -> None:
    """And those of another trial that was chosen earlier go."""
    choose(tmp_path, {"m-rate0.1": [[(0.5, 1.0)]], "m-rate1": [[(0.6, 1.0)]]})
    model, name = tmp_path / "results/d/split1/m", "weights_before_refit.safetensors"
    trial, target = model.parent / "m-rate1/seed0", model / "seed0" / name
    (trial / name).write_bytes(b"before")
    for record, expected in (({"refit": {"epochs": 1, "videos": 9}}, True), ({}, False)):
        (trial / "options.json").write_text(json.dumps({"options": {}, "seed": 0} | record))
        run_script("promote_trial.py", "--trials", model / "trials.csv", "--folder", model / "seed0", cwd=tmp_path)
        assert target.exists() == expected


def test_a_missing_trial_is_one_line(tmp_path: Path) -> None:
    choose(tmp_path, {name: [[(0.5, 1.0)]] for name in SETTINGS})
    model = tmp_path / "results/d/split1/m"
    take = ("promote_trial.py", "--trials", model / "trials.csv", "--folder", model / "seed7")
    done = run_script(*take, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "m-rate0.1/seed7/options.json" in done.stderr


def test_the_figure_of_few_and_of_many_trials(tmp_path: Path) -> None:
    from PIL import Image

    epochs = {name: [[(0.5 + place / 4, 1.0)]] for place, name in enumerate(SETTINGS)}
    choose(tmp_path, epochs)
    many = tmp_path / "results/d/split2/x/trials.csv"
    many.parent.mkdir(parents=True)
    rows = [f"t{n},{n % 10},{n // 10},0.{n + 10},,0.1,0.9,1.0,3.0,1,{n == 5}" for n in range(80)]
    head = "trial,training.a,b,val_top1,val_top1_sd,val_top1_low,val_top1_high,val_loss,epochs,num_seeds,chosen"
    many.write_text("\n".join([head, *rows]) + "\n")
    tables = (tmp_path / "results/d/split1/m/trials.csv", many)
    run_script("plot_trials.py", "--trials", *tables, "--output", "a.png", "a.svg", cwd=tmp_path)
    assert Image.open(tmp_path / "a.png").size[1] > 1000
    text = (tmp_path / "a.svg").read_text()
    for word in ("training.a", "validation top-1 accuracy (%)", "schedule"):
        assert f"<!-- {word} -->" in text


def write_fractions(folder: Path, splits: dict[str, list[float]], accuracy: dict[float, float], seeds: int) -> None:
    """Predictions of a model on 40 groups of ten videos, two classes; at each fraction so many of a group are right."""
    names = [f"v{group}_{video}" for group in range(40) for video in range(10)]
    labels = ["xy"[group % 2] for group in range(40) for _ in range(10)]
    rows = [f"{name},{name},{label},{name.split('_')[0]}," for name, label in zip(names, labels, strict=True)]
    (folder / "videos.csv").write_text("\n".join(["video,path,label,group,subset", *rows]) + "\n")
    right = np.tile(np.arange(10), 40)
    truth = np.array(["xy".index(label) for label in labels])
    for full, fractions in splits.items():
        for part in fractions:
            split = full if part == 1 else variant_name(full, part)
            (folder / f"{split}.csv").write_text(
                "\n".join(["video,subset", *(f"{name},test" for name in names)]) + "\n"
            )
            logits = np.eye(2)[np.where(right < 10 * accuracy[part], truth, 1 - truth)][:, None]
            for seed in range(seeds):
                run = folder / "results/d" / split / "m" / f"seed{seed}"
                run.mkdir(parents=True)
                columns = (names, ["test"] * 400, ["normal"] * 400, ["clip0"], ["x", "y"])
                Predictions(*columns, logits.astype("float32")).write(run / "predictions.h5")
                (run / "options.json").write_text(json.dumps({"videos": {"train": int(800 * part)}}))
                (run / "metrics.json").write_text("{}")


def forecast(folder: Path, check: bool = True) -> str:
    """Run forecast_accuracy.py on all that write_fractions wrote; its errors."""
    runs, splits = sorted(folder.glob("results/d/*/m/*/metrics.json")), sorted(folder.glob("fold*.csv"))
    tables = ("--runs", *runs, "--videos", "videos.csv", "--splits", *splits, "--folder", ".")
    return run_script("forecast_accuracy.py", *tables, cwd=folder, check=check).stderr


def draw_by_data(folder: Path) -> str:
    """The text of the figure of accuracy by data."""
    tables = ("--accuracy-by-data", "accuracy_by_data.csv", "--data-forecast", "data_forecast.csv")
    run_script("plot_accuracy_by_data.py", *tables, "--output", "a.svg", cwd=folder)
    return (folder / "a.svg").read_text()


def test_accuracy_by_data_compares_points_of_the_same_test_videos(tmp_path: Path) -> None:
    splits = {"fold1": [1, 0.5, 0.125], "fold2": [1, 0.5]}
    write_fractions(tmp_path, splits, {1: 0.9, 0.5: 0.8, 0.125: 0.6}, seeds=2)
    forecast(tmp_path)
    with open(tmp_path / "accuracy_by_data.csv") as file:
        rows = list(csv.DictReader(file))
    found = [(float(row["fraction"]), float(row["train_videos"]), round(float(row["top1"]), 6)) for row in rows]
    assert found == [(0.125, 100, 0.6), (0.5, 400, 0.8), (1, 800, 0.9)]
    assert {row["num_seeds"] for row in rows} == {"2"}
    with open(tmp_path / "data_forecast.csv") as file:
        assert next(csv.DictReader(file))["reason"] == "fewer than 4 sizes"
    text = draw_by_data(tmp_path)
    for word in ("training videos", "(12.5 %)", "(100 %)", "the largest class", "no forecast: fewer than 4"):
        assert f"<!-- {word} -->" in text
    assert "(200 %)" not in text


def test_a_forecast_is_a_range_from_no_gain_to_the_most_hopeful(tmp_path: Path) -> None:
    write_fractions(tmp_path, {"fold1": [1, 0.5, 0.25, 0.125]}, {1: 0.9, 0.5: 0.8, 0.25: 0.7, 0.125: 0.6}, seeds=1)
    forecast(tmp_path)
    with open(tmp_path / "data_forecast.csv") as file:
        row = next(csv.DictReader(file))
    assert (row["model"], float(row["videos"]), row["reason"]) == ("m", 1600, "")
    assert 0.8 < float(row["low"]) < 0.9 < 0.99 < float(row["high"]) <= 1
    assert "<!-- (200 %) -->" in draw_by_data(tmp_path)


def test_without_fractions_there_is_nothing_to_forecast(tmp_path: Path) -> None:
    write_fractions(tmp_path, {"fold1": [1], "fold2": [1]}, {1: 0.9}, seeds=1)
    assert forecast(tmp_path, check=False) == "error: .: no split was run with all fractions; set splits.fractions\n"
