"""From frames to predictions over cached features, by the steps' own main functions: importing torch once is enough."""

import importlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from conftest import run_script
from safetensors.torch import load_file

from vidbench.clips.frame_orders import conditions, frame_order
from vidbench.clips.sampling import view_indices
from vidbench.clips.transforms import prepare
from vidbench.config import schema
from vidbench.errors import UserError
from vidbench.evaluation.predictions import Predictions
from vidbench.features.store import FeatureStore
from vidbench.files import read_csv
from vidbench.frames.store import FrameStore
from vidbench.models.build import build, build_backbone
from vidbench.models.options import ModelOptions
from vidbench.prediction.orders import TOLERANCE, check_agreement
from vidbench.training.checkpoint import Checkpoint

DATA = ("--videos", "videos.csv", "--split", "split1.csv", "--frames", "frames/0.h5", "frames/1.h5", "--device", "cpu")
FEATURES = ("--features", "features/0.h5", "features/1.h5")
FROZEN = {"frozen": {"architecture": "cnn2d", "width": 4, "trained_stages": 0}}
CONFIG = tiny.config(
    backbones=FROZEN | {"clips": {"architecture": "cnn3d", "width": 4, "trained_stages": 0}},
    models__lstm={"backbone": "frozen", "head": "lstm", "hidden": 8},
    models__mean={"backbone": "frozen", "head": "mean"},
    models__clips={"backbone": "clips", "head": "mean"},
    datasets__motion__clip=tiny.CLIP | {"views": 2, "size": [24, 32]},
)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames, a split, options and the features of the entry `frozen`."""
    cwd = tmp_path_factory.mktemp("features")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(cwd)
        entry = schema.dataset_options(CONFIG, "motion")
        source = ("--options", json.dumps(entry), "--folder", "resources")
        step("download_data", *source, "--output", "resources/source.json")
        step("index_videos", *source, "--output", "videos.csv")
        options = ("--options", json.dumps(entry["splits"]), "--videos", "videos.csv")
        step("make_splits", *options, "--split", "split1", "--output", "split1.csv")
        for shard in (0, 1):
            target = ("--shard", shard, "--shards", 2, "--output", f"frames/{shard}.h5")
            step("extract_frames", *source, "--frames", json.dumps(entry["frames"]), *target)
        for name in ("lstm", "mean", "clips"):
            Path(f"{name}.json").write_text(json.dumps(schema.model_options(CONFIG, "motion", name)))
        for shard in (0, 1):
            extract("lstm", shard, f"features/{shard}.h5")
    return cwd


@pytest.fixture(autouse=True)
def _there(here: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(here)
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def step(name: str, *arguments: object) -> None:
    """A step, as cli.run() runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", [f"{name}.py", *map(str, arguments)])
        importlib.import_module(name).main()


def extract(model: str, shard: int, output: str, *arguments: object) -> None:
    frames = ("--frames", f"frames/{shard}.h5", "--threads", 1, "--device", "cpu")
    step("extract_features", "--options", f"{model}.json", *frames, *arguments, "--output", output)


def train(model: str, folder: Path, *arguments: object, seed: int = 0) -> dict[str, torch.Tensor]:
    step("train_model", "--options", f"{model}.json", "--seed", seed, *DATA, *arguments, "--folder", folder)
    return load_file(folder / "weights.safetensors")


def logits(folder: Path, *arguments: object) -> torch.Tensor:
    step("predict_videos", "--folder", folder, *DATA, *arguments, "--output", folder / "predictions.h5")
    return torch.from_numpy(Predictions.read(folder / "predictions.h5").logits)


def test_a_head_is_trained_on_features_and_the_model_works_on_frames(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    whole = train("lstm", tmp_path, *FEATURES)
    options = ModelOptions.from_dict(json.loads(Path("lstm.json").read_text()))
    assert whole.keys() == build(options, 6).state_dict().keys()
    fresh = build_backbone(options.network, options.clip).state_dict()
    assert all(torch.equal(whole[f"backbone.{key}"], tensor) for key, tensor in fresh.items())
    cached, computed = logits(tmp_path, *FEATURES), logits(tmp_path)
    assert cached.shape[1:] == (2, 6)
    assert (cached - computed).abs().max() < 1e-4
    record = json.loads((tmp_path / "options.json").read_text())
    assert record["features"]["weights_sha256"] == FeatureStore("features").attributes["weights_sha256"]
    assert "has no effect" not in capsys.readouterr().out
    step("measure_cost", "--folder", tmp_path, "--device", "cpu", "--output", tmp_path / "cost.json")
    assert json.loads((tmp_path / "cost.json").read_text())["parameters"] == record["parameters"]


def test_heads_and_seeds_share_the_features(tmp_path: Path) -> None:
    before = [path.stat().st_mtime_ns for path in sorted(Path("features").glob("*.h5"))]
    runs = [train("mean", tmp_path / f"mean{seed}", *FEATURES, seed=seed) for seed in (0, 1)]
    assert not torch.equal(runs[0]["head.classifier.weight"], runs[1]["head.classifier.weight"])
    assert torch.equal(runs[0]["backbone.last.0.weight"], runs[1]["backbone.last.0.weight"])
    assert [path.stat().st_mtime_ns for path in sorted(Path("features").glob("*.h5"))] == before


def test_a_clip_networks_features(tmp_path: Path) -> None:
    for shard in (0, 1):
        extract("clips", shard, tmp_path / f"features/{shard}.h5")
    features = ("--features", tmp_path / "features")
    train("clips", tmp_path / "run", *features)
    assert (logits(tmp_path / "run", *features) - logits(tmp_path / "run")).abs().max() < 1e-4


def test_a_killed_training_goes_on_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    save, saved = Checkpoint.save, []

    def dying(self: Checkpoint, *rest: object) -> None:
        save(self, *rest)
        saved.append(self.path.stat().st_size)
        if len(saved) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(Checkpoint, "save", dying)
    with pytest.raises(KeyboardInterrupt):
        train("lstm", tmp_path / "killed", *FEATURES, "--checkpoint-minutes", 1e-6)
    monkeypatch.setattr(Checkpoint, "save", save)
    train("lstm", tmp_path / "killed", *FEATURES)
    assert "resuming after epoch 0, step 4" in capsys.readouterr().out
    assert max(saved) < 100_000  # of the head alone
    train("lstm", tmp_path / "whole", *FEATURES)
    for name in ("weights.safetensors", "history.csv", "options.json"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_what_cannot_change_cached_features_is_named(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    options = json.loads(Path("mean.json").read_text())
    options["augmentation"] |= {"shift": 0.1, "mixup": 0.4}
    Path("augmented.json").write_text(json.dumps(options))
    train("augmented", tmp_path, *FEATURES)
    assert "augmentation (shift, mixup) has no effect" in capsys.readouterr().out


def test_features_of_others_and_none_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"--features: missing; make them with extract_features\.py"):
        train("lstm", tmp_path)
    with pytest.raises(UserError, match=r"made with another backbone\.architecture"):
        train("clips", tmp_path, *FEATURES)
    with pytest.raises(UserError, match="has no features of the frames of"):
        train("lstm", tmp_path, "--features", "features/0.h5")


def test_extraction_by_the_shell_leaves_one_file_and_the_same_bytes(here: Path, tmp_path: Path) -> None:
    folder = tmp_path / "features"
    folder.mkdir()
    (folder / ".0.h5.1234.tmp").write_text("left by a killed run")
    arguments = ("--options", "lstm.json", "--frames", "frames/0.h5", "--threads", 1, "--device", "cpu")
    done = run_script("extract_features.py", *arguments, "--workers", 1, "--output", folder / "0.h5", cwd=here)
    assert "rows/s" in done.stdout
    assert {path.name for path in folder.iterdir()} == {"0.h5", ".0.lock"}
    assert (folder / "0.h5").read_bytes() == Path("features/0.h5").read_bytes()
    shutil.copy(here / "frames/0.h5", tmp_path / "damaged.h5")
    with open(tmp_path / "damaged.h5", "r+b") as file:
        file.truncate(5000)
    arguments = ("--options", "lstm.json", "--frames", tmp_path / "damaged.h5", "--output", folder / "1.h5")
    done = run_script("extract_features.py", *arguments, cwd=here, check=False)
    assert done.returncode == 1
    assert "damaged.h5: is no readable frame store" in done.stderr.splitlines()[-1]
    assert not (folder / "1.h5").exists()


def by_condition(folder: Path, *arguments: object) -> dict[str, torch.Tensor]:
    """Logits (N, V, K) of the test videos under each condition of the motion test."""
    logits(folder, *arguments, "--shuffles", 5)
    found = Predictions.read(folder / "predictions.h5", None)
    return {name: torch.from_numpy(found.logits[found.rows("test", name)]) for name in ["normal", *conditions(5)]}


def brute_force(folder: Path, condition: str) -> torch.Tensor:
    """The whole model on the frames of each test view, one clip at a time."""
    options = ModelOptions.from_dict(json.loads((folder / "options.json").read_text())["options"])
    model = build(options, 6).eval()
    model.load_state_dict(load_file(folder / "weights.safetensors"))
    store, clip, found = FrameStore("frames"), options.clip, []
    videos = [row["video"] for row in read_csv("split1.csv") if row["subset"] == "test"]
    for video in videos:
        for view in range(clip.views):
            indices = view_indices(store.videos[video].num_frames, clip, view)
            frames = store.read(video, indices)[frame_order(condition, len(indices), video, view)]
            with torch.inference_mode():
                found.append(model(prepare(torch.from_numpy(frames).permute(0, 3, 1, 2)[None], clip)))
    return torch.cat(found).unflatten(0, (len(videos), -1))


def test_the_motion_test_from_features_of_frames(tmp_path: Path) -> None:
    train("lstm", tmp_path, *FEATURES)
    cached, computed = by_condition(tmp_path, *FEATURES), by_condition(tmp_path)
    for condition in ("normal", "shuffled0", "shuffled4", "reversed", "single_frame"):
        expected = brute_force(tmp_path, condition)
        assert (cached[condition] - expected).abs().max() < 1e-4
        assert (computed[condition] - expected).abs().max() < 1e-4
        assert condition == "normal" or (expected - cached["normal"]).abs().max() > 1e-3


def test_frame_averaging_sees_no_order(tmp_path: Path) -> None:
    train("mean", tmp_path, *FEATURES)
    found = by_condition(tmp_path, *FEATURES)
    for condition in conditions(5)[:-1]:
        assert (found[condition] - found["normal"]).abs().max() < 1e-5
    assert (found["single_frame"] - found["normal"]).abs().max() > 1e-3


def test_the_motion_test_of_a_clip_network_takes_frames(tmp_path: Path) -> None:
    for shard in (0, 1):
        extract("clips", shard, tmp_path / f"features/{shard}.h5")
    features = ("--features", tmp_path / "features")
    train("clips", tmp_path / "run", *features)
    found = by_condition(tmp_path / "run", *features)
    for condition in ("normal", "shuffled1", "reversed", "single_frame"):
        expected = brute_force(tmp_path / "run", condition)
        assert (found[condition] - expected).abs().max() < 1e-4
        assert condition == "normal" or (expected - found["normal"]).abs().max() > 1e-3


def test_features_that_are_not_those_of_the_frames_are_refused() -> None:
    there = np.random.default_rng(0).normal(size=(3, 2, 6))
    for tolerance in TOLERANCE.values():
        check_agreement(there, there + 1e-4, tolerance)
        for wrong in (there[::-1], there + np.nan):
            with pytest.raises(UserError, match=r"--features: .* make the features again"):
                check_agreement(there, wrong, tolerance)
