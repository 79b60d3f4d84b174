"""The rows of the tables that the report is written from, with their types: written and read in one place."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar, get_type_hints

from vidbench.errors import UserError
from vidbench.evaluation.significance import LEVEL
from vidbench.evaluation.verdicts import Verdict
from vidbench.files import read_csv, write_csv


@dataclass(frozen=True)
class ModelSummary:
    """A row of summary.csv: one model over its full splits and complete seeds; None for unknown values."""

    model: str
    top1: float  # a share of 1, pooled over splits, mean over seeds; as are the next four
    top1_low: float | None
    top1_high: float | None
    top1_seed_sd: float | None
    tied_with_best: bool | None
    num_seeds: int
    num_splits: int
    num_videos: int
    num_groups: int
    train_seconds: float | None
    ms_per_clip: float | None
    parameters: int
    train_clips_per_second: float | None
    best_batch: float | None
    ms_per_clip_best_batch: float | None
    gflops: float | None
    peak_memory_mb: float | None
    train_peak_memory_mb: float | None
    on_front: bool | None
    verdict: Verdict
    diverged_runs: int
    seeds_missing: str
    baseline: str = ""  # its kind; "" for a trained model
    # Joules, where the system counts them: of the GPU in use, and of the whole machine's processors.
    gpu_joules_per_clip: float | None = None
    cpu_joules_per_clip: float | None = None
    gpu_joules_per_clip_best_batch: float | None = None
    cpu_joules_per_clip_best_batch: float | None = None
    train_gpu_joules: float | None = None
    train_cpu_joules: float | None = None
    on_energy_front: bool | None = None

    @property
    def diverged(self) -> bool:
        """True where a training of the model diverged."""
        return self.verdict is Verdict.DIVERGED

    @property
    def label(self) -> str:
        """Its name in a list, a baseline marked as such."""
        return f"{self.model} (baseline)" if self.baseline else self.model


@dataclass(frozen=True)
class PairedDifference:
    """A row of pairwise.csv: accuracy of model_a minus that of model_b; None or NaN where unknown."""

    model_a: str
    model_b: str
    difference: float
    low: float | None
    high: float | None
    p_value: float | None
    p_holm: float | None
    about: str
    standard_error: float | None
    detectable: float | None
    groups_for_1: float | None
    groups_for_2: float | None
    groups_for_5: float | None

    @property
    def models(self) -> set[str]:
        return {self.model_a, self.model_b}

    @property
    def told_apart(self) -> bool | None:
        """True where Holm's test tells the two models apart; None where there is no test."""
        return None if self.p_holm is None else self.p_holm <= LEVEL

    def swapped(self) -> "PairedDifference":
        """Return the difference of model_b minus model_a."""
        low, high = (None if end is None else 0 - end for end in (self.high, self.low))
        return replace(
            self, model_a=self.model_b, model_b=self.model_a, difference=0 - self.difference, low=low, high=high
        )

    def of(self, better: str) -> "PairedDifference":
        """Return the difference of the model `better` minus the other one."""
        return self if self.model_a == better else self.swapped()


@dataclass(frozen=True)
class MotionUse:
    """A row of motion_use.csv: a model's accuracy by order of frames, and its shares; None for unknown ones."""

    model: str
    normal: float
    shuffled: float
    reversed: float
    single_frame: float
    chance: float
    static: float | None
    static_low: float | None
    static_high: float | None
    unordered: float | None
    unordered_low: float | None
    unordered_high: float | None
    order: float | None
    order_low: float | None
    order_high: float | None
    relative_order: float | None
    relative_order_low: float | None
    relative_order_high: float | None
    blind_model: str
    undefined: str  # why there are no shares
    relative_undefined: str
    num_seeds: int
    num_videos: int


@dataclass(frozen=True)
class EnsembleGain:
    """A row of ensembles.csv: averaged networks, and their gain over the best model among them alone."""

    kind: str  # what is averaged: seeds, pair or all
    members: str
    num_networks: int
    top1: float
    top1_low: float | None
    top1_high: float | None
    best_single: str
    best_single_top1: float
    gain: float
    gain_low: float | None
    gain_high: float | None
    p_value: float | None
    p_holm: float | None
    beyond_chance: bool | None
    val_top1: float | None
    chosen_on_validation: bool | None
    num_seeds: int
    about: str

    @property
    def models(self) -> list[str]:
        """The models whose networks are averaged."""
        return self.members.split(" + ")


@dataclass(frozen=True)
class LabelSummary:
    """A row of label_summary.csv, of several labels per video: one model; None for unknown values.

    Scores are shares of 1, pooled over splits, mean over seeds.
    """

    model: str
    baseline: str  # its kind; "" for a trained model
    verdict: Verdict
    mean_average_precision: float
    low: float | None
    high: float | None
    approximate: bool | None
    seed_sd: float | None
    micro_f1: float
    micro_f1_low: float | None
    micro_f1_high: float | None
    macro_f1: float
    macro_f1_low: float | None
    macro_f1_high: float | None
    exact_match: float
    exact_match_low: float | None
    exact_match_high: float | None
    ece: float | None
    ece_scaled: float | None
    chance: float  # mean average precision of a random ranking
    num_seeds: int
    num_splits: int
    num_videos: int
    num_groups: int
    num_unreadable: int
    diverged_runs: int
    train_seconds: float | None
    ms_per_clip: float | None
    parameters: int
    gpu_joules_per_clip: float | None = None
    cpu_joules_per_clip: float | None = None
    gpu_joules_per_clip_best_batch: float | None = None
    cpu_joules_per_clip_best_batch: float | None = None
    train_gpu_joules: float | None = None
    train_cpu_joules: float | None = None


class Dataclass(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


Row = TypeVar("Row", bound=Dataclass)
_CELLS: dict[object, Callable[[str], Any]] = {
    str: str,
    int: int,
    float: float,
    float | None: lambda cell: None if cell in ("", "nan", "None") else float(cell),
    bool | None: {"True": True, "False": False}.get,
    Verdict: Verdict,
}


def columns(kind: type) -> tuple[str, ...]:
    """Return the columns of a table, in their order."""
    return tuple(field.name for field in fields(kind))


def typed(kind: type[Row], rows: Iterable[Mapping[str, object]]) -> list[Row]:
    """Parse rows of cells, text or values, into objects of their kind; a column with a default may be missing."""
    hints = get_type_hints(kind)
    optional = _defaults(kind)
    return [
        kind(
            **{
                name: _CELLS[hint](str(row[name]))
                for name, hint in hints.items()
                if name in row or name not in optional
            }
        )
        for row in rows
    ]


def write_table(path: Path, rows: Iterable[Row], kind: type[Row]) -> None:
    """Write a table of this kind; None becomes an empty cell. A column that has its default throughout is left out."""
    cells = [asdict(row) for row in rows]
    unused = {name for name, value in _defaults(kind).items() if all(row[name] == value for row in cells)}
    shown = [name for name in columns(kind) if name not in unused]
    write_csv(path, [{name: row[name] for name in shown} for row in cells], shown)


def _defaults(kind: type) -> dict[str, object]:
    return {field.name: field.default for field in fields(kind) if field.default is not MISSING}


def read_table(path: Path, kind: type[Row]) -> list[Row]:
    """Read a table of this kind; UserError where it lacks a column, as one of an older version may."""
    rows = read_csv(path)
    needed = [name for name in columns(kind) if name not in _defaults(kind)]
    if rows and (missing := [name for name in needed if name not in rows[0]]):
        raise UserError(f"{path}: lacks the column '{missing[0]}'; make the table again")
    return typed(kind, rows)


def optional_table(path: Path, kind: type[Row]) -> list[Row]:
    """Read a table that not every run has; no rows where there is no file."""
    return read_table(path, kind) if path.exists() else []
