"""Simpler explanations of what a data set's best model reaches, and what limits it: what explanations.json holds."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from vidbench.files import read_json

MARGIN = 0.05  # in accuracy: a lead that is surely smaller is none, as it is for shortcuts and shares of motion


class Standing(StrEnum):
    """How a model stands against a simpler explanation."""

    NO_MORE = "no more"  # it is surely less than MARGIN better
    NOT_SHOWN = "not shown"  # it is not shown to be better, and was not MARGIN better in this test
    UNCLEAR = "unclear"  # it was more than MARGIN better, which may be chance
    BETTER = "better"
    UNTESTED = "untested"  # too few groups for any test; it was not MARGIN better
    UNTESTED_LEAD = "untested lead"  # too few groups for any test; it was more than MARGIN better


@dataclass(frozen=True)
class Alternative:
    """The accuracy of a simpler explanation, and the model's minus that, with 95 % intervals, all as fractions.

    With too few groups for intervals all four ends are None; then both are surely above chance (few_groups.py).
    """

    name: str
    top1: float
    low: float | None
    high: float | None
    difference: float  # the model's accuracy minus that of the alternative, on the same videos
    difference_low: float | None
    difference_high: float | None
    detectable: float | None  # the smallest difference found with a power of 0.8; None where the two never differ

    @property
    def standing(self) -> Standing:
        """How the model stands against it."""
        if self.difference_low is None or self.difference_high is None:
            return Standing.UNTESTED if self.difference <= MARGIN else Standing.UNTESTED_LEAD
        if self.difference_high <= MARGIN:
            return Standing.NO_MORE
        if self.difference_low > 0:
            return Standing.BETTER
        return Standing.NOT_SHOWN if self.difference <= MARGIN else Standing.UNCLEAR


@dataclass(frozen=True)
class ErrorCause:
    """A property that tells which videos a model gets wrong, among videos of the same class."""

    name: str
    auc: float  # share of pairs of a wrong and a right video of a class in which the wrong one has the larger value
    low: float
    high: float
    border: float  # median of the property over the tested videos: seconds, frames per second or pixels
    above: float  # accuracy of the videos above the border, and of all others
    below: float


@dataclass(frozen=True)
class ClassPair:
    """Two classes that a model confuses: the share that is right of their videos that were taken for one of them."""

    a: str
    b: str
    right: float
    low: float
    high: float
    videos: float  # of the two classes that were taken for either, mean over seeds
    groups: int
    gain: float  # accuracy over all classes that merging the two adds
    told_by: str = ""  # the most accurate other sound model that tells them apart; "" without one


@dataclass(frozen=True)
class Narrowing:
    """By which share the interval of an accuracy would become narrower with twice the videos."""

    videos_per_group: float  # as the videos see it: sum n_g^2 / N
    same_groups: float  # twice as many of each group
    new_groups: float  # as many again, of other groups


@dataclass(frozen=True)
class Learning:
    """What the learning curves of a model's trainings say together: counts of trainings, and medians over them."""

    model: str
    trainings: int
    underfit: int
    improving: int
    overfit: int
    epochs: int  # that a training was planned to have
    train_end: float
    val_lowest: float
    val_before_end: float
    val_end: float
    lowest_epoch: int  # with the lowest validation loss
    guess: float  # what guessing loses, in nats
    frozen: bool  # its network has pretrained weights that are not trained
    train_videos: int
    train_groups: int

    def most(self, count: int) -> bool:
        """Return whether a count is that of more than half of the trainings."""
        return 2 * count > self.trainings


OPTIONAL = {
    "file_property": Alternative, "all_properties": Alternative, "single_frame": Alternative, "errors": ErrorCause,
    "narrowing": Narrowing,
}  # fmt: skip


@dataclass(frozen=True)
class Explanations:
    """What is known of the best model of a data set; None or empty where nothing can be said."""

    model: str  # the most accurate sound one that sees pictures
    file_property: Alternative | None = None
    all_properties: Alternative | None = None  # the baseline file_properties, with too few groups for a test of models
    single_frame: Alternative | None = None  # the same model, one frame in place of all
    errors: ErrorCause | None = None
    narrowing: Narrowing | None = None
    confused: list[ClassPair] = field(default_factory=list)
    learning: list[Learning] = field(default_factory=list)  # of all trained models

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Explanations":
        """Make it from the content of explanations.json."""
        found = {name: kind(**content[name]) for name, kind in OPTIONAL.items() if content[name] is not None}
        confused = [ClassPair(**pair) for pair in content["confused"]]
        learning = [Learning(**row) for row in content["learning"]]
        return cls(content["model"], confused=confused, learning=learning, **found)

    def as_dict(self) -> dict[str, Any]:
        """Return the content of explanations.json."""
        return asdict(self)


def read_explanations(path: Path) -> Explanations | None:
    """Read explanations.json; None where there is none."""
    return Explanations.from_dict(read_json(path)) if path.exists() else None
