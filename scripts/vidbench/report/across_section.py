"""The section of the page over all data sets of a run: its answer, tables and figures."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Template

from vidbench.evaluation.across_ranks import groups_of_equal_ranks
from vidbench.evaluation.across_tables import AcrossModel, AcrossPair, ModelOnDataSet
from vidbench.evaluation.runs import in_order
from vidbench.evaluation.significance import LEVEL
from vidbench.evaluation.verdicts import Verdict
from vidbench.formatting import percent
from vidbench.plotting.across_catalogue import ACROSS, FOLDER
from vidbench.report.across_results import AcrossResults, read_across
from vidbench.report.across_words import answer
from vidbench.report.comparison_tables import p_value
from vidbench.report.figures import WIDE, width
from vidbench.report.phrases import limits_of
from vidbench.report.table import NONE, Cell, Column, Table, column, filled, fixed, limits, percents, text, with_limits

SEVERAL_LABELS = "accuracies are compared, and its videos may have several labels"


@dataclass(frozen=True)
class AcrossPage:
    """The section as the templates need it; a table that the run does not have is None."""

    answer: list[str]
    data_sets: list[str]
    models: Table | None
    new: Table | None
    pairs: Table | None
    accuracies: Table | None
    figures: list[dict[str, object]]


def describe_across(
    folder: Path, figures: list[Path], captions: Path, several_labels: Sequence[str] = ()
) -> AcrossPage:
    """Return the section from results/across/; `figures`: of all data sets, `captions`: folder of their texts.

    `several_labels`: data sets of the run that are not compared, as their videos may have several labels.
    """
    across = read_across(folder)
    across = replace(across, left_out=across.left_out | dict.fromkeys(several_labels, SEVERAL_LABELS))
    is_comparison = len(across.data_sets) > 1
    return AcrossPage(
        answer=answer(across),
        data_sets=across.data_sets,
        models=model_table(across) if is_comparison else None,
        new=new_table(across) if across.enough_for_new and len(across.ranked) > 1 else None,
        pairs=pair_table(across) if is_comparison else None,
        accuracies=accuracy_table(across),
        figures=figures_of(across, [path for path in figures if path.parent == folder / "figures"], captions),
    )


def model_table(across: AcrossResults) -> Table | None:
    """Return one row per model: its mean, wins, ties, losses, and ranks on these data sets."""
    rows = across.models
    columns = [
        column(rows, "model", "label", text),
        (Column("mean top-1 (%)", help="each data set counts once; in brackets: 95 % interval for new groups in them"),
         [with_limits(row, "mean_top1", "mean_low", "mean_high") for row in rows]),
        column(rows, "spread over data sets", "sd_top1", percents, "standard deviation of its accuracy, in points"),
        (Column("verdict", "text", "of the means: a paired test over the groups of all data sets, Holm's correction"),
         [Cell(verdict_words(row, row.verdict)) for row in rows]),
        column(rows, "wins", "wins", count, "comparisons with another model on a data set, corrected for all of them"),
        column(rows, "ties", "ties", count),
        column(rows, "losses", "losses", count),
        (Column("mean rank", help="1: the most accurate on each data set; in brackets: with other groups in them"),
         [with_limits(row, "mean_rank", "rank_low", "rank_high", 1, 1) for row in rows]),
        column(rows, "best on one of these (%)", "best_here", whole_percents,
               "probability, with other groups, of being the most accurate on one of these data sets"),
        column(rows, "missing on", "missing", text, "no sound training there, so no mean and no rank"),
    ]  # fmt: skip
    return filled("across", f"Models over {len(across.data_sets)} data sets", columns)


def new_table(across: AcrossResults) -> Table | None:
    """Return one row per model: what is said of data sets like these."""
    rows = across.ranked
    columns = [
        column(rows, "model", "label", text),
        (Column("verdict", "text", "of means over data sets like these: random orders of the models on each"),
         [Cell(verdict_words(row, row.verdict_new)) for row in rows]),
        (Column("best on a new one (%)", help="probability of being the most accurate, with its 95 % interval"),
         [with_limits(row, "best_new", "best_new_low", "best_new_high", 100, 0) for row in rows]),
        (Column("mean rank", help="95 % interval over data sets like these"),
         [limits(row.new_rank_low, row.new_rank_high, 1, 1) for row in rows]),
    ]  # fmt: skip
    note = (
        "This holds for a new data set that is like these: chosen as they were, with videos of their kind, and about as"
        " large."
    )
    return filled("across_new", "Models on data sets like these", columns, notes=[note])


def pair_table(across: AcrossResults) -> Table | None:
    """Return one row per pair of models: the mean difference, its tests, and on how many data sets each is better."""
    rows = across.pairs
    words = {True: "yes", False: "no", None: "unknown"}
    columns = [
        (Column("models", "text"), [Cell(f"{row.model_a} − {row.model_b}") for row in rows]),
        (Column("mean difference (points)"), [difference(row) for row in rows]),
        (Column("95 % interval", help="with other groups in these data sets"),
         [limits(row.low, row.high) for row in rows]),
        column(rows, "p, adjusted", "p_adjusted", p_value, "Holm over all pairs, doubled"),
        (Column("significant", "text", f"p, adjusted of at most {LEVEL}"),
         [Cell(words[row.told_apart]) for row in rows]),
        (Column("better on", "text", "data sets on which the first, and the second, is better; the others are ties"),
         [Cell(f"{row.wins_a} : {row.wins_b}, {row.ties} tied") for row in rows]),
        column(rows, "spread of the difference", "sd_difference", percents,
               "standard deviation over data sets, in points"),
    ]  # fmt: skip
    if across.enough_for_new:
        columns.append(column(rows, "p, new data sets", "new_p_value", p_value, "adjusted for the number of pairs"))
        told = [Cell(words[row.told_apart_new]) for row in rows]
        columns.append((Column("significant on new data sets", "text", "both p of at most 0.05"), told))
    return filled("across_pairs", f"Pairs of models over {len(across.data_sets)} data sets", columns)


def accuracy_table(across: AcrossResults) -> Table | None:
    """Return one row per data set, and a column per model."""
    by_place = {(row.dataset, row.model): row for row in across.accuracies}
    names = in_order(row.dataset for row in across.accuracies)
    columns = [(Column("data set", "text"), [Cell(name) for name in names])]
    for model in across.models:
        rows = [by_place.get((name, model.model)) for name in names]
        columns.append((Column(f"{model.label} (%)"), [accuracy(row) for row in rows]))
    notes = ["Top-1, with 95 % intervals for new groups of each data set. × diverged."]
    return filled("across_accuracies", "Accuracy on each data set", columns, notes=notes)


def accuracy(row: ModelOnDataSet | None) -> Cell:
    """Return a model's accuracy on a data set, marked where a training of it diverged; a dash where it is missing."""
    if row is None:
        return Cell(NONE)
    cell = with_limits(row, "top1", "top1_low", "top1_high")
    return Cell(f"{cell.text} {Verdict.DIVERGED.sign}", cell.value) if row.diverged else cell


def count(value: int) -> Cell:
    """Return a number of comparisons, 0 included."""
    return Cell(str(value), float(value))


def whole_percents(value: float | None) -> Cell:
    """Return a probability in whole percent."""
    return percents(value, 0)


def difference(row: AcrossPair) -> Cell:
    """Return a mean difference in points, with its sign."""
    if row.difference is None:
        return Cell(NONE)
    return Cell(f"{'+' if row.difference > 0 else ''}{fixed(row.difference, 100, 1)}", row.difference)


def verdict_words(row: AcrossModel, verdict: Verdict) -> str:
    """Return a verdict for a table; a model without a mean has none."""
    if verdict is Verdict.UNKNOWN:
        return "not on all data sets" if row.missing else NONE
    return verdict.short


def figures_of(across: AcrossResults, paths: list[Path], captions: Path) -> list[dict[str, object]]:
    """Return each figure as a data address, with title, caption and alternative text."""
    by_name = {path.stem: path for path in paths}
    figures = []
    for name, entry in ACROSS.items():
        if name not in by_name:
            continue
        content = by_name[name].read_bytes()
        words = Template((captions / f"{name}.rst").read_text(encoding="utf-8")).render()
        figures.append({
            "id": f"{FOLDER}-figure-{name}",
            "title": entry.title,
            "caption": " ".join(words.split()),
            "alt": f"{entry.title}. {ALT_TEXTS[name](across)}",
            "source": f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}",
            "wide": width(content) > WIDE,
            "file": f"{FOLDER}/figures/{name}.svg",
        })  # fmt: skip
    return figures


def accuracy_alt_text(across: AcrossResults) -> str:
    """Return the accuracies in words: the means, and the best model of each data set."""
    means = [f"{row.label} {percent(row.mean_top1)} {limits_of(row.mean_low, row.mean_high)}" for row in across.ranked]
    best = []
    for name in in_order(row.dataset for row in across.accuracies):
        row = max((row for row in across.accuracies if row.dataset == name), key=lambda row: row.top1)
        best.append(f"{row.model} {percent(row.top1)} on {name}")
    said = f"Mean top-1: {'; '.join(means)}. " if means else ""
    return f"{said}The most accurate: {'; '.join(best)}."


def rank_alt_text(across: AcrossResults) -> str:
    """Return the mean ranks in words, and which models the bars join."""
    ranked = sorted([(row.mean_rank, row.label) for row in across.models if row.mean_rank is not None])
    if not ranked or across.critical_difference is None:
        return "Too few data sets count for a critical difference."
    ranks = "; ".join(f"{name} {rank:.2f}" for rank, name in ranked)
    bars = groups_of_equal_ranks([rank for rank, _ in ranked], across.critical_difference)
    joined = "; ".join(f"{ranked[first][1]} to {ranked[last][1]}" for first, last in bars)
    told = f"Without a significant difference: {joined}." if joined else "All differences are significant."
    return f"Mean ranks: {ranks}. Critical difference {across.critical_difference:.2f}. {told}"


ALT_TEXTS = {"across_accuracy": accuracy_alt_text, "across_ranks": rank_alt_text}
