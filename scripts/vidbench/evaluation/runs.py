"""Reading what the steps wrote, as tables: the input of comparison, figures and report."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from vidbench.errors import UserError
from vidbench.files import read_csv, read_json

Value = TypeVar("Value")


@dataclass(frozen=True)
class Run:
    """One trained model: a folder results/{dataset}/{split}/{model}/seed{seed}."""

    folder: Path

    @property
    def dataset(self) -> str:
        return self.folder.parts[-4]

    @property
    def split(self) -> str:
        return self.folder.parts[-3]

    @property
    def model(self) -> str:
        return self.folder.parts[-2]

    @property
    def seed(self) -> int:
        return int(self.folder.name.removeprefix("seed"))

    @property
    def predictions(self) -> Path:
        """The file of its logits."""
        return self.folder / "predictions.h5"

    def json(self, name: str) -> dict[str, Any]:
        """metrics.json, cost.json, options.json."""
        return read_json(self.folder / name)

    def history(self) -> list[dict[str, float]]:
        """history.csv, one row an epoch."""
        return [{key: float(value) for key, value in row.items()} for row in read_csv(self.folder / "history.csv")]


def runs(files: list[Path]) -> list[Run]:
    """The runs that these files (e.g. all metrics.json) belong to, in the order given."""
    found = []
    for file in files:
        folder = file.parent
        if len(folder.parts) < 4 or not folder.name.startswith("seed"):
            raise UserError(f"{file}: lies in no folder {{dataset}}/{{split}}/{{model}}/seed{{seed}}")
        found.append(Run(folder))
    return found


def in_order(values: Iterable[Value]) -> list[Value]:
    """Unique values, first come first."""
    return list(dict.fromkeys(values))


def chance(labels: Sequence[str], num_classes: int) -> float:
    """Accuracy without looking: of guessing, or of always naming the largest of the tested videos' classes."""
    return max(1 / num_classes, max(Counter(labels).values()) / len(labels))
