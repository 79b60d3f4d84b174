"""What the rules of next_steps.py find, each with what to do and why, in words."""

from dataclasses import dataclass
from typing import Protocol

from vidbench.evaluation.explanations import ClassPair, Learning, Narrowing
from vidbench.evaluation.significance import MIN_GROUPS
from vidbench.formatting import percent
from vidbench.report.phrases import counted, limits_of, round_points, several

RESOLVED = 0.05  # a test that finds such a difference tells apart what matters to most
LABELS = "label_issues.csv"


class NextStep(Protocol):
    """A finding of a rule, in words."""

    @property
    def title(self) -> str:
        """What to do, as a short command."""
        ...

    @property
    def reason(self) -> str:
        """Why, with numbers, as a sentence."""
        ...


@dataclass(frozen=True)
class EqualFiles:
    """A property of the files gives the class as well as the best model does."""

    model: str
    name: str
    top1: float

    @property
    def title(self) -> str:
        return f"Make the {self.name} of the files the same in all classes"

    @property
    def reason(self) -> str:
        how = "cut all videos alike" if self.name == "duration" else "record or encode all videos alike"
        return (
            f"It gives {percent(self.top1)} of the classes away, so no accuracy shows that {self.model} looks at the"
            f" pictures: {how}, mix the sources of each class, and compare again."
        )


@dataclass(frozen=True)
class CheckedLabels:
    """Videos whose labels are suspicious, some of which can be expected to be wrong."""

    suspicious: int
    wrong: float  # expected among them
    videos: int

    @property
    def title(self) -> str:
        return f"Check {counted(self.suspicious, 'label')}"

    @property
    def reason(self) -> str:
        share = percent(self.suspicious / self.videos)
        return (
            f"{LABELS} lists them ({share} of the tested videos): models that were not trained on them say another"
            f" class. About {self.wrong:.0f} can be expected to be wrong."
        )


@dataclass(frozen=True)
class LongerTraining:
    """Models that were still improving in the last fifth of their epochs, the one that gained most first."""

    models: list[Learning]

    @property
    def title(self) -> str:
        return f"Train {several([row.model for row in self.models])} longer"

    @property
    def reason(self) -> str:
        row = self.models[0]
        return (
            f"The validation loss of {row.model} still fell at the end of {counted(row.epochs, 'epoch')}, in the last"
            f" fifth from {100 * row.val_before_end:.0f} to {100 * row.val_end:.0f} % of what guessing loses: raise"
            " training.epochs."
        )


@dataclass(frozen=True)
class FittedTraining:
    """The best trained model has not learned its training videos, and does not improve any more."""

    model: Learning

    @property
    def title(self) -> str:
        return f"Let {self.model.model} learn its training videos"

    @property
    def reason(self) -> str:
        return (
            f"Their loss ends at {100 * self.model.train_end:.0f} % of what guessing loses:"
            " try a higher training.learning_rate, a larger network, pretrained weights or weaker augmentation."
        )


@dataclass(frozen=True)
class FrozenBackbone:
    """The best trained model overfits, and no model of the run has a frozen pretrained network."""

    model: Learning
    videos_per_class: float

    @property
    def title(self) -> str:
        return "Add a model with a frozen pretrained backbone"

    @property
    def reason(self) -> str:
        return (
            f"{self.model.model} overfits after epoch {self.model.lowest_epoch} of {self.model.epochs}, with"
            f" {self.videos_per_class:.0f} training videos per class: a head on frozen features has less to learn"
            " (docs/pretrained.md)."
        )


@dataclass(frozen=True)
class OrderOfFrames:
    """Two classes that the best model confuses, where no model of the run uses the order of frames."""

    model: str
    pair: ClassPair

    @property
    def title(self) -> str:
        return f"Try a model that sees the order of frames, for {self.pair.a} and {self.pair.b}"

    @property
    def reason(self) -> str:
        return (
            f"{_of_pair(self.model, self.pair)}, and no model of this run was found to use the order of frames: where"
            " two classes differ in direction, only a network on clips (e.g. cnn3d) or a head such as tcn or lstm can"
            " separate them."
        )


@dataclass(frozen=True)
class OtherModel:
    """Two classes that the best model confuses, and another one does not."""

    model: str
    pair: ClassPair

    @property
    def title(self) -> str:
        return f"Look at {self.pair.told_by} for {self.pair.a} and {self.pair.b}"

    @property
    def reason(self) -> str:
        return (
            f"{_of_pair(self.model, self.pair)}; of those of {self.pair.told_by}, surely more than 75 % are right, so"
            " the two can be separated: an ensemble of both models, or one with the strengths of both, may do so."
        )


def _of_pair(model: str, pair: ClassPair) -> str:
    return (
        f"Of their videos that {model} takes for one of the two, {percent(pair.right, 0)}"
        f" {limits_of(pair.low, pair.high)} get the right one, and 50 % would be guessing"
    )


@dataclass(frozen=True)
class MergedClasses:
    """Two classes that the best model does not tell apart."""

    model: str
    pair: ClassPair
    top1: float

    @property
    def title(self) -> str:
        return f"Say better how {self.pair.a} and {self.pair.b} differ, or merge them if it does not matter"

    @property
    def reason(self) -> str:
        return (
            f"{_of_pair(self.model, self.pair)}; as one class top-1 would be {percent(self.top1 + self.pair.gain)} in"
            f" place of {percent(self.top1)}. Where they differ in direction or speed only, try more frames per clip"
            " first."
        )


@dataclass(frozen=True)
class MoreGroups:
    """The test has too few groups for any comparison, or for telling the tied models apart."""

    groups: int
    needed: int | None  # that would find RESOLVED; None where there are too few to say
    detectable: float | None
    narrowing: Narrowing | None

    @property
    def title(self) -> str:
        goal = f"about {self.needed:,}" if self.needed else f"at least {MIN_GROUPS}"
        same = ", not more videos of the same" if self.needed is None or self.narrowing else ""
        return f"Test on more groups ({goal} in place of {self.groups:,}){same}"

    @property
    def reason(self) -> str:
        if self.needed is None or self.detectable is None:
            return "With so few persons, scenes or recordings in the test, no interval and no ranking can be given."
        text = (
            f"The best models are tied, and this test finds differences above {round_points(self.detectable)} only;"
            f" {100 * RESOLVED:.0f} points would need that many groups."
        )
        if self.narrowing is None:
            return text
        same, new = (percent(share, 0) for share in (self.narrowing.same_groups, self.narrowing.new_groups))
        return (
            f"{text} Twice the videos of the same groups would narrow intervals by {same}, twice the groups by {new}."
        )


@dataclass(frozen=True)
class VariedTraining:
    """The best trained model knows its training videos, and little of others."""

    model: Learning

    @property
    def title(self) -> str:
        return "Train on more groups, not on more videos of the same"

    @property
    def reason(self) -> str:
        return (
            f"{self.model.model} knows its {self.model.train_videos:,} training videos of"
            f" {counted(self.model.train_groups, 'group')} (their loss ends at {100 * self.model.train_end:.0f} % of"
            f" what guessing loses), but on validation videos it still loses {100 * self.model.val_lowest:.0f} % at"
            " best. What may help: other persons, scenes or recordings, stronger augmentation, another architecture."
        )
