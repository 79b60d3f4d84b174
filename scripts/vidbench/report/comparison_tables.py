"""The tables that compare models: all of them, by pairs, by class. Shown on the page, and written for papers."""

from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from statistics import mean

from vidbench.evaluation.significance import LEVEL
from vidbench.evaluation.tables import ModelSummary, PairedDifference
from vidbench.files import read_json
from vidbench.formatting import known, number
from vidbench.report.baseline_words import WORDS
from vidbench.report.dataset_results import DatasetResults, Row, optional_csv
from vidbench.report.table import NONE, Cell, Column, Table, column, filled, limits, numeral, percents, span, text

MAX_MODELS = 6  # side by side in the table of classes


def comparison(results: DatasetResults) -> Table | None:
    """Return one row per model: accuracy and how sure it is, and the main costs."""
    rows = results.summary
    columns = [
        column(rows, "model", "model", text),
        (Column("baseline", "text", "fitted without training"), [text(WORDS.get(row.baseline)) for row in rows]),
        column(rows, "top-1 (%)", "top1", percents, "share of the test videos whose most probable class is right"),
        (Column("95 % interval", help="for new groups of the same classes"),
         [limits(row.top1_low, row.top1_high) for row in rows]),
        (Column("plot, 0 to 100 %", "drawn"), [_drawn(row) for row in rows]),
        (Column("verdict", "text"), [Cell(row.verdict.short) for row in rows]),
        column(rows if len({row.num_seeds for row in rows}) > 1 else [{}] * len(rows), "seeds", "num_seeds"),
        column(rows, "spread over seeds", "top1_seed_sd", percents, "standard deviation, in points"),
        column(rows, "ms/clip", "ms_per_clip", numeral, "one forward pass with one clip, median"),
        column(rows, "parameters (M)", "parameters", millions),
        column(rows, "training", "train_seconds", span, "mean time of one training"),
    ]  # fmt: skip
    descending = rows == sorted(rows, key=lambda row: -row.top1)
    return filled("comparison", f"Models on {results.name}", columns, sorted_by="top-1 (%)" if descending else "")


def millions(value: int) -> Cell:
    """Return a count of parameters in millions, with two digits after the point below ten; a dash where it is 0."""
    if not value:
        return Cell(NONE)
    count = value / 1e6
    return Cell(f"{count:.2f}" if count < 10 else number(count), float(value))


def _drawn(row: ModelSummary) -> Cell:
    low, high = (row.top1 if end is None else end for end in (row.top1_low, row.top1_high))
    return Cell("", row.top1, (low, row.top1, high))


def pairwise(results: DatasetResults) -> Table | None:
    """Return one row per pair of models: the difference, how sure it is, and which difference would be detected."""
    rows = _better_first(results)
    words = {True: "yes", False: "no", None: "unknown"}
    columns = [
        (Column("models", "text"), [Cell(f"{row.model_a} − {row.model_b}") for row in rows]),
        (Column("difference (points)"), [_difference(row.difference) for row in rows]),
        (Column("95 % interval"), [_interval(row) for row in rows]),
        column(rows, "p", "p_value", p_value, "paired t test over groups, on the same videos"),
        column(rows, "p, Holm", "p_holm", p_value, "corrected for the number of pairs"),
        (Column("significant", "text", f"p, Holm of at most {LEVEL}"), [Cell(words[row.told_apart]) for row in rows]),
        column(rows, "detectable (points)", "detectable", percents, "found in four of five such tests"),
        column(rows, "says something about", "about", text),
    ]  # fmt: skip
    return filled("pairwise", f"Pairs of models on {results.name}", columns)


def _better_first(results: DatasetResults) -> list[PairedDifference]:
    """Return pairwise.csv in the order of the summary, as in the figure: each model minus one below it."""
    return [pair for a, b in combinations(results.models, 2) if (pair := results.pair(a, b))]


def _interval(row: PairedDifference) -> Cell:
    """A dash where two models differ by the same in every group, e.g. never: nothing says how sure that is."""
    return Cell(NONE) if row.low is not None and row.low == row.high else limits(row.low, row.high)


def _difference(value: float) -> Cell:
    return Cell(f"{100 * value:+.1f}".replace("-", "−"), value)


def p_value(value: float | None) -> Cell:
    """Return a p value as '0.023', or '< 0.001'."""
    if value is None:
        return Cell("–")
    return Cell("< 0.001" if value < 0.001 else f"{value:.3f}", value)


def class_rows(folder: Path, results: DatasetResults) -> list[Row]:
    """Read class_scores.csv or, without it, return each class's mean accuracy over trainings."""
    if rows := optional_csv(folder / "class_scores.csv"):
        return rows
    accuracies: dict[tuple[str, str], list[float]] = {}
    for run in results.runs:
        metrics = read_json(folder / run["split"] / run["model"] / f"seed{run['seed']}" / "metrics.json")
        for label, accuracy in metrics["class_accuracy"].items():
            accuracies.setdefault((run["model"], label), []).append(accuracy)
    return [
        {"model": model, "class": label, "accuracy": str(mean(values))} for (model, label), values in accuracies.items()
    ]


def classes(results: DatasetResults, rows: list[Row], most: int = 0) -> Table | None:
    """Return one row per class, the hardest first, and a column per model, the best first, `most` of them at most."""
    models = results.models[:most] if most else results.models
    by_class: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_class.setdefault(row["class"], {})[row["model"]] = row
    labels = sorted(by_class, key=lambda label: (_mean_accuracy(by_class[label].values()), label))
    first = [next(iter(by_class[label].values())) for label in labels]
    columns = [
        (Column("class", "text"), [Cell(label) for label in labels]),
        column(first, "videos", "videos", numeral),
        column(first, "groups", "groups", numeral),
        *[(Column(f"{model} (%)"), [percents(by_class[label].get(model, {}).get("accuracy", "")) for label in labels])
          for model in models],
    ]  # fmt: skip
    left = len(results.models) - len(models)
    notes = [f"The {len(models)} best of {len(results.models)} models; classes.csv has all."] if left else []
    return filled("classes", f"Accuracy of each class on {results.name}, the hardest first", columns, notes=notes)


def _mean_accuracy(rows: Iterable[Row]) -> float:
    return mean(float(row["accuracy"]) if known(row["accuracy"]) else 0.0 for row in rows)
