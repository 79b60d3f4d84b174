"""What is known of the models over several data sets: the tables that sentences and tables are made from."""

from dataclasses import dataclass
from pathlib import Path

from vidbench.evaluation.across_tables import AcrossModel, AcrossPair, ModelOnDataSet
from vidbench.evaluation.tables import read_table
from vidbench.files import read_json


@dataclass(frozen=True)
class AcrossResults:
    """Results over the data sets of a run."""

    models: list[AcrossModel]  # the highest mean first, those without one last
    pairs: list[AcrossPair]
    accuracies: list[ModelOnDataSet]
    data_sets: list[str]  # that count
    left_out: dict[str, str]  # the others, with the reason
    enough_for_new: bool
    critical_difference: float | None

    @property
    def ranked(self) -> list[AcrossModel]:
        """The models that have a mean."""
        return [row for row in self.models if row.mean_top1 is not None]

    def pair(self, a: str, b: str) -> AcrossPair | None:
        """Return the row of two models."""
        return next((pair for pair in self.pairs if pair.models == {a, b}), None)


def read_across(folder: Path) -> AcrossResults:
    """Read the tables of results/across/."""
    summary = read_json(folder / "summary.json")
    return AcrossResults(
        models=read_table(folder / "models.csv", AcrossModel),
        pairs=read_table(folder / "pairs.csv", AcrossPair),
        accuracies=read_table(folder / "accuracies.csv", ModelOnDataSet),
        data_sets=summary["data_sets"],
        left_out=summary["left_out"],
        enough_for_new=summary["enough_for_new"],
        critical_difference=summary["critical_difference"],
    )
