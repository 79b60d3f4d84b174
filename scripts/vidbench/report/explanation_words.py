"""What the answer says of simpler explanations: a property of the files, a single frame, errors, learning curves."""

from vidbench.evaluation.explanations import Alternative, ErrorCause, Learning, Standing
from vidbench.formatting import number, percent
from vidbench.report.dataset_results import DatasetResults
from vidbench.report.phrases import counted, limits_of, points, round_points

UNITS = {"duration": "s", "frame rate": "frames per second", "size": "pixels"}
LARGER = {"duration": ("longer", "shorter"), "frame rate": ("of a higher frame rate", "of a lower frame rate"),
          "size": ("larger", "smaller")}  # fmt: skip
SAID = (Standing.NO_MORE, Standing.NOT_SHOWN, Standing.UNTESTED)


def first(results: DatasetResults) -> list[str]:
    """Return what is said before all else: that a property of the files, or one frame, is as good as the best model."""
    found = results.explanations
    if found is None:
        return []
    learned, sentences = _above_chance(results, found.model), []
    if (clue := found.file_property) and (learned or is_untested(clue)) and explains(results, clue):
        sentences.append(_of_files(results, found.model, clue))
    if (single := found.single_frame) and (learned or is_untested(single)) and explains(results, single):
        sentences.append(_of_one_frame(results, found.model, single))
    return sentences


def explains(results: DatasetResults, other: Alternative) -> bool:
    """Return whether a simpler explanation is as good as the best model, as far as the test can tell, and no chance."""
    return other.standing in SAID and (other.low is None or other.low > results.chance)


def is_untested(other: Alternative) -> bool:
    """Return whether there are too few groups for a test; then both are above chance, as few_groups.py has found."""
    return other.low is None


def unclear(results: DatasetResults) -> str:
    """Return the sentence on a property that scored clearly less than the best model, which may yet be chance."""
    found = results.explanations
    clue = found and found.file_property
    if not found or not clue:
        return ""
    told = f"The {clue.name} of the files alone gives the class of {percent(clue.top1)} of the test videos"
    if clue.standing is Standing.UNTESTED_LEAD:
        return f"{told}: {_no_test(results, found.model)} whether {found.model} is better than that."
    if clue.standing is not Standing.UNCLEAR or clue.low is None or clue.low <= results.chance:
        return ""
    return f"{told}: {found.model} was not shown to be better than that ({_lead(clue)})."


def limits(results: DatasetResults) -> list[str]:
    """Return what limits the best model: where its errors lie, and that it did not learn, or overfits."""
    found = results.explanations
    if found is None or not _above_chance(results, found.model):
        return []
    cause = [_of_errors(found.model, found.errors)] if found.errors else []
    learning = best_learning(results)
    return cause + ([sentence] if learning and (sentence := of_learning(learning)) else [])


def best_learning(results: DatasetResults) -> Learning | None:
    """Return what the learning curves say of the most accurate sound trained model."""
    trained = [row.model for row in results.sound if not row.baseline]
    rows = results.explanations.learning if results.explanations else []
    return next((row for row in rows if trained and row.model == trained[0]), None)


def of_learning(learning: Learning) -> str:
    """Say that a model did not fit its training videos, or overfits; "" where neither is so."""
    if learning.most(learning.overfit):
        return (
            f"{learning.model} overfits: its validation loss was lowest at epoch {learning.lowest_epoch} of"
            f" {learning.epochs} and rose from {_share(learning.val_lowest)} to {_share(learning.val_end)} of what"
            f" guessing loses, while that of its training videos fell to {_share(learning.train_end)}."
        )
    if learning.most(learning.underfit):
        return (
            f"{learning.model} has not learned its own training videos: their loss ends at {_share(learning.train_end)}"
            " of what guessing loses, so it underfits."
        )
    return ""


def _of_files(results: DatasetResults, model: str, clue: Alternative) -> str:
    if is_untested(clue):
        return (
            f"On {results.name}, the {clue.name} of the files alone gives the class of {percent(clue.top1)} of the test"
            f" videos, {untested(results, model, clue)}"
        )
    return (
        f"On {results.name}, the {clue.name} of the files alone gives the class of {percent(clue.top1)}"
        f" {limits_of(clue.low, clue.high)} of the test videos, and {model} {_no_better(clue)}: it may have learned how"
        " the files were made, not what they show."
    )


def untested(results: DatasetResults, model: str, other: Alternative) -> str:
    """Return the end of a sentence on the files' properties: what the model reaches, and that no test compares them."""
    return (
        f"and {model} that of {percent(other.top1 + other.difference)}: {_no_test(results, model)} which is better, so"
        f" nothing shows that {model} looks at the pictures."
    )


def _no_test(results: DatasetResults, model: str) -> str:
    groups = next(row.num_groups for row in results.summary if row.model == model)
    return f"with {counted(groups, 'group')}, no test can tell"


def _of_one_frame(results: DatasetResults, model: str, single: Alternative) -> str:
    if is_untested(single):
        return (
            f"On {results.name}, the scene may be enough: from one frame of each video {model} gets"
            f" {percent(single.top1)}, and with all of them {percent(single.top1 + single.difference)};"
            f" {_no_test(results, model)} whether that is more."
        )
    if single.standing is Standing.NO_MORE:
        return (
            f"On {results.name}, the scene is enough: from one frame of each video {model} gets {percent(single.top1)}"
            f" {limits_of(single.low, single.high)}, and with all of them {_no_better(single, 'it')}."
        )
    return (
        f"On {results.name}, the scene may be enough: from one frame of each video {model} gets {percent(single.top1)}"
        f" {limits_of(single.low, single.high)}, and with all of them {_no_better(single, 'it')}."
    )


def _no_better(other: Alternative, subject: str = "") -> str:
    """Say that a model is no better than a simpler explanation, and what the test could have seen."""
    subject = f"{subject} " if subject else ""
    assert other.difference_high is not None  # of one that was tested
    if other.difference_high <= 0:
        return f"{subject}is no better ({_lead(other)})"
    if other.standing is Standing.NO_MORE:
        return f"{subject}is at most {points(other.difference_high)} better ({_lead(other)})"
    seen = f", by a test that finds {round_points(other.detectable)} in four of five cases" if other.detectable else ""
    return f"{subject}was not shown to be better ({_lead(other)}){seen}"


def _lead(other: Alternative) -> str:
    """Return the model's lead: '1.2 points more [-2.0, 4.4]'."""
    which = "less" if other.difference < 0 else "more"
    low, high = other.difference_low, other.difference_high
    assert low is not None  # of one that was tested
    assert high is not None
    ends = limits_of(-high, -low) if which == "less" else limits_of(low, high)
    return f"{points(abs(other.difference))} {which} {ends}"


def _of_errors(model: str, cause: ErrorCause) -> str:
    larger, smaller = LARGER[cause.name]
    which, share, ends = (larger, cause.auc, (cause.low, cause.high))
    if cause.auc < 0.5:
        which, share, ends = smaller, 1 - cause.auc, (1 - cause.high, 1 - cause.low)
    return (
        f"The {cause.name} explains most errors of {model}: a video that it gets wrong is {which} than one of the same"
        f" class that it gets right in {percent(share, 0)} {limits_of(*ends)} of the pairs. Above"
        f" {number(cause.border)} {UNITS[cause.name]} {percent(cause.above, 0)} are right, else"
        f" {percent(cause.below, 0)}."
    )


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _above_chance(results: DatasetResults, model: str) -> bool:
    row = next((row for row in results.summary if row.model == model), None)
    return row is not None and row.top1_low is not None and row.top1_low > results.chance
