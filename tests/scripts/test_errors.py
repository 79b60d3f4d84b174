"""measure_difficulty.py, compare_errors.py and the figures of errors as a user runs them, on planted answers."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import PROJECT, run_script

from vidbench.datasets import csv_manifest
from vidbench.evaluation.predictions import Predictions
from vidbench.files import read_csv, write_csv
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.video import Video, read_videos, write_videos

CLASSES = ["a class whose name is rather long, in words", "b", "c"]
FRAMES = {0: 1, 1: 2}  # of the first videos; of the others 12
BROKEN = "v05"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 videos in 12 groups: one of a single frame, one of two, one that cannot be decoded; all are in the test."""
    folder = tmp_path_factory.mktemp("errors")
    random, videos = np.random.default_rng(0), []
    for number in range(24):
        path = folder / f"v{number:02d}.mp4"
        frames = random.integers(0, 256, (FRAMES.get(number, 12 + number), 24, 32, 3), np.uint8)
        ffmpeg.encode_h264(frames, path, fps=8)
        videos.append(Video(path.stem, str(path), CLASSES[number % 3], f"g{number // 2}"))
    (folder / f"{BROKEN}.mp4").write_bytes(b"no video")
    recipe = ffmpeg.Recipe(size=(24, 32), fps=None, codec="jpeg", quality=5)
    extract_shard(videos, recipe, folder / "0.h5", folder / "spool", 2, None, lambda video, status: None)
    write_videos(folder / "videos.csv", videos)
    write_csv(folder / "split1.csv", [{"video": v.id, "subset": "test"} for v in videos], ("video", "subset"))
    run_script("measure_difficulty.py", "--frames", "0.h5", "--jobs", 2, "--output", "difficulty.csv", cwd=folder)
    return folder


def write_run(folder: Path, model: str, seed: int, wrong: list[int], taken: str = "b") -> None:
    """Answers that are right but for some videos, which are taken for another class."""
    names = [f"v{number:02d}" for number in range(24) if f"v{number:02d}" != BROKEN]
    logits = np.zeros((len(names), 1, 3), np.float32)
    for row, name in enumerate(names):
        number = int(name[1:])
        answer = CLASSES.index(taken) if number in wrong else number % 3
        logits[row, 0, answer] = 2 + seed
    count = len(names)
    found = Predictions(names, ["test"] * count, ["normal"] * count, ["clip0 crop0"], CLASSES, logits)
    path = folder / f"results/data/split1/{model}/seed{seed}/predictions.h5"
    path.parent.mkdir(parents=True, exist_ok=True)
    found.write(path)


def tables(data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[dict[str, str]]]:
    """Run compare_errors.py and all figures in this process, which is quicker; the tables by name."""
    monkeypatch.chdir(folder)
    frames = ("--frames", data / "0.h5")
    compare = (*sorted(folder.glob("results/data/split1/*/*/predictions.h5")), "--videos", data / "videos.csv")
    rest = ("--splits", data / "split1.csv", "--difficulty", data / "difficulty.csv", "--folder", folder)
    for name, arguments in {
        "compare_errors": ("--runs", *compare, *rest),
        "plot_confused_pairs": ("--confused-pairs", "confused_pairs.csv", *frames, *out("confused_pairs")),
        "plot_confident_errors": ("--errors", "errors.csv", *frames, *out("confident_errors")),
        "plot_error_overlap": ("--overlap", "overlap.csv", "--ensembles", "ensembles.csv", *out("error_overlap")),
        "find_label_issues": ("--runs", *compare, *rest[:2], "--folder", folder),
        "plot_label_issues": ("--label-issues", "label_issues.csv", *frames, *out("label_issues")),
        "plot_difficulty": ("--accuracy-by-difficulty", "accuracy_by_difficulty.csv", *out("difficulty")),
    }.items():
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *map(str, arguments)])
        runpy.run_path(str(PROJECT / f"scripts/{name}.py"), run_name="__main__")
    return {path.stem: read_csv(path) for path in folder.glob("*.csv")}


def out(name: str) -> tuple[str, ...]:
    return ("--output", f"{name}.svg")


def words(path: Path) -> str:
    """The texts of a figure: Matplotlib writes each as a comment beside its glyphs."""
    return "\n".join(line for line in path.read_text().splitlines() if line.lstrip().startswith("<!--"))


def test_difficulty_of_odd_videos(data: Path) -> None:
    rows = {row["video"]: row for row in read_csv(data / "difficulty.csv")}
    assert len(rows) == 24
    assert (rows["v00"]["motion"], rows[BROKEN]["motion"], rows[BROKEN]["duration"]) == ("", "", "")
    assert float(rows["v01"]["motion"]) > 5  # noise
    assert float(rows["v10"]["duration"]) == pytest.approx(22 / 8, rel=0.05)


def test_planted_errors(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Videos 0, 3 and 6 are of the first class: both seeds of `weak` take 0 and 3 for b, one of them 6 as well."""
    write_run(tmp_path, "weak", 0, [0, 3, 6])
    write_run(tmp_path, "weak", 1, [0, 3])
    write_run(tmp_path, "strong", 0, [0])
    write_run(tmp_path, "strong", 1, [0])
    found = tables(data, tmp_path, monkeypatch)
    pairs = {row["model"]: row for row in found["confused_pairs"]}
    assert len(found["confused_pairs"]) == 3
    assert {name: (float(row["count"]), float(row["videos"])) for name, row in pairs.items()} == {
        "": (1.75, 8), "weak": (2.5, 8), "strong": (1, 8),
    }  # fmt: skip
    assert all(row["example"] in ("v00", "v03") for row in found["confused_pairs"])
    assert pairs["strong"]["other_correct"] == "True"
    assert [(row["model"], row["video"], row["others_right"]) for row in found["errors"]] == [
        ("strong", "v00", "0"), ("weak", "v00", "0"), ("weak", "v03", "1"),
    ]  # fmt: skip
    overlap = {(row["model_a"], row["model_b"]): row for row in found["overlap"]}
    assert float(overlap["strong", "weak"]["both_wrong"]) == pytest.approx(1 / 23)
    assert float(overlap["strong", "weak"]["only_b"]) == pytest.approx(1.5 / 23)
    assert overlap["strong", "strong"]["kappa"] == "1.0"
    assert {row["num_unreadable"] for row in found["overlap"]} == {"1"}
    ensembles = {(row["kind"], row["members"]): row for row in found["ensembles"]}
    assert float(ensembles["pair", "strong + weak"]["best_single_top1"]) == pytest.approx(22 / 24)  # one is unreadable
    assert float(ensembles["seeds", "weak"]["top1"]) == pytest.approx(21 / 24)
    assert [(row["video"], row["suggested"], row["models_agree"]) for row in found["label_issues"]][:1] == [
        ("v00", "b", "strong; weak"),
    ]  # fmt: skip
    assert [row["suggested"] for row in found["corrected"]][:3] == ["b", "", ""]
    manifest = csv_manifest.listing({"manifest": str(tmp_path / "corrected.csv")})
    listed = [(video.path, video.label, video.group) for video in read_videos(data / "videos.csv")]
    assert [(video.path, video.label, video.group) for video in manifest.videos] == listed
    assert "strong" in words(tmp_path / "label_issues.svg")
    assert "a class whose na" in words(tmp_path / "confused_pairs.svg")
    assert "v00" in words(tmp_path / "confident_errors.svg")
    drawn = list(tmp_path.glob("*.svg"))
    assert len(drawn) == 5
    assert all(1000 < path.stat().st_size < 400_000 for path in drawn)


def test_a_perfect_model_has_figures_that_say_so(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(tmp_path, "perfect", 0, [])
    found = tables(data, tmp_path, monkeypatch)
    assert not any(found[name] for name in ("confused_pairs", "errors", "overlap", "ensembles"))
    assert "No suspicious labels" in words(tmp_path / "label_issues.svg")
    for name in ("confused_pairs", "confident_errors"):
        assert "No errors" in words(tmp_path / f"{name}.svg")
    assert "nothing to compare" in words(tmp_path / "error_overlap.svg")
    assert "Too few test videos" in words(tmp_path / "difficulty.svg")


def test_errors_in_one_line(data: Path, tmp_path: Path) -> None:
    write_run(tmp_path, "m", 0, [])
    run = tmp_path / "results/data/split1/m/seed0/predictions.h5"
    common = ("--videos", data / "videos.csv", "--difficulty", data / "difficulty.csv", "--folder", tmp_path)
    other = tmp_path / "split2.csv"
    other.write_text((data / "split1.csv").read_text())
    done = run_script("compare_errors.py", "--runs", run, "--splits", other, *common, cwd=tmp_path, check=False)
    assert "its split 'split1' is not among --splits" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "errors.csv").exists()
