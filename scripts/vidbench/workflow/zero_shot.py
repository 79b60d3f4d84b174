"""Functions of rules/zero_shot.smk: models that classify by the names of the classes, without training."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from vidbench.config.zero_shot import is_zero_shot
from vidbench.files import digest, file_sha256
from vidbench.models import image_text_folder
from vidbench.workflow import job_resources
from vidbench.workflow.files import one_of, user_files
from vidbench.workflow.run import Run

BASE_MB = 3000  # torch and transformers
WEIGHTS_IN_MEMORY = 3  # copies: the file, the library's network, the model


@dataclass(frozen=True)
class ZeroShotRules:
    """Input, params and resource functions; one instance per reading of the Snakefile."""

    run: Run

    @property
    def models(self) -> str:
        """Regular expression of the models that are not trained."""
        return one_of(name for name, entry in self.run.config["models"].items() if is_zero_shot(entry))

    def options(self, wildcards: Any) -> dict:
        """Complete options of a model on a data set."""
        return self.run.data(wildcards.dataset).options(wildcards.model)

    def weights_file(self, wildcards: Any) -> list[str]:
        """The file of weights in the model's folder."""
        return user_files([self.options(wildcards)["weights"]])

    def digest(self, wildcards: Any) -> str:
        """Digest of the folder's files: a changed one reruns jobs, a touched one does not."""
        return self._folder_digest(self.options(wildcards)["weights"])

    @cached_property
    def _folder_digest(self) -> Callable[[str], str]:
        return cache(_digest_folder)

    def threads(self, wildcards: Any) -> int:
        """Compute threads of the job."""
        return self.options(wildcards)["training"]["threads"]

    def megabytes(self, wildcards: Any, attempt: int) -> int:
        """Memory of the job, by the size of the file of weights."""
        size = Path(self.options(wildcards)["weights"]).stat().st_size / 1e6
        return job_resources.scale_up(BASE_MB + WEIGHTS_IN_MEMORY * size, attempt)


def _digest_folder(weights: str) -> str:
    return digest([(path.name, file_sha256(path)) for path in image_text_folder.read_files(Path(weights).parent)])
