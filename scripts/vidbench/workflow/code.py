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

CodeFunction = Callable[[Any], list[str]]  # of wildcards


@dataclass(frozen=True)
class Code:
    """Params functions for scripts that import modules by name at run time: which ones, an entry of the config says."""

    run: Run

    def of_dataset(self, script: str) -> CodeFunction:
        """With the module of the data set's kind."""
        return lambda wildcards: code_digests(script, datasets.MODULES[self.run.data(wildcards.dataset).kind])

    def of_model(self, script: str) -> CodeFunction:
        """With the modules of the model's own family."""

        def digests(wildcards: Any) -> list[str]:
            return code_digests(script, *_models(module_names(self._options(wildcards, wildcards.model))))

        return digests

    def of_backbone(self, script: str) -> CodeFunction:
        """With the modules of the backbone's own family, and no head's."""

        def digests(wildcards: Any) -> list[str]:
            model = one_line(self.run.data(wildcards.dataset).model_of_backbone, wildcards.backbone)
            network = self._options(wildcards, model).network
            return code_digests(script, *_models(backbone_module_names(network)))

        return digests

    def _options(self, wildcards: Any, model: str) -> ModelOptions:
        return self.run.data(wildcards.dataset).typed_options(model)


def _models(names: list[str]) -> list[str]:
    return [f"vidbench.models.{name}" for name in names]
