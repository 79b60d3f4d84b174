"""What to do next, by rules on the numbers of one data set: first what makes other numbers wrong, then what helps most.

Each rule gives one finding, or none. Where the thresholds come from, and how often chance alone exceeds them:
docs/next_steps.md.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from vidbench.evaluation.explanations import Learning
from vidbench.evaluation.learning_curves import UNDERFIT
from vidbench.evaluation.verdicts import Verdict
from vidbench.report.dataset_results import DatasetResults, optional_csv
from vidbench.report.explanation_words import best_learning, explains
from vidbench.report.findings import (
    LABELS,
    RESOLVED,
    CheckedLabels,
    EqualFiles,
    FittedTraining,
    FrozenBackbone,
    LongerTraining,
    MergedClasses,
    MoreGroups,
    NextStep,
    OrderOfFrames,
    OtherModel,
    VariedTraining,
)

WORTH = 1.5  # times as many groups are worth naming: fewer hardly change what is found
FITTED = 0.1  # of what guessing loses: a training loss that ends below is that of known videos
ON_TERMINAL = 3


def find_next_steps(results: DatasetResults, folder: Path) -> list[NextStep]:
    """Return the findings of all rules, in their order; `folder`: results/{dataset}."""
    found = (rule(results, folder) for rule in RULES)
    return [step for step in found if step is not None]


def lines(steps: Sequence[NextStep]) -> list[str]:
    """Return the first steps as indented lines of plain text; none where there is nothing to do."""
    shown = [f"  {place}. {step.title}. {step.reason}" for place, step in enumerate(steps[:ON_TERMINAL], 1)]
    return ["  What to do next:", *shown] if shown else []


def equal_files(results: DatasetResults, folder: Path) -> EqualFiles | None:
    """The best property of the files is as good as the best model."""
    found = results.explanations
    if found is None or found.file_property is None or not explains(results, found.file_property):
        return None
    return EqualFiles(found.model, found.file_property.name, found.file_property.top1)


def checked_labels(results: DatasetResults, folder: Path) -> CheckedLabels | None:
    """Some labels can be expected to be wrong; silent where nobody has looked for them."""
    rows = optional_csv(folder / LABELS)
    wrong = sum(float(row["wrong"]) for row in rows)
    return CheckedLabels(len(rows), wrong, results.summary[0].num_videos) if wrong >= 1 else None


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
    return FrozenBackbone(best, best.train_videos / results.num_classes)


def separated_classes(results: DatasetResults, folder: Path) -> OtherModel | OrderOfFrames | None:
    """The best model confuses two classes, which another one, or one that sees the order of frames, may separate."""
    found = results.explanations
    if found is None or not found.confused:
        return None
    pair = found.confused[0]
    if pair.told_by:
        return OtherModel(found.model, pair)
    return None if _uses_order(results) else OrderOfFrames(found.model, pair)


def _uses_order(results: DatasetResults) -> bool:
    """Return whether a sound model of the run surely loses accuracy without the order; True where that is unknown."""
    uses = [use for row in results.sound if (use := results.motion_of(row.model)) and use.order_low is not None]
    return not uses or any(use.order_low > 0 for use in uses if use.order_low is not None)


def merged_classes(results: DatasetResults, folder: Path) -> MergedClasses | None:
    """The best model does not tell two classes apart, and nothing else is left to try: of those the costliest pair."""
    found = results.explanations
    if found is None or not found.confused or separated_classes(results, folder):
        return None
    if any(row.most(row.improving) or row.most(row.underfit) for row in found.learning if row.model == found.model):
        return None
    top1 = next(row.top1 for row in results.summary if row.model == found.model)
    return MergedClasses(found.model, found.confused[0], top1)


def more_groups(results: DatasetResults, folder: Path) -> MoreGroups | None:
    """No test is possible, or the best models are tied and the test would miss what matters."""
    lead = results.summary[0]
    if lead.top1_low is None:
        return MoreGroups(lead.num_groups, None, None, None)
    tied = [row for row in results.sound[1:] if row.verdict is Verdict.TIED and (row.top1_low or 0) > results.chance]
    pairs = [pair for row in tied if (pair := results.pair(results.sound[0].model, row.model))]
    known = [(pair.detectable, pair.groups_for_5) for pair in pairs if pair.detectable and pair.groups_for_5]
    detectable, needed = max(known, default=(0.0, 0.0))
    if detectable <= RESOLVED or needed < WORTH * lead.num_groups:
        return None
    narrowing = results.explanations and results.explanations.narrowing
    return MoreGroups(lead.num_groups, int(float(f"{needed:.2g}")), detectable, narrowing or None)


def varied_training(results: DatasetResults, folder: Path) -> VariedTraining | None:
    """The best trained model fits its training videos and is half way to guessing on validation videos, at best."""
    best = best_learning(results)
    if best is None or best.train_end > FITTED or best.val_lowest < UNDERFIT or best.most(best.improving):
        return None
    return VariedTraining(best)


def _learning(results: DatasetResults) -> list[Learning]:
    return results.explanations.learning if results.explanations else []


Rule = Callable[[DatasetResults, Path], NextStep | None]
RULES: tuple[Rule, ...] = (
    equal_files, checked_labels, longer_training, fitted_training, frozen_backbone, separated_classes, varied_training,
    more_groups, merged_classes,
)  # fmt: skip
