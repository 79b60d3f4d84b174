"""Pooled scores of planted runs: several seeds, splits that share videos, unreadable videos, a diverged model."""

from pathlib import Path

import numpy as np
import pandas as pd
import plot_calibration
import plot_ladder
import plot_per_class
import plot_selective
import pytest
from sklearn import metrics as reference

from vidbench.evaluation.model_scores import ModelScores
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.run_metrics import run_metrics
from vidbench.evaluation.runs import runs
from vidbench.evaluation.score_tables import TABLES
from vidbench.evaluation.test_results import TestResults
from vidbench.files import read_csv, read_json, write_csv, write_json
from vidbench.plotting import style
from vidbench.plotting.main import read_table
from vidbench.video import read_videos

CLASSES = [f"c{place}" for place in range(6)]


def write_run(root: Path, split: str, model: str, seed: int, read: list[str], **settings: object) -> Path:
    """predictions.h5 and its model's cost of a run that reads these videos of its split; four clips, three crops."""
    random = np.random.default_rng([seed, len(model), len(split)])
    members = {row["video"]: row["subset"] for row in read_csv(root / f"splits/{split}.csv")}
    names = [name for name, subset in members.items() if subset != "train" and name in read]
    labels = {video.id: CLASSES.index(video.label) for video in read_videos(root / "videos.csv")}
    logits = random.normal(scale=2, size=(len(names), 12, 6)).astype(np.float32)
    logits[np.arange(len(names)), :, [labels[name] for name in names]] += settings.get("skill", 2)
    if settings.get("diverged"):
        logits[:] = np.nan
    views = [f"clip{k} crop{c}" for k in range(4) for c in range(3)]
    folder = root / split / model / f"seed{seed}"
    subsets = [members[name] for name in names]
    table = Predictions(names, subsets, ["normal"] * len(names), views, CLASSES, logits)
    folder.mkdir(parents=True)
    table.write(folder / "predictions.h5")
    (root / "costs").mkdir(exist_ok=True)
    write_json(root / f"costs/{model}.json", {"ladder": [{"clips": 4, "crops": 3, "ms_per_video": 10.5}]})
    return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 videos in 40 groups; two splits whose tests share 20 videos; v0 and v199 cannot be decoded; no test video of
    class c5 in either; one model of two seeds, one that has diverged.
    """
    root = tmp_path_factory.mktemp("scores") / "results" / "set"
    (root / "splits").mkdir(parents=True)
    names = [f"v{place}" for place in range(200)]
    label = {name: CLASSES[place % 5] for place, name in enumerate(names)}
    rows = [{"video": name, "path": name, "label": label[name], "group": f"g{place // 5}", "subset": ""}
            for place, name in enumerate(names)]  # fmt: skip
    write_csv(root / "videos.csv", rows, ("video", "path", "label", "group", "subset"))
    for split, test in (("fold1", names[:80]), ("fold2", names[60:140])):
        subset = {name: "test" if name in test else "val" for name in names}
        rows = [{"video": name, "subset": subset[name]} for name in names]
        write_csv(root / f"splits/{split}.csv", rows, ("video", "subset"))
        for seed in (0, 1):
            write_run(root, split, "good", seed, names[1:199])
        write_run(root, split, "diverged", 0, names[1:199], diverged=True)
    return root


def evaluate(root: Path, unreadable: str = "wrong") -> dict[str, pd.DataFrame]:
    """Score and compare all runs: metrics.json of each, and the tables as figures read them."""
    files = [root / split / model / f"seed{seed}" / "metrics.json" for split in ("fold1", "fold2")
             for model, seed in (("good", 0), ("good", 1), ("diverged", 0))]  # fmt: skip
    videos = read_videos(root / "videos.csv")
    for file in files:
        members: dict[str, list[str]] = {}
        for row in read_csv(root / "splits" / f"{file.parts[-4]}.csv"):
            members.setdefault(row["subset"], []).append(row["video"])
        predictions = Predictions.read(file.with_name("predictions.h5"))
        write_json(file, run_metrics(predictions, {video.id: video for video in videos}, members, unreadable))
    tests = TestResults.read(runs(files), videos, sorted((root / "splits").glob("*.csv")), unreadable=unreadable)
    scores = {model: ModelScores.read(tests, model) for model in tests.models}
    for name, (make, columns) in TABLES.items():
        rows = [{"model": model, **row} for model in scores for row in make(scores[model])]
        write_csv(root / f"{name}.csv", rows, columns)
    return {name: read_table(root / f"{name}.csv") for name in TABLES}


@pytest.mark.parametrize("unreadable", ["wrong", "leave_out"])
def test_pooled_accuracies_are_those_of_compare_models(results: Path, unreadable: str) -> None:
    tables = evaluate(results, unreadable)
    scores = tables["scores"].set_index(["model", "metric"])
    videos = read_videos(results / "videos.csv")
    files = sorted(results.glob("fold*/good/seed*/metrics.json"))
    splits = sorted((results / "splits").glob("*.csv"))
    pooled = TestResults.read(runs(files), videos, splits, unreadable=unreadable)
    expected = pooled.correct("good").mean()
    assert len(pooled.videos) == (140 if unreadable == "wrong" else 139)
    assert scores.loc[("good", "top1"), "value"] == pytest.approx(expected)
    last = tables["ladder"].query("model == 'good' and clips == 4 and crops == 3").iloc[0]
    assert (last["top1"], last["ms_per_video"]) == (pytest.approx(expected), 10.5)
    assert scores.loc["good", "num_unreadable"].unique().tolist() == [1]
    assert scores.loc[("good", "macro_f1"), "approximate"]  # 28 groups
    assert not scores.loc[("good", "top1"), "approximate"]


def test_pooled_scores_equal_scikit_learn_with_weights(results: Path) -> None:
    scores = evaluate(results)["scores"].set_index(["model", "metric"])["value"]
    labels = {video.id: CLASSES.index(video.label) for video in read_videos(results / "videos.csv")}
    shared = {f"v{place}" for place in range(60, 80)}
    f1, losses, precision = [], [], []
    for seed in (0, 1):
        names, p = [], []
        for split in ("fold1", "fold2"):
            tested, table = Predictions.read(results / split / f"good/seed{seed}/predictions.h5").probabilities("test")
            names += tested
            p.append(table)
        p = np.concatenate(p)
        truth = np.array([labels[name] for name in names])
        weights = np.array([0.5 if name in shared else 1 for name in names])
        guess, all_weights = [*p.argmax(axis=1), -1], [*weights, 1]  # v0 cannot be decoded
        options = {"labels": range(5), "average": "macro", "sample_weight": all_weights, "zero_division": 0}
        f1.append(reference.f1_score([*truth, labels["v0"]], guess, **options))
        losses.append(reference.log_loss(truth, p, labels=range(6), sample_weight=weights))
        each = [reference.average_precision_score(truth == c, p[:, c], sample_weight=weights) for c in range(5)]
        precision.append(np.mean(each))
    assert scores["good", "macro_f1"] == pytest.approx(np.mean(f1))
    assert scores["good", "log_loss"] == pytest.approx(np.mean(losses))
    assert scores["good", "mean_average_precision"] == pytest.approx(np.mean(precision))


def test_intervals_hold_their_values_and_a_class_without_videos_has_no_row(results: Path) -> None:
    tables = evaluate(results)
    rows = tables["scores"].query("model == 'good'").dropna(subset="low")
    assert {"top1", "top5", "mean_class_accuracy", "macro_f1", "brier_scaled", "log_loss"} <= set(rows["metric"])
    assert ((rows["low"] < rows["value"]) & (rows["value"] < rows["high"])).all()
    classes = tables["class_scores"].query("model == 'good'")
    assert classes["class"].tolist() == CLASSES[:5]
    assert classes["groups"].tolist() == [28] * 5


def test_a_diverged_model_has_accuracies_of_zero_and_no_scores_of_probabilities(results: Path) -> None:
    tables = evaluate(results)
    scores = tables["scores"].query("model == 'diverged'").set_index("metric")["value"]
    assert scores[["top1", "top5", "macro_f1", "mean_class_accuracy"]].tolist() == [0] * 4
    assert scores[["log_loss", "ece", "brier_scaled", "mean_average_precision"]].isna().all()
    metrics = read_json(results / "fold1/diverged/seed0/metrics.json")
    assert (metrics["num_scored"], metrics["num_unreadable"], metrics["temperature"]) == (0, 1, None)


def test_figures_are_drawn_with_a_diverged_model(results: Path, tmp_path: Path) -> None:
    tables = evaluate(results)
    style.apply()
    for drawn in (
        plot_calibration.draw(tables["scores"], tables["calibration"]),
        plot_selective.draw(tables["scores"], tables["selective"]),
        plot_ladder.draw(tables["ladder"]),
        plot_per_class.draw(tables["class_scores"]),
    ):
        style.save(drawn, [tmp_path / "figure.svg"])
        assert "<svg" in (tmp_path / "figure.svg").read_text()
    alone = [tables[name].query("model == 'diverged'") for name in ("scores", "calibration", "selective")]
    style.save(plot_calibration.draw(*alone[:2]), [tmp_path / "a.svg"])
    style.save(plot_selective.draw(alone[0], alone[2]), [tmp_path / "a.svg"])
