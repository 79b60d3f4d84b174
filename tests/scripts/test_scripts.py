"""Every step's script, run tiny from the shell as its --help says, from the download to the page."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import pandas as pd
import pytest
import tiny
import warm
from conftest import PROJECT, run_script
from folder_cases import GOOD, Case

from vidbench.config import schema
from vidbench.files import read_csv

SCRIPTS = sorted(path.name for path in (PROJECT / "scripts").glob("*.py"))
RUN = Path("results/motion/split1/cnn2d_lstm/seed0")
COST = Path("results/motion/costs/cnn2d_lstm.json")


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_says_what_the_script_does(script: str, tmp_path: Path) -> None:
    run = run_script(script, "--help", cwd=tmp_path)
    text = run.stdout
    # A library like triton that is imported before cli.run complains of what lives on at the end.
    assert not run.stderr
    assert text.startswith("usage:")
    assert "Example:" in text
    assert f"python scripts/{script}" in text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chain, by hand, with one model trained."""
    cwd = tmp_path_factory.mktemp("chain")
    config = tiny.config()
    (cwd / "model.json").write_text(json.dumps(schema.model_options(config, "motion", "cnn2d_lstm")))
    (cwd / "config.json").write_text(json.dumps(config))
    entry = schema.dataset_options(config, "motion")
    source = ("--options", json.dumps(entry), "--folder", "resources/motion")
    run_script("download_data.py", *source, "--jobs", 2, "--output", "resources/motion/source.json", cwd=cwd)
    run_script("index_videos.py", *source, "--output", "results/motion/videos.csv", cwd=cwd)
    for shard in range(2):
        numbers = ("--shard", shard, "--shards", 2, "--output", f"results/motion/frames/{shard}.h5")
        run_script("extract_frames.py", *source, "--frames", json.dumps(entry["frames"]), *numbers, cwd=cwd)
    frames = ("--frames", "results/motion/frames/0.h5", "results/motion/frames/1.h5")
    run_script("inspect_videos.py", *frames, "--output", "results/motion/inspection.csv", cwd=cwd)
    split = ("--videos", "results/motion/videos.csv", "--split")
    options = json.dumps(entry["splits"])
    run_script("make_splits.py", "--options", options, *split, "split1",
               "--output", "results/motion/splits/split1.csv", cwd=cwd)  # fmt: skip
    look_at_data(cwd, frames)
    data = (*split, "results/motion/splits/split1.csv", *frames, "--device", "cpu")
    run_script("train_model.py", "--options", "model.json", "--seed", 0, *data, "--folder", RUN, cwd=cwd)
    shuffles = ("--shuffles", 5)
    run_script("predict_videos.py", "--folder", RUN, *data, *shuffles, "--output", RUN / "predictions.h5", cwd=cwd)
    run_script("measure_cost.py", "--folder", RUN, "--device", "cpu", "--output", COST, cwd=cwd)
    return evaluate(cwd, split)


def look_at_data(cwd: Path, frames: tuple[str, ...]) -> None:
    """The steps that say what the data set is like."""
    results = "results/motion"
    run_script("find_duplicates.py", *frames, "--jobs", 2, "--output", f"{results}/duplicates.csv", cwd=cwd)
    videos = ("--videos", f"{results}/videos.csv")
    tables = (*videos, "--inspection", f"{results}/inspection.csv")
    pairs = ("--duplicates", f"{results}/duplicates.csv", "--splits", f"{results}/splits/split1.csv")
    run_script("diagnose_data.py", *tables, *pairs, "--output", f"{results}/diagnosis.json", cwd=cwd)
    run_script("plot_inspection.py", *tables, "--output", f"{results}/figures/inspection.svg", cwd=cwd)
    run_script("plot_duplicates.py", *frames, *videos, *pairs, "--output", f"{results}/figures/duplicates.svg", cwd=cwd)


def evaluate(cwd: Path, split: tuple[str, ...]) -> Path:
    """The steps that need no torch."""
    results = cwd / "results" / "motion"
    run_script("score_predictions.py", "--predictions", RUN / "predictions.h5", *split,
               "results/motion/splits/split1.csv", "--output", RUN / "metrics.json", cwd=cwd)  # fmt: skip
    run_script("compare_models.py", "--runs", RUN / "metrics.json", "--videos", results / "videos.csv",
               "--splits", results / "splits/split1.csv", "--folder", "results/motion", cwd=cwd)  # fmt: skip
    predictions = ("--predictions", RUN / "predictions.h5", "--videos", results / "videos.csv")
    run_script("measure_motion_use.py", *predictions, "--splits", results / "splits/split1.csv",
               "--output", "results/motion/motion_use.csv", cwd=cwd)  # fmt: skip
    runs = ("--runs", *predictions[1:], "--splits", results / "splits/split1.csv")
    run_script("explain_scores.py", *runs, "--inspection", results / "inspection.csv",
               "--output", "results/motion/explanations.json", cwd=cwd)  # fmt: skip
    run_script("plot_motion_use.py", "--motion-use", results / "motion_use.csv",
               "--output", "results/motion/figures/motion_use.svg", cwd=cwd)  # fmt: skip
    for figure, file in {
        "learning_curves": "history.csv",
        "confusion": "metrics.json",
    }.items():
        outputs = [f"results/motion/figures/{figure}.{kind}" for kind in ("svg", "png", "pdf")]
        run_script(f"plot_{figure}.py", "--runs", RUN / file, "--output", *outputs, cwd=cwd)
    pooled_scores(cwd, results)
    for figure in ("comparison", "cost"):
        tables = ("--comparison", results / "comparison.csv", "--summary", results / "summary.csv")
        run_script(f"plot_{figure}.py", *tables, "--output", f"results/motion/figures/{figure}.svg", cwd=cwd)
    pairs = ("--summary", results / "summary.csv", "--pairwise", results / "pairwise.csv")
    run_script("plot_pairwise.py", *pairs, "--output", "results/motion/figures/pairwise.svg", cwd=cwd)
    run_script("make_tables.py", "--results", "results/motion", "--folder", "results/motion/tables", cwd=cwd)
    run_script("build_report.py", "--options", '{"title": "A < B"}', "--settings", "config.json",
               "--datasets", "results/motion", "--output", "results/report.html",
               "--answers", "results/answers.txt", cwd=cwd)  # fmt: skip
    return cwd


def pooled_scores(cwd: Path, results: Path) -> None:
    """The scores beside top-1, and the figures that are drawn from them."""
    run_script("compare_scores.py", "--runs", RUN / "metrics.json", "--videos", results / "videos.csv",
               "--splits", results / "splits/split1.csv", "--folder", "results/motion", cwd=cwd)  # fmt: skip
    for figure, tables in {
        "calibration": ("scores", "calibration"), "selective": ("scores", "selective"), "ladder": ("ladder",),
        "per_class": ("class_scores",),
    }.items():  # fmt: skip
        inputs = [part for name in tables for part in (f"--{name.replace('_', '-')}", results / f"{name}.csv")]
        outputs = [f"results/motion/figures/{figure}.{kind}" for kind in ("svg", "png", "pdf")]
        run_script(f"plot_{figure}.py", *inputs, "--output", *outputs, cwd=cwd)


def test_the_chain_leaves_what_it_promises(folder: Path) -> None:
    run = folder / RUN
    written = {path.name for path in run.iterdir()} - {".lock"}
    assert written == {
        "weights.safetensors", "history.csv", "options.json", "training_time.json", "predictions.h5",
        "metrics.json",
    }  # fmt: skip
    metrics = json.loads((run / "metrics.json").read_text())
    assert 0 <= metrics["top1"] <= metrics["top5"] <= 1
    assert (metrics["num_videos"], metrics["num_unreadable"], metrics["status"]) == (18, 0, "ok")
    time = json.loads((run / "training_time.json").read_text())
    assert time["train_seconds"] > 0
    assert time["train_peak_memory_mb"] > 100  # torch alone has more
    assert time["train_clips_per_second"] > 0
    assert time["train_reserved_memory_mb"] is None  # of a GPU
    cost = json.loads((folder / COST).read_text())
    assert cost["ms_per_clip"] > 0
    assert cost["parameters"] > 1000
    assert cost["best_batch"] >= 1
    assert cost["ms_per_clip_best_batch"] <= cost["ms_per_clip"]
    assert cost["gflops"] > 0
    assert cost["memory_kind"] == "process"
    assert cost["peak_memory_mb"] > 100
    assert [(step["clips"], step["crops"]) for step in cost["ladder"]] == [(1, 1)]
    history = pd.read_csv(run / "history.csv")
    assert history["epoch"].tolist() == [1, 2]
    record = json.loads((run / "options.json").read_text())
    assert record["device"]["type"] == "cpu"
    assert record["options"]["training"]["threads"] == 1


def test_times_stand_only_where_they_may(folder: Path) -> None:
    for name in ("metrics.json", "options.json", "history.csv"):
        assert not {"seconds", "memory"} & set(re.findall(r"[a-z]+", (folder / RUN / name).read_text()))


def test_tables(folder: Path) -> None:
    comparison = pd.read_csv(folder / "results/motion/comparison.csv")
    assert comparison[["dataset", "split", "model", "seed"]].values.tolist() == [["motion", "split1", "cnn2d_lstm", 0]]
    assert {"top1", "train_seconds", "ms_per_clip", "parameters"} <= set(comparison.columns)
    summary = pd.read_csv(folder / "results/motion/summary.csv")
    assert {"model", "top1", "top1_low", "top1_high", "tied_with_best"} <= set(summary.columns)
    costs = ["train_clips_per_second", "best_batch", "ms_per_clip_best_batch", "gflops", "peak_memory_mb"]
    assert (summary[costs] > 0).all().all()
    assert (comparison[costs] > 0).all().all()
    assert summary["on_front"].tolist() == [True]
    scores = pd.read_csv(folder / "results/motion/scores.csv").set_index("metric")
    metrics = json.loads((folder / RUN / "metrics.json").read_text())
    for name in ("top1", "macro_f1", "mean_average_precision", "log_loss", "brier_scaled", "ece", "ece_null_high"):
        assert scores.loc[name, "value"] == pytest.approx(metrics[name])
    classes = pd.read_csv(folder / "results/motion/class_scores.csv")
    assert classes["class"].tolist() == [row["class"] for row in metrics["classes_table"]]
    motion = pd.read_csv(folder / "results/motion/motion_use.csv")
    assert motion[["model", "num_seeds", "num_videos"]].values.tolist() == [["cnn2d_lstm", 1, 18]]
    assert motion["normal"].tolist() == summary["top1"].tolist()
    assert motion["undefined"].tolist() == ["too few groups to say"]
    assert motion["order"].isna().all()
    inspection = pd.read_csv(folder / "results/motion/inspection.csv")
    assert (inspection["status"] == "ok").all()
    assert len(inspection) == 54


def test_the_page_is_one_file_and_says_what_was_run(folder: Path) -> None:
    page = (folder / "results/report.html").read_text()
    assert "A &lt; B" in page
    assert "cnn2d_lstm" in page
    shown = {path.stem for path in folder.glob("results/motion/figures/*.svg")} - {
        "ladder"
    }  # there is one clip a video
    assert page.count("data:image/svg+xml;base64,") == len(shown) > 9
    assert "http" not in page.replace("http-equiv", "")
    assert (folder / "results/answers.txt").read_text().startswith("On motion, cnn2d_lstm reaches ")
    assert "too few groups to say how sure this is" in page


def test_figures_open_in_every_format(folder: Path) -> None:
    from PIL import Image

    figures = folder / "results/motion/figures"
    assert Image.open(figures / "confusion.png").size[0] > 500
    assert (figures / "confusion.pdf").read_bytes().startswith(b"%PDF")
    assert "<svg" in (figures / "confusion.svg").read_text()


def test_a_figure_has_the_same_bytes_twice(folder: Path, tmp_path: Path) -> None:
    results = folder / "results/motion"
    tables = ("--comparison", results / "comparison.csv", "--summary", results / "summary.csv")
    run_script("plot_comparison.py", *tables, "--output", tmp_path / "a.svg", cwd=tmp_path)
    assert (tmp_path / "a.svg").read_bytes() == (results / "figures/comparison.svg").read_bytes()


def test_print_options_prints_what_training_takes(tmp_path: Path) -> None:
    text = run_script("print_options.py", "--dataset", "motion", "--model", "cnn3d", cwd=tmp_path).stdout
    assert json.loads(text)["architecture"] == "cnn3d"
    done = run_script("print_options.py", "--dataset", "motion", "--model", "cnn3", cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "error: no 'cnn3' under models: did you mean 'cnn3d'?"
        " There are: cnn2d_lstm, cnn2d_max, cnn2d_mean, cnn2d_tcn, cnn3d, r3d_18\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--options", "none.yaml"], "neither JSON nor a readable file"),
        (["--options", "{broken"], "neither JSON nor a readable file"),
        (["--seed", "zero"], "invalid int value"),
        (["--videos", "none.csv"], "none.csv: no such file"),
        (["--split", "none.csv"], "none.csv: no such file"),
        (["--frames", "none.h5"], "none.h5: no such file or folder"),
        (["--device", "cuda"], "device: cuda, but torch finds no CUDA GPU here"),
    ],
)
def test_bad_input_to_training_is_one_line(folder: Path, arguments: list[str], words: str) -> None:
    data = ["--videos", "results/motion/videos.csv", "--split", "results/motion/splits/split1.csv"]
    good = ["--options", "model.json", "--seed", "0", *data, "--frames", "results/motion/frames/0.h5",
            "results/motion/frames/1.h5", "--device", "cpu", "--folder", "elsewhere"]  # fmt: skip
    done = run_script("train_model.py", *good, *arguments, cwd=folder, check=False)
    assert done.returncode != 0
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not (folder / "elsewhere" / "weights.safetensors").exists()


def test_two_runs_with_one_seed_have_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    data = ("--videos", "results/motion/videos.csv", "--split", "results/motion/splits/split1.csv",
            "--frames", "results/motion/frames/0.h5", "results/motion/frames/1.h5", "--device", "cpu")  # fmt: skip
    for workers in (0, 1, 3):
        here = tmp_path / str(workers)
        data_and_workers = (*data, "--workers", workers, "--folder", here)
        run_script("train_model.py", "--options", "model.json", "--seed", 0, *data_and_workers, cwd=folder)
        predict = (*data_and_workers, "--shuffles", 5, "--output", here / "predictions.h5")
        run_script("predict_videos.py", *predict, cwd=folder)
        for name in ("weights.safetensors", "history.csv", "options.json", "predictions.h5"):
            assert (here / name).read_bytes() == (folder / RUN / name).read_bytes(), name


def test_activation_maps(folder: Path, tmp_path: Path) -> None:
    """From predictions to the figure; the same bytes twice, and one line where a video was not tested."""
    videos, frames = ("--videos", "results/motion/videos.csv"), sorted((folder / "results/motion/frames").glob("*.h5"))
    examples = ("--number", 4, "--output", tmp_path / "examples.csv")
    run_script("select_explained_videos.py", "--predictions", RUN / "predictions.h5", *videos, *examples, cwd=folder)
    rows = pd.read_csv(tmp_path / "examples.csv")
    assert rows["video"].nunique() == 4
    assert rows["kind"].isin(["error", "right"]).all()
    step = ("--folder", RUN, "--frames", *frames, "--device", "cpu", "--examples", tmp_path / "examples.csv")
    written = tmp_path / RUN / "activations.h5"
    for output in (written, tmp_path / "again.h5"):
        run_script("compute_activation_maps.py", *step, "--output", output, cwd=folder)
    assert written.read_bytes() == (tmp_path / "again.h5").read_bytes()
    with h5py.File(written) as file:
        assert file["maps"].shape == (4, 4, 32, 32)
        assert file["frames"].shape == (4, 4, 32, 32, 3)
        assert file["maps"][:].max() == 1
        assert file["weight"][:].max() > 0
        wrong = file["truth"].asstr()[:] != file["predicted"].asstr()[:]
        assert wrong.tolist() == (rows["kind"] == "error").tolist()
    summary = ("--summary", folder / "results/motion/summary.csv")
    (tmp_path / "torch.py").write_text("raise ImportError('torch was imported')")
    draw = [sys.executable, PROJECT / "scripts/plot_activations.py", "--runs", written, *summary,
            "--output", tmp_path / "a.svg", tmp_path / "a.png"]  # fmt: skip
    subprocess.run(draw, env=os.environ | {"PYTHONPATH": str(tmp_path)}, check=True)
    assert (tmp_path / "a.svg").stat().st_size < 600_000
    (tmp_path / "examples.csv").write_text("video,label\nnone,left\n")
    done = run_script("compute_activation_maps.py", *step, "--output", tmp_path / "no.h5", cwd=folder, check=False)
    assert done.returncode == 1
    assert "has no test video 'none'; choose the examples again" in done.stderr
    assert "Traceback" not in done.stderr


TIMM = {"architecture": "timm/test_resnet", "trained_stages": 2, "drop_path": 0.3}


@pytest.mark.parametrize(("steps", "backbone"), [(4, None), (9, None), (4, TIMM)])
def test_a_killed_training_goes_on_to_the_same_bytes(
    folder: Path, tmp_path: Path, steps: int, backbone: dict | None
) -> None:
    """SIGKILL after some steps, by a training that kills itself."""
    options = "model.json"
    if backbone:
        config = tiny.config(backbones__b=backbone, models__x={"backbone": "b", "head": "mean"})
        options = json.dumps(schema.model_options(config, "motion", "x"))
    suicide = (
        f"import sys, os, signal; sys.path.insert(0, {str(PROJECT / 'scripts')!r}); import train_model\n"
        "from vidbench.training.checkpoint import Checkpoint\n"
        "save, count = Checkpoint.save, [0]\n"
        "def counted(self, *rest):\n"
        f"    save(self, *rest); count[0] += 1\n    if count[0] == {steps}: os.kill(os.getpid(), signal.SIGKILL)\n"
        "Checkpoint.save = counted\n"
        "train_model.main()"
    )
    after_every_step = ["--checkpoint-minutes", "1e-6"]
    arguments = [*after_every_step, "--options", options, "--seed", "0",
                 "--videos", "results/motion/videos.csv", "--split",
                 "results/motion/splits/split1.csv", "--frames", "results/motion/frames/0.h5",
                 "results/motion/frames/1.h5", "--device", "cpu", "--folder"]  # fmt: skip
    killed = subprocess.run([sys.executable, "-c", suicide, *arguments, str(tmp_path)], cwd=folder, capture_output=True)
    assert killed.returncode == -9, killed.stderr
    assert {path.name for path in tmp_path.iterdir()} == {".lock", "checkpoint.pt"}
    done = run_script("train_model.py", *arguments, tmp_path, cwd=folder)
    assert "resuming after epoch" in done.stdout
    run_script("train_model.py", *arguments, tmp_path / "whole", cwd=folder)
    for name in ("weights.safetensors", "history.csv", "options.json"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert not (tmp_path / "checkpoint.pt").exists()


def test_views_crops_and_every_augmentation(folder: Path, tmp_path: Path) -> None:
    options = json.loads((folder / "model.json").read_text())
    options["clip"] |= {"size": [32, 24], "views": 2, "crops": 3}
    options["augmentation"] = {
        "horizontal_flip": True, "shift": 0.1, "random_resized_crop": [0.5, 1], "color_jitter": 0.2,
        "rand_augment": 5, "random_erasing": 0.5, "mixup": 0.8, "cutmix": 1.0,
    }  # fmt: skip
    (tmp_path / "all.json").write_text(json.dumps(options))
    data = ("--videos", "results/motion/videos.csv", "--split", "results/motion/splits/split1.csv",
            "--frames", "results/motion/frames/0.h5", "results/motion/frames/1.h5", "--device", "cpu")  # fmt: skip
    for workers in (0, 2):
        step = (*data, "--workers", workers, "--folder", tmp_path / str(workers))
        run_script("train_model.py", "--options", tmp_path / "all.json", "--seed", 0, *step, cwd=folder)
        run_script("predict_videos.py", *step, "--output", tmp_path / f"{workers}.h5", cwd=folder)
    assert (tmp_path / "0.h5").read_bytes() == (tmp_path / "2.h5").read_bytes()
    with h5py.File(tmp_path / "0.h5") as file:
        views = file["view"].asstr()[:].tolist()
        logits = file["logits"][:]
    assert views == ["clip0 crop0", "clip0 crop1", "clip0 crop2", "clip1 crop0", "clip1 crop1", "clip1 crop2"]
    assert logits.shape[1:] == (6, 6)
    assert all((logits[:, 0] != logits[:, view]).any() for view in range(1, 6))


@pytest.mark.parametrize("workers", [0, 1])
def test_a_damaged_shard_ends_training_with_one_line(folder: Path, tmp_path: Path, workers: int) -> None:
    """Also from a worker process, whose errors come with a traceback; file names may hold line breaks."""
    shards = tmp_path / "line\nbreak"
    shutil.copytree(folder / "results/motion/frames", shards, ignore=shutil.ignore_patterns(".*"))
    for shard in shards.glob("*.h5"):
        with h5py.File(shard, "r+") as file:
            file["frames/data"][:] = 0
    step = ("--options", "model.json", "--seed", 0, "--videos", "results/motion/videos.csv",
            "--split", "results/motion/splits/split1.csv", "--frames", shards, "--device", "cpu",
            "--workers", workers, "--folder", tmp_path / "run")  # fmt: skip
    done = run_script("train_model.py", *step, cwd=folder, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {shards}/")
    assert "is no readable frame store" in done.stderr
    assert "Traceback" not in done.stderr


DATA = ("--videos", "results/motion/videos.csv", "--split", "results/motion/splits/split1.csv")
FRAMES = ("--frames", "results/motion/frames/0.h5", "results/motion/frames/1.h5")
COMPUTING = {  # script -> arguments, and what its line advises
    "train_model.py": ((*DATA, *FRAMES, "--options", "model.json", "--seed", 0), "lower training.batch_size and raise"),
    "predict_videos.py": ((*DATA, *FRAMES, "--folder", RUN), "lower clip.crops"),
    "measure_cost.py": (("--folder", RUN), "lower clip.frames"),
    "measure_speed.py": (("--options", "model.json", "--classes", 6, *FRAMES[:2]), "lower training.batch_size"),
    "extract_features.py": (("--options", "model.json", *FRAMES[:2]), "choose a smaller backbone"),
    "compute_activation_maps.py": ((*FRAMES, "--folder", RUN), "set evaluation.explained_videos: 0"),
}


@pytest.mark.parametrize("script", COMPUTING)
def test_too_little_memory_is_one_line_in_every_step_that_computes(script: str, folder: Path, tmp_path: Path) -> None:
    """As on a small GPU: the network's first forward pass fails. Nothing is written."""
    arguments, advice = COMPUTING[script]
    shutil.copytree(PROJECT / "scripts", tmp_path / "scripts")
    network = tmp_path / "scripts/vidbench/models/networks/cnn2d.py"
    fails = "        raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has')\n"
    network.write_text(network.read_text().replace("        maps = self.layers(frames)", f"{fails}        maps = 0"))
    if script == "compute_activation_maps.py":
        rows = read_csv(folder / "results/motion/splits/split1.csv")
        video = next(row["video"] for row in rows if row["subset"] == "test")
        (tmp_path / "examples.csv").write_text(f"video,label\n{video},left\n")
        arguments = (*arguments, "--examples", tmp_path / "examples.csv")
    output = ("--folder", tmp_path / "out") if script == "train_model.py" else ("--output", tmp_path / "out/x")
    done = warm.script(tmp_path / "scripts" / script, list(map(str, (*arguments, *output, "--device", "cpu"))), folder)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    line = done.stderr.splitlines()[-1]
    assert line.startswith("error: the GPU's memory is too small")
    assert advice in line
    assert line.endswith("(asked for 2.00 GiB more)")
    assert not [path for path in tmp_path.glob("out/*") if not path.name.endswith(".lock")]


def test_the_index_writes_both_tables(tmp_path: Path) -> None:
    Case("", [*GOOD, "run/a.dav"]).make(tmp_path / "root")
    options = '{"kind": "folder", "root": "root"}'
    done = run_script(
        "index_videos.py", "--options", options, "--folder", "x", "--output", "r/videos.csv", cwd=tmp_path
    )
    assert done.stdout == "left out: 1 file of unknown ending (.dav); see r/skipped.csv\n"
    assert [row["path"] for row in read_csv(tmp_path / "r/skipped.csv")] == ["root/run/a.dav"]
    assert len(read_csv(tmp_path / "r/videos.csv")) == len(GOOD)
