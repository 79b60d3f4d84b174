"""All that the page says of one data set, read from what the steps wrote into its folder."""

import base64
from dataclasses import dataclass, replace
from pathlib import Path

from vidbench.datasets.fractions import is_variant
from vidbench.evaluation.runs import in_order
from vidbench.evaluation.verdicts import Verdict
from vidbench.files import read_csv, read_json
from vidbench.report import comparison_tables, data_section, model_section, protocol, section_tables
from vidbench.report.conclusions import answer
from vidbench.report.data_section import Inspection
from vidbench.report.dataset_results import DatasetResults, Row, optional_csv, read_record, read_results
from vidbench.report.error_tables import error_tables
from vidbench.report.figures import PARTS, Figures, in_parts
from vidbench.report.model_section import Facts
from vidbench.report.provenance import provenance
from vidbench.report.rejection_table import rejection
from vidbench.report.run_records import DatasetRecord
from vidbench.report.searches import read_shares, search_table, trials_by_model
from vidbench.report.table import Table
from vidbench.video import Video, read_videos

MAX_LEAKS = 20  # shown per split; duplicates.csv has them all
PAPER_TABLES = ("comparison.csv", "comparison.tex", "pairwise.csv", "pairwise.tex", "classes.csv", "classes.tex")
OF_PARTS = {"protocol": "ladder", "motion": "motion", "cost": "cost", "errors": "classes", "training": "runs"}
Tables = dict[str, Table | None]


@dataclass(frozen=True)
class DatasetPage:
    """A data set as the templates need it; a table that the run does not have is None."""

    name: str
    chance: float
    answer: list[str]
    resolution: dict[str, object]
    tables: Tables
    common: Facts
    what_counts: list[str]
    errors: list[Table]
    figures: Figures
    shown_parts: list[tuple[str, str]]
    models: list[dict[str, object]]
    inspection: Inspection
    diagnosis: dict
    paper_tables: list[tuple[str, str]]  # name and data address
    provenance: Facts
    stored_features: bool
    variants: list[str]
    on_cpu: bool
    record: DatasetRecord
    trainings: int


def describe(
    folder: Path, figures: list[Path], captions: Path, available: list[str] | None, kind: str = ""
) -> DatasetPage:
    """Return what templates need; `figures`: of all data sets; `captions`: folder of texts; `kind`: e.g. ucf101."""
    videos = read_videos(folder / "videos.csv")
    results = read_results(folder, videos, available)
    comparison = read_csv(folder / "comparison.csv")
    records = [read_record(folder, row) for row in comparison]
    results = replace(results, overlaps=protocol.overlaps(kind, records), refitted=protocol.refitted(records))
    shares = read_shares(folder, results)
    results = replace(results, trials=trials_by_model(shares))
    trained = [(record, row) for record, row in zip(records, comparison, strict=True) if not record.get("baseline")]
    full_records = [record for record, row in zip(records, comparison, strict=True) if not is_variant(row["split"])]
    splits = in_order([row["split"] for row in comparison])
    inspection = data_section.inspection(folder, videos)
    classes = comparison_tables.class_rows(folder, results)
    own_figures = [path for path in figures if path.parent == folder / "figures"]
    figures_by_part = in_parts(captions, own_figures, results, classes, inspection.words)
    tables = make_tables(folder, results, records, splits, videos, classes)
    tables["searches"] = search_table(results, shares)
    return DatasetPage(
        name=folder.name,
        chance=results.chance,
        answer=answer(results),
        resolution=results.resolution,
        tables=tables,
        common=protocol.trained_models(results, records)[0],
        what_counts=protocol.what_counts(results, inspection.bad),
        errors=[*error_tables(folder, results), *filter(None, [rejection(results, folder)])],
        figures=figures_by_part,
        shown_parts=shown_parts(figures_by_part, tables),
        models=model_section.sections(folder, results, full_records, classes, optional_csv(folder / "scores.csv")),
        inspection=inspection,
        diagnosis=read_diagnosis(folder),
        paper_tables=paper_tables(folder),
        provenance=provenance([record for record, _ in trained], [row for _, row in trained]),
        stored_features=any(record.get("features") for record in records),
        variants=[split for split in splits if is_variant(split)],
        on_cpu=bool(trained) and all(record["device"]["type"] == "cpu" for record, _ in trained),
        record=summarise(results),
        trainings=len(trained),
    )


def shown_parts(figures: Figures, tables: Tables) -> list[tuple[str, str]]:
    """Return name and heading of the parts that have a heading of their own and something to show under it."""
    return [
        (part, heading)
        for part, heading in PARTS.items()
        if part not in ("comparison", "pairs", "data") and (figures[part] or tables.get(OF_PARTS.get(part, "")))
    ]


def make_tables(
    folder: Path,
    results: DatasetResults,
    records: list[dict],
    splits: list[str],
    videos: list[Video],
    classes: list[Row],
) -> Tables:
    """Return every table by its name; None where a run does not have it."""
    return {
        "protocol": protocol.trained_models(results, records)[1],
        "weights": protocol.first_weights(results, protocol.networks(records)),
        "splits": data_section.splits(folder, splits, videos),
        "comparison": comparison_tables.comparison(results),
        "scores": section_tables.scores(results, optional_csv(folder / "scores.csv")),
        "pairwise": comparison_tables.pairwise(results),
        "ladder": section_tables.ladder(results, optional_csv(folder / "ladder.csv")),
        "motion": section_tables.motion(results),
        "cost": section_tables.cost(results),
        "classes": comparison_tables.classes(results, classes),
        "runs": section_tables.runs(results, read_csv(folder / "comparison.csv")),
    }


def paper_tables(folder: Path) -> list[tuple[str, str]]:
    """Return the tables for papers in the page itself: another run may overwrite the files beside it."""
    paths = [folder / "tables" / name for name in PAPER_TABLES]
    return [(path.name, _data_address(path)) for path in paths if path.exists()]


def _data_address(path: Path) -> str:
    kind = "text/csv" if path.suffix == ".csv" else "application/x-tex"
    return f"data:{kind};charset=utf-8;base64,{base64.b64encode(path.read_bytes()).decode()}"


def summarise(results: DatasetResults) -> DatasetRecord:
    """Return what the index says of a data set: its best model, and which ones are tied with it."""
    lead = results.sound[0]
    tied = [row.model for row in results.sound[1:] if row.verdict is Verdict.TIED]
    return DatasetRecord(results.name, len(results.summary), lead.model, lead.top1, lead.top1_low, lead.top1_high, tied)


def read_diagnosis(folder: Path) -> dict:
    """Read diagnosis.json, with a table of the leaks of each split."""
    diagnosis = read_json(folder / "diagnosis.json")
    for name, split in diagnosis["splits"].items():
        split["table"] = data_section.leaks(folder.name, name, split["leaks"], MAX_LEAKS)
    return diagnosis
