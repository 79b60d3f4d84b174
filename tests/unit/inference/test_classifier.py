"""A model that is taken away against the workflow's predict step: the same bytes, for every family."""

import gc
import itertools
import json
import re
import weakref
from dataclasses import replace
from itertools import islice
from pathlib import Path

import memory_store
import numpy as np
import pytest
import torch
from saved_models import CLASSES, CNN3D, RECIPE, save_model
from tiny_transformers import library_network

import vidbench
from vidbench.clips.loader import Loader
from vidbench.clips.split_data import SplitData
from vidbench.compute.precision import Precision
from vidbench.errors import UserError
from vidbench.frames.extract import extract_shard
from vidbench.frames.ffmpeg import encode_h264
from vidbench.frames.store import FrameStore
from vidbench.inference.classifier import Classifier
from vidbench.inference.inputs import find_videos
from vidbench.models.options import ModelOptions
from vidbench.models.transformers_config import dump
from vidbench.models.weights_file import save_weights
from vidbench.prediction.orders import PredictionJob, predict_subsets
from vidbench.video import Video

PROJECT = Path(__file__).resolve().parents[3]
VIDEOMAE = dump(json.loads(library_network("videomae").config.to_json_string(use_diff=False)))
FAMILIES = {
    "cnn3d": CNN3D,
    "cnn2d and lstm": {"backbone": {"architecture": "cnn2d", "width": 4}, "head": "lstm", "hidden": 8},
    "r3d_18": {"architecture": "r3d_18"},
    "mobilenet and mean": {"backbone": {"architecture": "mobilenet_v3_small"}, "head": "mean"},
    "timm and tcn": {"backbone": {"architecture": "timm/resnet10t"}, "head": "tcn", "hidden": 8},
    "3D backbone and mean": {"backbone": {"architecture": "cnn3d", "width": 4}, "head": "mean"},
    "tokens and attentive": {
        "backbone": {"architecture": "mobilenet_v3_small", "tokens": [2, 2], "trained_stages": 0},
        "head": "attentive",
    },
    "frozen and standardised": {"backbone": {"architecture": "timm/resnet10t", "trained_stages": 0}, "head": "mean"},
    "hf": {"architecture": "hf/videomae", "network_config": VIDEOMAE},
    "hf backbone and attentive": {
        "backbone": {"architecture": "hf/videomae", "network_config": VIDEOMAE, "tokens": [2, 2, 2]},
        "head": "attentive",
    },
    "tsm": {"backbone": {"architecture": "cnn2d", "width": 4}, "head": "tsm"},
    "transformer": {"backbone": {"architecture": "cnn2d", "width": 4}, "head": "transformer", "hidden": 8},
    "LoRA": {"architecture": "hf/videomae", "network_config": VIDEOMAE, "training": {"lora": {"rank": 2}}},
    "refit": CNN3D | {"training": {"refit": True}},
    "many views": CNN3D | {"clip": {"views": 5, "crops": 3, "sampling": "dense", "step": 2}},
}  # fmt: skip


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Seven videos of two sizes."""
    folder = tmp_path_factory.mktemp("videos")
    random = np.random.default_rng(0)
    paths = [folder / f"{number}.mp4" for number in range(7)]
    for number, path in enumerate(paths):
        step = memory_store.STEPS[CLASSES[number % 4]]
        frames = memory_store.square(step, 64, 9 + number, random)
        encode_h264(frames[:, :, :48] if number % 2 else frames, path, 25.0)
    return paths


def predict_step(folder: Path, options: ModelOptions, videos: list[Path], tmp_path: Path) -> np.ndarray:
    """The logits (N, V, K) of the workflow's steps: extraction, and prediction of test videos."""
    listed = [Video(path.name, str(path), "down", "") for path in videos]
    extract_shard(listed, RECIPE, tmp_path / "0.h5", tmp_path / "spool", 2, None, lambda *_: None)
    ids = [video.id for video in listed]
    store = FrameStore([tmp_path / "0.h5"])
    data = SplitData(store, CLASSES, dict.fromkeys(ids, "down"), {"train": [], "val": ids[:1], "test": ids}, 1)
    model = vidbench.load(folder, device="cpu").network
    device = torch.device("cpu")
    precision = Precision.of(options.training, device, takes_frames=options.takes_frames)
    job = PredictionJob(options, data, model, precision, Loader(device))
    return dict((subset, logits) for subset, _, logits in predict_subsets(job, []))["test"]


@pytest.mark.parametrize("family", FAMILIES)
def test_logits_are_those_of_the_predict_step(family: str, videos: list[Path], tmp_path: Path) -> None:
    clip = {"crops": 2} if family == "cnn3d" else FAMILIES[family].get("clip")
    options = save_model(tmp_path, FAMILIES[family], clip)
    expected = predict_step(tmp_path, options, videos, tmp_path)
    answers = list(vidbench.load(tmp_path, device="cpu").classify_all(videos))
    assert np.stack([answer.logits for answer in answers]).tobytes() == expected.tobytes()
    assert [answer.video for answer in answers] == list(map(str, videos))


def test_bad_videos_change_no_other_answer(videos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where they are in other shards and other batches."""
    monkeypatch.setattr("vidbench.inference.decoding.VIDEOS_PER_SHARD", 2)
    save_model(tmp_path, CNN3D, {"views": 3})
    model = vidbench.load(tmp_path, device="cpu")
    expected = [answer.logits.tobytes() for answer in model.classify_all(videos)]
    (tmp_path / "text.mp4").write_text("no video")
    mixed = [tmp_path / "text.mp4", *videos[:3], tmp_path / "gone.mp4", tmp_path / "text.mp4", *videos[3:]]
    answers = list(model.classify_all([*mixed, tmp_path / "text.mp4"]))
    assert [answer.logits.tobytes() for answer in answers if answer.is_classified] == expected
    failed = [(place, answer.message) for place, answer in enumerate(answers) if not answer.is_classified]
    assert [place for place, _ in failed] == [0, 4, 5, 10]
    assert failed[1][1] == "no such file"
    assert "cannot be opened as a video" in failed[0][1]


def test_a_file_that_fails_while_it_is_decoded_costs_no_other_video(
    videos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workflow's extraction ends, then: the file may be sound."""

    def fail_once(listed: list[Video], *arguments: object) -> None:
        if any(video.path == str(videos[2]) for video in listed):
            raise UserError(f"{videos[2]}: cannot be read: Input/output error")
        extract_shard(listed, *arguments)

    monkeypatch.setattr("vidbench.inference.decoding.extract_shard", fail_once)
    save_model(tmp_path)
    answers = list(vidbench.load(tmp_path, device="cpu").classify_all(videos))
    assert [answer.is_classified for answer in answers] == [True, True, False, True, True, True, True]
    assert answers[2].message == "cannot be read: Input/output error"


def test_answers_come_before_all_videos_are_decoded(
    videos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list on standard input may have no end."""
    monkeypatch.setattr("vidbench.inference.decoding.VIDEOS_PER_SHARD", 2)
    save_model(tmp_path)
    asked: list[Path] = []

    def names():
        for path in videos * 100:
            asked.append(path)
            yield str(path)

    model = vidbench.load(tmp_path, device="cpu")
    first = list(islice(model.classify_inputs(find_videos(names())), 4))
    assert len(first) == 4
    assert len(asked) < 30


def test_one_video_by_its_name(videos: list[Path], tmp_path: Path) -> None:
    save_model(tmp_path)
    model = vidbench.load(tmp_path, device="cpu", views=3, crops=2)
    answer = model.classify(videos[0])
    assert answer.logits.shape == (6, 4)
    assert list(model.classify_all([])) == []
    assert answer.probabilities.sum() == pytest.approx(1)
    assert answer.is_unknown == (answer.probability < 0.3)
    assert model.with_threshold(1.0).classify(videos[0]).is_unknown
    with pytest.raises(UserError, match=r"none\.mp4: no such file"):
        model.classify(tmp_path / "none.mp4")
    with pytest.raises(UserError, match="holds 7 videos, not one"):
        model.classify(videos[0].parent)
    with pytest.raises(UserError, match="no probability"):
        model.with_threshold(2)


def test_the_python_of_the_docs_runs(videos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_model(tmp_path)
    (tmp_path / "weights.safetensors").rename(tmp_path / "winner.safetensors")
    monkeypatch.chdir(tmp_path)
    for name in ("video.mp4", "long.mp4", "one.mp4", "two.mp4"):
        (tmp_path / name).write_bytes(videos[0].read_bytes())
    text = (PROJECT / "docs" / "classifying.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 2
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    assert isinstance(names["model"], Classifier)


def test_no_answer_or_frame_is_kept(videos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a generator of videos without an end, memory and disk hold some shards and nothing of those before."""
    monkeypatch.setattr("vidbench.inference.decoding.VIDEOS_PER_SHARD", 2)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    save_model(tmp_path)
    model = vidbench.load(tmp_path, device="cpu")
    alive: list[weakref.ref] = []
    shards: list[int] = []
    for answer in islice(model.classify_all(path for path in itertools.cycle(videos)), 24):
        alive.append(weakref.ref(answer))
        shards.append(len(list((tmp_path / "temporary").glob("vidbench-*/*.h5"))))
    del answer
    gc.collect()
    assert sum(each() is not None for each in alive) == 0
    assert max(shards) <= 8


@pytest.mark.parametrize(("family", "size"), [("cnn3d", None), ("cnn2d and lstm", 8), ("timm and tcn", 8)])
def test_features_give_the_logits_by_the_last_layer(
    family: str, size: int | None, videos: list[Path], tmp_path: Path
) -> None:
    save_model(tmp_path, FAMILIES[family])
    model = vidbench.load(tmp_path, device="cpu")
    features = model.features(videos[0])
    assert features.shape == (2, size or features.shape[1])
    state = model.network.state_dict()
    last = [name for name in state if name.endswith("weight") and state[name].shape == (4, features.shape[1])][-1]
    logits = features @ state[last].numpy().T + state[last.replace("weight", "bias")].numpy()
    assert logits == pytest.approx(model.classify(videos[0]).logits, abs=1e-4)


def test_numbers_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    save_model(tmp_path)
    with pytest.raises(UserError, match="crops: 0"):
        vidbench.load(tmp_path, device="cpu", crops=0)
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        vidbench.lod  # noqa: B018


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_model(tmp_path)
    file = vidbench.load(tmp_path, device="cpu").file
    save_weights(tmp_path / "weights.safetensors", {"a": torch.zeros(1)}, file.metadata)
    with pytest.raises(UserError, match="does not hold this model's weights"):
        vidbench.load(tmp_path, device="cpu")


def test_nothing_is_left_on_the_disk(videos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_model(tmp_path, recipe=replace(RECIPE, codec="raw"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    list(vidbench.load(tmp_path, device="cpu").classify_all(videos))
    assert list((tmp_path / "temporary").iterdir()) == []
