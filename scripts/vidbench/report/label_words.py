"""What the page says in sentences of a data set whose videos may have several labels; the main one first."""

from vidbench.evaluation.tables import LabelSummary, PairedDifference
from vidbench.evaluation.verdicts import Verdict
from vidbench.formatting import percent
from vidbench.report.phrases import counted, limits_of, points, several


def label_answer(
    name: str, summary: list[LabelSummary], pairs: list[PairedDifference], labels: list[dict[str, str]]
) -> list[str]:
    """Return sentences: which model to use, how sure that is, what is counted, and which labels are hard.

    `summary`: the highest mAP first, those that diverged behind; `labels`: rows of label_scores.csv.
    """
    lead = next((row for row in summary if row.verdict is not Verdict.DIVERGED), summary[0])
    sentences = [_result(name, summary, lead), _behind(summary, lead, pairs), *_others(summary), _f1(lead)]
    return [sentence for sentence in (*sentences, _hardest(lead, labels), COUNTED) if sentence]


COUNTED = (
    "Counted is mAP, mean average precision: of each label, how well its videos are ranked before all others (100 %:"
    " before every other), mean over labels. A video may have several labels."
)


def _result(name: str, summary: list[LabelSummary], lead: LabelSummary) -> str:
    reaches = f"On {name}, {lead.model} reaches a mAP of {percent(lead.mean_average_precision)}"
    if lead.low is None:
        ranking = ", or which model is better" if len(summary) > 1 else ""
        return (
            f"{reaches} on {counted(lead.num_videos, 'test video')}, but these come from"
            f" {counted(lead.num_groups, 'group')}: too few groups to say how sure this is{ranking}."
        )
    about = " (approximate)" if lead.approximate else ""
    reaches += f" {limits_of(lead.low, lead.high)}{about}"
    if lead.low <= lead.chance:
        return f"{reaches}: no better than a random ranking ({percent(lead.chance)}). Nothing was learned that can be"\
            " detected."  # fmt: skip
    tied = [row.model for row in summary if row.verdict is Verdict.TIED and row is not lead]
    if tied:
        return f"{reaches}; {several(tied)} {'is' if len(tied) == 1 else 'are'} tied with it."
    others = [row for row in summary if row is not lead and row.verdict is Verdict.BEHIND]
    return f"{reaches} and is better than every other model." if others else f"{reaches}."


def _behind(summary: list[LabelSummary], lead: LabelSummary, pairs: list[PairedDifference]) -> str:
    """Say by how much the next model that is told apart is behind."""
    behind = next((row for row in summary if row.verdict is Verdict.BEHIND), None)
    pair = next((p.of(lead.model) for p in pairs if behind and p.models == {lead.model, behind.model}), None)
    if behind is None or pair is None or not pair.told_apart:
        return ""
    return f"{behind.model} is {points(pair.difference)} of mAP {limits_of(pair.low, pair.high)} behind."


def _others(summary: list[LabelSummary]) -> list[str]:
    diverged = [row.model for row in summary if row.diverged_runs]
    return [f"Trainings of {several(diverged)} diverged: what they would have reached is unknown."] if diverged else []


def _f1(lead: LabelSummary) -> str:
    """Say how good the labels are that are given, by the thresholds."""
    return (
        f"With a threshold per label, chosen on validation, {lead.model} reaches an F1 of {percent(lead.micro_f1)} over"
        f" all labels (micro) and {percent(lead.macro_f1)} as mean over labels (macro); of"
        f" {percent(lead.exact_match)} of the videos it gives just the right labels."
    )


def _hardest(lead: LabelSummary, labels: list[dict[str, str]]) -> str:
    rows = sorted(
        (row for row in labels if row["model"] == lead.model), key=lambda row: float(row["average_precision"])
    )
    if len(rows) < 2:
        return ""
    hardest, easiest = rows[0], rows[-1]
    return (
        f"Its hardest label is {hardest['label']} (average precision {percent(hardest['average_precision'])}), its"
        f" easiest {easiest['label']} ({percent(easiest['average_precision'])})."
    )


def label_rules(summary: list[LabelSummary]) -> list[str]:
    """Return how the numbers are made, one sentence per rule."""
    first = summary[0]
    tested = f"{counted(first.num_videos, 'test video')} in {counted(first.num_groups, 'group')}"
    return [
        f"mAP is on {tested}, pooled over {counted(first.num_splits, 'split')}, mean over"
        f" {counted(max(row.num_seeds for row in summary), 'seed')}. A random ranking reaches {percent(first.chance)}.",
        "Every label is a question of its own: its probability is the mean of the sigmoids over all views of a video.",
        "Validation videos choose the epoch, by mAP, one temperature for all labels, and a threshold per label, by F1.",
        "A video that cannot be decoded counts as one of which no label was found.",
        "Intervals and tests are from resampled groups, the same for all models: an approximation, marked where there"
        " are fewer than 100 groups.",
    ]


def label_alt_text(
    figure: str, title: str, name: str, summary: list[LabelSummary], tables: dict[str, list[dict[str, str]]]
) -> str:
    """Return the alternative text of a figure, with numbers from the tables that it is drawn from; "" for another."""
    describe = {
        "label_precision": _say_precision,
        "cooccurrence": _say_pairs,
        "label_calibration": _say_calibration,
        "learning_curves": _say_curves,
    }.get(figure)
    return f"{title} on {name}. {describe(summary, tables)}" if describe else ""


Tables = dict[str, list[dict[str, str]]]


def _say_precision(summary: list[LabelSummary], tables: Tables) -> str:
    words = []
    for row in summary:
        own = [r for r in tables["label_scores"] if r["model"] == row.model]
        own.sort(key=lambda r: float(r["average_precision"]))
        if own:
            ends = [f"{r['label']} {percent(r['average_precision'])}" for r in (own[0], own[-1])]
            words.append(f"{row.model}: hardest {ends[0]}, easiest {ends[1]}")
    return "; ".join(words) + "."


def _say_pairs(summary: list[LabelSummary], tables: Tables) -> str:
    words = []
    for row in summary:
        own = [r for r in tables["label_cooccurrence"] if r["model"] == row.model]
        right = [float(r["share"]) for r in own if r["true"] == r["given"]]
        if right:
            words.append(f"{row.model}: of the videos with a label, {percent(sum(right) / len(right))} were given it")
    return "; ".join(words) + ", mean over labels."


def _say_calibration(summary: list[LabelSummary], tables: Tables) -> str:
    words = [
        f"{row.model} {percent(row.ece)}, {percent(row.ece_scaled)} after scaling"
        for row in summary
        if row.ece is not None and row.ece_scaled is not None
    ]
    return "Calibration error, mean over labels: " + ("; ".join(words) or "unknown") + "."


def _say_curves(summary: list[LabelSummary], tables: Tables) -> str:
    words = []
    for row in summary:
        runs = [r for r in tables["label_runs"] if r["model"] == row.model and r["val_mean_average_precision"]]
        if runs and not row.baseline:
            best = max(runs, key=lambda r: float(r["val_mean_average_precision"]))
            words.append(f"{row.model} {percent(best['val_mean_average_precision'])} in epoch {best['best_epoch']}")
    return "Highest validation mAP: " + "; ".join(words) + "."
