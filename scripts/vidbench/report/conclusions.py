"""The answer in plain words: short sentences made from the numbers of one data set."""

from vidbench.report.dataset_results import Evidence, Row
from vidbench.report.verdicts import diverged, lacking, share_of_trainings, sound, verdicts
from vidbench.wording import known, number, percent

NAMES = 3  # of more models only so many are named
FASTER = 1.2  # a smaller factor is not worth a word
FEWEST_SEEDS = 3  # under which nothing is said about architectures


def answer(evidence: Evidence) -> list[str]:
    """Which model to use, how sure that is, what it costs and what it rests on, the main thing first."""
    lead = sound(evidence)[0]
    found = (*_result(evidence, lead), _shortcut(evidence, lead), *_reserves(evidence, lead))
    return [sentence for sentence in found if sentence]


def _result(evidence: Evidence, lead: Row) -> list[str]:
    """What was found."""
    others = len(evidence.summary) > 1
    reaches = f"{lead['model']} reaches {percent(lead['top1'])}"
    if not known(lead["top1_low"]):
        which = ", or which model is better" if others else ""
        videos, groups = counted(lead["num_videos"], "test video"), counted(lead["num_groups"], "group")
        return [f"On {evidence.name}, {reaches} of {videos}, but these come from {groups}:"
                f" too few groups to say how sure this is{which}."]  # fmt: skip
    reaches += f" {interval(lead)}"
    if _at_chance(evidence, lead):
        return [_nothing_learned(evidence, lead, reaches)]
    verdict = verdicts(evidence)
    tied = [row for row in sound(evidence)[1:] if verdict[row["model"]] in ("tied", "unknown")]
    behind = [row for row in sound(evidence)[1:] if verdict[row["model"]] == "behind"]
    first = f"On {evidence.name}, {reaches}"
    if tied:
        better = [row for row in tied if not _at_chance(evidence, row)]
        first = f"{first}; {_tied(lead, better)}" if better else f"{first}."
        return [first, *_fastest(lead, better), _idle(evidence, [row for row in tied if row not in better]),
                _detectable(evidence, lead, tied), _behind(behind), _order(evidence, lead)]  # fmt: skip
    if behind:
        first += " and is better than every other model" if len(behind) > 1 else f"; {behind[0]['model']} is behind"
    return [f"{first}.", _next(evidence, lead, behind), _order(evidence, lead)]


def _nothing_learned(evidence: Evidence, lead: Row, reaches: str) -> str:
    """Where the interval of the best model reaches down to chance."""
    if len(evidence.summary) == 1:
        return f"On {evidence.name}, {reaches}, no better than chance ({percent(evidence.chance)}): it has learned" \
            " nothing that can be detected."  # fmt: skip
    return (
        f"On {evidence.name}, no model has learned anything that can be detected: the best, {lead['model']}, reaches"
        f" {percent(lead['top1'])} {interval(lead)}, and chance is {percent(evidence.chance)}."
    )


def _at_chance(evidence: Evidence, row: Row) -> bool:
    """Whether a model's interval reaches down to chance."""
    return known(row["top1_low"]) and float(row["top1_low"]) <= evidence.chance


def _idle(evidence: Evidence, rows: list[Row]) -> str:
    """Who is tied with the best only because the test is small."""
    if not rows:
        return ""
    verb, whom = ("is", "it") if len(rows) == 1 else ("are", "them")
    names = several([row["model"] for row in rows])
    return f"{names} {verb} tied with it, but this test does not tell {whom} from chance ({percent(evidence.chance)})."


def _shortcut(evidence: Evidence, lead: Row) -> str:
    """A property of the files that tells the classes apart as well as the best model."""
    if not evidence.shortcuts:
        return ""
    most = max(evidence.shortcuts, key=lambda shortcut: shortcut["accuracy"])
    said = f"The {most['property']} alone tells the class of {percent(most['accuracy'])} of the videos:"
    if float(lead["top1"]) <= most["accuracy"]:
        return f"{said} {lead['model']} is no better than that."
    if known(lead["top1_low"]) and float(lead["top1_low"]) <= most["accuracy"]:
        return f"{said} {lead['model']} was not seen to be better than that."
    return ""


def _tied(lead: Row, tied: list[Row]) -> str:
    """Who is tied with the best; of a single one also how much faster it is."""
    names = several([row["model"] for row in tied])
    if len(tied) > 1:
        return f"{names} are tied with it."
    factor = _factor(lead, tied[0])
    if factor < FASTER:
        return f"{names} is tied with it."
    return f"{names} is tied with it and faster: {_costs(tied[0], lead)}."


def _fastest(lead: Row, tied: list[Row]) -> list[str]:
    """The fastest of several tied models."""
    timed = [row for row in [lead, *tied] if known(row["ms_per_clip"])]
    if len(tied) < 2 or not timed:
        return []
    best = min(timed, key=lambda row: float(row["ms_per_clip"]))
    if _factor(lead, best) < FASTER:
        return [f"None of these is much faster than {lead['model']} ({number(lead['ms_per_clip'])} ms a clip)."]
    return [f"The fastest of these is {best['model']}: {_costs(best, lead)}."]


def _factor(lead: Row, other: Row) -> float:
    """How many times as long the best model takes for a clip as another one; 0 where that is unknown."""
    if not (known(lead["ms_per_clip"]) and known(other["ms_per_clip"])):
        return 0.0
    return float(lead["ms_per_clip"]) / float(other["ms_per_clip"])


def _times(factor: float) -> str:
    return f"{factor:.0f} times" if factor >= 9.5 else f"{factor:.1f} times".replace(".0 ", " ")


def _costs(row: Row, lead: Row) -> str:
    text = (
        f"{number(row['ms_per_clip'])} ms a clip, {lead['model']} takes {number(lead['ms_per_clip'])}"
        f" ({_times(_factor(lead, row))} as long)"
    )
    own, other = (one.get("ms_per_clip_best_batch", "") for one in (row, lead))
    if known(own) and known(other) and float(other) < FASTER * float(own):
        text += f"; in batches that is not so ({number(own)} and {number(other)} ms)"
    return text


def _detectable(evidence: Evidence, lead: Row, tied: list[Row]) -> str:
    """What a tie means: a difference from the best that this test could have missed, the largest of the tied models."""
    pairs = [{lead["model"], row["model"]} for row in tied]
    own = [float(row["detectable"]) for row in evidence.pairwise
           if {row["model_a"], row["model_b"]} in pairs and known(row.get("detectable", ""))]  # fmt: skip
    smallest = max(own, default=evidence.resolution.get("detectable"))
    if not smallest:
        return "Tied means that this test does not tell them apart, not that they are equal."
    if float(smallest) > 1:
        return "Tied does not mean equal: the seeds of a model differ so much that this test may miss any difference."
    return f"Tied does not mean equal: this test finds a difference of {points(smallest)} in four of five cases," \
        " and may miss a smaller one."  # fmt: skip


def _behind(behind: list[Row]) -> str:
    """Who scores lower."""
    if not behind:
        return ""
    names = several([row["model"] for row in behind])
    return f"{names} {'scores' if len(behind) == 1 else 'score'} lower, by more than chance explains."


def _next(evidence: Evidence, lead: Row, behind: list[Row]) -> str:
    """By how much the second is behind a clear winner."""
    if not behind:
        return "It is the only model of this run, so nothing is compared." if len(evidence.summary) == 1 else ""
    second = behind[0]
    gap = float(lead["top1"]) - float(second["top1"])
    name = second["model"] if len(behind) == 1 else f"The next, {second['model']},"
    text = f"{name} reaches {percent(second['top1'])} {interval(second)}, {points(gap)} less"
    for pair in evidence.pairwise:
        if {pair["model_a"], pair["model_b"]} == {lead["model"], second["model"]} and known(pair["low"]):
            low, high = sorted(abs(float(pair[key])) for key in ("low", "high"))
            return f"{text} [{100 * low:.1f}, {100 * high:.1f}]."
    return f"{text}."


def _order(evidence: Evidence, lead: Row) -> str:
    """What is left of the best model's accuracy when its frames come in a random order."""
    row = next((row for row in evidence.motion if row["model"] == lead["model"]), None)
    if row is None or not known(row["shuffled"]) or not known(row.get("order_low", "")):
        return ""
    left = percent(row["shuffled"])
    if float(row["order_low"]) > 0:
        return f"Without the order of frames {lead['model']} falls to {left} (chance: {percent(evidence.chance)})."
    return f"With its frames in random order {lead['model']} still reaches {left}: it was not seen to use their order."


def _reserves(evidence: Evidence, lead: Row) -> list[str]:
    """What limits all this."""
    return [*_diverged(evidence, lead), _uneven(evidence), _one_split(evidence), _seeds(evidence)]


def _diverged(evidence: Evidence, lead: Row) -> list[str]:
    """Models whose training diverged, whatever they score."""
    bad = diverged(evidence)
    if not bad:
        return []
    if len(bad) == len(evidence.summary):
        return ["Every model diverged in at least one training: the numbers are of the best epochs before that."]
    names, verb = several(list(bad)), "diverged in" if len(bad) == 1 else "each diverged in at least one of their"
    count = share_of_trainings(*bad[names]) if len(bad) == 1 else "trainings"
    text = f"{names} {verb} {count} and {'is' if len(bad) == 1 else 'are'} left out of this ranking"
    higher = [row for row in evidence.summary if row["model"] in bad and float(row["top1"]) > float(lead["top1"])]
    if len(bad) == 1 and higher:
        text += f", though its last sound epoch scores {percent(higher[0]['top1'])}"
    return [f"{text}."]


def _uneven(evidence: Evidence) -> str:
    """Models that lack a training which others have."""
    missing = lacking(evidence)
    if not missing:
        return ""
    if len(missing) > NAMES:
        return f"The models do not all have the same trainings: {several(list(missing))} lack some that others have."
    parts = [f"{model} lacks {several(what, 'trainings')}" for model, what in missing.items()]
    return f"The models do not all have the same trainings: {'; '.join(parts)}."


def _one_split(evidence: Evidence) -> str:
    """A run of some of the splits."""
    run, there = evidence.splits, evidence.available
    if len(run) >= len(there):
        return ""
    names = f"{several(run, 'splits')} of {len(there)} splits {'was' if len(run) == 1 else 'were'} run"
    return f"Only {names}: published results are means over all of them."


def _seeds(evidence: Evidence) -> str:
    """With fewer than three seeds nothing is said about architectures."""
    seeds = [int(row["num_seeds"]) for row in evidence.summary]
    if min(seeds) >= FEWEST_SEEDS or not known(evidence.summary[0]["top1_low"]):
        return ""
    if max(seeds) >= FEWEST_SEEDS:
        return "Some models have fewer than three seeds: of these nothing is said about the architectures."
    trained = "one seed" if max(seeds) == 1 else "fewer than three seeds"
    if len(seeds) == 1:
        return f"With {trained}, this is about the trained weights, not about the architecture."
    return f"With {trained} a model, this is about these trained weights, not about the architectures."


def interval(row: Row) -> str:
    """'[88.0, 95.4]', in percent, of a row of summary.csv."""
    return f"[{100 * float(row['top1_low']):.1f}, {100 * float(row['top1_high']):.1f}]"


def points(fraction: float) -> str:
    """A difference of two accuracies: '5.2 points'."""
    text = f"{100 * float(fraction):.1f}"
    return f"{text} point{'' if text == '1.0' else 's'}"


def counted(count: str | int, noun: str) -> str:
    """'1 group', '3 groups'."""
    return f"{int(count):,} {noun}{'' if int(count) == 1 else 's'}"


def several(names: list[str], more: str = "") -> str:
    """'a', 'a and b', 'a, b and c', or 'a, b, c and 17 more' with the noun for what is not named."""
    if len(names) <= NAMES:
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{', '.join(names[:NAMES])} and {len(names) - NAMES} more{f' {more}' if more else ''}"
