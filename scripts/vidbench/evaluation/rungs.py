"""The rungs of successive halving: which trial is where, and who goes on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vidbench.files import read_csv

RANKING = ("place", "trial", "folder", "val_top1", "val_loss", "status", "goes_on")


@dataclass(frozen=True)
class Stage:
    """The last rung that a trial has come into, from 1, and its folder there, below that of the split."""

    rung: int
    folder: str


def rung_folder(model: str, rung: int, place: int) -> str:
    """Return the folder of the trial that the ranking of the rung before has at a place, below that of the split."""
    return f"{model}/rung{rung}/{place}"


def first_stages(trials: Iterable[str]) -> dict[str, Stage]:
    """Return the stage in which all trials begin: the first rung, in folders of their names."""
    return {trial: Stage(1, trial) for trial in trials}


def entrants(ranking: Path) -> dict[str, Stage]:
    """Return the trials that go on after a rung, by rung{n}.csv in the folder of their model."""
    rung = int(ranking.stem.removeprefix("rung")) + 1
    model = ranking.parent.name
    rows = [row for row in read_csv(ranking) if row["goes_on"] == "True"]
    return {row["trial"]: Stage(rung, rung_folder(model, rung, int(row["place"]))) for row in rows}


def last_stages(trials: Iterable[str], rankings: Sequence[Path]) -> dict[str, Stage]:
    """Return the last stage of each trial; `rankings`: of all rungs but the last, in any order."""
    by_rung = sorted(map(entrants, rankings), key=lambda stages: next(iter(stages.values())).rung)
    return {trial: stage for stages in [first_stages(trials), *by_rung] for trial, stage in stages.items()}
