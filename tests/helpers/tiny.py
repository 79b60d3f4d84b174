"""A configuration that runs in seconds, and videos for it."""

import copy

import pytest

from vidbench.config import schema
from vidbench.errors import UserError

MOTION = {"train_scenes": 6, "test_scenes": 3, "frames": 8, "size": 32, "seed": 0}
CLIP = {"frames": 4, "size": [32, 32], "views": 1}
TRAINING = {"epochs": 2, "batch_size": 8, "threads": 1, "warmup_epochs": 1, "learning_rate": 0.003}
MOTION_ENTRY = {
    "kind": "motion",
    "motion": MOTION,
    "shards": 2,
    "frames": {"size": [32, 32]},
    "clip": CLIP,
    "augmentation": {"shift": 0, "color_jitter": 0},
    "training": TRAINING,
}
CONFIG = {
    "run": {"datasets": ["motion"], "models": ["cnn3d", "cnn2d_mean"], "seeds": [0]},
    "device": "cpu",
    "evaluation": {"explained_videos": 0},
    "datasets": {"motion": MOTION_ENTRY},
    "backbones": {"cnn2d": {"architecture": "cnn2d", "width": 4}},
    "models": {
        "cnn3d": {"architecture": "cnn3d", "width": 4},
        "cnn2d_mean": {"backbone": "cnn2d", "head": "mean"},
        "cnn2d_lstm": {"backbone": "cnn2d", "head": "lstm", "hidden": 8},
        "cnn2d_tcn": {"backbone": "cnn2d", "head": "tcn", "hidden": 8},
        "r3d_18": {"architecture": "r3d_18"},
    },
}


def config(**changes: object) -> dict:
    """A copy of CONFIG; a change is named by its path, e.g. datasets__motion__shards=3."""
    return with_changes(CONFIG, changes)


def with_changes(config: dict, changes: dict[str, object]) -> dict:
    """A copy of a configuration with changes as config() takes them."""
    made = copy.deepcopy(config)
    for path, value in changes.items():
        *parents, last = path.split("__")
        target = made
        for parent in parents:
            target = target.setdefault(parent, {})
        target[last] = value
    return made


def refused(changes: dict, words: list[str]) -> None:
    """A configuration with these changes ends in one short line that holds the words."""
    with pytest.raises(UserError) as caught:
        schema.check(config(**changes))
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 400
    for word in words:
        assert word in message
