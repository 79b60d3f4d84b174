"""Under which conditions the models were compared: clips, weights, and what counts."""

from vidbench.evaluation.runs import in_order
from vidbench.models import pretraining
from vidbench.models.options import ModelOptions
from vidbench.report.baseline_words import WORDS
from vidbench.report.dataset_results import DatasetResults
from vidbench.report.model_section import settings
from vidbench.report.model_words import find_weights, licence, network, pretraining_data, start, trained_part
from vidbench.report.phrases import counted, several
from vidbench.report.table import Cell, Column, Table, column, filled, text

SHOWN = ("clip", "test views", "optimiser", "batch")


def trained_models(results: DatasetResults, records: list[dict]) -> tuple[list[tuple[str, str]], Table | None]:
    """Return what all models have in common in clips and training, and a table, a row per model, of what differs.

    A swept model has a row per selected trial.
    """
    rows = []
    for record in distinct([record for record in records if not record.get("baseline")]):
        clip = ModelOptions.from_dict(record["options"]).clip
        rows.append({
            "model": record["trial"] or record["model"],
            **dict(settings([record])),
            "temporal mean": "subtracted" if clip.subtract_temporal_mean else "kept",
        })  # fmt: skip
    keys = [*SHOWN, *(["temporal mean"] if any(row["temporal mean"] == "subtracted" for row in rows) else [])]
    common = [key for key in keys if len({row[key] for row in rows}) == 1]
    columns = [column(rows, key, key, text) for key in ("model", *keys) if key not in common]
    table = filled("protocol", f"What differs between the models on {results.name}", columns)
    return [(key, rows[0][key]) for key in common], table


def distinct(records: list[dict]) -> list[dict]:
    """Return one record per model; of a swept one, one per trial that was selected in some split."""
    return list({(record["model"], record["trial"]): record for record in records}.values())


def networks(records: list[dict]) -> list[dict[str, str]]:
    """Return network, first weights and what is trained of each model; nothing where all start from random weights."""
    rows = {}
    for record in with_network(records):
        options = ModelOptions.from_dict(record["options"])
        baseline = WORDS.get(record.get("baseline", {}).get("kind"))
        rows[record["model"]] = {
            "model": record["model"],
            "network": options.network.architecture if baseline else network(options),
            "start": start(options),
            "data": pretraining_data(options),
            "licence": licence(options),
            "trained": f"nothing: {baseline}" if baseline else trained_part(options),
            "count": "0" if baseline else f"{record['trained_parameters']:,}" if "trained_parameters" in record else "",
        }
    plain = all(row["start"] == "random" and row["trained"] == "all" for row in rows.values())
    return [] if plain else list(rows.values())


def with_network(records: list[dict]) -> list[dict]:
    """Return the records of all but the baselines that look at the files only."""
    return [record for record in records if record["options"] is not None]


def overlaps(kind: str, records: list[dict]) -> dict[str, str]:
    """Return, by model, what a test on this kind of data set has in common with the pretraining data of its weights."""
    found = {}
    for record in with_network(records):
        weights = find_weights(ModelOptions.from_dict(record["options"]))
        if reason := pretraining.find_overlap(kind, weights):
            found[record["model"]] = reason
    return found


def refitted(records: list[dict]) -> list[str]:
    """Return the models that were trained again on training and validation videos together."""
    return in_order([record["model"] for record in records if record.get("refit")])


def first_weights(results: DatasetResults, rows: list[dict[str, str]]) -> Table | None:
    """Return the rows of `networks` as a table."""
    titles = {"model": "model", "network": "network", "start": "starts from", "trained": "trained"}
    if all(row["count"] for row in rows):
        titles |= {"count": "trained parameters"}
    if any(row["data"] for row in rows):
        titles |= {"data": "pretraining data", "licence": "licence of the weights"}
    columns = [(Column(title, "text"), [Cell(row[key]) for row in rows]) for key, title in titles.items()]
    notes = ["Models that start from other weights have seen other data: a difference between them is not one of the"
             " architectures alone."]  # fmt: skip
    return filled("weights", f"First weights of the models on {results.name}", columns, notes=notes) if rows else None


def what_counts(results: DatasetResults, unreadable: int) -> list[str]:
    """Return how the numbers of the page are made, one sentence per rule."""
    first = results.summary[0]
    splits = counted(len(results.splits), "split")
    seeds = sorted({row.num_seeds for row in results.summary if not row.baseline})
    trained = f"{seeds[0]} to {seeds[-1]} seeds" if len(seeds) > 1 else counted(seeds[0], "seed") if seeds else ""
    tested = f"{counted(first.num_videos, 'test video')} in {counted(first.num_groups, 'group')}"
    bad = f": {unreadable:,} of all videos here" if unreadable else ""
    return [
        f"Accuracy is top-1 on {tested}, pooled over {splits}{', mean over ' * bool(trained)}{trained}.",
        "All models see the same videos. A prediction is the mean of the probabilities over all views of a video.",
        "Validation videos are taken out of the training list, by group. They choose the epoch; nothing is chosen on"
        " test videos.",
        *_say_refitted(results),
        f"A video that cannot be decoded{bad} is left out of training and counts as wrong in the test.",
        f"Chance, always predicting one class, is {100 * results.chance:.1f} %.",
        "Intervals are for new groups of the same classes and these trained weights: videos of one group are alike, so"
        " groups are counted, not videos.",
    ]  # fmt: skip


def _say_refitted(results: DatasetResults) -> list[str]:
    """Say which models were trained again, and that numbers of validation are those of the weights before."""
    if not results.refitted:
        return []
    verb = "was" if len(results.refitted) == 1 else "were"
    return [
        f"{several(results.refitted)} {verb} then trained again on training and validation videos together, for as many"
        " steps. Validation accuracies, temperatures and the choice between ensembles are those of the weights before."
    ]
