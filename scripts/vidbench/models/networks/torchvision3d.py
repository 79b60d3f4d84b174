"""torchvision's networks that take clips of any length and size.

r3d_18, mc3_18, r2plus1d_18: 3D CNNs of Tran et al. 2018, A Closer Look at Spatiotemporal Convolutions,
arXiv:1711.11248. swin3d_*: transformers of Liu et al. 2022, Video Swin Transformer, arXiv:2106.13230; they pad clips to
whole patches (2 x 4 x 4) and windows (8 x 7 x 7 patches), and their position bias belongs to the window.
"""

from torch import nn

from vidbench.models.options import ClipOptions, NetworkOptions
from vidbench.models.token_source import INPUT, TokenSource


def make_network(network: NetworkOptions, clip: ClipOptions, num_classes: int, dropout: float) -> nn.Module:
    """Make the network."""
    from vidbench.models.networks.light_torchvision import models

    model = models.get_model(network.architecture, weights=None, num_classes=num_classes)
    if dropout:  # in one module with the pooling, so that no weight is renamed
        model.avgpool = nn.Sequential(model.get_submodule("avgpool"), nn.Dropout(dropout))
    return model


def token_source(backbone: nn.Module) -> TokenSource:
    """Return where the tokens are: what is pooled."""
    return TokenSource("avgpool", INPUT)
