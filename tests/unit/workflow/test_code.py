"""Digests of the code that a rule runs, without Snakemake."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import tiny
from rule_objects import MOTION, RUN, own_config

from vidbench.workflow.code import Code
from vidbench.workflow.run import Run

FROZEN = {"architecture": "resnet18", "weights": "DEFAULT", "trained_stages": 0}
HEAD = {"backbone": "frozen", "head": "mean", "clip": {"frames": 4, "size": [32, 32]}}


def files(digests: Callable[[object], list[str]], wildcards: object) -> set[str]:
    """The files that digests are of."""
    return {line.split()[0] for line in digests(wildcards)}


def test_code_of_a_data_set_is_that_of_its_kind(tmp_path: Path) -> None:
    digests = Code(Run(own_config(tmp_path, run__datasets=["motion", "own"]))).of_dataset("index_videos.py")
    own, motion = files(digests, SimpleNamespace(dataset="own")), files(digests, MOTION)
    assert {"index_videos.py", "vidbench/datasets/csv_manifest.py"} <= own
    assert {"index_videos.py", "vidbench/datasets/motion.py"} <= motion
    assert "vidbench/datasets/csv_manifest.py" not in motion


def test_code_of_a_model_is_that_of_its_family() -> None:
    digests = Code(Run(tiny.config())).of_model("predict_videos.py")
    cnn3d, lstm = files(digests, RUN), files(digests, SimpleNamespace(dataset="motion", model="cnn2d_lstm"))
    assert {"predict_videos.py", "vidbench/models/cnn3d.py"} <= cnn3d
    assert {"vidbench/models/cnn2d.py", "vidbench/models/head_lstm.py"} <= lstm
    assert "vidbench/models/cnn3d.py" not in lstm


def test_code_of_features_holds_no_head() -> None:
    code = Code(Run(tiny.config(backbones__frozen=FROZEN, models__head=HEAD, run__models=["head"])))
    model = files(code.of_model("train_model.py"), SimpleNamespace(dataset="motion", model="head"))
    features = SimpleNamespace(dataset="motion", backbone="frozen", shard="0")
    backbone = files(code.of_backbone("extract_features.py"), features)
    head, network = "vidbench/models/head_mean.py", "vidbench/models/torchvision2d.py"
    assert {head, network, "train_model.py"} <= model
    assert {network, "vidbench/models/pretrained.py", "extract_features.py"} <= backbone
    assert head not in backbone
