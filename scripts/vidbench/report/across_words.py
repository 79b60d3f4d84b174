"""The answer over several data sets in plain words, which say no more than their number allows."""

from vidbench.evaluation.across_limits import MIN_DATA_SETS
from vidbench.evaluation.across_tables import AcrossModel, AcrossPair
from vidbench.evaluation.verdicts import Verdict
from vidbench.formatting import percent
from vidbench.report.across_results import AcrossResults
from vidbench.report.phrases import counted, limits_of, points, several

MAX_SPLIT_PAIRS = 2  # pairs with wins on both sides that are named


def answer(across: AcrossResults) -> list[str]:
    """Return sentences: which model is best on the mean, on single data sets, on new ones; what does not count."""
    if len(across.data_sets) < 2:
        return [_nothing(across), *_left_out(across)]
    if not across.ranked:
        return [f"Over {_data_sets(across)} nothing is compared: no model has a sound training on each of them.",
                *_missing(across), *_left_out(across)]  # fmt: skip
    lead = across.ranked[0]
    sentences = [
        _mean(across, lead),
        _behind(across, lead),
        _extremes(across, lead),
        _wins(across, lead),
        *_both_ways(across),
        _new(across, lead),
        _weights(across, lead),
        *_missing(across),
        *_left_out(across),
    ]
    return [sentence for sentence in sentences if sentence]


def _data_sets(across: AcrossResults) -> str:
    return f"{counted(len(across.data_sets), 'data set')} ({several(across.data_sets)})"


def _nothing(across: AcrossResults) -> str:
    names = several(across.data_sets) if across.data_sets else "none"
    return f"Over all data sets nothing is compared: it takes two that count, and here it is {names}."


def _mean(across: AcrossResults, lead: AcrossModel) -> str:
    """Say which model has the highest mean accuracy, and whether it is better than the others."""
    interval = limits_of(lead.mean_low, lead.mean_high)
    reaches = f"On the mean over {_data_sets(across)}, {lead.model} reaches {percent(lead.mean_top1)} {interval}"
    if len(across.ranked) == 1:
        return f"{reaches}."
    if lead.verdict is Verdict.BEST:
        others = across.ranked[1:]
        only = f" and is better than {others[0].model}" if len(others) == 1 else " and is better than every other model"
        return f"{reaches}{only}."
    tied = [row.model for row in across.ranked[1:] if row.verdict is Verdict.TIED]
    if not tied:
        return f"{reaches}."
    return f"{reaches}; {several(tied)} {'is' if len(tied) == 1 else 'are'} tied with it."


def _behind(across: AcrossResults, lead: AcrossModel) -> str:
    """Say by how much the second is behind a clear winner, or which models are behind the tied ones."""
    if lead.verdict is Verdict.BEST and len(across.ranked) > 1:
        second = across.ranked[1]
        pair = across.pair(lead.model, second.model)
        if pair is None or pair.difference is None or pair.low is None or pair.high is None:
            return ""
        low, high = sorted((abs(pair.low), abs(pair.high)))
        return (
            f"{second.model} reaches {percent(second.mean_top1)}, {points(abs(pair.difference))} less"
            f" [{100 * low:.1f}, {100 * high:.1f}]."
        )
    behind = [row.model for row in across.ranked if row.verdict is Verdict.BEHIND]
    if not behind:
        return ""
    return f"{several(behind)} {'scores' if len(behind) == 1 else 'score'} lower, by more than chance explains."


def _extremes(across: AcrossResults, lead: AcrossModel) -> str:
    """Say from where to where the model's accuracy goes."""
    rows = [row for row in across.accuracies if row.model == lead.model and row.dataset in across.data_sets]
    if not rows:
        return ""
    low, high = min(rows, key=lambda row: row.top1), max(rows, key=lambda row: row.top1)
    if percent(low.top1) == percent(high.top1):
        return f"{lead.model} reaches {percent(low.top1)} on each data set."
    return (
        f"The accuracy of {lead.model} ranges from {percent(low.top1)} on {low.dataset} to {percent(high.top1)} on"
        f" {high.dataset}."
    )


def _wins(across: AcrossResults, lead: AcrossModel) -> str:
    """Count the wins, ties and losses of the model on single data sets."""
    total = lead.wins + lead.ties + lead.losses
    if not total:
        return ""
    return (
        f"On single data sets {lead.model} wins {lead.wins}, ties {lead.ties} and loses {lead.losses} of its"
        f" {counted(total, 'comparison')} with another model, by tests that are corrected for all of them."
    )


def _both_ways(across: AcrossResults) -> list[str]:
    """Say of which two models each is better on some data sets."""
    pairs = [pair for pair in across.pairs if pair.wins_a and pair.wins_b]
    if not pairs:
        return []
    named = "; ".join(map(_each_better, pairs[:MAX_SPLIT_PAIRS]))
    more = len(pairs) - MAX_SPLIT_PAIRS
    rest = f"; so it is of {counted(more, 'more pair')}" if more > 0 else ""
    return [f"Which model is better depends on the data set: {named}{rest}."]


def _each_better(pair: AcrossPair) -> str:
    on_a, on_b = counted(pair.wins_a, "data set"), f"{pair.wins_b:,}"
    return f"{pair.model_a} is better than {pair.model_b} on {on_a}, {pair.model_b} than {pair.model_a} on {on_b}"


def _new(across: AcrossResults, lead: AcrossModel) -> str:
    """Say what holds of a new data set, where there are enough data sets to say anything."""
    number = counted(len(across.data_sets), "data set")
    if not across.enough_for_new:
        if len(across.ranked) == 1:
            return ""
        return (
            f"This is of these {number}: nothing follows for another one. That takes at least {MIN_DATA_SETS}"
            " data sets."
        )
    if len(across.ranked) == 1:
        return ""
    likely = max(across.ranked, key=lambda row: row.best_new or 0)
    probability = (
        f"{likely.model} is the most likely to be the best on a new data set like these: with a probability of"
        f" {percent(likely.best_new, 0)}, where the {number} allow {_range(likely)}"
    )
    if lead.verdict_new is Verdict.BEST:
        return f"On new data sets like these {lead.model} is better on the mean than every other model. {probability}."
    behind = [row.model for row in across.ranked if row.verdict_new is Verdict.BEHIND]
    if behind:
        verb = "is" if len(behind) == 1 else "are"
        said = f"On new data sets like these {several(behind)} {verb} behind; which other is best there is open."
        return f"{said} {probability}."
    return f"For new data sets like these no two models differ significantly. {probability}."


def _range(row: AcrossModel) -> str:
    return f"{percent(row.best_new_low, 0)} to {percent(row.best_new_high, 0)}"


def _weights(across: AcrossResults, lead: AcrossModel) -> str:
    """Say that few seeds say nothing of architectures."""
    pairs = [pair for pair in across.pairs if lead.model in pair.models and pair.num_data_sets]
    if not pairs or all(pair.about == "architectures" for pair in pairs):
        return ""
    return "With fewer than three seeds this compares these trained weights, not the architectures."


def _missing(across: AcrossResults) -> list[str]:
    """Say which models are in no mean, and why."""
    return [
        f"{row.model} has no mean: it lacks a sound training on {row.missing}."
        for row in across.models
        if row.mean_top1 is None and row.missing
    ]


def _left_out(across: AcrossResults) -> list[str]:
    """Say which data sets do not count, and why."""
    return [f"{name} does not count here: {reason}." for name, reason in across.left_out.items()]
