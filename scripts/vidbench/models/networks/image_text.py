"""The image tower of an image-text network, and a classifier whose weights are embedded texts.

CLIP: Radford et al. 2021, arXiv:2103.00020. SigLIP: Zhai et al. 2023, arXiv:2303.15343. SigLIP 2: Tschannen et al.
2025, arXiv:2502.14786. The towers are transformers' own modules, so their weights keep their names.
"""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from vidbench.models.composite import FrameModel
from vidbench.models.float32 import use_float32
from vidbench.models.options import ClipOptions, NetworkOptions, ZeroShotOptions


class ClipTower(nn.Module):
    """CLIP's image tower and its projection."""

    def __init__(self, vision: dict[str, Any]) -> None:
        from transformers.models.clip.configuration_clip import CLIPVisionConfig
        from transformers.models.clip.modeling_clip import CLIPVisionModelWithProjection

        super().__init__()
        network = CLIPVisionModelWithProjection(CLIPVisionConfig(**vision))
        self.vision_model, self.visual_projection = network.vision_model, network.visual_projection
        self.num_features = network.config.projection_dim

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) -> (N, D)."""
        output = self.vision_model(pixel_values=frames, interpolate_pos_encoding=True)
        return self.visual_projection(output.pooler_output)


class SiglipTower(nn.Module):
    """SigLIP's image tower, which pools by attention."""

    def __init__(self, vision: dict[str, Any]) -> None:
        from transformers.models.siglip.configuration_siglip import SiglipVisionConfig
        from transformers.models.siglip.modeling_siglip import SiglipVisionModel

        super().__init__()
        self.vision_model = SiglipVisionModel(SiglipVisionConfig(**vision))
        self.num_features = self.vision_model.config.hidden_size

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) -> (N, D)."""
        return self.vision_model(pixel_values=frames, interpolate_pos_encoding=True).pooler_output


class Siglip2Tower(nn.Module):
    """SigLIP 2's image tower for images of any shape (NaFlex), which takes their patches."""

    def __init__(self, vision: dict[str, Any]) -> None:
        from transformers.models.siglip2.configuration_siglip2 import Siglip2VisionConfig
        from transformers.models.siglip2.modeling_siglip2 import Siglip2VisionModel

        super().__init__()
        self.vision_model = Siglip2VisionModel(Siglip2VisionConfig(**vision))
        self.side: int = vision["patch_size"]
        self.num_features = self.vision_model.config.hidden_size

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) -> (N, D)."""
        height, width = (length // self.side for length in frames.shape[2:])
        patches = frames.unflatten(3, (width, self.side)).unflatten(2, (height, self.side))  # (N, 3, h, p, w, p)
        patches = patches.permute(0, 2, 4, 3, 5, 1).flatten(3).flatten(1, 2)  # (N, h * w, p * p * 3)
        shapes = torch.tensor([[height, width]]).expand(len(frames), 2)  # on the CPU: the library reads the numbers
        return self.vision_model(pixel_values=patches, pixel_attention_mask=None, spatial_shapes=shapes).pooler_output


TOWERS = {"clip": ClipTower, "siglip": SiglipTower, "siglip2": Siglip2Tower}


class TextClassifier(nn.Module):
    """The similarity of a clip to the embedded text of each class, times the network's scale.

    The scale is in the weights of `classifier`, (K, D); its bias is SigLIP's, which is the same for all classes.
    """

    def __init__(self, num_features: int, num_classes: int) -> None:
        super().__init__()
        self.classifier = nn.Linear(num_features, num_classes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(B, T, D) -> (B, K)."""
        directions = functional.normalize(features, dim=2)
        return self.classifier(functional.normalize(directions.mean(dim=1), dim=1))


def make_network(network: NetworkOptions, clip: ClipOptions, num_classes: int, dropout: float) -> FrameModel:
    """Make the network with random weights."""
    assert isinstance(network, ZeroShotOptions), network
    vision = dict(network.vision)
    backbone = TOWERS[vision.pop("kind")](vision)
    return FrameModel(backbone, use_float32(TextClassifier(backbone.num_features, num_classes)))
