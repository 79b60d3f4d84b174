"""All that the page says of one data set, read from what the steps wrote into its folder."""

from pathlib import Path

from vidbench.datasets.fractions import is_variant
from vidbench.evaluation.runs import in_order
from vidbench.files import read_csv, read_json
from vidbench.report import comparison_tables, data_section, model_section, protocol, section_tables
from vidbench.report.conclusions import answer
from vidbench.report.dataset_results import DatasetResults, optional_csv, read_results
from vidbench.report.error_tables import error_tables
from vidbench.report.figures import PARTS, in_parts
from vidbench.report.provenance import provenance
from vidbench.video import read_videos

MAX_LEAKS = 20  # shown of each split; duplicates.csv has them all
PAPER_TABLES = ("comparison.csv", "comparison.tex", "pairwise.csv", "pairwise.tex", "classes.csv", "classes.tex")
OF_PARTS = {"protocol": "ladder", "motion": "motion", "cost": "cost", "errors": "classes", "training": "runs"}


def describe(folder: Path, figures: list[Path], captions: Path, available: list[str] | None) -> dict[str, object]:
    """What the templates need; `figures`: those of all data sets; `captions`: folder of their texts."""
    videos = read_videos(folder / "videos.csv")
    results = read_results(folder, videos, available)
    comparison = read_csv(folder / "comparison.csv")
    records = [run_record(folder, row) for row in comparison]
    full = [record for record, row in zip(records, comparison, strict=True) if not is_variant(row["split"])]
    splits = in_order([row["split"] for row in comparison])
    looked = data_section.inspection(folder, videos)
    classes = comparison_tables.class_rows(folder, results)
    scores = optional_csv(folder / "scores.csv")
    own_figures = [path for path in figures if path.parent == folder / "figures"]
    found = in_parts(captions, own_figures, results, classes, looked["words"])
    made = tables(folder, results, records, splits, videos, classes)
    return {
        "name": folder.name,
        "chance": results.chance,
        "answer": answer(results),
        "resolution": results.resolution,
        "tables": made,
        "common": protocol.trained_models(results, records)[0],
        "what_counts": protocol.what_counts(results, looked["bad"]),
        "errors": error_tables(folder, results),
        "figures": found,
        "shown_parts": shown_parts(found, made),
        "models": model_section.sections(folder, results, full, classes, scores),
        "inspection": looked,
        "diagnosis": diagnosis(folder),
        "paper_tables": [name for name in PAPER_TABLES if (folder / "tables" / name).exists()],
        "provenance": provenance(records, comparison),
        "stored_features": any(record.get("features") for record in records),
        "variants": [split for split in splits if is_variant(split)],
        "on_cpu": all(record["device"]["type"] == "cpu" for record in records),
    }


def shown_parts(figures: dict[str, list], made: dict[str, object]) -> list[tuple[str, str]]:
    """Name and heading of the parts that have a heading of their own and something to show under it."""
    return [
        (part, heading)
        for part, heading in PARTS.items()
        if part not in ("comparison", "pairs", "data") and (figures[part] or made.get(OF_PARTS.get(part, "")))
    ]


def tables(folder: Path, results: DatasetResults, records: list[dict], splits: list[str], videos, classes) -> dict:
    """Every table by its name; None where a run does not have it."""
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


def run_record(folder: Path, row: dict[str, str]) -> dict:
    """options.json of a run, with the model's name and, where it is swept, the trial's."""
    record = read_json(folder / row["split"] / row["model"] / f"seed{row['seed']}" / "options.json")
    return {"trial": None, **record, "model": row["model"]}


def diagnosis(folder: Path) -> dict[str, object]:
    """diagnosis.json, and a table of the leaks of each split."""
    found = read_json(folder / "diagnosis.json")
    for name, split in found["splits"].items():
        split["table"] = data_section.leaks(folder.name, name, split["leaks"], MAX_LEAKS)
    return found
