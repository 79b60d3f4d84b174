"""What a card says of results: accuracy and how sure it is, the compared models, the classes."""

from vidbench.evaluation.tables import ModelSummary
from vidbench.evaluation.verdicts import Verdict
from vidbench.formatting import known, percent
from vidbench.report import comparison_tables, model_section
from vidbench.report.dataset_results import Row
from vidbench.report.phrases import counted, interval, points, several
from vidbench.report.section_tables import PERCENTS, TITLES
from vidbench.report.table import NONE, fixed, limits, percents
from vidbench.sharing import markdown
from vidbench.sharing.facts import Facts
from vidbench.sharing.markdown import escape

MAX_CLASSES = 20  # shown at once; the table of more is folded
MAX_WEAK = 5
MAX_PAIRS = 10
METRICS = (
    "top1",
    "top5",
    "mean_class_accuracy",
    "macro_f1",
    "mean_average_precision",
    "log_loss_scaled",
    "brier_scaled",
)


def results(facts: Facts) -> list[str]:
    """Return accuracy, standing among the compared models, and all scores."""
    row, models = facts.summary, facts.results.summary
    seeds = f", mean over {counted(row.num_seeds, 'seed')}" if row.num_seeds > 1 else ""
    tested = f"{counted(row.num_videos, 'test video')} in {counted(row.num_groups, 'group')}"
    ends = "" if row.top1_low is None else f" {interval(row)}"
    reached = (
        f"{facts.model} reaches a top-1 accuracy of {percent(row.top1)}{ends} on {tested}, pooled over"
        f" {counted(row.num_splits, 'split')}{seeds}; chance is {percent(facts.results.chance)}. {certainty(facts)}"
    )
    compared = comparison_tables.comparison(facts.results) if len(models) > 1 else None
    return [
        escape(reached),
        escape(these_weights(facts)),
        escape(standing(facts)),
        _scores(facts.scores),
        *(["The models that were compared:", markdown.from_table(compared)] if compared else []),
        escape(str(facts.results.resolution.get("text", ""))) if compared else "",
    ]


def certainty(facts: Facts) -> str:
    """Say how sure the accuracy is, and where it may be chance."""
    low, chance = facts.summary.top1_low, facts.results.chance
    if low is None:
        return "The test has too few groups to say how sure that is."
    no_better = " This test does not show that it is better than chance." if low <= chance else ""
    return f"In brackets: 95 % intervals for new groups of the same classes.{no_better}"


def these_weights(facts: Facts) -> str:
    """Say which training the weights are of, and what it reaches alone."""
    metrics, chosen = facts.metrics, facts.selection
    if not chosen.others:
        return f"The weights here are those of its only training ({chosen.name})."
    why = "" if facts.wishes.seed is not None else ", the one with the highest validation accuracy on that split"
    return (
        f"The weights here are those of one of its {chosen.others + 1} trainings ({chosen.name}){why}. These alone are"
        f" right on {percent(metrics['top1'])} of the {counted(metrics['num_videos'], 'test video')} of their split."
    )


def standing(facts: Facts) -> str:
    """Say whether the model is best, tied or behind, and with which others."""
    row, others = facts.summary, [other for other in facts.results.summary if other.model != facts.model]
    if not others:
        return "It is the only model of its run, so nothing is compared."
    tied = [other.label for other in others if other.verdict is Verdict.TIED]
    if row.verdict is Verdict.BEST:
        return f"It is better than every other model of its run: {several([other.label for other in others])}."
    if row.verdict is Verdict.TIED:
        found = "this test finds no significant difference. That does not make them equal."
        return f"It is tied with {several(tied)}: {found}"
    if row.verdict is Verdict.BEHIND:
        return _behind(facts, row)
    if row.verdict is Verdict.DIVERGED:
        return "Some of its trainings diverged: what it reaches without that is not known."
    return "The test has too few groups to say how it compares with the other models of its run."


def _behind(facts: Facts, row: ModelSummary) -> str:
    best = facts.results.sound[0]
    pair = facts.results.pair(best.model, facts.model)
    ends = sorted((abs(pair.low), abs(pair.high))) if pair and pair.low is not None and pair.high is not None else None
    sure = f" [{100 * ends[0]:.1f}, {100 * ends[1]:.1f}]" if ends else ""
    return (
        f"It is behind {best.label}, which reaches {percent(best.top1)} {interval(best)},"
        f" {points(best.top1 - row.top1)}{sure} more."
    )


def _scores(scores: dict[str, Row]) -> str:
    """Return a table of the scores, each with its interval; "" where there are none."""
    rows = []
    for metric in METRICS:
        if metric in scores and known(scores[metric]["value"]):
            row, share = scores[metric], metric in PERCENTS
            scale, digits = (100, 1) if share else (1, 3)
            ends = limits(row["low"], row["high"], scale, digits).text if known(row["low"]) else NONE
            rows.append((PERCENTS.get(metric) or TITLES[metric], fixed(row["value"], scale, digits), ends))
    return markdown.table(("score", "value", "95 % interval"), rows) if rows else ""


def classes(facts: Facts) -> list[str]:
    """Return the accuracy of each class, the weak ones in words, and the most confused pairs."""
    rows = [
        (
            row["class"],
            row.get("videos") or NONE,
            row.get("groups") or NONE,
            percents(row["accuracy"]).text,
            limits(row.get("low", ""), row.get("high", "")).text,
            percents(row.get("f1", "")).text,
        )
        for row in facts.classes
    ]
    table = markdown.table(("class", "test videos", "groups", "accuracy (%)", "95 % interval", "F1 (%)"), rows)
    shown = table if len(rows) <= MAX_CLASSES else markdown.folded(f"Accuracy of all {len(rows)} classes", table)
    return [
        escape(weak_classes(facts)),
        "![Accuracy of each class, with intervals](figures/per_class.png)",
        shown,
        *confusions(facts),
    ]


def weak_classes(facts: Facts) -> str:
    """Name the classes that the model is worst at; '' where all are alike."""
    weak = model_section.ends(facts.classes)["worst"][:MAX_WEAK]
    return f"Weakest classes: {'; '.join(f'{label} {accuracy}' for label, accuracy in weak)}." if weak else ""


def confusions(facts: Facts) -> list[str]:
    """Return the most confused pairs of classes, with counts, and the figure of all."""
    pairs = facts.confusions
    rows = [
        (row["truth"], row["predicted"], _count(row["count"]), _count(row["videos"]), percents(row["share"]).text)
        for row in pairs[:MAX_PAIRS]
    ]
    headings = ("true class", "predicted as", "videos", "of", "share (%)")
    averaged = " Counts are means over seeds." if facts.summary.num_seeds > 1 else ""
    more = f" The first {MAX_PAIRS} of {len(pairs)} pairs." if len(pairs) > MAX_PAIRS else ""
    kinds = ("text", "text", "number", "number", "number")
    return [
        *([f"Most confused classes:{more}{averaged}", markdown.table(headings, rows, kinds)] if rows else []),
        "![Confusion matrix](figures/confusion.png)",
    ]


def _count(number: str) -> str:
    return f"{float(number):.1f}".removesuffix(".0")
