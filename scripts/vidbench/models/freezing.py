"""Training only the last stages of a network: the others keep their weights and all that they do in evaluation."""

from torch import nn

from vidbench.models.stages import is_in, model_stages


def trained_stages(options: dict) -> int | None:
    """How many of the last stages a complete model entry trains beside its classifier or head; None for all."""
    return options.get("backbone", options).get("trained_stages")


def freeze(model: nn.Module, options: dict) -> nn.Module:
    """`model`, which `options` built, without gradients in the stages that are not trained.

    Its new attribute `frozen` names their modules, for train_mode().
    """
    model.frozen = []
    trained = trained_stages(options)
    if trained is None:
        return model
    stages = model_stages(model, options)
    frozen = [piece for stage in stages[: len(stages) - trained] for piece in stage]
    for name, parameter in model.named_parameters():
        if is_in(name, frozen):
            parameter.requires_grad_(False)
    modules = dict(model.named_modules())
    model.frozen = [piece for piece in frozen if piece in modules]
    return model


def train_mode(model: nn.Module) -> None:
    """As model.train(), but what freeze() froze stays in evaluation.

    There batch norm's running statistics do not move, and neither dropout nor stochastic depth changes anything.
    """
    model.train()
    for name in getattr(model, "frozen", []):
        model.get_submodule(name).eval()
