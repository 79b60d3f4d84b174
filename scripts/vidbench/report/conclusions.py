"""The answer in plain words: short sentences made from the numbers of one data set."""

from vidbench.evaluation.tables import ModelSummary
from vidbench.evaluation.verdicts import Verdict
from vidbench.formatting import number, percent
from vidbench.report import baseline_words, explanation_words
from vidbench.report.caveats import caveats
from vidbench.report.dataset_results import DatasetResults
from vidbench.report.phrases import counted, interval, points, round_points, several

MIN_SPEEDUP = 1.2  # a smaller factor is not mentioned
WHAT_MAY_HELP = (
    "What may help: pretrained weights (docs/pretrained.md), more epochs if the training loss still falls in the"
    " learning curves, or more videos per class."
)


def answer(results: DatasetResults) -> list[str]:
    """Return sentences: a simpler explanation of the score, where there is one, which model to use, how sure that is,
    what it costs and what limits it."""
    lead = results.sound[0]
    simpler = explanation_words.first(results) or baseline_words.files(results)
    sentences = (*simpler, *_result(results, lead), *baseline_words.frozen(results), _shortcut(results, lead),
                 *explanation_words.limits(results), *caveats(results, lead))  # fmt: skip
    return [sentence for sentence in sentences if sentence]


def _result(results: DatasetResults, lead: ModelSummary) -> list[str]:
    """Say which model is best, and how the others compare with it."""
    several_models = len(results.summary) > 1
    reaches = f"{lead.model} reaches {percent(lead.top1)}"
    if lead.top1_low is None:
        ranking = ", or which model is better" if several_models else ""
        videos, groups = counted(lead.num_videos, "test video"), counted(lead.num_groups, "group")
        return [f"On {results.name}, {reaches} of {videos}, but these come from {groups}:"
                f" too few groups to say how sure this is{ranking}."]  # fmt: skip
    reaches += f" {interval(lead)}"
    if _at_chance(results, lead):
        return [_nothing_learned(results, lead, reaches), WHAT_MAY_HELP]
    tied, behind = ([row for row in results.sound[1:] if row.verdict is verdict]
                    for verdict in (Verdict.TIED, Verdict.BEHIND))  # fmt: skip
    sentence = f"On {results.name}, {reaches}"
    if tied:
        better = [row for row in tied if not _at_chance(results, row)]
        sentence = f"{sentence}; {_tied(lead, better)}" if better else f"{sentence}."
        return [sentence, *_fastest(lead, better), _idle(results, [row for row in tied if row not in better]),
                _detectable(results, lead, tied), _behind(behind), _order(results, lead)]  # fmt: skip
    if behind:
        sentence += " and is better than every other model" if len(behind) > 1 else f"; {behind[0].model} is behind"
    return [f"{sentence}.", _next(results, lead, behind), _order(results, lead)]


def _nothing_learned(results: DatasetResults, lead: ModelSummary, reaches: str) -> str:
    """Say that the interval of the best model reaches down to chance."""
    if len(results.summary) == 1:
        return f"On {results.name}, {reaches}, no better than chance ({percent(results.chance)}): it has learned" \
            " nothing that can be detected."  # fmt: skip
    return (
        f"On {results.name}, no model has learned anything that can be detected: the best, {lead.model}, reaches"
        f" {percent(lead.top1)} {interval(lead)}, and chance is {percent(results.chance)}."
    )


def _at_chance(results: DatasetResults, row: ModelSummary) -> bool:
    """Return whether a model's interval reaches down to chance."""
    return row.top1_low is not None and row.top1_low <= results.chance


def _idle(results: DatasetResults, rows: list[ModelSummary]) -> str:
    """Say which models are tied with the best only because the test is small."""
    if not rows:
        return ""
    verb, whom = ("is", "it") if len(rows) == 1 else ("are", "them")
    names = several([row.model for row in rows])
    return (
        f"{names} {verb} tied with it, but this test cannot distinguish {whom} from chance ({percent(results.chance)})."
    )


def _shortcut(results: DatasetResults, lead: ModelSummary) -> str:
    """Say which property of the files predicts the class as well as the best model, by the test or the doctor."""
    if results.explanations and results.explanations.file_property:
        return explanation_words.unclear(results)
    if not results.shortcuts:
        return ""
    most = max(results.shortcuts, key=lambda shortcut: shortcut["accuracy"])
    shortcut = f"The {most['property']} alone gives the class of {percent(most['accuracy'])} of the videos:"
    if lead.top1 <= most["accuracy"]:
        return f"{shortcut} {lead.model} is no better than that."
    if lead.top1_low is not None and lead.top1_low <= most["accuracy"]:
        return f"{shortcut} {lead.model} was not shown to be better than that."
    return ""


def _tied(lead: ModelSummary, tied: list[ModelSummary]) -> str:
    """Say which models are tied with the best; of a single one also how much faster it is."""
    names = several([row.model for row in tied])
    if len(tied) > 1:
        return f"{names} are tied with it."
    factor = _factor(lead, tied[0])
    if factor < MIN_SPEEDUP:
        return f"{names} is tied with it."
    return f"{names} is tied with it and faster: {_costs(tied[0], lead)}."


def _fastest(lead: ModelSummary, tied: list[ModelSummary]) -> list[str]:
    """Name the fastest of several tied models."""
    timed = [row for row in [lead, *tied] if row.ms_per_clip is not None]
    if len(tied) < 2 or not timed or lead.ms_per_clip is None:
        return []
    best = min(timed, key=lambda row: row.ms_per_clip or 0)
    if _factor(lead, best) < MIN_SPEEDUP:
        return [f"None of these is much faster than {lead.model} ({number(lead.ms_per_clip)} ms/clip)."]
    return [f"The fastest of these is {best.model}: {_costs(best, lead)}."]


def _factor(lead: ModelSummary, other: ModelSummary) -> float:
    """Return the best model's time per clip divided by another one's; 0 where that is unknown."""
    if lead.ms_per_clip is None or other.ms_per_clip is None:
        return 0.0
    return lead.ms_per_clip / other.ms_per_clip


def _times(factor: float) -> str:
    return f"{factor:.0f} times" if factor >= 9.5 else f"{factor:.1f} times".replace(".0 ", " ")


def _costs(row: ModelSummary, lead: ModelSummary) -> str:
    text = (
        f"{number(row.ms_per_clip)} ms/clip, {lead.model} takes {number(lead.ms_per_clip)}"
        f" ({_times(_factor(lead, row))} as long)"
    )
    batched, of_lead = row.ms_per_clip_best_batch, lead.ms_per_clip_best_batch
    if batched is not None and of_lead is not None and of_lead < MIN_SPEEDUP * batched:
        text += f"; in batches it is not faster ({number(batched)} and {number(of_lead)} ms)"
    return text


def _detectable(results: DatasetResults, lead: ModelSummary, tied: list[ModelSummary]) -> str:
    """Say what a tie means: the largest difference from the best that this test could have missed."""
    pairs = [results.pair(lead.model, row.model) for row in tied]
    detectable = [pair.detectable for pair in pairs if pair and pair.detectable is not None]
    smallest: float | None = max(detectable, default=results.resolution.get("detectable"))
    if not smallest:
        return "Tied means that this test cannot distinguish them, not that they are equal."
    if smallest > 1:
        return (
            "Tied does not mean equal: the seeds of a model differ so much that this test may miss any difference."
            " More seeds would help."
        )
    more = "groups or seeds" if lead.num_seeds > 1 else "groups"
    return (
        f"Tied does not mean equal: with {counted(lead.num_groups, 'group')}, only differences above about"
        f" {round_points(smallest)} are detected, in four of five such tests. More {more} would show smaller ones."
    )


def _behind(behind: list[ModelSummary]) -> str:
    """Say which models score lower."""
    if not behind:
        return ""
    names = several([row.model for row in behind])
    return f"{names} {'scores' if len(behind) == 1 else 'score'} lower, by more than chance explains."


def _next(results: DatasetResults, lead: ModelSummary, behind: list[ModelSummary]) -> str:
    """Say by how much the second is behind a clear winner."""
    if not behind:
        return "It is the only model of this run, so nothing is compared." if len(results.summary) == 1 else ""
    second = behind[0]
    name = second.model if len(behind) == 1 else f"The next, {second.model},"
    text = f"{name} reaches {percent(second.top1)} {interval(second)}, {points(lead.top1 - second.top1)} less"
    pair = results.pair(lead.model, second.model)
    if pair is None or pair.low is None or pair.high is None:
        return f"{text}."
    low, high = sorted((abs(pair.low), abs(pair.high)))
    return f"{text} [{100 * low:.1f}, {100 * high:.1f}]."


def _order(results: DatasetResults, lead: ModelSummary) -> str:
    """Say what is left of the best model's accuracy when its frames come in a random order."""
    use = results.motion_of(lead.model)
    if use is None or use.order_low is None:
        return ""
    shuffled = percent(use.shuffled)
    if use.order_low > 0:
        return f"Without the order of frames {lead.model} falls to {shuffled} (chance: {percent(results.chance)})."
    return f"With its frames in random order {lead.model} still reaches {shuffled}: no use of their order was detected."
