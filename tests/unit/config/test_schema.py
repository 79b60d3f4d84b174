"""The config schema: closed, described, with defaults; its errors are one line."""

from pathlib import Path

import pytest
import tiny
import yaml
from conftest import PROJECT

from vidbench import models
from vidbench.config import checks, schema
from vidbench.errors import UserError
from vidbench.models import transformers_config


def embedded() -> dict:
    return yaml.safe_load((PROJECT / "config" / "config.yaml").read_text())


SHIPPED = sorted(path for path in (PROJECT / "config").glob("*.yaml") if path != schema.RECIPES_PATH)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_config_is_valid(path: Path) -> None:

    schema.check(schema.merge(embedded(), yaml.safe_load(path.read_text())))


def test_every_key_is_described_and_every_map_is_closed() -> None:
    def walk(node: dict, where: str) -> None:
        for key, child in node.get("properties", {}).items():
            target = schema._resolve(child)
            assert child.get("description") or target.get("description") or "properties" in target, f"{where}.{key}"
            walk(child, f"{where}.{key}")
        if "properties" in node and node.get("type") == "object":
            assert node["additionalProperties"] is False, where

    root = schema.schema()
    walk(root, "config")
    for name, definition in root["$defs"].items():
        walk(definition, name)


def test_schema_and_code_name_the_same_models() -> None:
    definitions = schema.schema()["$defs"]
    model = definitions["model"]["properties"]
    others = {f"hf/{family}" for family in transformers_config.FAMILIES} | {"zero_shot"}
    assert set(model["architecture"]["enum"]) == {*models.clip_names(), *others}
    assert set(model["head"]["enum"]) == set(models.HEADS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"datasets__motion__shard": 3}, ["datasets.motion", "'shard'", "did you mean 'shards'?"]),
        ({"runs": {}}, ["'runs'", "did you mean 'run'?"]),
        ({"datasets__motion__training": {"lr": 0.01}}, ["'lr'", "did you mean 'learning_rate'?"]),
        ({"run__models": ["cnn3"]}, ["run.models", "'cnn3'", "did you mean 'cnn3d'?"]),
        (
            {"run__models": ["resnet18"]},
            ["run.models", "add backbones: {resnet18: {architecture: resnet18}} and models: {resnet18_mean: {backbone"],
        ),
        ({"run__models": ["s3d"]}, ["run.models", "add models: {s3d: {architecture: s3d}}"]),
        ({"run__datasets": ["moton"]}, ["run.datasets", "'moton'", "did you mean 'motion'?"]),
        ({"run__seeds": []}, ["run.seeds"]),
        ({"run__seeds": [0, 0]}, ["run.seeds"]),
        ({"run__seeds": [-1]}, ["run.seeds.0"]),
        ({"device": "gpu"}, ["device", "'gpu'", "auto, cpu, cuda"]),
        ({"models__x": {"architecture": "r3d18"}}, ["models.x.architecture", "'r3d18'", "did you mean 'r3d_18'?"]),
        ({"models__x": {"architecture": "resnet18"}}, ["models.x.architecture", "'resnet18' takes single frames"]),
        ({"models__x": {"backbone": "cnn2d"}}, ["models.x", "`backbone` and `head`"]),
        ({"models__x": {"architecture": "cnn3d", "head": "lstm"}}, ["models.x", "either `architecture`"]),
        ({"models__x": {"backbone": "cnn2d", "head": "grus"}}, ["models.x.head", "'grus'", "did you mean 'gru'?"]),
        ({"models__cnn2d_mean__backbone": "resnet"}, ["models.cnn2d_mean.backbone", "'resnet'", "cnn2d"]),
        ({"backbones__cnn2d__architecture": "resnet81"}, ["backbones.cnn2d.architecture", "did you mean 'resnet18'?"]),
        ({"models__x": {"backbone": "cnn2d", "head": "lstm", "layers": 0}}, ["models.x.layers"]),
        ({"backbones__cnn2d__architecture": "r3d18"}, ["backbones.cnn2d.architecture", "did you mean 'r3d_18'?"]),
        ({"backbones__cnn2d__trained_stages": -1}, ["backbones.cnn2d.trained_stages", "minimum"]),
        ({"backbones__cnn2d__trained_stages": 1.0}, ["backbones.cnn2d.trained_stages"]),
        ({"models__cnn2d_mean__trained_stages": 0}, ["models.cnn2d_mean.trained_stages", "under backbones.cnn2d"]),
        ({"models__cnn3d__cache_features": True}, ["models.cnn3d", "unknown key 'cache_features'"]),
        ({"training": {"layer_decay": 0}}, ["training.layer_decay"]),
        ({"training": {"layer_decay": 1.1}}, ["training.layer_decay", "maximum"]),
        ({"models__a/b": {"architecture": "cnn3d"}}, ["a/b", "letters, digits"]),
        ({"datasets__motion__training__epochs": 0}, ["datasets.motion.training.epochs", "minimum"]),
        ({"datasets__motion__training__epochs": "many"}, ["datasets.motion.training.epochs", "integer"]),
        ({"training": {"learning_rate": "1e-3"}}, ["training.learning_rate", "'1e-3' is text in YAML; write 0.001"]),
        ({"training": {"learning_rate": float("nan")}}, ["training.learning_rate", "nan"]),
        ({"training": {"threads": 10000}}, ["training.threads", "maximum"]),
        ({"run__seeds": [1.0]}, ["run.seeds.0", "integer"]),
        ({"run__seeds": [2**64]}, ["run.seeds.0", "maximum"]),
        ({"models__a\n": {"architecture": "cnn3d"}}, ["letters, digits"]),
        (
            {"datasets__manifest": "x.csv", "datasets__own": None},
            ["`manifest` is a key of an entry of datasets"],
        ),
        ({"models__head": "mean"}, ["models.head: 'mean' has to be a map", "`head` is a key of an entry of models"]),
        (
            {"datasets__motion__frames__size": "64x64"},
            ["frames.size: '64x64' has to be an integer from 8 to 8192 or a list of 2 integers from 8 to 8192"],
        ),
        (
            {"datasets__motion__frames__size": 100_000},
            ["frames.size: 100000 has to be an integer from 8 to 8192 or a list of 2 integers from 8 to 8192"],
        ),
        (
            {"datasets__motion__frames__size": [100_000, 100_000]},
            ["[100000, 100000] has to be", "to 8192"],
        ),
        ({"datasets__motion__motion": {"frames": 100_000}}, ["motion.frames: 100000", "the maximum of 10000"]),
        ({"datasets__motion__clip__size": [112, 11200]}, ["clip.size.1: 11200", "the maximum of 8192"]),
        ({"datasets__motion__clip__frames": 160_000}, ["clip.frames: 160000", "the maximum of 10000"]),
        ({"datasets__motion__clip__views": 30_000}, ["clip.views: 30000", "the maximum of 1000"]),
        ({"training": {"epochs": 10**6}}, ["training.epochs: 1000000", "the maximum of 100000"]),
        ({"training": {"batch_size": 10**5}}, ["training.batch_size: 100000", "the maximum of 65536"]),
        ({"backbones__cnn2d__width": 24_000}, ["cnn2d.width: 24000", "the maximum of 2048"]),
        ({"models__cnn2d_lstm__hidden": 128_000}, ["cnn2d_lstm.hidden: 128000", "the maximum of 16384"]),
        ({"run__seeds": list(range(2000))}, ["run.seeds: has 2000 values, more than the maximum of 1000"]),
        ({"datasets__motion__clip__mean": "half"}, ["'half' has to be a number or a list of 3 numbers or null"]),
        ({"datasets__motion__clip__size": 64}, ["datasets.motion.clip.size"]),
        ({"datasets__own": {"kind": "csv"}}, ["datasets.own", "'manifest'", "missing"]),
        ({"datasets__own": {"manifest": "x.csv"}}, ["datasets.own", "'kind'", "missing"]),
        ({"datasets__own": {"kind": "cvs", "manifest": "x.csv"}}, ["datasets.own.kind", "did you mean 'csv'?"]),
        ({"datasets__own": {"kind": "folder"}}, ["datasets.own", "'root'", "missing"]),
        ({"datasets__own": {"kind": "ucf-101"}}, ["datasets.own.kind", "did you mean 'ucf101'?"]),
        ({"datasets__x": {"kind": "ucf101", "mirrors": []}}, ["datasets.x", "unknown key 'mirrors'"]),
        ({"datasets__x": {"kind": "ucf101", "download": {"mirror": []}}}, ["x.download", "did you mean 'mirrors'?"]),
        ({"datasets__x": {"kind": "ucf101", "download": {"mirrors": ["ftp://a"]}}}, ["x.download.mirrors.0", "https"]),
        ({"datasets__x": {"kind": "ucf101", "download": {"sha256": {"a": "12"}}}}, ["x.download.sha256.a", "64 hex"]),
        ({"datasets__x": {"kind": "ucf101", "download": {"verify_tls": "no"}}}, ["x.download.verify_tls"]),
        ({"datasets__x": {"kind": "ucf101", "keep": {"video": False}}}, ["x.keep", "did you mean 'videos'?"]),
        ({"datasets__x": {"kind": "ucf101", "keep": False}}, ["datasets.x.keep"]),
        ({"datasets__x": {"kind": "ucf101", "archive": []}}, ["datasets.x.archive"]),
        ({"datasets__x": {"kind": "ucf101", "source": "a/b"}}, ["datasets.x.source", "letters, digits"]),
        ({"datasets__motion__on_bad_video": "ignore"}, ["motion.on_bad_video", "exclude, fail"]),
        ({"datasets__motion__leak_check": "no"}, ["motion.leak_check"]),
        ({"datasets__motion__frames__image_fps": 0}, ["motion.frames.image_fps"]),
        ({"datasets__motion__splits": {"kind": "holdout", "test": 1}}, ["motion.splits.test"]),
        ({"datasets__motion__manifest": "x.csv"}, ["motion.manifest", "no meaning for kind motion, only for csv"]),
        ({"datasets__motion__archive": "x.rar"}, ["motion.archive", "only for ucf101, hmdb51, kinetics400"]),
        ({"datasets__motion__group": "(x)"}, ["motion.group", "only for folder"]),
        ({"datasets__motion__keep": {"videos": False}}, ["motion.keep", "only for ucf101"]),
        (
            {"datasets__motion__leak_check": False, "datasets__motion__splits": {"group_duplicates": True}},
            ["motion.splits.group_duplicates", "`leak_check: true`"],
        ),
        (
            {"datasets__x": {"kind": "ucf101", "splits": {"group_duplicates": True}}, "run__datasets": ["x"]},
            ["x.splits.group_duplicates", "set splits.kind to folds or holdout"],
        ),
        (
            {"datasets__x": {"kind": "ucf101", "archive": "a", "root": "b"}, "run__datasets": ["x"]},
            ["datasets.x", "both `archive` and `root`"],
        ),
        ({"datasets__motion__splits": {"fractions": [25]}}, ["motion.splits.fractions.0", "maximum"]),
        ({"datasets__motion__splits": {"fractions": [0]}}, ["motion.splits.fractions.0", "minimum"]),
        ({"datasets__motion__splits": {"kind": "fold"}}, ["splits.kind", "did you mean 'folds'?"]),
        ({"datasets__motion__splits": {"validation": 0.9}}, ["splits.validation"]),
        ({"report": {"formats": ["jpg"]}}, ["report.formats.0", "pdf, png"]),
    ],
)
def test_a_wrong_config_gets_one_line_that_names_the_key(changes: dict, words: list[str]) -> None:
    tiny.refused(changes, words)


@pytest.mark.parametrize(
    ("clip", "advice"),
    [
        ({}, "set datasets.motion.clip.size, for all models, or models.cnn3d.clip.size, or raise frames.size"),
        ({"size": [48, 48]}, "raise frames.size, or set models.cnn3d.clip.size"),
    ],
)
def test_the_advice_names_first_where_the_size_comes_from(clip: dict, advice: str) -> None:
    config = tiny.config(datasets__motion__clip={}, models__cnn3d__clip=clip)
    with pytest.raises(UserError) as caught:
        checks.check_pixels(config, "motion", "cnn3d")
    assert str(caught.value).endswith(f"stores [32, 32]; {advice}")


@pytest.mark.parametrize(
    ("stored", "size", "fits"),
    [(64, [64, 80], True), (64, [65, 65], False), ([48, 64], [48, 64], True), ([48, 64], [64, 48], False)],
)
def test_a_clip_larger_than_the_stored_frames_is_refused(stored, size: list[int], fits: bool) -> None:
    config = tiny.config(datasets__motion__frames={"size": stored}, datasets__motion__clip={"size": size})
    if fits:
        checks.check_pixels(config, "motion", "cnn3d")
        return
    with pytest.raises(UserError, match=r"model cnn3d wants clips of .* datasets\.motion\.frames\.size stores"):
        checks.check_pixels(config, "motion", "cnn3d")


@pytest.mark.parametrize(("stored", "same"), [([32, 32], True), ([64, 64], True), ([32, 48], False), (32, False)])
def test_crops_that_would_all_be_the_same_are_refused(stored, same: bool) -> None:
    clip = tiny.CLIP | {"crops": 3}
    config = tiny.config(datasets__motion__frames={"size": stored}, datasets__motion__clip=clip)
    if not same:
        checks.check_crops(config, "motion", "cnn3d")
        return
    with pytest.raises(UserError, match=r"model cnn3d: clip\.crops: 3 crops of datasets\.motion would all be the same"):
        checks.check_crops(config, "motion", "cnn3d")


def test_several_machines_need_slurm_gpus_and_two_clips_a_process() -> None:
    checks.check_machines(tiny.config(), "motion", "cnn3d", on_slurm=False, max_gpus=1)
    config = tiny.config(models__cnn3d__training={"nodes": 2, "gpus": 4, "batch_size": 8})
    checks.check_machines(config, "motion", "cnn3d", on_slurm=True, max_gpus=7)  # without GPUs: a process on each
    with pytest.raises(UserError, match="only available from Slurm"):
        checks.check_machines(config, "motion", "cnn3d", on_slurm=False, max_gpus=1)
    config["device"] = "cuda"
    with pytest.raises(UserError, match="8 GPUs in all, but jobs may ask for 7 together; raise gpus_at_once"):
        checks.check_machines(config, "motion", "cnn3d", on_slurm=True, max_gpus=7)
    with pytest.raises(UserError, match="8 processes in all, which need two clips of a batch each"):
        checks.check_machines(config, "motion", "cnn3d", on_slurm=True, max_gpus=None)


def test_a_network_that_cannot_take_its_clips_is_refused() -> None:
    config = tiny.config(models__x={"architecture": "s3d"}, models__y={"backbone": "vgg", "head": "tsm"})
    config["backbones"]["vgg"] = {"architecture": "vgg11"}
    with pytest.raises(UserError, match=r"model x on motion: s3d needs clips of at least 8 frames, not 4"):
        checks.check_network(config, "motion", "x")
    with pytest.raises(UserError, match=r"model y on motion: head tsm: the backbone vgg11 has no residual blocks"):
        checks.check_network(config, "motion", "y")


def test_more_trained_stages_than_there_are_or_another_head_are_refused() -> None:
    config = tiny.config(
        models__cnn3d__trained_stages=5,
        backbones__clips={"architecture": "r3d_18"},
        models__x={"backbone": "clips", "head": "gru"},
    )
    with pytest.raises(UserError, match=r"model cnn3d on motion: trained_stages: 5, but cnn3d has 4 stages"):
        checks.check_network(config, "motion", "cnn3d")
    with pytest.raises(UserError, match=r"model x on motion: backbone r3d_18 takes whole clips: only the heads mean"):
        checks.check_network(config, "motion", "x")


def frozen() -> dict:
    """Two models that share a frozen entry, and two that share one of a network for clips."""
    return tiny.config(
        backbones__frames={"architecture": "resnet18", "trained_stages": 0},
        backbones__clips={"architecture": "r3d_18", "trained_stages": 0},
        models__a={"backbone": "frames", "head": "lstm"},
        models__b={"backbone": "frames", "head": "mean"},
        models__c={"backbone": "clips", "head": "mean"},
        models__d={"backbone": "clips", "head": "mean", "dropout": 0.5},
        run__models=["a", "b", "c", "d", "cnn3d"],
    )


@pytest.mark.parametrize(
    ("model", "clip", "words"),
    [
        (
            "b",
            {"size": [16, 16]},
            ["models a and b share the cached features of backbones.frames", "clip.size"],
        ),
        ("b", {"frames": 7, "sampling": "dense", "step": 3, "views": 2}, []),
        ("d", {"frames": 7}, ["models c and d share", "differ in clip.frames", "a backbones entry of its own"]),
        ("d", {"views": 2}, ["models c and d share", "differ in clip.views"]),
        ("d", {"step": 3}, []),
        (
            "a",
            {"crops": 3},
            ["model a on motion: clip.crops above 1: not with", "cache_features: false"],
        ),
        ("a", {"subtract_temporal_mean": True}, ["model a on motion: clip.subtract_temporal_mean: not with cached"]),
    ],
)
def test_models_that_share_cached_features_agree(model: str, clip: dict, words: list[str]) -> None:
    config = frozen()
    config["models"][model]["clip"] = clip
    if not words:
        checks.check_features(config, "motion")
        return
    with pytest.raises(UserError) as caught:
        checks.check_features(config, "motion")
    assert all(word in str(caught.value) for word in words), caught.value
    config["backbones"]["frames"]["cache_features"] = config["backbones"]["clips"]["cache_features"] = False
    checks.check_features(config, "motion")


def test_features_are_computed_with_the_data_sets_threads() -> None:
    config = frozen()
    config["models"]["a"]["training"] = {"threads": 7}
    assert schema.feature_threads(config, "motion") == tiny.TRAINING["threads"]
    assert schema.feature_threads(config | {"training": {"threads": 5}}, "motion") == tiny.TRAINING["threads"]
    del config["datasets"]["motion"]["training"]
    assert schema.feature_threads(config | {"training": {"threads": 5}}, "motion") == 5


def test_a_head_on_cached_features_takes_one_thread_where_the_config_names_none() -> None:
    config = frozen()
    del config["datasets"]["motion"]["training"]["threads"]
    assert schema.model_options(config, "motion", "a")["training"]["threads"] == 1
    config["backbones"]["frames"]["cache_features"] = config["backbones"]["clips"]["cache_features"] = False
    assert schema.model_options(config, "motion", "a")["training"]["threads"] == 2
    assert schema.feature_threads(config, "motion") == 2


def test_settings_that_change_no_result_are_no_options_of_a_model() -> None:
    config = tiny.config(models__cnn3d__training={"workers": 3, "checkpoint_minutes": 2})
    assert schema.runtime_options(config, "motion", "cnn3d") == {
        "workers": 3, "checkpoint_minutes": 2, "tensorboard": False, "tracker": [], "on_failure": "stop",
    }  # fmt: skip
    same = schema.model_options(tiny.config(), "motion", "cnn3d")
    assert schema.model_options(config, "motion", "cnn3d") == same


def test_later_settings_win_and_defaults_fill_the_rest() -> None:
    config = tiny.config(
        training={"epochs": 50, "batch_size": 4, "optimizer": "sgd"},
        datasets__motion__training={"epochs": 7, "batch_size": 5},
        models__cnn3d__training={"epochs": 3},
        models__cnn3d__clip={"frames": 6},
    )
    options = schema.model_options(config, "motion", "cnn3d")
    training = options["training"]
    expected = {"epochs": 3, "batch_size": 5, "optimizer": "sgd", "momentum": 0.9}
    assert training.items() >= expected.items()
    assert options["clip"] == {
        "frames": 6,
        "sampling": "uniform",
        "step": 2,
        "size": [32, 32],
        "mean": 0.45,
        "std": 0.225,
        "subtract_temporal_mean": False,
        "views": 1,
        "crops": 1,
    }


def test_a_slice_is_not_the_config_itself() -> None:
    config = tiny.config()
    schema.model_options(config, "motion", "cnn2d_lstm")["training"]["epochs"] = 99
    schema.dataset_options(config, "motion")["motion"]["seed"] = 99
    assert config == tiny.config()


def test_the_page_of_all_keys_is_up_to_date() -> None:
    from describe_config import TARGET, text

    assert TARGET.read_text() == text(), "run `make docs`"


def test_no_count_is_without_an_upper_bound() -> None:
    """But those that end no sooner than at a check of their own, or that cost nothing."""
    checked = {"trained_stages", "attention_heads", "patience", "plateau_patience", "seed"}

    def unbounded(node: dict, key: str) -> set[str]:
        kinds = [node.get("type"), *(form.get("type") for form in node.get("oneOf", []))]
        found = {key} if "integer" in str(kinds) and "maximum" not in str(node) else set()
        return found.union(*(unbounded(child, name) for name, child in node.get("properties", {}).items()))

    found = set().union(*(unbounded(node, name) for name, node in schema.schema()["$defs"].items()))
    assert found == checked
