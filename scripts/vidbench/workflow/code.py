"""Digests of the code that a rule runs, as params: a changed statement reruns the jobs that depend on it."""

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
    """Params functions for the modules that scripts import by name at run time, depending on the config.

    They return the digests of these modules only. Rules have the others as `*code_digests(script)`, each a param of its
    own, so that Snakemake's reason for rerunning a job names the changed file.
    """

    run: Run

    def of_dataset(self, script: str) -> CodeFunction:
        """Params function: the module of the data set's kind."""
        return lambda wildcards: _additional_digests(script, datasets.MODULES[self.run.data(wildcards.dataset).kind])

    def of_model(self, script: str) -> CodeFunction:
        """Params function: the modules of the model's family."""
        return lambda wildcards: _additional_digests(
            script, *_full_names(module_names(self._options(wildcards, wildcards.model)))
        )

    def of_backbone(self, script: str) -> CodeFunction:
        """Params function: the modules of the backbone's family, without heads."""

        def digests(wildcards: Any) -> str:
            model = one_line(self.run.data(wildcards.dataset).model_of_backbone, wildcards.backbone)
            network = self._options(wildcards, model).network
            return _additional_digests(script, *_full_names(backbone_module_names(network)))

        return digests

    def _options(self, wildcards: Any, model: str) -> ModelOptions:
        return self.run.data(wildcards.dataset).typed_options(model)


def _full_names(names: list[str]) -> list[str]:
    return [f"vidbench.models.{name}" for name in names]


def _additional_digests(script: str, *modules: str) -> str:
    """Return the digests of what `modules` add to the script's own imports."""
    script_digests = code_digests(script)
    return ", ".join(line for line in code_digests(script, *modules) if line not in script_digests)
