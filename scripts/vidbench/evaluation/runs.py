"""The runs of a data set: the files that the steps wrote about each trained model."""

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
    """One trained model, or fit of a baseline: a folder results/{dataset}/{split}/{model}/seed{seed}."""

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
        """Path of the file of its logits."""
        return self.folder / "predictions.h5"

    def json(self, name: str) -> dict[str, Any]:
        """Read metrics.json, options.json or training_time.json."""
        return read_json(self.folder / name)

    @property
    def cost(self) -> Path:
        """The file of what its model costs, which is measured once per data set."""
        return self.folder.parents[2] / "costs" / f"{self.model}.json"

    @property
    def baseline(self) -> str:
        """The kind of baseline that it is a fit of; '' for a trained model."""
        record = self.json("options.json") if (self.folder / "options.json").exists() else {}
        return str(record["baseline"]["kind"]) if "baseline" in record else ""

    def history(self) -> list[dict[str, float]]:
        """Read history.csv, one row per epoch."""
        return [{key: float(value) for key, value in row.items()} for row in read_csv(self.folder / "history.csv")]


def runs(files: list[Path]) -> list[Run]:
    """Return the runs that these files (e.g. all metrics.json) belong to, in the same order."""
    result = []
    for file in files:
        folder = file.parent
        if len(folder.parts) < 4 or not folder.name.startswith("seed"):
            raise UserError(f"{file}: is in no folder {{dataset}}/{{split}}/{{model}}/seed{{seed}}")
        result.append(Run(folder))
    return result


def in_order(values: Iterable[Value]) -> list[Value]:
    """Return the unique values in the order of their first occurrence."""
    return list(dict.fromkeys(values))


def chance(labels: Sequence[str], num_classes: int) -> float:
    """Return the accuracy of chance: of guessing, or of always predicting the most frequent class of the tests."""
    return max(1 / num_classes, max(Counter(labels).values()) / len(labels))
