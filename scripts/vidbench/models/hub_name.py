"""A model on the Hugging Face Hub as a config names it, and where its files are here. Imports no torch.

hf-hub:OWNER/NAME@REVISION                        what a config names; a commit, or a branch
hf-hub:OWNER/NAME@REVISION in FOLDER              the same where its files are not below resources/weights, as in a
                                                  module with a prefix (vidbench/workflow/hub_models.py)
resources/weights/incoming/OWNER--NAME@REVISION/  a folder that was put there by hand
resources/weights/fetched/OWNER--NAME@COMMIT/     one that was fetched: its settings first, its weights by a job
resources/weights/fetched/OWNER--NAME@BRANCH.json the commit that a branch was when it was asked for
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from vidbench.errors import UserError
from vidbench.files import read_json

PREFIX = "hf-hub:"
FOLDER = Path("resources/weights")
NAME = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)@(?P<revision>\w[\w./-]*)(?: in (?P<folder>.+))?")
COMMIT = re.compile(r"[0-9a-f]{40}")
CONFIG = "config.json"


def is_hub(weights: str) -> bool:
    """Return whether a config's `weights` is a model on the Hub."""
    return weights.startswith(PREFIX)


@dataclass(frozen=True)
class HubName:
    """A repository of the Hub, at a revision."""

    repository: str  # OWNER/NAME
    revision: str  # a commit, or a branch
    folder: Path = FOLDER  # that has its files, in incoming/ and fetched/

    @classmethod
    def parse(cls, weights: str) -> Self:
        """Return what `weights` names; UserError where it names no repository or no revision."""
        found = NAME.fullmatch(weights.removeprefix(PREFIX))
        if found is None:
            name = weights.removeprefix(PREFIX).partition("@")[0]
            raise UserError(
                f"{weights}: name a repository and a revision, as {PREFIX}OWNER/NAME@COMMIT; @main is its newest commit"
                f" when it is first fetched"
                + (f": {PREFIX}{name}@main" if re.fullmatch(r"[\w.-]+/[\w.-]+", name) else "")
            )
        return cls(found["repository"], found["revision"], Path(found["folder"] or FOLDER))

    @classmethod
    def of_folder(cls, name: str, folder: Path = FOLDER) -> Self:
        """Return the name of which `folder_name` is a folder's, in `folder`."""
        repository, _, revision = name.partition("@")
        return cls(repository.replace("--", "/", 1), revision.replace("--", "/"), folder)

    def __str__(self) -> str:
        return f"{PREFIX}{self.repository}@{self.revision}" + ("" if self.folder == FOLDER else f" in {self.folder}")

    @property
    def is_pinned(self) -> bool:
        """Whether the revision is a commit, which never changes."""
        return COMMIT.fullmatch(self.revision) is not None

    @property
    def folder_name(self) -> str:
        """Name of its folder here."""
        return f"{self.repository.replace('/', '--', 1)}@{self.revision.replace('/', '--')}"

    @property
    def record(self) -> Path:
        """The file that says which commit a branch was."""
        return self.folder / "fetched" / f"{self.folder_name}.json"

    def resolve(self) -> Self:
        """Return the name with the commit that a branch was when it was first asked for; itself where that is unknown.

        A folder that was put here by hand under the branch's name stands for itself.
        """
        if self.is_pinned or (self.folder / "incoming" / self.folder_name).is_dir() or not self.record.exists():
            return self
        return replace(self, revision=str(read_json(self.record).get("commit")))

    @property
    def settings_folder(self) -> Path | None:
        """The folder here that has its configuration; None before it is fetched."""
        places = (self.folder / part / self.folder_name for part in ("incoming", "fetched"))
        return next((place for place in places if (place / CONFIG).exists()), None)


def find_settings(weights: str) -> tuple[HubName, Path]:
    """Return the resolved name and the folder with its configuration; UserError where that is not here."""
    name = HubName.parse(weights).resolve()
    if name.settings_folder is None:
        raise UserError(
            f"{name}: its {CONFIG} is not here; run snakemake, which fetches it, or put the repository's files into"
            f" {name.folder}/incoming/{name.folder_name}/"
        )
    return name, name.settings_folder
