"""Trainings of transformers' video networks: stopped ones end like whole ones, to the byte, with dropout and stages."""

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from stopped_trainings import SMALL_3D, check_resuming, complete, run
from tiny_transformers import library_network

from vidbench.models.options import ModelOptions, NetworkOptions
from vidbench.models.transformers_config import dump

SMALL = {"vjepa2": {"crop_size": 16, "patch_size": 8, "drop_path_rate": 0.1}, "videomae": {"image_size": 16}}
DROPOUT = {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}


def options(family: str, trained_stages: int | None, **training: object) -> ModelOptions:
    """A tiny network with random weights, on clips of 16 x 16 pixels."""
    config = json.loads(library_network(family).config.to_json_string(use_diff=False))
    small = SMALL.get(family, {"image_size": 16}) | ({} if family == "vjepa2" else DROPOUT)
    text = dump(config | small | ({"patch_size": 8} if family != "vivit" else {"tubelet_size": [2, 8, 8]}))
    plain = complete(SMALL_3D, training)
    network = NetworkOptions(architecture=f"hf/{family}", network_config=text, trained_stages=trained_stages)
    return dataclasses.replace(plain, network=network)


@pytest.mark.parametrize(
    ("family", "trained_stages", "training"),
    [
        ("vjepa2", None, {"ema": 0.9}),
        ("videomae", 1, {"layer_decay": 0.5}),
        ("vivit", None, {"activation_checkpointing": True}),
        ("timesformer", 0, {}),
    ],
)
def test_a_stopped_training_ends_like_a_whole_one(
    family: str, trained_stages: int | None, training: dict, tmp_path: Path
) -> None:
    check_resuming(family, options(family, trained_stages, **training), tmp_path)


def test_layers_learn_at_rates_of_their_own(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    slow, fast = (
        run(tmp_path / str(decay), options("videomae", None, layer_decay=decay, epochs=1))[0] for decay in (1e-6, 1)
    )
    first = "encoder.embeddings.patch_embeddings.projection.weight at the end"
    assert not torch.allclose(slow[first], fast[first], atol=1e-6)
