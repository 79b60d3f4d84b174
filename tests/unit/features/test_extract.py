"""Cached features are what the backbone gives each time; the store finds them, and refuses those of something else."""

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import tiny
import torch
from conftest import PROJECT
from noise_videos import encode_noise
from torch import nn

from vidbench import models
from vidbench.clips.dataset import ClipSource, TestClips, TrainingClips
from vidbench.clips.loader import EpochBatches, Loader
from vidbench.clips.preprocessing import ClipInputs, Inputs
from vidbench.clips.sampling import random_for, training_indices
from vidbench.compute.precision import Precision
from vidbench.config import schema
from vidbench.errors import UserError
from vidbench.features import extract as feature_extraction
from vidbench.features.dataset import FeatureInputs, FrameFeatureClips, clip_source, open_features
from vidbench.features.extract import write_features
from vidbench.features.spec import FeatureSpec, check
from vidbench.features.store import FeatureStore
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import FrameStore
from vidbench.hdf5 import dataset
from vidbench.models.build import build, build_backbone
from vidbench.models.options import ClipOptions, ModelOptions, NetworkOptions
from vidbench.models.weights_file import weights_sha256
from vidbench.prediction.predict import predict
from vidbench.video import Video

CPU = torch.device("cpu")
SIZES = [(24, 32, 20), (32, 24, 3), (24, 32, 33), (30, 24, 1)]  # height, width, frames
CLIP = {"frames": 5, "size": [24, 20], "views": 3, "sampling": "uniform"}


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> FrameStore:
    """Four videos of odd sizes and lengths, and one that cannot be decoded."""
    folder, videos = tmp_path_factory.mktemp("frames"), []
    for number, (height, width, length) in enumerate(SIZES):
        encode_noise(folder / f"{number}.mp4", number, (height, width), length)
        videos.append(Video(f"v{number}", str(folder / f"{number}.mp4"), "x", str(number)))
    (folder / "broken.mp4").write_bytes(b"no video")
    videos.append(Video("broken", str(folder / "broken.mp4"), "x", "b"))
    recipe = ffmpeg.Recipe(24, None, "raw", 2)
    (folder / "store").mkdir()
    extract_shard(videos, recipe, folder / "store/0.h5", folder / "spool", 1, None, lambda *_: None)
    return FrameStore(folder / "store")


def options_of(architecture: str, head: str = "mean", **clip: object) -> ModelOptions:
    """Options with a frozen backbone, and a grid of tokens that divides no map evenly where the head reads them."""
    grid = [3, 2, 3] if models.takes_clips(architecture) else [2, 3]
    sizes = {"network_config": str(PROJECT / "tests/helpers/video_transformer")} if architecture[:3] == "hf/" else {}
    config = tiny.config(
        backbones__frozen={
            "architecture": architecture,
            "width": 4,
            "trained_stages": 0,
            "tokens": grid if head == "attentive" else None,
            **sizes,
        },
        models__x={"backbone": "frozen", "head": head, "hidden": 8},
        datasets__motion__clip=CLIP | clip,
    )
    return schema.typed_options(config, "motion", "x")


def extracted(
    options: ModelOptions, frames: FrameStore, output: Path, backbone: nn.Module | None = None
) -> FeatureStore:
    spec = FeatureSpec.of(options)
    backbone = backbone or build_backbone(spec.backbone, spec.clip, spec.backbone.tokens is not None).eval()
    write_features(output, backbone, frames, spec, Loader(CPU), lambda *_: None)
    return FeatureStore(output, options.takes_tokens)


def warmed_up(backbone: nn.Module, options: ModelOptions) -> nn.Module:
    """With statistics of some input: with those it begins with, a deep network's features are next to nothing."""
    shape = (3, options.clip.frames) if options.network.takes_clips else (3,)
    for _ in range(30):
        backbone.train()(torch.randn(4, *shape, *options.clip.size))
    return backbone.eval()


def head_model(options: ModelOptions) -> nn.Module:
    torch.manual_seed(3)
    model = build(options, 4).eval()
    if options.takes_tokens:  # whose initial weights give almost no logits
        with torch.no_grad():
            for tensor in model.head.parameters():
                tensor.add_(0.1 * torch.randn_like(tensor))
    return model


@pytest.mark.parametrize(
    ("architecture", "head", "clip"),
    [
        ("cnn2d", "lstm", {}),
        ("resnet18", "transformer", {"sampling": "dense"}),
        ("squeezenet1_1", "lstm", {"sampling": "dense", "rate": 4}),
        ("regnet_x_400mf", "tcn", {}),
        ("squeezenet1_1", "max", {}),
        ("cnn3d", "mean", {}),
        ("r3d_18", "mean", {"sampling": "dense", "step": 1}),
        ("cnn3d", "mean", {"sampling": "dense", "rate": 4}),
        ("s3d", "mean", {"frames": 8}),
        ("mvit_v2_s", "mean", {"size": [32, 32], "views": 1}),
        ("swin3d_t", "mean", {"views": 1}),
        ("hf/videomae", "mean", {"frames": 4, "size": [32, 32]}),
        ("cnn2d", "attentive", {"size": [64, 48]}),
        ("squeezenet1_1", "attentive", {"size": [80, 80], "sampling": "dense"}),
        ("timm/test_vit", "attentive", {"size": [160, 160], "frames": 2}),
        ("cnn3d", "attentive", {"size": [64, 48]}),
        ("r3d_18", "attentive", {"sampling": "dense", "step": 1}),
        ("hf/videomae", "attentive", {"frames": 4, "size": [32, 32]}),
        ("mvit_v2_s", "attentive", {"size": [32, 64], "views": 1}),
    ],
)
def test_cached_and_computed_logits_agree(
    architecture: str, head: str, clip: dict, frames: FrameStore, tmp_path: Path
) -> None:
    options = options_of(architecture, head, **clip)
    model = head_model(options)
    warmed_up(model.backbone, options)
    store = extracted(options, frames, tmp_path / "0.h5", backbone=model.backbone)
    store.check(options, weights_sha256(model.backbone), frames)
    videos = [f"v{number}" for number in range(len(SIZES))]
    plain = Precision(CPU)

    def logits(source: ClipSource, inputs: Inputs, network: nn.Module) -> torch.Tensor:
        batches = Loader(CPU).views(TestClips(source, videos), options.clip, batch_size=16)
        return predict(inputs.test, network, batches, plain, options.clip)[0]

    expected = logits(clip_source(options, frames), ClipInputs(options.clip, plain), model)
    found = logits(clip_source(options, frames, store), FeatureInputs(CPU), model.head)
    assert found.shape == (len(SIZES), options.clip.views, 4)
    assert (found - expected).abs().max() < 1e-4 * max(1, expected.abs().max() / 5)  # of large logits, their part
    assert expected.flatten(0, 1).std(dim=0).min() > 1e-3  # the videos are told apart


def test_features_of_a_gpu_say_that_products_were_in_tf32(
    frames: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = options_of("cnn2d")
    plain = extracted(options, frames, tmp_path / "0.h5").summary()
    assert plain.keys() == {"weights_sha256", "threads", "versions"}
    monkeypatch.setattr(feature_extraction.tf32, "describe", lambda device: {"tf32": device == CPU})
    (tmp_path / "gpu").mkdir()
    assert extracted(options, frames, tmp_path / "gpu/1.h5").summary() == plain | {"tf32": True}
    (tmp_path / "gpu/0.h5").symlink_to(tmp_path / "0.h5")
    with pytest.raises(UserError, match="made with other settings"):
        FeatureStore(tmp_path / "gpu")


@pytest.mark.parametrize("sampling", ["uniform", "dense"])
def test_training_takes_the_same_frames_as_of_pixels(sampling: str, frames: FrameStore, tmp_path: Path) -> None:
    options = options_of("cnn2d", sampling=sampling)
    store = extracted(options, frames, tmp_path / "0.h5")
    data = TrainingClips(clip_source(options, frames, store), ["v2", "v0"], [1, 0], seed=5)
    for epoch in range(3):
        features, target, _ = data[epoch, 1]
        rows = training_indices(20, options.clip, random_for(5, epoch, "v0"))
        assert target == 0
        assert torch.equal(features, torch.from_numpy(store.read("v0")[rows]))
    assert not torch.equal(data[0, 0][0], data[1, 0][0])


def test_training_on_a_clip_networks_features_takes_a_random_view(frames: FrameStore, tmp_path: Path) -> None:
    options = options_of("cnn3d")
    store = extracted(options, frames, tmp_path / "0.h5")
    clips = clip_source(options, frames, store)
    data = TrainingClips(clips, ["v2"], [0], seed=5)
    taken = [data[epoch, 0][0] for epoch in range(30)]
    assert {tuple(clip.shape) for clip in taken} == {(1, 40)}
    views = torch.from_numpy(store.read("v2"))
    found = [int((views == clip).all(dim=1).nonzero()[0]) for clip in taken]
    assert set(found) == {0, 1, 2}
    test = TestClips(clips, ["v2"])
    assert torch.equal(torch.cat([test[view, 0][0] for view in range(3)]), views)


def test_the_same_features_have_the_same_bytes(frames: FrameStore, tmp_path: Path) -> None:
    for architecture in ("cnn2d", "cnn3d"):
        options, files = options_of(architecture), []
        for seed in (0, 2):
            torch.manual_seed(seed)  # the run's seed has no say in a frozen backbone
            files.append(tmp_path / f"{architecture}{len(files)}.h5")
            extracted(options, frames, files[-1])
        assert len({file.read_bytes() for file in files}) == 1


def test_long_videos_are_computed_in_pieces(
    frames: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = extracted(options_of("resnet18"), frames, tmp_path / "whole.h5")
    seen: list[int] = []
    original = feature_extraction.prepare
    monkeypatch.setattr(
        feature_extraction, "prepare", lambda clips, clip: seen.append(clips.shape[1]) or original(clips, clip)
    )
    monkeypatch.setattr(feature_extraction, "MAX_CPU_FRAMES", 4)
    pieces = extracted(options_of("resnet18"), frames, tmp_path / "pieces.h5")
    assert max(seen) == 4
    assert sum(seen) == 57
    for video in whole.videos:
        assert np.allclose(whole.read(video), pieces.read(video), atol=1e-5)


def test_rows_are_read_alike_from_memory_and_from_the_file(frames: FrameStore, tmp_path: Path) -> None:
    options = options_of("cnn2d")
    extracted(options, frames, tmp_path / "0.h5")
    from_file, held, all_rows = (
        FeatureStore(tmp_path),
        FeatureStore(tmp_path).load_into_memory(),
        FeatureStore(tmp_path),
    )
    assert held.held
    assert not from_file.held
    assert not all_rows.load_into_memory(max_bytes=100).held
    assert list(held.videos) == ["v0", "v1", "v2", "v3"]
    for rows in ([0], [0, 32], [5, 5, 6, 9], [0, 8, 16, 24, 32]):
        expected = from_file.read("v2")[rows]
        assert np.array_equal(from_file.read("v2", rows), expected)
        assert np.array_equal(held.read("v2", rows), expected)
    with pytest.raises(IndexError, match="'v1' has the rows 0 to 2"):
        held.read("v1", [3])


@pytest.mark.parametrize("hold", [True, False])
def test_a_batch_holds_the_features_of_its_clips(hold: bool, frames: FrameStore, tmp_path: Path) -> None:
    store = extracted(options_of("cnn2d"), frames, tmp_path / "0.h5")
    clips = FrameFeatureClips(store.load_into_memory() if hold else store, ClipOptions(frames=4))
    data = TrainingClips(clips, ["v0", "v1", "v2"], [0, 0, 0], seed=2)
    batches = EpochBatches(data, 2)
    (items,), (batch,) = list(batches), list(Loader(CPU)(data, batches))
    assert batch.clips.shape == (2, 4, 40)
    assert torch.equal(batch.clips, torch.stack([data[item][0] for item in items]))
    assert batch.seeds.tolist() == [data[item][2] for item in items]


def test_a_shard_without_videos_has_no_rows(frames: FrameStore, tmp_path: Path) -> None:
    recipe = ffmpeg.Recipe(24, None, "raw", 2)
    extract_shard([], recipe, tmp_path / "frames.h5", tmp_path / "spool", 1, None, lambda *_: None)
    options = options_of("cnn2d")
    extracted(options, FrameStore(tmp_path / "frames.h5"), tmp_path / "1.h5")
    extracted(options, frames, tmp_path / "0.h5")
    store = FeatureStore([tmp_path / "0.h5", tmp_path / "1.h5"]).load_into_memory()
    assert list(store.videos) == ["v0", "v1", "v2", "v3"]
    assert store.held


def changed(options: ModelOptions, **paths: object) -> ModelOptions:
    for path, value in paths.items():
        part, key = path.split("__")
        options = replace(options, **{part: replace(getattr(options, part), **{key: value})})
    return options


def test_features_of_something_else_are_refused(frames: FrameStore, tmp_path: Path) -> None:
    options = options_of("cnn2d")
    store, model = extracted(options, frames, tmp_path / "0.h5"), head_model(options)
    digest = weights_sha256(model.backbone)
    store.check(options, digest, frames)
    for other, key in (
        (changed(options, clip__size=(24, 24)), "clip.size"),
        (changed(options, network__width=5), "backbone.width"),
    ):
        with pytest.raises(UserError, match=rf"made with another {key}; run extract_features.py again"):
            store.check(other, digest, frames)
    for same in (changed(options, clip__frames=9, clip__views=1), changed(options, head__name="lstm")):
        store.check(same, digest, frames)
    with torch.no_grad():
        model.backbone.last[1].running_mean += 1
    with pytest.raises(UserError, match="are of other weights"):
        store.check(options, weights_sha256(model.backbone), frames)
    with h5py.File(tmp_path / "0.h5", "r+") as file:
        dataset(file, "videos/frames_crc32")[1] += 1
    with pytest.raises(UserError, match="no features of the frames of 'v1'"):
        FeatureStore(tmp_path).check(options, digest, frames)


def test_a_clip_networks_features_depend_on_the_clip(frames: FrameStore, tmp_path: Path) -> None:
    options = options_of("cnn3d")
    store, digest = extracted(options, frames, tmp_path / "0.h5"), weights_sha256(head_model(options).backbone)
    store.check(changed(options, clip__step=7), digest, frames)  # means nothing where sampling is uniform
    for key, value in {"frames": 6, "views": 1, "sampling": "dense"}.items():
        with pytest.raises(UserError, match=f"another clip.{key}"):
            store.check(changed(options, **{f"clip__{key}": value}), digest, frames)


def test_damaged_and_missing_files(frames: FrameStore, tmp_path: Path) -> None:
    extracted(options_of("cnn2d"), frames, tmp_path / "0.h5")
    extracted(options_of("cnn2d", size=[24, 24]), frames, tmp_path / "1.h5")
    with pytest.raises(UserError, match=r"1\.h5: made with other settings or weights than .*0\.h5; run the workflow"):
        FeatureStore(tmp_path)
    (tmp_path / "1.h5").write_bytes((tmp_path / "0.h5").read_bytes()[:3000])
    with pytest.raises(UserError, match=r"1\.h5: is no readable feature store"):
        FeatureStore([tmp_path / "0.h5", tmp_path / "1.h5"])
    with pytest.raises(UserError, match=r"none: no such file or folder; extract_features\.py makes it"):
        FeatureStore(tmp_path / "none")
    with pytest.raises(UserError, match="is no readable feature store"):
        FeatureStore(frames.videos["v0"].shard.path)


@pytest.mark.parametrize(("architecture", "cells"), [("cnn2d", (2, 3)), ("cnn3d", (2, 2, 3))])
def test_one_store_has_a_vector_and_tokens(
    architecture: str, cells: tuple[int, ...], frames: FrameStore, tmp_path: Path
) -> None:
    asked = options_of(architecture, "attentive", size=[32, 48])
    tokens = extracted(asked, frames, tmp_path / "0.h5")
    plain = options_of(architecture, size=[32, 48])
    vectors = extracted(plain, frames, tmp_path / "plain.h5")
    both = FeatureStore(tmp_path / "0.h5")
    with h5py.File(tmp_path / "0.h5") as file:
        assert dataset(file, "tokens/data").shape[1:] == (*cells, 20)
        assert dataset(file, "tokens/data").dtype == np.float16
    assert tokens.num_bytes == len(dataset_rows(tmp_path / "0.h5")) * np.prod(cells) * 20 * 2
    for video in vectors.videos:
        assert np.array_equal(both.read(video), vectors.read(video))  # as without tokens
    assert tokens.read("v0").shape == (both.read("v0").shape[0], np.prod(cells) * 20)
    held = FeatureStore(tmp_path / "0.h5", takes_tokens=True).load_into_memory()
    for rows in ([0], [0, 2], [1, 1, 2]):
        assert np.array_equal(held.read("v2", rows), tokens.read("v2", rows))
    with pytest.raises(UserError, match=r"plain\.h5: holds no tokens; set `tokens` and run extract_features\.py again"):
        FeatureStore(tmp_path / "plain.h5", takes_tokens=True)
    with pytest.raises(UserError, match=r"its features were made with another backbone\.tokens"):
        vectors.check(asked, vectors.attributes["weights_sha256"], frames)


def dataset_rows(file: Path) -> np.ndarray:
    with h5py.File(file) as opened:
        return dataset(opened, "tokens/data")[:]


def test_the_same_tokens_have_the_same_bytes(frames: FrameStore, tmp_path: Path) -> None:
    for name in ("a", "b"):
        torch.manual_seed(ord(name))
        extracted(options_of("cnn2d", "attentive"), frames, tmp_path / f"{name}.h5")
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_tokens_that_do_not_fit_into_float16_are_refused(frames: FrameStore, tmp_path: Path) -> None:
    options = options_of("cnn2d", "attentive")
    backbone = build_backbone(options.network, options.clip, gives_tokens=True).eval()
    with torch.no_grad():
        backbone.last[1].weight.fill_(1e9)
    with pytest.raises(UserError, match="tokens of cnn2d do not fit into float16"):
        extracted(options, frames, tmp_path / "0.h5", backbone)
    assert not (tmp_path / "0.h5").exists()


def test_which_models_take_features(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--features: missing"):
        open_features(None, options_of("cnn2d"))
    for key, value in (("trained_stages", 1), ("trained_stages", None), ("cache_features", False)):
        options = changed(options_of("cnn2d"), **{f"network__{key}": value})
        assert open_features(None, options) is None
        with pytest.raises(UserError, match="--features: the model has no frozen backbone"):
            open_features([tmp_path], options)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda options: changed(options, clip__crops=3), "clip.crops above 1: not with cached features"),
        (lambda options: changed(options, clip__subtract_temporal_mean=True), "clip.subtract_temporal_mean: not with"),
        (lambda options: changed(options, head__name="tsm"), "head tsm, which changes the backbone: not with cached"),
    ],
)
def test_what_cannot_be_cached(change: Callable[[ModelOptions], ModelOptions], words: str) -> None:
    with pytest.raises(UserError, match=words):
        check(change(options_of("cnn2d")))


def test_a_frozen_backbone_does_not_depend_on_the_seed_and_its_head_does() -> None:
    options, states = options_of("cnn2d"), []
    for seed in (0, 1):
        torch.manual_seed(seed)
        states.append(build(options, 3).state_dict())
    for key in states[0]:
        same = torch.equal(states[0][key], states[1][key])
        assert same == key.startswith(("backbone.", "head.norm.")), key
    trained = changed(options, network__trained_stages=None)
    torch.manual_seed(1)
    assert not torch.equal(build(trained, 3).backbone.last[0].weight, states[1]["backbone.last.0.weight"])


@pytest.mark.parametrize("name", ["cnn3d", "r3d_18", "s3d", "mvit_v2_s", "swin3d_t"])
def test_a_clip_networks_features_and_its_own_classifier_give_its_logits(name: str) -> None:
    options = options_of(name, frames=8, size=[32, 32])
    network = NetworkOptions(architecture=name, width=4)
    reference = build(ModelOptions(network=network, clip=options.clip), 3).eval()
    backbone = build_backbone(options.network, options.clip).eval()
    state = reference.state_dict()
    backbone.load_state_dict({key: state[key] for key in backbone.state_dict()})
    classifier, clip = reference.get_submodule(backbone.removed), torch.randn(2, 3, 8, 32, 32)
    with torch.inference_mode():
        features = backbone(clip)
        assert features.shape == (2, backbone.num_features)
        logits = features @ classifier.weight.flatten(1).T + classifier.bias
        assert torch.allclose(logits, reference(clip), atol=1e-5)


def test_only_the_mean_goes_with_a_clip_network() -> None:
    with pytest.raises(UserError, match="r3d_18 takes whole clips: only the heads mean and attentive go with it"):
        models.check(options_of("r3d_18", "lstm"))
    assert models.module_names(options_of("r3d_18")) == ["composite", "networks.torchvision3d", "heads.mean"]
    assert models.backbone_module_names(options_of("r3d_18").network) == ["networks.torchvision3d"]
    assert models.backbone_module_names(options_of("resnet18", "lstm").network) == ["networks.torchvision2d"]


def test_the_number_of_threads_changes_no_byte(frames: FrameStore, tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    stores = []
    for count in (1, 3):
        torch.set_num_threads(count)
        try:
            stores.append(extracted(options_of("resnet18"), frames, tmp_path / f"{count}.h5"))
            assert torch.get_num_threads() == count  # the pool's threads set their own number only
        finally:
            torch.set_num_threads(threads)
    for video in stores[0].videos:
        assert np.array_equal(stores[0].read(video), stores[1].read(video))


def test_chunks_come_in_order_and_a_fault_in_a_thread_ends_it() -> None:
    backbone = torch.nn.Linear(1, 1)
    used = set()

    def compute(network: torch.nn.Module, chunk: int) -> int:
        used.add(network)
        if chunk == 50:
            raise UserError("no")
        time.sleep(0.001 * (chunk % 3))
        return chunk

    results = feature_extraction.compute_in_threads(compute, backbone, range(60))
    assert list(itertools.islice(results, 40)) == list(range(40))
    with pytest.raises(UserError, match="no"):
        list(results)
    assert backbone not in used
    assert all(network.weight is backbone.weight for network in used)
