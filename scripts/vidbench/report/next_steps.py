"""What to do next, by rules on the numbers of one data set: first what makes other numbers wrong, then what helps most.

Each rule gives one finding, or none. Where the thresholds come from, and how often chance alone exceeds them:
docs/next_steps.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vidbench.evaluation.learning_curves import Learning
from vidbench.evaluation.more_videos import Narrowing
from vidbench.evaluation.significance import MIN_GROUPS
from vidbench.evaluation.verdicts import Verdict
from vidbench.formatting import percent
from vidbench.report.dataset_results import DatasetResults, optional_csv
from vidbench.report.explanation_words import best_learning, explains
from vidbench.report.phrases import counted, limits_of, points, round_points, several

RESOLVED = 0.05  # a test that finds such a difference tells apart what matters to most
ON_TERMINAL = 3
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
    """Videos whose labels are probably wrong."""

    suspicious: int
    videos: int

    @property
    def title(self) -> str:
        return f"Check {counted(self.suspicious, 'label')}"

    @property
    def reason(self) -> str:
        share = percent(self.suspicious / self.videos)
        return f"{LABELS} lists them ({share} of the videos): models that had not seen a video give it another class."


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
            f"Their loss ends at {100 * self.model.train_end:.0f} % of what guessing loses ({self.model.guess:.2f} nats):"
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
class MergedClasses:
    """Two classes that the best model does not tell apart."""

    model: str
    a: str
    b: str
    right: float
    low: float
    high: float
    top1: float
    gain: float

    @property
    def title(self) -> str:
        return f"Merge {self.a} and {self.b}, or say better how they differ"

    @property
    def reason(self) -> str:
        return (
            f"Of their videos that {self.model} takes for one of the two, {percent(self.right, 0)}"
            f" {limits_of(self.low, self.high)} get the right one, and 50 % would be guessing; as one class top-1 would"
            f" be {percent(self.top1 + self.gain)} in place of {percent(self.top1)}."
        )


@dataclass(frozen=True)
class MoreGroups:
    """Too few groups for any test, or for telling the tied models apart."""

    groups: int
    needed: int | None  # that would find RESOLVED; None where there are too few to say
    detectable: float | None
    narrowing: Narrowing | None

    @property
    def title(self) -> str:
        goal = f"about {self.needed:,}" if self.needed else f"at least {MIN_GROUPS}"
        return f"Record more groups ({goal} in place of {self.groups:,}), not more videos of the same"

    @property
    def reason(self) -> str:
        if self.needed is None or self.detectable is None:
            return "With so few persons, scenes or recordings in the test, no interval and no ranking can be given."
        text = (
            f"This test finds differences above {round_points(self.detectable)}; {points(RESOLVED)} would need that"
            " many groups"
        )
        if self.narrowing is None:
            return f"{text}."
        return (
            f"{text}. Twice the videos of the same groups would make the interval"
            f" {percent(self.narrowing.same_groups, 0)} narrower, twice the groups {percent(self.narrowing.new_groups, 0)}."
        )


def find_next_steps(results: DatasetResults, folder: Path) -> list[NextStep]:
    """Return the findings of all rules, in their order; `folder`: results/{dataset}."""
    found = (rule(results, folder) for rule in RULES)
    return [step for step in found if step is not None]


def lines(steps: list[NextStep]) -> list[str]:
    """Return the first steps as indented lines of plain text; none where there is nothing to do."""
    shown = [f"  {place}. {step.title}: {step.reason}" for place, step in enumerate(steps[:ON_TERMINAL], 1)]
    return ["  What to do next:", *shown] if shown else []


def equal_files(results: DatasetResults, folder: Path) -> EqualFiles | None:
    """The best property of the files is as good as the best model."""
    found = results.explanations
    if found is None or found.file_property is None or not explains(results, found.file_property):
        return None
    return EqualFiles(found.model, found.file_property.name, found.file_property.top1)


def checked_labels(results: DatasetResults, folder: Path) -> CheckedLabels | None:
    """Some labels are suspicious; silent where nobody has looked for them."""
    rows = optional_csv(folder / LABELS)
    suspicious = len({row["video"] for row in rows})
    return CheckedLabels(suspicious, results.summary[0].num_videos) if suspicious else None


def longer_training(results: DatasetResults, folder: Path) -> LongerTraining | None:
    """Sound trained models were still improving in most of their trainings."""
    sound = {row.model for row in results.sound}
    rows = [row for row in _learning(results) if row.model in sound and row.most(row.improving)]
    return LongerTraining(sorted(rows, key=lambda row: row.val_end - row.val_before_end)) if rows else None


def fitted_training(results: DatasetResults, folder: Path) -> FittedTraining | None:
    """The best trained model underfits, and more epochs would not help."""
    best = best_learning(results)
    if best is None or not best.most(best.underfit) or best.most(best.improving):
        return None
    return FittedTraining(best)


def frozen_backbone(results: DatasetResults, folder: Path) -> FrozenBackbone | None:
    """The best trained model overfits, and the run has tried no frozen backbone."""
    best = best_learning(results)
    if best is None or not best.most(best.overfit) or any(row.frozen for row in _learning(results)):
        return None
    videos = max(int(row["train_videos"]) for row in results.runs if row["model"] == best.model)
    return FrozenBackbone(best, videos / results.num_classes)


def merged_classes(results: DatasetResults, folder: Path) -> MergedClasses | None:
    """The best model does not tell two classes apart, of those the pair that costs most."""
    found = results.explanations
    if found is None or not found.confused:
        return None
    pair, top1 = found.confused[0], next(row.top1 for row in results.summary if row.model == found.model)
    return MergedClasses(found.model, pair.a, pair.b, pair.right, pair.low, pair.high, top1, pair.gain)


def more_groups(results: DatasetResults, folder: Path) -> MoreGroups | None:
    """No test is possible, or the best models are tied and the test would miss what matters."""
    lead = results.summary[0]
    if lead.top1_low is None:
        return MoreGroups(lead.num_groups, None, None, None)
    tied = [row for row in results.sound[1:] if row.verdict is Verdict.TIED and (row.top1_low or 0) > results.chance]
    pairs = [pair for row in tied if (pair := results.pair(results.sound[0].model, row.model))]
    known = [(pair.detectable, pair.groups_for_5) for pair in pairs if pair.detectable and pair.groups_for_5]
    detectable, needed = max(known, default=(0.0, 0.0))
    if detectable <= RESOLVED or needed <= lead.num_groups:
        return None
    narrowing = results.explanations and results.explanations.narrowing
    return MoreGroups(lead.num_groups, int(float(f"{needed:.2g}")), detectable, narrowing or None)


def _learning(results: DatasetResults) -> list[Learning]:
    return results.explanations.learning if results.explanations else []


Rule = Callable[[DatasetResults, Path], NextStep | None]
RULES: tuple[Rule, ...] = (
    equal_files, checked_labels, longer_training, fitted_training, frozen_backbone, merged_classes, more_groups,
)  # fmt: skip
