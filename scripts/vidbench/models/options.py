"""A model's complete options as frozen dataclasses. Imports no torch.

Their fields and defaults are those of config/schemas/config.schema.yaml, which explains each: a test compares them.
`clip.size`, `mean` and `std` are filled in before a step starts; their defaults here are those of models without
pretrained weights. Settings that change no result (config/schema.py: RUNTIME) are no fields.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from vidbench import models
from vidbench.errors import UserError, did_you_mean


@dataclass(frozen=True)
class Options:
    """Base of all sections: conversion from and to JSON."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make it from a section of the JSON of a step's --options; UserError for an unknown or missing key."""
        names = [field.name for field in dataclasses.fields(cls)]
        for key in values:
            if key not in names:
                raise UserError(f"options: '{key}' is not known in {cls.__name__}: {did_you_mean(key, names)}")
        try:
            return cls(**{key: _from_json(key, value) for key, value in values.items()})
        except TypeError as error:  # a key without a default is missing
            raise UserError(f"options: {cls.__name__}: {' '.join(str(error).split())}") from error

    def as_dict(self) -> dict[str, Any]:
        """Return the argument of from_dict(), with lists for tuples, as in JSON."""
        return {name: _to_list(value) for name, value in dataclasses.asdict(self).items()}


def _from_json(key: str, value: object) -> object:
    if key == "lora" and isinstance(value, Mapping):
        return LoraOptions.from_dict(value)
    return tuple(value) if isinstance(value, list) else value


def _to_list(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, kw_only=True)
class NetworkOptions(Options):
    """The network whose input is clips or frames: a clip architecture, or a head's backbone."""

    architecture: str
    width: int = 24
    weights: str | None = None
    trained_stages: int | None = None
    cache_features: bool = True  # of a backbone without trained stages
    tokens: tuple[int, ...] | None = None  # most cells in (height, width), of clips in (time, height, width)
    drop_path: float | None = None  # stochastic depth, of timm's networks; None: the network's own
    network_config: str | None = None  # JSON, of transformers' networks: their sizes

    @property
    def takes_clips(self) -> bool:
        """Whether the network's input is whole clips; otherwise it is single frames."""
        return models.takes_clips(self.architecture)


@dataclass(frozen=True, kw_only=True)
class ZeroShotOptions(NetworkOptions):
    """An image-text network, which classifies by texts: an entry with the architecture zero_shot."""

    prompts: tuple[str, ...]
    class_names: Mapping[str, str] = field(default_factory=dict)  # words for a class by its label
    vision: Mapping[str, Any] = field(default_factory=dict)  # configuration of the image tower, from the folder

    @property
    def takes_clips(self) -> bool:
        """False: the image tower sees each frame by itself, so one pass is enough for all orders of the frames."""
        return False


@dataclass(frozen=True, kw_only=True)
class HeadOptions(Options):
    """The head, which maps features to logits. A clip architecture's own classifier has no name, and only dropout."""

    name: str | None = None
    hidden: int = 128
    layers: int = 1
    bidirectional: bool = False
    blocks: int = 0
    attention_heads: int | None = None
    dropout: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ClipOptions(Options):
    """The frames of a video that a clip takes, and their scaling, cropping and normalisation."""

    frames: int = 16
    sampling: str = "uniform"
    step: int | None = None
    rate: float | None = None
    size: tuple[int, int] = (112, 112)  # (height, width)
    mean: float | tuple[float, float, float] = 0.45
    std: float | tuple[float, float, float] = 0.225
    subtract_temporal_mean: bool = False
    views: int = 1
    crops: int = 1


@dataclass(frozen=True, kw_only=True)
class AugmentationOptions(Options):
    """Random changes to training clips."""

    horizontal_flip: bool = False
    shift: float = 0.1
    random_resized_crop: tuple[float, float] | None = None
    color_jitter: float = 0.2
    rand_augment: int = 0
    random_erasing: float = 0
    mixup: float = 0
    cutmix: float = 0


@dataclass(frozen=True, kw_only=True)
class LoraOptions(Options):
    """Matrices of low rank that are trained in place of a network's own weights."""

    rank: int = 8
    alpha: float = 16
    dropout: float = 0
    layers: str = "attention"


@dataclass(frozen=True, kw_only=True)
class TrainingOptions(Options):
    """Optimisation, early stopping, precision and devices of a training."""

    epochs: int = 30
    batch_size: int = 16
    optimizer: str = "adamw"
    learning_rate: float = 0.001
    momentum: float = 0.9
    weight_decay: float = 0.05
    schedule: str = "cosine"
    warmup_epochs: float = 2
    milestones: tuple[float, ...] = (0.5, 0.75)
    decay_factor: float = 0.1
    plateau_patience: int = 3
    label_smoothing: float = 0
    class_weights: str = "none"
    sampler: str = "shuffled"
    gradient_clip: float | None = None
    accumulate: int = 1
    ema: float = 0
    precise_batch_norm: bool | str = "auto"
    refit: bool = False
    precision: str = "auto"
    channels_last: bool | str = "auto"
    compile: bool | str = "auto"
    activation_checkpointing: bool = False
    deterministic: bool = False
    gpus: int = 1
    nodes: int = 1
    patience: int | None = 10
    layer_decay: float = 1
    lora: LoraOptions | None = None
    threads: int = 2


SECTIONS = {"clip": ClipOptions, "augmentation": AugmentationOptions, "training": TrainingOptions}


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """All that a training of a model on a data set depends on, beside data and seed."""

    network: NetworkOptions
    head: HeadOptions = field(default_factory=HeadOptions)
    clip: ClipOptions = field(default_factory=ClipOptions)
    augmentation: AugmentationOptions = field(default_factory=AugmentationOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Self:
        """Make it from a complete model entry, as print_options.py prints it.

        The keys of the head are at the top level of the entry. So are those of the network where the entry has an
        `architecture`; where it has a `backbone`, that section has them, and those at the top level have no effect.
        """
        sections = {name: section.from_dict(entry.get(name, {})) for name, section in SECTIONS.items()}
        top_level = {key: value for key, value in entry.items() if key not in (*SECTIONS, "backbone")}
        head_keys = {field.name for field in dataclasses.fields(HeadOptions)} - {"name"}
        head = {key: top_level.pop(key) for key in head_keys & top_level.keys()} | {"name": top_level.pop("head", None)}
        if "backbone" in entry:
            network = _make_backbone(entry["backbone"], top_level)
        else:
            network = (ZeroShotOptions if "prompts" in top_level else NetworkOptions).from_dict(top_level)
        return cls(network=network, head=HeadOptions.from_dict(head), **sections)

    @property
    def has_backbone(self) -> bool:
        """Whether the network is a backbone, with a head on its features."""
        return self.head.name is not None

    @property
    def takes_frames(self) -> bool:
        """Whether the network is a backbone whose input is single frames."""
        return not self.network.takes_clips

    @property
    def takes_tokens(self) -> bool:
        """Whether the head takes tokens in place of a vector per frame or clip."""
        return self.head.name in models.TOKEN_HEADS

    @property
    def caches_features(self) -> bool:
        """Whether the head is trained on a frozen backbone's features, computed once."""
        return self.has_backbone and self.network.trained_stages == 0 and self.network.cache_features


def _make_backbone(section: Mapping[str, Any], top_level: Mapping[str, Any]) -> NetworkOptions:
    """Return the backbone's options; unknown keys at the top level are refused, known ones have no effect."""
    NetworkOptions.from_dict({**top_level, "architecture": section.get("architecture")})
    return NetworkOptions.from_dict(section)
