"""Video networks of the library transformers, built for the length and size of the clips.

    clips (B, 3, T, H, W) -> encoder -> tokens (B, N, D) -> pooling -> (B, D) -> classifier -> (B, K)

Encoder and pooling are the library's own modules. Pooling is that of its classifier, where the weights include one;
of weights without a classifier it is the class token, or the mean of all tokens where there is none.
"""

import json
from typing import Any

import torch
from torch import nn

from vidbench.models.networks.transformers_library import LIBRARY, PREFIX, make_library_network
from vidbench.models.networks.transformers_state import fit_state
from vidbench.models.options import ClipOptions, NetworkOptions
from vidbench.models.stages import NAMED_STAGES, Stage
from vidbench.models.transformers_config import FAMILIES, Geometry, has_classifier, read_geometry

__all__ = ["fit_state", "make_network"]


class Pooling(nn.Module):
    """One vector of a clip's tokens, as the library's classifier has it: (B, N, D) -> (B, D)."""

    def __init__(self, family: str, network: Any, with_classifier: bool) -> None:
        """`network`: the library's, whose modules between encoder and classifier become this one's."""
        super().__init__()
        names = LIBRARY[family].pooling if with_classifier else ()
        self.names = [name for name in names if getattr(network, name, None) is not None]
        for name in self.names:
            setattr(self, name, getattr(network, name))
        # VideoMAE's first token is no class token, but its own classifier takes it where it does not average.
        takes_first = with_classifier and family == "videomae" and not self.names
        self.takes_first = takes_first or LIBRARY[family].num_class_tokens > 0

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """(B, N, D) -> (B, D)."""
        if self.takes_first:
            return tokens[:, 0]
        if "pooler" in self.names:
            return self.get_submodule("pooler")(tokens)
        if "head" in self.names:  # attends to the tokens
            return self.get_submodule("head_layernorm")(self.get_submodule("head")(tokens)[0])[:, 0]
        mean = tokens.mean(1)
        return self.get_submodule("fc_norm")(mean) if self.names else mean


class VideoTransformer(nn.Module):
    """Encoder, pooling and classifier; the layout of the tokens is that of the patches in the clip."""

    def __init__(self, family: str, network: Any, config: dict[str, Any], grid: tuple[int, int, int]) -> None:
        """network: the library's, with a classifier. config: the file's, also for weights of clips of another size.

        grid: patches of a clip, over (time, height, width).
        """
        super().__init__()
        self.family = family
        self.part_names = LIBRARY[family]
        self.config = config
        self.grid = grid
        self.encoder = getattr(network, self.part_names.prefix)
        if family == "vjepa2":  # predicts masked patches in pretraining, and is no part of classification
            self.encoder.predictor = None
        self.all_tokens = nn.Identity()
        self.pooling = Pooling(family, network, has_classifier(config))
        self.dropout = nn.Dropout(0.0)
        self.classifier = _make_classifier(family, network, config)
        setattr(self, NAMED_STAGES, find_stages(self))

    def encode(self, clips: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) -> tokens (B, class tokens + patches, D), in the library's order."""
        options = dict.fromkeys(self.part_names.arguments, True)
        return self.all_tokens(self.encoder(clips.transpose(1, 2), **options).last_hidden_state)

    def tokens(self, clips: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) -> (B, t, h, w, D): the tokens of the patches, without class tokens."""
        patches = self.encode(clips)[:, self.part_names.num_class_tokens :]
        time, height, width = self.grid
        if self.family == "timesformer":  # the frames of a patch are neighbours
            return patches.unflatten(1, (height, width, time)).permute(0, 3, 1, 2, 4)
        return patches.unflatten(1, self.grid)

    def map_layer(self) -> tuple[str, tuple[int, ...], int]:
        """Return the name of the last layer with a token per patch, their grid, and the number of tokens before them.

        All tokens count where they are pooled; where the first one is classified, those that the last block attends to.
        """
        if not self.pooling.takes_first:
            return "all_tokens", self.grid, 0
        last = next(part for part in self.part_names.parts if part.endswith(".*")).removesuffix(".*")
        name = f"encoder.{last}.{sum(1 for _ in self.get_submodule(f'encoder.{last}').children()) - 1}.layernorm_before"
        # TimeSformer attends within each frame: its frames are the batch.
        return name, self.grid[1:] if self.family == "timesformer" else self.grid, self.part_names.num_class_tokens

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) -> (B, K)."""
        return self.classifier(self.dropout(self.pooling(self.encode(clips))))


def _make_classifier(family: str, network: Any, config: dict[str, Any]) -> nn.Module:
    """Return the library's classifier, after a norm where the tokens of weights without a classifier have none."""
    if family == "videomae" and network.videomae.layernorm is None and not has_classifier(config):
        return nn.Sequential(nn.LayerNorm(network.config.hidden_size), network.classifier)
    return network.classifier


def make_network(network: NetworkOptions, clip: ClipOptions, num_classes: int, dropout: float) -> VideoTransformer:
    """Make the network for the clip's frames and size; UserError where the library refuses its configuration."""
    family = network.architecture.removeprefix(PREFIX)
    config = json.loads(network.network_config or "{}")
    clip_geometry = Geometry(clip.frames, clip.size, read_geometry(family, config).patch)
    made = make_library_network(family, _resize(family, config, clip_geometry), num_classes)
    model = VideoTransformer(family, made, config, clip_geometry.grid)
    model.dropout.p = dropout
    return model


def _resize(family: str, config: dict[str, Any], geometry: Geometry) -> dict[str, Any]:
    """Return a configuration for other clips."""
    frames, size = FAMILIES[family].keys
    height, width = geometry.size
    return config | {frames: geometry.frames, size: height if height == width else [height, width]}


def find_stages(network: VideoTransformer) -> list[Stage]:
    """Return the embeddings, each layer, and the pooling where it has layers; norms belong to what is before them."""
    stages: list[Stage] = []
    for part in network.part_names.parts:
        name = f"encoder.{part.removesuffix('.*')}"
        try:
            module = network.get_submodule(name)
        except AttributeError:  # a norm that only some configurations have
            continue
        if part.endswith(".*"):
            stages += [[f"{name}.{index}"] for index, _ in module.named_children()]
        elif stages:
            stages[-1].append(name)
        else:
            stages.append([name])
    has_layers = any(isinstance(module, nn.Linear) for module in network.pooling.modules())
    if has_layers:
        stages.append(["pooling"])
    else:
        stages[-1].append("pooling")
    return stages
