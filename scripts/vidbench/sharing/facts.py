"""All that is known of a model to be shared, read once from what the steps have written; nothing is computed here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vidbench.errors import UserError
from vidbench.evaluation.tables import ModelSummary
from vidbench.files import read_csv, read_json
from vidbench.formatting import known
from vidbench.inference.model_file import SCORES, ModelFile
from vidbench.models.network import Weights
from vidbench.models.options import ModelOptions
from vidbench.report import protocol
from vidbench.report.comparison_tables import class_rows
from vidbench.report.dataset_results import (
    DatasetResults,
    Row,
    optional_csv,
    optional_json,
    read_record,
    read_results,
)
from vidbench.report.model_words import find_weights
from vidbench.sharing import licences
from vidbench.sharing.licences import Licence
from vidbench.sharing.selection import Selection, select
from vidbench.video import Video, read_videos


@dataclass(frozen=True)
class Wishes:
    """What a person asks for; None for what follows from the results."""

    model: str | None = None
    split: str | None = None
    seed: int | None = None
    license: str | None = None
    data_license: str | None = None
    kind: str = ""  # of the data set, e.g. ucf101; '' where that is not known


@dataclass(frozen=True)
class Facts:
    """A model of a data set, and the training whose weights are shared."""

    folder: Path  # results/{dataset}
    results: DatasetResults
    selection: Selection
    file: ModelFile
    record: dict[str, Any]  # options.json of the training
    records: list[dict[str, Any]]  # of all trainings of the model on full splits
    metrics: dict[str, Any]  # of the training
    videos: list[Video]
    inspection: list[Row]
    diagnosis: dict[str, Any]
    first_weights: Weights | None
    licence: Licence
    wishes: Wishes

    @property
    def summary(self) -> ModelSummary:
        return self.selection.summary

    @property
    def model(self) -> str:
        return self.summary.model

    @property
    def dataset(self) -> str:
        return self.results.name

    @property
    def title(self) -> str:
        return f"{self.model} on {self.dataset}"

    @property
    def classes(self) -> list[Row]:
        """Rows of class_scores.csv, the hardest class first; classes without test videos are left out."""
        rows = [row for row in class_rows(self.folder, self.results) if row["model"] == self.model]
        return sorted((row for row in rows if known(row["accuracy"])), key=lambda row: float(row["accuracy"]))

    @property
    def scores(self) -> dict[str, Row]:
        """Rows of scores.csv by metric."""
        rows = optional_csv(self.folder / "scores.csv")
        return {row["metric"]: row for row in rows if row["model"] == self.model}

    @property
    def confusions(self) -> list[Row]:
        """Rows of confused_pairs.csv, the most confused pair first."""
        return [row for row in optional_csv(self.folder / "confused_pairs.csv") if row["model"] == self.model]

    @property
    def cost(self) -> dict[str, Any]:
        """What was measured of its cost."""
        return optional_json(self.folder / "costs" / f"{self.model}.json")


def read_facts(folder: Path, wishes: Wishes) -> Facts:
    """Read results/{dataset} and select a model; UserError where there is none to share."""
    videos = read_videos(folder / "videos.csv") if (folder / "videos.csv").exists() else []
    if any(video.multi for video in videos):
        advice = "docs/multi_label.md says what works"
        raise UserError(f"{folder}: has several labels per video, of which there is no card yet; {advice}")
    if not (folder / "summary.csv").exists():
        raise UserError(f"{folder}: has no summary.csv; name results/DATASET of a run that has compared its models")
    folder = folder.resolve()  # its last part names the data set
    results = read_results(folder, videos)
    selection = select(folder, results, wishes.model, wishes.split, wishes.seed)
    everything = [read_record(folder, row) for row in results.runs]
    results = replace(
        results, overlaps=protocol.overlaps(wishes.kind, everything), refitted=protocol.refitted(everything)
    )
    record = read_record(folder, selection.training)
    file = ModelFile.read(selection.folder)
    return Facts(
        folder=folder,
        results=results,
        selection=selection,
        file=file,
        record=record,
        records=[each for each in everything if each["model"] == selection.summary.model],
        metrics=read_json(selection.folder / SCORES),
        videos=videos,
        inspection=read_csv(folder / "inspection.csv"),
        diagnosis=optional_json(folder / "diagnosis.json"),
        first_weights=find_weights(file.options),
        licence=licences.decide(wishes.license, licence_of_first_weights(file.metadata)),
        wishes=wishes,
    )


def licence_of_first_weights(metadata: Mapping[str, Any]) -> str | None:
    """Return the licence of the weights that a training started from, as its file says; None of random ones.

    '' where it is not stated.
    """
    if "pretraining" not in metadata:  # of an older run
        options = ModelOptions.from_dict(metadata["options"])
        if options.network.weights is None:
            return None
        weights = find_weights(options)
        return weights.licence if weights else ""
    return metadata["pretraining"]["licence"] if metadata["pretraining"] else None
