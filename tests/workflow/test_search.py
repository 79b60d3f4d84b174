"""Two architectures with the same budget: successive halving from nothing to the page, then random search."""

import json
import shutil
from pathlib import Path

import pytest
import tiny
import yaml

from vidbench.files import read_csv
from workflow.conftest import copy_project, edited, planned, snakemake, write_config

pytestmark = pytest.mark.slow
RATES = {"training.learning_rate": {"log": [0.0005, 0.05]}}
MODELS = ("cnn3d", "cnn2d_mean")
WEIGHTS = "weights.safetensors"
SPLIT = Path("results/motion/split1")


def config(**search: object) -> dict:
    """Rungs of 4 trials for 1 epoch, 2 for 2 epochs and 1 for all 4."""
    return tiny.config(
        models__cnn3d__search=RATES | {"width": {"int": [2, 6]}},
        models__cnn2d_mean__search=RATES,
        datasets__motion__training=tiny.TRAINING | {"epochs": 4},
        search={"method": "halving", "trials": 4, "factor": 2} | search,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("search"))
    write_config(folder, config())
    snakemake(folder)
    return folder


def test_trials_are_halved_and_the_last_one_is_tested(folder: Path) -> None:
    split = folder / SPLIT
    for model in MODELS:
        ranking = read_csv(split / model / "rung1.csv")
        assert [row["goes_on"] for row in ranking] == ["True", "True", "False", "False"]
        scores = [(float(row["val_top1"]), -float(row["val_loss"])) for row in ranking]
        assert scores == sorted(scores, reverse=True)
        trials = read_csv(split / model / "trials.csv")
        assert sorted((row["rung"], row["epochs"]) for row in trials) == [
            ("1", "1.0"), ("1", "1.0"), ("2", "2.0"), ("3", "4.0"),
        ]  # fmt: skip
        (chosen,) = [row for row in trials if row["chosen"] == "True"]
        own, source = split / model / "seed0", split / chosen["folder"] / "seed0"
        assert (own / WEIGHTS).read_bytes() == (source / WEIGHTS).read_bytes()
        assert json.loads((own / "options.json").read_text())["trial"] == chosen["trial"]
        assert json.loads((split / model / "choice.json").read_text())["epochs"] == 2 * 1 + 2 + 4
        assert not list(split.glob(f"{model}*/**/checkpoint.pt"))
    assert len(list(split.glob("**/predictions.h5"))) == len(MODELS)


def test_the_page_says_what_each_model_got(folder: Path) -> None:
    page = (folder / "results/report.html").read_text()
    assert "What each model got to find its settings" in page
    assert "Each model had 4 trials on each split." in page
    assert "same number of trials" not in (folder / "results/answers.txt").read_text()


def test_only_what_is_missing_runs(folder: Path) -> None:
    assert planned(folder) == {}
    model, lost = folder / SPLIT / "cnn3d", folder / "lost"
    lost.mkdir()
    missing = ("rung2/2", "rung2.csv", "rung3", "trials.csv", "choice.json")  # as after a kill in the second rung
    for name in missing:
        shutil.move(model / name, lost / name.replace("/", "_"))
    again = planned(folder, str(SPLIT / "cnn3d/trials.csv"))
    for name in missing:
        shutil.move(lost / name.replace("/", "_"), model / name)
    assert again == {"continue_trial": 2, "rank_trials": 1, "select_trial": 1}
    with edited(folder / "tiny.yaml", yaml.safe_dump(config(trials=5))):
        assert planned(folder)["train_model"] == len(MODELS)


def test_random_search_trains_all_and_the_halved_trial_has_the_same_weights(folder: Path) -> None:
    """A trial that paused twice ends with the bytes that it has without a pause."""
    (chosen,) = [row for row in read_csv(folder / SPLIT / "cnn3d/trials.csv") if row["chosen"] == "True"]
    halved = (folder / SPLIT / chosen["folder"] / "seed0" / WEIGHTS).read_bytes()
    with edited(folder / "tiny.yaml", yaml.safe_dump(config(method="random"))):
        target = str(SPLIT / "cnn3d/trials.csv")
        snakemake(folder, target)
        trials = read_csv(folder / target)
        assert planned(folder, target) == {}
    assert [row["epochs"] for row in trials] == ["4.0"] * 4
    assert "rung" not in trials[0]
    assert (folder / SPLIT / chosen["trial"] / "seed0" / WEIGHTS).read_bytes() == halved
