"""A run with a sweep beside a plain model, and with a fraction of the training videos: from nothing to the page."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
import yaml

from vidbench.evaluation.predictions import Predictions
from vidbench.files import read_csv
from workflow.conftest import changed, copy_project, edited, planned, snakemake, write_config
from workflow.test_reruns import REPORT, chain

pytestmark = pytest.mark.slow
WIDTHS = {"width": [2, 4]}
TRIALS = ("cnn3d-width2", "cnn3d-width4")
WEIGHTS = "weights.safetensors"


def config() -> dict:
    made = tiny.config(models__cnn3d={"architecture": "cnn3d", "sweep": WIDTHS}, run__seeds=[0, 1])
    made["datasets"]["motion"]["splits"] = {"fractions": [0.5]}
    made["datasets"]["motion"]["training"] = tiny.TRAINING | {"checkpoint_minutes": 1e-6}
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("trials"))
    write_config(folder, config())
    snakemake(folder)
    return folder


def jobs(runs: int) -> dict[str, int]:
    """As in test_reruns, for one data set whose figures have two more."""
    return chain(runs, 1, costs=1, across=False) | {"forecast_accuracy": 1, "plot_accuracy_by_data": 1}


def test_only_the_chosen_trial_sees_test_videos(folder: Path) -> None:
    results = folder / "results/motion"
    for split in ("split1", "split1-train50"):
        table = read_csv(results / split / "cnn3d/trials.csv")
        assert [row["trial"] for row in table] == list(TRIALS)
        best = max(table, key=lambda row: (float(row["val_top1"]), -float(row["val_loss"])))
        assert [row["chosen"] for row in table] == [str(row is best) for row in table]
        for seed in (0, 1):
            own, trial = (results / split / name / f"seed{seed}" for name in ("cnn3d", best["trial"]))
            assert (own / WEIGHTS).read_bytes() == (trial / WEIGHTS).read_bytes()
            assert json.loads((own / "options.json").read_text())["trial"] == best["trial"]
            assert (own / "predictions.h5").exists()
    assert not [path for name in TRIALS for path in results.glob(f"*/{name}/*/predictions.h5")]
    assert not [path for name in TRIALS for path in results.glob(f"*/{name}/*/metrics.json")]


def test_a_fraction_takes_as_many_steps_and_is_in_no_summary(folder: Path) -> None:
    results = folder / "results/motion"
    kept = {
        split: {row["video"]: row["subset"] for row in read_csv(results / f"splits/{split}.csv")}
        for split in ("split1", "split1-train50")
    }
    assert kept["split1-train50"].items() < kept["split1"].items()
    records = {
        split: json.loads((results / split / "cnn2d_mean/seed0/options.json").read_text())
        for split in ("split1", "split1-train50")
    }
    full, half = records.values()
    assert 0.3 < half["videos"]["train"] / full["videos"]["train"] < 0.7
    assert half["clips_an_epoch"] == full["clips_an_epoch"] == full["videos"]["train"]
    comparison = read_csv(results / "comparison.csv")
    assert len(comparison) == 8  # 2 splits x 2 models x 2 seeds
    assert {(row["split"], row["fraction"]) for row in comparison} == {("split1", "1.0"), ("split1-train50", "0.5")}
    for row in read_csv(results / "summary.csv"):
        own = [r for r in comparison if r["model"] == row["model"] and r["split"] == "split1"]
        assert float(row["top1"]) == pytest.approx(sum(float(r["top1"]) for r in own) / 2)
        assert (row["num_splits"], row["num_videos"]) == ("1", "18")
        assert float(row["train_seconds"]) == pytest.approx(sum(float(r["train_seconds"]) for r in own) / 2)
    for row in comparison:
        swept = row["model"] == "cnn3d"
        assert (row["trial"] in TRIALS, bool(row["sweep_seconds"])) == (swept, swept)
        assert not swept or float(row["sweep_seconds"]) > float(row["train_seconds"])


def test_the_page_shows_trials_and_fractions(folder: Path) -> None:
    page = (folder / "results/report.html").read_text()
    for words in ("motion/figures/trials.svg", "motion/figures/accuracy_by_data.svg", "split1-train50"):
        assert words in page
    assert re.search(r"<td[^>]*>cnn3d-width[24]</td>", page)  # the chosen trial of each training
    drawn = list((folder / "results/motion/figures").glob("*.svg"))
    assert page.count("data:image/svg+xml;base64,") == len(drawn) > 10


def test_the_motion_test_is_of_full_splits_alone(folder: Path) -> None:
    for split, there in (("split1", True), ("split1-train50", False)):
        found = Predictions.conditions_of(folder / "results/motion" / split / "cnn2d_mean/seed0/predictions.h5")
        assert ("shuffled0" in found) == there


def test_what_runs_again(folder: Path) -> None:
    assert planned(folder) == {}
    chosen_again = {"select_trial": 2, "promote_trial": 4, "plot_trials": 1}
    with edited(folder / "tiny.yaml", yaml.safe_dump(config() | models_with(width=[2, 4, 8]))):
        assert planned(folder) == fewer(jobs(4)) | chosen_again | {"train_model": 4}
    with edited(folder / "tiny.yaml", yaml.safe_dump(config() | models_with(width=[4]))):
        assert planned(folder) == fewer(jobs(4), "train_model") | chosen_again
    with changed(folder / "scripts/select_trial.py"):
        assert planned(folder) == fewer(jobs(4), "train_model") | chosen_again
    with changed(folder / "scripts/plot_trials.py"):
        assert planned(folder) == {"plot_trials": 1, **REPORT}
    with changed(folder / "scripts/vidbench/models/networks/cnn2d.py"):
        assert planned(folder) == fewer(jobs(4))


def test_another_fraction_runs_its_jobs_alone(folder: Path) -> None:
    more = config()
    more["datasets"]["motion"]["splits"] = {"fractions": [0.5, 0.75]}
    with edited(folder / "tiny.yaml", yaml.safe_dump(more)):
        made = planned(folder)
    assert made["make_splits"] == 1
    assert made["train_model"] == 6  # 2 trials and a plain model, 2 seeds
    assert (made["select_trial"], made["promote_trial"], made["predict_videos"]) == (1, 2, 4)
    of_full_splits = {"plot_learning_curves", "plot_per_class", "plot_confusion", "plot_trials", "diagnose_data"}
    of_full_splits |= {"compare_errors", "plot_confused_pairs", "plot_difficulty"}
    of_full_splits |= {"find_label_issues", "plot_label_issues"}
    of_full_splits |= {"compare_scores", "explain_scores", "measure_motion_use", "plot_motion_use"}
    assert not made.keys() & of_full_splits


def test_a_run_without_fractions_or_sweep_has_neither_figure(folder: Path) -> None:
    plain = config()
    del plain["models"]["cnn3d"]["sweep"]
    plain["run"]["splits"] = ["split1"]
    with edited(folder / "tiny.yaml", yaml.safe_dump(plain)):
        assert not planned(folder).keys() & {
            "plot_trials",
            "forecast_accuracy",
            "plot_accuracy_by_data",
            "select_trial",
            "promote_trial",
        }


def models_with(**sweep: list) -> dict:
    made = config()["models"]
    made["cnn3d"]["sweep"] = sweep
    return {"models": made}


def fewer(made: dict[str, int], *rules: str) -> dict[str, int]:
    return {name: count for name, count in made.items() if name not in rules}


def test_a_killed_training_on_a_fraction_ends_with_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    run = folder / "results/motion/split1-train50/cnn2d_mean/seed0"
    (tmp_path / "options.json").write_text(json.dumps(json.loads((run / "options.json").read_text())["options"]))
    suicide = (
        f"import sys, os, signal; sys.path.insert(0, {str(folder / 'scripts')!r}); import train_model\n"
        "from vidbench.training.checkpoint import Checkpoint\n"
        "save, count = Checkpoint.save, [0]\n"
        "def counted(self, *rest):\n"
        "    save(self, *rest); count[0] += 1\n    if count[0] == 6: os.kill(os.getpid(), signal.SIGKILL)\n"
        "Checkpoint.save = counted\n"
        "train_model.main()"
    )
    split = ("--split", "results/motion/splits/split1-train50.csv", "--whole", "results/motion/splits/split1.csv")
    arguments = ["--options", str(tmp_path / "options.json"), "--seed", "0", "--videos", "results/motion/videos.csv",
                 *split, "--frames", "results/motion/frames/0.h5", "results/motion/frames/1.h5", "--device", "cpu",
                 "--checkpoint-minutes", "1e-6", "--folder", str(tmp_path)]  # fmt: skip
    killed = subprocess.run([sys.executable, "-c", suicide, *arguments], cwd=folder, capture_output=True)
    assert killed.returncode == -9, killed.stderr
    script = str(folder / "scripts/train_model.py")
    done = subprocess.run([sys.executable, script, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    assert "resuming after epoch" in done.stdout
    for name in (WEIGHTS, "history.csv"):
        assert (tmp_path / name).read_bytes() == (run / name).read_bytes(), name
