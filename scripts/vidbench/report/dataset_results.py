"""What is known of a data set's models after a run: the tables that sentences and tables are made from."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidbench.datasets.fractions import is_variant
from vidbench.evaluation.explanations import Explanations, read_explanations
from vidbench.evaluation.runs import chance, in_order
from vidbench.evaluation.tables import (
    EnsembleGain,
    ModelSummary,
    MotionUse,
    PairedDifference,
    optional_table,
    read_table,
)
from vidbench.files import read_csv, read_json
from vidbench.video import Video

Row = dict[str, str]
# Tables that the figures' alternative texts are made from.
DRAWN = ("scores", "ladder", "confused_pairs", "errors", "label_issues")


@dataclass(frozen=True)
class DatasetResults:
    """Results of one data set, over full splits; a table that this run does not have is empty."""

    name: str
    summary: list[ModelSummary]  # the most accurate first, those that diverged behind all others
    pairwise: list[PairedDifference] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)  # rows of comparison.csv
    chance: float = 0.0  # accuracy of always predicting one class
    motion: list[MotionUse] = field(default_factory=list)
    ensembles: list[EnsembleGain] = field(default_factory=list)
    resolution: dict[str, Any] = field(default_factory=dict)
    available: tuple[str, ...] = ()  # all full splits of the data set, also those that were not run
    shortcuts: list[dict] = field(default_factory=list)  # the doctor's, those that tell most first
    drawn: dict[str, list[Row]] = field(default_factory=dict)  # by name, those of DRAWN
    overlaps: dict[str, str] = field(default_factory=dict)  # by model: pretraining data and the test
    trials: dict[str, int] = field(default_factory=dict)  # by model, where some had several to choose from
    refitted: list[str] = field(default_factory=list)  # models trained on training and validation videos together
    explanations: Explanations | None = None
    num_classes: int = 0
    energy_not_measured: list[str] = field(default_factory=list)  # whose energy, and why

    @property
    def splits(self) -> list[str]:
        return in_order([run["split"] for run in self.runs])

    @property
    def models(self) -> list[str]:
        return [row.model for row in self.summary]

    @property
    def sound(self) -> list[ModelSummary]:
        """The models of which no training diverged, best first; all where each one did."""
        return [row for row in self.summary if not row.diverged] or self.summary

    def motion_of(self, model: str) -> MotionUse | None:
        """Return what is known of a model's use of the order of frames."""
        return next((row for row in self.motion if row.model == model), None)

    def pair(self, a: str, b: str) -> PairedDifference | None:
        """Return the difference a minus b, where these two were compared."""
        return next((pair.of(a) for pair in self.pairwise if pair.models == {a, b}), None)


def read_results(folder: Path, videos: list[Video], available: list[str] | None = None) -> DatasetResults:
    """Read the tables of results/{dataset}; `available`: its splits, as far as known."""
    runs = [row for row in read_csv(folder / "comparison.csv") if not is_variant(row["split"])]
    splits = in_order([row["split"] for row in runs])
    return DatasetResults(
        name=folder.name,
        summary=sorted(read_table(folder / "summary.csv", ModelSummary), key=lambda row: row.diverged),
        pairwise=read_table(folder / "pairwise.csv", PairedDifference),
        runs=runs,
        chance=chance_of(folder, videos, splits),
        motion=optional_table(folder / "motion_use.csv", MotionUse),
        ensembles=optional_table(folder / "ensembles.csv", EnsembleGain),
        resolution=optional_json(folder / "resolution.json"),
        available=tuple(split for split in available or splits if not is_variant(split)),
        shortcuts=optional_json(folder / "diagnosis.json").get("shortcuts", []),
        explanations=read_explanations(folder / "explanations.json"),
        num_classes=len({video.label for video in videos}),
        drawn={name: optional_csv(folder / f"{name}.csv") for name in DRAWN},
        energy_not_measured=energy_not_measured(folder, in_order([row["model"] for row in runs])),
    )


def energy_not_measured(folder: Path, models: list[str]) -> list[str]:
    """Return, each once, what the measurements of cost say of energy that they could not measure."""
    costs = [optional_json(folder / "costs" / f"{model}.json") for model in models]
    return in_order([line for cost in costs for line in cost.get("energy_not_measured", [])])


def read_record(folder: Path, row: Row) -> dict:
    """Read options.json of a run, with the model's name and, where it is swept, the trial's; `row`: of its table."""
    record = read_json(folder / row["split"] / row["model"] / f"seed{row['seed']}" / "options.json")
    return {"trial": None, **record, "model": row["model"]}


def optional_csv(path: Path) -> list[Row]:
    """Read the rows of a table that not every run has."""
    return read_csv(path) if path.exists() else []


def optional_json(path: Path) -> dict:
    """Read a file that not every run has."""
    return read_json(path) if path.exists() else {}


def chance_of(folder: Path, videos: list[Video], splits: list[str]) -> float:
    """Return the accuracy of always predicting one class: any of K, or the largest one of the test videos."""
    labels = {video.id: video.label for video in videos}
    tested = {
        row["video"] for split in splits for row in read_csv(folder / "splits" / f"{split}.csv")
        if row["subset"] == "test"
    }  # fmt: skip
    return chance([labels[video] for video in tested], len(set(labels.values())))
