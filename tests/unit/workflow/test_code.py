"""Digests of the code that a rule runs, without Snakemake."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import tiny
from rule_objects import MOTION, RUN, own_config

from vidbench.workflow.code import Code
from vidbench.workflow.run import Run
from vidbench.workflow.source_files import code_digests

FROZEN = {"architecture": "resnet18", "weights": "DEFAULT", "trained_stages": 0}
HEAD = {"backbone": "frozen", "head": "mean", "clip": {"frames": 4, "size": [32, 32]}}


def files(digests: Callable[[object], str], wildcards: object) -> set[str]:
    """The files that digests are of."""
    return {line.split()[0] for line in digests(wildcards).split(", ")}


def test_code_of_a_data_set_is_that_of_its_kind(tmp_path: Path) -> None:
    digests = Code(Run(own_config(tmp_path, run__datasets=["motion", "own"]))).of_dataset("index_videos.py")
    own, motion = files(digests, SimpleNamespace(dataset="own")), files(digests, MOTION)
    assert "vidbench/datasets/csv_manifest.py" in own - motion
    assert "vidbench/datasets/motion.py" in motion - own
    assert not own & {line.split()[0] for line in code_digests("index_videos.py")}


def test_code_of_a_model_is_that_of_its_family() -> None:
    digests = Code(Run(tiny.config())).of_model("predict_videos.py")
    cnn3d, lstm = files(digests, RUN), files(digests, SimpleNamespace(dataset="motion", model="cnn2d_lstm"))
    assert "vidbench/models/networks/cnn3d.py" in cnn3d - lstm
    assert {"vidbench/models/networks/cnn2d.py", "vidbench/models/heads/lstm.py"} <= lstm


def test_code_of_features_holds_no_head() -> None:
    code = Code(Run(tiny.config(backbones__frozen=FROZEN, models__head=HEAD, run__models=["head"])))
    model = files(code.of_model("train_model.py"), SimpleNamespace(dataset="motion", model="head"))
    features = SimpleNamespace(dataset="motion", backbone="frozen", shard="0")
    backbone = files(code.of_backbone("extract_features.py"), features)
    head, network = "vidbench/models/heads/mean.py", "vidbench/models/networks/torchvision2d.py"
    assert {head, network} <= model
    assert {network, "vidbench/models/pretrained.py"} <= backbone
    assert head not in backbone
