"""Training only the last stages of a network: the others keep their weights and stay in eval mode."""

from torch import nn

from vidbench.errors import UserError
from vidbench.models.stages import find_model_stages, is_in

FROZEN = "frozen"  # attribute of a model: names of its frozen modules


def freeze(model: nn.Module, trained_stages: int | None) -> nn.Module:
    """Switch off the gradients of all stages but the last `trained_stages`, and return the model; None trains all.

    Classifier or head are always trained. The model gets the attribute FROZEN, for train_mode().
    """
    setattr(model, FROZEN, [])
    if trained_stages is None:
        return model
    stages = find_model_stages(model)
    if trained_stages > len(stages):
        raise UserError(f"trained_stages: {trained_stages}, but the network has {len(stages)} stages; null trains all")
    frozen = [piece for stage in stages[: len(stages) - trained_stages] for piece in stage]
    for name, parameter in model.named_parameters():
        if is_in(name, frozen):
            parameter.requires_grad_(False)
    modules = dict(model.named_modules())
    setattr(model, FROZEN, [piece for piece in frozen if piece in modules])
    return model


def train_mode(model: nn.Module) -> None:
    """Switch to training mode, as model.train() does, apart from the modules that freeze() froze.

    In eval mode their batch norms keep the running statistics, and dropout and stochastic depth do nothing.
    """
    model.train()
    for name in getattr(model, FROZEN, []):
        model.get_submodule(name).eval()
