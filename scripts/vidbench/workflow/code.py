"""Digests of the code that a rule runs, as params: a changed statement runs again what it concerns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vidbench import datasets
from vidbench.models import backbone_module_names, module_names
from vidbench.models.options import ModelOptions
from vidbench.workflow.params import one_line
from vidbench.workflow.run import Run
from vidbench.workflow.source_files import code_digests

CodeFunction = Callable[[Any], str]  # of wildcards


@dataclass(frozen=True)
class Code:
    """Params functions for what scripts import by name at run time, as an entry of the config says.

    They give the digests of these modules alone. `*code_digests(script)` beside them are the others, each a param of
    its own, so that the reason for running a job again names the file that has changed.
    """

    run: Run

    def of_dataset(self, script: str) -> CodeFunction:
        """The module of the data set's kind."""
        return lambda wildcards: _beyond(script, datasets.MODULES[self.run.data(wildcards.dataset).kind])

    def of_model(self, script: str) -> CodeFunction:
        """The modules of the model's own family."""
        return lambda wildcards: _beyond(script, *_models(module_names(self._options(wildcards, wildcards.model))))

    def of_backbone(self, script: str) -> CodeFunction:
        """The modules of the backbone's own family, and no head's."""

        def digests(wildcards: Any) -> str:
            model = one_line(self.run.data(wildcards.dataset).model_of_backbone, wildcards.backbone)
            network = self._options(wildcards, model).network
            return _beyond(script, *_models(backbone_module_names(network)))

        return digests

    def _options(self, wildcards: Any, model: str) -> ModelOptions:
        return self.run.data(wildcards.dataset).typed_options(model)


def _models(names: list[str]) -> list[str]:
    return [f"vidbench.models.{name}" for name in names]


def _beyond(script: str, *modules: str) -> str:
    """Digests of what `modules` add to a script's own imports."""
    own = code_digests(script)
    return ", ".join(line for line in code_digests(script, *modules) if line not in own)
