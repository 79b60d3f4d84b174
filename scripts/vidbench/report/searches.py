"""What each model got to find its settings with, and what the choice of its trial is worth on new videos."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidbench.evaluation.runs import in_order
from vidbench.formatting import known
from vidbench.report.dataset_results import DatasetResults, Row, optional_json
from vidbench.report.phrases import several
from vidbench.report.table import NONE, Cell, Column, Table, filled, fixed, limits, numeral, percents, span, text


@dataclass(frozen=True)
class Share:
    """What a model got on a split, over all seeds."""

    model: str
    split: str
    trials: int
    epochs: int
    seconds: float
    choice: dict[str, Any]  # content of choice.json; {} for a model without trials


def read_shares(folder: Path, results: DatasetResults) -> list[Share]:
    """Return what each trained model got on each split; [] where none had trials. `folder`: results/{dataset}."""
    trained = [row for row in results.runs if known(row["epochs"])]
    shares = [
        _read_share(folder, [row for row in trained if (row["model"], row["split"]) == key])
        for key in in_order([(row["model"], row["split"]) for row in trained])
    ]
    return shares if any(share.choice for share in shares) else []


def _read_share(folder: Path, rows: list[Row]) -> Share:
    """Read the share of a model on a split; `rows`: of its seeds."""
    model, split = rows[0]["model"], rows[0]["split"]
    swept = any(row["trial"] for row in rows)
    choice = optional_json(folder / split / model / "choice.json") if swept else {}
    epochs = choice.get("epochs") or sum(int(float(row["epochs"])) for row in rows)
    seconds = sum(float(row["sweep_seconds"] or row["train_seconds"]) for row in rows)
    return Share(model, split, choice.get("trials", 1), epochs, seconds, choice)


def trials_by_model(shares: list[Share]) -> dict[str, int]:
    """Return the number of trials of each model, the largest over splits."""
    models = in_order([share.model for share in shares])
    return {model: max(share.trials for share in shares if share.model == model) for model in models}


def unequal(trials: dict[str, int]) -> str:
    """Say that the models had different numbers of trials; '' where they had the same."""
    if len(set(trials.values())) < 2:
        return ""
    numbers = several([f"{model} {count}" for model, count in trials.items()], "models")
    return (
        f"The models did not have the same number of trials ({numbers}), so part of a difference may be the search for"
        " settings."
    )


def search_table(results: DatasetResults, shares: list[Share]) -> Table | None:
    """Return one row per model and split; None where no model had trials."""

    def cells(cell: Callable[[Share], Cell]) -> list[Cell]:
        return [cell(share) for share in shares]

    columns = [
        (Column("model", "text"), cells(lambda share: text(share.model))),
        (Column("split", "text"), cells(lambda share: text(share.split))),
        (Column("trials"), cells(lambda share: numeral(share.trials))),
        (Column("epochs", help="of all trials and seeds"), cells(lambda share: numeral(share.epochs, 9))),
        (Column("training", help="of all trials and seeds"), cells(lambda share: span(share.seconds))),
        (Column("validation top-1 (%)", help="of the chosen trial, at its best epoch"),
         cells(lambda share: percents(share.choice.get("val_top1")))),
        (Column("on new videos (%)", help="estimated from the validation videos, with its 95 % interval"),
         cells(_on_new_videos)),
        (Column("optimism (points)", help="validation top-1 minus that: the luck of being the best"), cells(_luck)),
        (Column("chosen trial", "text"), cells(lambda share: text(share.choice.get("trial")))),
    ]  # fmt: skip
    caption = f"What each model got to find its settings on {results.name}"
    return filled("searches", caption, columns, notes=_notes(shares)) if shares else None


def _on_new_videos(share: Share) -> Cell:
    if not (found := share.choice.get("estimate")):
        return Cell(NONE)
    return Cell(f"{percents(found['top1']).text} {limits(found['low'], found['high']).text}", found["top1"])


def _luck(share: Share) -> Cell:
    optimism = share.choice.get("optimism")
    return Cell(NONE) if optimism is None else Cell(fixed(optimism, 100, 1), optimism)


def _notes(shares: list[Share]) -> list[str]:
    """Return what the columns mean, and for how many videos."""
    estimates = [share.choice["estimate"] for share in shares if share.choice.get("estimate")]
    trials = trials_by_model(shares)
    same = f"Each model had {next(iter(trials.values()))} trials on each split."
    notes = [unequal(trials) or same]
    if estimates:
        videos = in_order([f"{found['num_videos']:,}" for found in estimates])
        notes.append(
            f"The best of several trials, and of their epochs, is partly luck on {several(videos, 'numbers')}"
            " validation videos. The choice was repeated on random parts of these videos and judged on the rest, which"
            " gives the accuracy to expect on new ones; the test videos had no part in it."
        )
    for choice in [share.choice for share in shares]:
        if choice.get("rung", 1) < choice.get("rungs", 1):
            notes.append(
                f"{choice['trial']} was chosen in rung {choice['rung']} of {choice['rungs']} and trained no longer: all"
                " trials that went on diverged."
            )
    if any(share.choice and not share.choice.get("estimate") for share in shares):
        notes.append("A dash: the validation videos are of too few groups to say how much of it is luck.")
    return notes
