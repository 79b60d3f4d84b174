"""fit_baseline.py by itself, on a planted store of frames and features: what it writes, and what it refuses."""

import importlib
import json
from pathlib import Path

import generated_store
import h5py
import numpy as np
import pytest

from vidbench.errors import UserError
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.run_metrics import run_metrics
from vidbench.features.store import COLUMNS, SCHEMA_VERSION
from vidbench.files import read_json, write_csv
from vidbench.frames.store import FrameStore
from vidbench.video import Video, write_videos

BACKBONE = {"architecture": "cnn2d", "width": 4, "trained_stages": 0}
MODEL = {"backbone": BACKBONE, "head": "mean", "clip": {"frames": 2, "size": [8, 8], "mean": 0.45, "std": 0.225}}
LOGISTIC = {"kind": "logistic", "strengths": [0.01, 1], "features": MODEL, "cost_of": "mean"}
KNN = {"kind": "knn", "neighbours": [1, 3], "metrics": ["cosine", "euclidean"], "features": MODEL, "cost_of": "mean"}
FILES = {"kind": "file_properties", "strengths": [0.01, 1]}
SUBSETS = ["train"] * 5 + ["val"] * 2 + ["test"] * 3
DATA = ("--videos", "videos.csv", "--split", "split1.csv", "--frames", "frames.h5")
ROWS = 4  # stored frames of a video


def write_features(path: Path, frames: FrameStore, rows: dict[str, np.ndarray]) -> None:
    """A shard as extract_features.py writes it, of planted rows (T, D)."""
    names = list(rows)
    columns = {
        "id": names,
        "first_row": [ROWS * place for place in range(len(names))],
        "num_rows": [ROWS] * len(names),
        "frames_crc32": [frames.videos[name]["crc32"] for name in names],
    }
    spec = {"backbone": BACKBONE, "clip": {"size": [8, 8], "mean": 0.45, "std": 0.225}}
    with h5py.File(path, "w") as file:
        file["features/data"] = np.concatenate(list(rows.values())).astype(np.float32)
        for name, kind in COLUMNS.items():
            file.create_dataset(f"videos/{name}", data=columns[name], dtype=kind)
        file.attrs.update(options=json.dumps(spec), weights_sha256="0" * 64, threads=1, versions="{}")
        file.attrs["schema_version"] = SCHEMA_VERSION


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """30 videos of three classes, whose features tell the class in the frames of a clip of two, and there alone."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    noise = list(generated_store.noise(30, ROWS, (8, 8)))
    generated_store.write_store(tmp_path / "frames.h5", noise)
    names = [name for name, _ in noise]
    videos = [Video(name, f"{name}.mp4", f"class{number % 3}", name) for number, name in enumerate(names)]
    for number, video in enumerate(videos):
        Path(video.path).write_bytes(b"x" * (1000 * (number % 3) + number))
    write_videos("videos.csv", videos)
    rows = [{"video": video.id, "subset": SUBSETS[number // 3]} for number, video in enumerate(videos)]
    write_csv("split1.csv", rows, ("video", "subset"))
    features = {}
    for number, name in enumerate(names):
        features[name] = random.normal(0, 30, (ROWS, 6))
        features[name][[1, 3]] = random.normal(0, 0.3, (2, 6)) + 3 * np.eye(6)[number % 3]  # the frames of the clip
    write_features(tmp_path / "features.h5", FrameStore("frames.h5"), features)
    return tmp_path


def fit(options: dict, folder: str = "out", features: bool = True) -> Path:
    """The step, as cli.run() runs it."""
    given = ["--options", json.dumps(options), *DATA, *(["--features", "features.h5"] if features else [])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["fit_baseline.py", *given, "--folder", folder])
        importlib.import_module("fit_baseline").main()
    return Path(folder)


def top1(folder: Path, subset: str = "test") -> float:
    predictions = Predictions.read(folder / "predictions.h5")
    names, probabilities = predictions.probabilities(subset)
    predicted = [predictions.classes[place] for place in probabilities.argmax(axis=1)]
    right = [f"class{int(name[1:]) % 3}" == label for name, label in zip(names, predicted, strict=True)]
    return float(np.mean(right))


@pytest.mark.parametrize("options", [LOGISTIC, KNN], ids=["logistic", "knn"])
def test_features_of_the_clips_frames_give_the_class(here: Path, options: dict) -> None:
    folder = fit(options)
    assert top1(folder) == top1(folder, "val") == 1
    record = read_json(folder / "options.json")
    assert record["baseline"]["kind"] == options["kind"]
    assert len(record["baseline"]["candidates"]) == (2 if options is LOGISTIC else 4)
    assert (record["cost_of"], record["options"], record["videos"]) == (
        "mean", MODEL, {"train": 15, "val": 6, "test": 9}
    )  # fmt: skip
    assert read_json(folder / "training_time.json")["train_seconds"] > 0


def test_another_clip_sees_other_frames(here: Path) -> None:
    other = MODEL | {"clip": MODEL["clip"] | {"frames": 4}}
    assert top1(fit(KNN | {"features": other})) < 0.8


def test_bytes_give_the_class_away(here: Path) -> None:
    folder = fit(FILES, features=False)
    assert top1(folder) == 1
    assert read_json(folder / "options.json")["options"] is None


def test_scoring_takes_the_predictions(here: Path) -> None:
    predictions = Predictions.read(fit(LOGISTIC) / "predictions.h5")
    videos = {name: Video(name, "", f"class{int(name[1:]) % 3}", name) for name in predictions.video}
    members = {subset: [predictions.video[row] for row in predictions.rows(subset)] for subset in ("val", "test")}
    metrics = run_metrics(predictions, videos, members, "wrong")
    assert metrics is not None
    assert (metrics["top1"], metrics["val_top1"], metrics["num_videos"]) == (1, 1, 9)


def test_the_same_input_gives_the_same_bytes(here: Path) -> None:
    for options, features in ((LOGISTIC, True), (KNN, True), (FILES, False)):
        one, other = (fit(options, name, features) for name in ("one", "other"))
        for name in ("predictions.h5", "options.json"):
            assert (one / name).read_bytes() == (other / name).read_bytes()


def test_what_is_wrong_is_one_line_and_leaves_nothing(here: Path) -> None:
    with h5py.File("features.h5", "r+") as file:
        file["features/data"][ROWS * 7 + 1] = np.nan
    other = MODEL | {"clip": MODEL["clip"] | {"size": [16, 16]}}
    for options, features, words in (
        (LOGISTIC, True, "features of video 'v0007' are not finite"),
        (LOGISTIC | {"features": other}, True, "another clip.size"),
        (LOGISTIC, False, "--features: missing"),
        (FILES, True, "--features: not used"),
        (LOGISTIC | {"kind": "logistc"}, True, "did you mean 'logistic'"),
    ):
        with pytest.raises(UserError) as caught:
            fit(options, features=features)
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)
        assert not Path("out").exists()


def test_features_of_other_frames_are_refused(here: Path) -> None:
    others = [(name, frames + 1) for name, frames in generated_store.noise(30, ROWS, (8, 8))]
    generated_store.write_store(here / "frames.h5", others)
    with pytest.raises(UserError, match="has no features of the frames of"):
        fit(KNN)
