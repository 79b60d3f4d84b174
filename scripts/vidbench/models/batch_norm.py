"""Finding batch norm in a network, and its running statistics in torchvision's."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

MIN_MOMENTUM = 0.01
DEFAULT_MOMENTUM = 0.1  # PyTorch's


def raise_momentum(model: nn.Module) -> nn.Module:
    """Give batch norms PyTorch's default momentum where theirs is too small for short trainings, and return the model.

    S3D's 0.001 and MNASNet's 0.0003 are meant for a million steps: after a thousand, validation still normalises with
    the initial statistics.
    """
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d) and module.momentum is not None:
            module.momentum = DEFAULT_MOMENTUM if module.momentum < MIN_MOMENTUM else module.momentum
    return model


def find_batch_norms(network: nn.Module) -> list[_BatchNorm]:
    """Return a network's batch norms, synchronised ones included."""
    return [module for module in network.modules() if isinstance(module, _BatchNorm)]
