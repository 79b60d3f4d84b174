"""All that the page says of a data set whose videos may have several labels, read from its folder.

The templates take it in the place of page.DatasetPage; `multi` says which of the two it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vidbench.evaluation.runs import in_order
from vidbench.evaluation.tables import LabelSummary, PairedDifference, read_table
from vidbench.evaluation.verdicts import Verdict
from vidbench.files import read_csv, read_json
from vidbench.report import data_section, model_section
from vidbench.report.baseline_words import WORDS
from vidbench.report.comparison_tables import millions, p_value
from vidbench.report.data_section import Inspection
from vidbench.report.dataset_results import DatasetResults, Row, energy_not_measured, read_record
from vidbench.report.energy_words import energy_notes, joule_columns
from vidbench.report.figures import Figures, in_parts
from vidbench.report.findings import NextStep
from vidbench.report.label_words import label_alt_text, label_answer, label_rules
from vidbench.report.model_section import Facts
from vidbench.report.provenance import provenance
from vidbench.report.run_records import DatasetRecord
from vidbench.report.table import (
    Cell,
    Column,
    Table,
    column,
    filled,
    limits,
    numeral,
    percents,
    span,
    text,
    with_limits,
)
from vidbench.video import Video

TABLES = ("label_scores", "label_cooccurrence", "label_calibration", "label_runs")


@dataclass(frozen=True)
class LabelPage:
    """A data set of several labels per video, as the templates need it."""

    name: str
    chance: float  # mAP of a random ranking
    answer: list[str]
    what_counts: list[str]
    resolution: dict[str, object]
    tables: dict[str, Table | None]
    figures: Figures
    models: list[dict[str, object]]
    inspection: Inspection
    diagnosis: dict
    provenance: Facts
    on_cpu: bool
    record: DatasetRecord
    trainings: int
    multi: bool = True
    next_steps: Sequence[NextStep] = ()  # their rules are of accuracies


def describe_labels(
    folder: Path, videos: list[Video], figures: list[Path], captions: Path, diagnosis: dict
) -> LabelPage:
    """Return what templates need; `figures`: of all data sets; `captions`: the folder of their texts."""
    summary = read_table(folder / "label_summary.csv", LabelSummary)
    summary.sort(key=lambda row: row.verdict is Verdict.DIVERGED)
    pairs = read_table(folder / "label_pairs.csv", PairedDifference)
    tables = {name: read_csv(folder / f"{name}.csv") for name in TABLES}
    runs = tables["label_runs"]
    records = [read_record(folder, row) for row in runs]
    trained = [(record, row) for record, row in zip(records, runs, strict=True) if not record.get("baseline")]
    inspection = data_section.inspection(folder, videos)
    own_figures = [path for path in figures if path.parent == folder / "figures"]
    parts = in_parts(captions, own_figures, DatasetResults(folder.name, []), [], inspection.words)
    resolution = read_json(folder / "label_resolution.json")
    return LabelPage(
        name=folder.name,
        chance=summary[0].chance,
        answer=label_answer(folder.name, summary, pairs, tables["label_scores"]),
        what_counts=label_rules(summary),
        resolution=resolution,
        tables=make_tables(folder, videos, summary, pairs, tables),
        figures=with_alt_texts(parts, folder.name, summary, tables),
        models=[describe_model(row, records, tables["label_scores"]) for row in summary],
        inspection=inspection,
        diagnosis=diagnosis,
        provenance=provenance([record for record, _ in trained], [row | {"sweep_seconds": ""} for _, row in trained]),
        on_cpu=bool(trained) and all(record["device"]["type"] == "cpu" for record, _ in trained),
        record=summarise(folder.name, summary),
        trainings=len(trained),
    )


def with_alt_texts(parts: Figures, name: str, summary: list[LabelSummary], tables: dict[str, list[Row]]) -> Figures:
    """Return the figures with alternative texts from the tables of labels, where they are drawn from these."""

    def described(figure: dict[str, object]) -> dict[str, object]:
        stem = str(figure["id"]).removeprefix(f"{name}-figure-")
        alt = label_alt_text(stem, str(figure["title"]), name, summary, tables)
        words = str(figure["caption"])
        if stem == "learning_curves":
            words = words.replace("loss and accuracy", "loss and mAP")
        return figure | {"caption": words} | ({"alt": alt} if alt else {})

    return {part: [described(figure) for figure in figures] for part, figures in parts.items()}


def make_tables(
    folder: Path,
    videos: list[Video],
    summary: list[LabelSummary],
    pairs: list[PairedDifference],
    tables: dict[str, list[Row]],
) -> dict[str, Table | None]:
    """Return every table of the page by its name; None where there is nothing to show."""
    splits = in_order([row["split"] for row in tables["label_runs"]])
    return {
        "summary": summary_table(folder, summary),
        "pairs": pairs_table(folder.name, pairs),
        "labels": labels_table(folder.name, tables["label_scores"]),
        "runs": runs_table(folder.name, tables["label_runs"]),
        "splits": data_section.splits(folder, splits, videos),
    }


def summary_table(folder: Path, rows: list[LabelSummary]) -> Table | None:
    """Return a row per model, the highest mAP first; `folder`: results/{dataset}."""
    columns = [
        column(rows, "model", "model", text),
        (Column("baseline", "text", "fitted without training"), [text(WORDS.get(row.baseline)) for row in rows]),
        column(rows, "mAP (%)", "mean_average_precision", percents, "average precision, mean over labels"),
        (Column("95 % interval", help="for new groups of the same labels; approximate"),
         [limits(row.low, row.high) for row in rows]),
        (Column("plot, 0 to 100 %", "drawn"), [drawn(row) for row in rows]),
        (Column("verdict", "text"), [Cell(row.verdict.short) for row in rows]),
        (Column("micro F1 (%)", help="of all labels given to all videos together"),
         [with_limits(row, "micro_f1", "micro_f1_low", "micro_f1_high") for row in rows]),
        (Column("macro F1 (%)", help="F1 of each label, mean over labels"),
         [with_limits(row, "macro_f1", "macro_f1_low", "macro_f1_high") for row in rows]),
        (Column("exact (%)", help="share of the videos that are given just the right labels"),
         [with_limits(row, "exact_match", "exact_match_low", "exact_match_high") for row in rows]),
        column(rows, "spread over seeds", "seed_sd", percents, "standard deviation of mAP, in points"),
        column(rows, "ECE (%)", "ece", percents, "calibration error of the probabilities, mean over labels"),
        column(rows, "ECE, scaled (%)", "ece_scaled", percents, "after temperature scaling"),
        column(rows, "ms/clip", "ms_per_clip", numeral, "one forward pass with one clip, median"),
        column(rows, "parameters (M)", "parameters", millions),
        column(rows, "training", "train_seconds", span, "mean time of one training"),
        *joule_columns(rows),
    ]  # fmt: skip
    descending = rows == sorted(rows, key=lambda row: -row.mean_average_precision)
    notes = energy_notes(rows, energy_not_measured(folder, [row.model for row in rows]))
    order = "mAP (%)" if descending else ""
    return filled("comparison", f"Models on {folder.name}", columns, sorted_by=order, notes=notes)


def drawn(row: LabelSummary) -> Cell:
    """Return the interval of a model's mAP as a drawing."""
    value = row.mean_average_precision
    low, high = (value if end is None else end for end in (row.low, row.high))
    return Cell("", value, (low, value, high))


def pairs_table(name: str, pairs: list[PairedDifference]) -> Table | None:
    """Return a row per pair of models, the better one first."""
    rows = [pair if pair.difference >= 0 else pair.swapped() for pair in pairs]
    words = {True: "yes", False: "no", None: "unknown"}
    columns = [
        (Column("models", "text"), [Cell(f"{row.model_a} − {row.model_b}") for row in rows]),
        column(rows, "difference of mAP (points)", "difference", percents),
        (Column("95 % interval"), [limits(row.low, row.high) for row in rows]),
        column(rows, "p", "p_value", p_value, "paired group bootstrap, on the same videos"),
        column(rows, "p, Holm", "p_holm", p_value, "corrected for the number of pairs"),
        (Column("significant", "text", "p, Holm of at most 0.05"), [Cell(words[row.told_apart]) for row in rows]),
        column(rows, "detectable (points)", "detectable", percents, "found in four of five such tests"),
        column(rows, "says something about", "about", text),
    ]
    return filled("pairwise", f"Pairs of models on {name}", columns)


def labels_table(name: str, rows: list[Row]) -> Table | None:
    """Return a row per label and model."""
    columns = [
        column(rows, "label", "label", text),
        column(rows, "model", "model", text),
        column(rows, "videos", "videos", numeral),
        column(rows, "groups", "groups", numeral),
        (Column("average precision (%)", help="interval from resampled groups, approximate; none for fewer than ten"),
         [with_limits(row, "average_precision", "low", "high") for row in rows]),
        column(rows, "random ranking (%)", "chance", percents),
        column(rows, "F1 (%)", "f1", percents),
        column(rows, "threshold (%)", "threshold", percents, "probability from which the label is given"),
        column(rows, "ECE, scaled (%)", "ece_scaled", percents),
    ]  # fmt: skip
    return filled("labels", f"Labels of {name}", columns)


def runs_table(name: str, rows: list[Row]) -> Table | None:
    """Return a row per training."""
    columns = [
        *(column(rows, title, title, text) for title in ("model", "split", "seed", "status")),
        column(rows, "mAP (%)", "mean_average_precision", percents),
        column(rows, "micro F1 (%)", "micro_f1", percents),
        column(rows, "macro F1 (%)", "macro_f1", percents),
        column(rows, "validation mAP (%)", "val_mean_average_precision", percents),
        column(rows, "best epoch", "best_epoch", text),
        column(rows, "training", "train_seconds", span),
    ]
    return filled("runs", f"Every training on {name}", columns)


def describe_model(row: LabelSummary, records: list[dict], labels: list[Row]) -> dict[str, object]:
    """Return what is said of one model: settings, and its hardest and easiest labels."""
    own = sorted(
        (label for label in labels if label["model"] == row.model), key=lambda label: float(label["average_precision"])
    )
    ranked = [(label["label"], percents(label["average_precision"]).text + " %") for label in own]
    most = min(model_section.MAX_CLASSES, len(ranked) // 2)
    of_model = [record for record in records if record["model"] == row.model]
    return {
        "name": row.model,
        "accuracy": with_limits(row, "mean_average_precision", "low", "high").text,
        "warnings": [f"Diverged in {row.diverged_runs} of its trainings."] if row.diverged_runs else [],
        "settings": model_section.settings(of_model),
        "worst": ranked[:most],
        "best": ranked[::-1][:most],
    }


def summarise(name: str, summary: list[LabelSummary]) -> DatasetRecord:
    """Return what the index says of a data set: its best model, marked as counted by mAP."""
    lead = summary[0]
    tied = [row.model for row in summary[1:] if row.verdict is Verdict.TIED]
    best = f"{lead.model} (mAP)"
    return DatasetRecord(name, len(summary), best, lead.mean_average_precision, lead.low, lead.high, tied)
