"""The page of a run that is not finished: the data, and what the trainings that are done have reached so far."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vidbench.evaluation.runs import Run
from vidbench.formatting import known, percent
from vidbench.report import data_section, model_section
from vidbench.report.dataset_results import DatasetResults, chance_of
from vidbench.report.figures import in_parts
from vidbench.report.model_section import Facts
from vidbench.report.page import read_diagnosis
from vidbench.report.run_records import DatasetProgress
from vidbench.report.table import NONE, Cell, Column, Table, column, filled, percents, span, text
from vidbench.video import read_videos


def describe_unfinished(folder: Path, progress: DatasetProgress, captions: Path) -> dict[str, object]:
    """Return what the template needs of a data set in results/{dataset}; `captions`: folder of the figures' texts."""
    begun = {"name": progress.name, "diagnosed": progress.diagnosed}
    if not progress.diagnosed:
        return begun
    videos = read_videos(folder / "videos.csv")
    inspection = data_section.inspection(folder, videos)
    splits = [split for split in progress.splits if (folder / "splits" / f"{split}.csv").exists()]
    results = DatasetResults(progress.name, [])
    figures = [Path(path) for path in progress.figures]
    trainings = [Training.read(folder / split / model / f"seed{seed}") for split, model, seed in progress.scored]
    return begun | {
        "inspection": inspection,
        "diagnosis": read_diagnosis(folder),
        "figures": in_parts(captions, figures, results, [], inspection.words),
        "splits": data_section.splits(folder, splits, videos),
        "chance": chance_of(folder, videos, splits) if splits else 0.0,
        "multi": any(video.multi for video in videos),
        "expected": len(progress.splits) * len(progress.seeds),
        "progress": progress_table(progress, trainings),
        "trainings": trainings_table(progress, trainings),
        "models": [describe_model(model, of_model(trainings, model)) for model in complete_models(progress, trainings)],
    }


@dataclass(frozen=True)
class Training:
    """A training that is tested: what its metrics.json and other files say."""

    model: str
    split: str
    seed: int
    metrics: dict
    record: dict  # options.json, with the model's name
    seconds: float

    @classmethod
    def read(cls, folder: Path) -> "Training":
        """Read the files of results/{dataset}/{split}/{model}/seed{seed}."""
        run = Run(folder)
        record = {"trial": None, **run.json("options.json"), "model": run.model}
        seconds = run.json("training_time.json")["train_seconds"]
        return cls(run.model, run.split, run.seed, run.json("metrics.json"), record, float(seconds))

    @property
    def status(self) -> str:
        """Say whether the training went to its end: 'ok' or 'diverged'."""
        return str(self.metrics["status"])

    def value(self, name: str) -> float | str:
        """Return a score of metrics.json; empty where it is not known."""
        score = self.metrics.get(name)
        return "" if score is None else float(score)


OF_LABELS = "mean_average_precision"


def of_labels(trainings: list[Training]) -> bool:
    """Return whether these are of a data set of several labels per video, which has no accuracy but mAP."""
    return any("labels" in training.metrics for training in trainings)


def of_model(trainings: Iterable[Training], model: str) -> list[Training]:
    """Return a model's trainings."""
    return [training for training in trainings if training.model == model]


def complete_models(progress: DatasetProgress, trainings: list[Training]) -> list[str]:
    """Return the models of which every training is tested, in the order of the configuration."""
    return [model for model in progress.models if len(of_model(trainings, model)) == progress.expected(model)]


def pooled(trainings: list[Training], name: str) -> float | str:
    """Return the mean of a score over trainings, each weighted with its test videos, as the finished page has it."""
    weights = [float(training.metrics["num_videos"]) for training in trainings]
    values = [training.value(name) for training in trainings]
    if not values or not all(map(known, values)):
        return ""
    return sum(weight * float(value) for weight, value in zip(weights, values, strict=True)) / sum(weights)


def progress_table(progress: DatasetProgress, trainings: list[Training]) -> Table | None:
    """A row per model of the run: how many of its trainings are tested, and its accuracy once all are."""
    expected = [progress.expected(model) for model in progress.models]
    tested = [of_model(trainings, model) for model in progress.models]
    complete = complete_models(progress, trainings)
    finished = [rows if model in complete else [] for model, rows in zip(progress.models, tested, strict=True)]
    columns = [
        (Column("model", "text"), [Cell(model) for model in progress.models]),
        (Column("trainings"), _counts(tested, expected)),
        (Column("top-1 (%)"), [percents(pooled(rows, "top1")) for rows in finished]),
        (Column("mAP (%)"), [percents(pooled(rows, OF_LABELS) if of_labels(rows) else "") for rows in finished]),
        (Column("lowest – highest (%)", "text"), [_range_cell(rows) for rows in finished]),
        (Column("mean class accuracy (%)"), [percents(pooled(rows, "mean_class_accuracy")) for rows in finished]),
        (Column("one training"), [_mean_time(rows) for rows in tested]),
        (Column("status", "text"), [text(_status(*pair)) for pair in zip(tested, expected, strict=True)]),
    ]
    return filled("progress", f"Models on {progress.name}", columns)


def _counts(tested: list[list[Training]], expected: list[int]) -> list[Cell]:
    return [Cell(f"{len(rows)} of {all_}", float(len(rows))) for rows, all_ in zip(tested, expected, strict=True)]


def _range_cell(trainings: list[Training]) -> Cell:
    """The accuracies of a model's single trainings, from the lowest to the highest."""
    if len(trainings) < 2:
        return Cell(NONE)
    name = OF_LABELS if of_labels(trainings) else "top1"
    values = sorted(float(training.value(name)) for training in trainings)
    return Cell(f"{100 * values[0]:.1f} – {100 * values[-1]:.1f}")


def _mean_time(trainings: list[Training]) -> Cell:
    seconds = [training.seconds for training in trainings]
    return span(sum(seconds) / len(seconds)) if seconds else Cell(NONE)


def _status(trainings: list[Training], expected: int) -> str:
    diverged = sum(training.status != "ok" for training in trainings)
    if diverged:
        return f"{diverged} diverged"
    if len(trainings) == expected:
        return "all tested"
    return "in progress" if trainings else "not tested yet"


def trainings_table(progress: DatasetProgress, trainings: list[Training]) -> Table | None:
    """A row per training that is tested."""
    columns = [
        column(trainings, "model", "model", text),
        column(trainings, "split", "split", text),
        column(trainings, "seed", "seed"),
        column(trainings, "status", "status", text),
        *(
            (Column(title), [percents(training.value(key)) for training in trainings])
            for title, key in (
                ("top-1 (%)", "top1"),
                ("top-5 (%)", "top5"),
                ("mean class accuracy (%)", "mean_class_accuracy"),
                ("validation top-1 (%)", "val_top1"),
                *((("mAP (%)", OF_LABELS), ("micro F1 (%)", "micro_f1")) if of_labels(trainings) else ()),
            )
        ),
        column(trainings, "training", "seconds", span),
    ]
    return filled("runs", f"Every tested training on {progress.name}", columns)


def describe_model(model: str, trainings: list[Training]) -> dict[str, object]:
    """Return name, accuracy, settings and classes of a model whose trainings are all tested."""
    multi = of_labels(trainings)
    classes = class_accuracies(trainings)
    most = min(model_section.MAX_CLASSES, len(classes) // 2)
    diverged = sum(training.status != "ok" for training in trainings)
    return {
        "name": model,
        "accuracy": f"{percent(pooled(trainings, OF_LABELS))} mAP" if multi else percent(pooled(trainings, "top1")),
        "warnings": [f"Diverged in {diverged} of {len(trainings)} trainings."] if diverged else [],
        "settings": model_section.settings([training.record for training in trainings]),
        "worst": classes[:most],
        "best": classes[::-1][:most],
    }


def class_accuracies(trainings: list[Training]) -> Facts:
    """Return each class with its mean accuracy over trainings, the hardest first; nothing where all are equal."""
    values: dict[str, list[float]] = {}
    for training in trainings:
        for label, accuracy in training.metrics.get("class_accuracy", {}).items():
            if accuracy is not None:
                values.setdefault(label, []).append(float(accuracy))
    means = sorted((sum(accuracies) / len(accuracies), label) for label, accuracies in values.items())
    if not means or means[0][0] == means[-1][0]:
        return []
    return [(label, percent(mean)) for mean, label in means]
