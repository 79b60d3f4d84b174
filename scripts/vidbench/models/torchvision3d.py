"""torchvision's 3D CNNs, with random weights.

r3d_18: Tran et al. 2018, A Closer Look at Spatiotemporal Convolutions, arXiv:1711.11248.
"""

from torch import nn


def _r3d_18(options: dict, num_classes: int) -> nn.Module:
    from torchvision.models.video import r3d_18

    model = r3d_18(weights=None, num_classes=num_classes)
    if options["dropout"]:
        model.fc = nn.Sequential(nn.Dropout(options["dropout"]), model.fc)
    return model


MODELS = {"r3d_18": _r3d_18}
