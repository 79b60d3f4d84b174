"""Alternative texts of figures: what a figure shows, in words, from the tables that it is drawn from."""

from collections.abc import Callable
from math import inf
from typing import TypeVar

from vidbench.evaluation.tables import EnsembleGain, ModelSummary, PairedDifference
from vidbench.formatting import known, number, percent
from vidbench.report.dataset_results import DatasetResults, Row
from vidbench.report.energy_words import clip_energy
from vidbench.report.table import with_limits

Item = TypeVar("Item")
MAX_NAMED = 8  # models or classes named; the tables have all


def alt_text(name: str, title: str, results: DatasetResults, scores: list[Row], videos: str) -> str:
    """Return one or two sentences; `scores`: rows by class and model; `videos`: how many there are, in words."""
    describe = DESCRIBED.get(name)
    words = describe(results, scores) if describe else ""
    if name == "inspection":
        words = videos
    return f"{title} on {results.name}. {words}".strip() if words else f"{title} on {results.name}, a figure."


def _listed(rows: list[Item], say: Callable[[Item], str], noun: str = "model") -> str:
    sentences = [say(row) for row in rows[:MAX_NAMED]]
    left = len(rows) - len(sentences)
    return "; ".join(sentences) + (f"; and {left} more {noun}{'s' if left > 1 else ''}" if left else "") + "."


def _accuracy(row: ModelSummary) -> str:
    return f"{with_limits(row, 'top1', 'top1_low', 'top1_high').text} %"


def comparison(results: DatasetResults, scores: list[Row]) -> str:
    return "Top-1: " + _listed(results.summary, lambda row: f"{row.label} {_accuracy(row)}")


def cost(results: DatasetResults, scores: list[Row]) -> str:
    timed = [row for row in results.summary if row.ms_per_clip is not None or not row.baseline]
    joules = clip_energy(results)
    rows = sorted(timed, key=lambda row: inf if row.ms_per_clip is None else row.ms_per_clip)
    return "From the fastest to the slowest: " + _listed(
        rows,
        lambda row: f"{row.label} {number(row.ms_per_clip)} ms/clip{joules.get(row.model, '')}, {percent(row.top1)}",
    )


def learning_curves(results: DatasetResults, scores: list[Row]) -> str:
    def validation(row: ModelSummary) -> str:
        runs = [run for run in results.runs if run["model"] == row.model]
        best = max(runs, key=lambda run: float(run["val_top1"] or 0))
        return f"{row.model} {percent(best['val_top1'])} in epoch {best['best_epoch']}"

    return "Highest validation accuracy: " + _listed([row for row in results.summary if not row.baseline], validation)


def per_class(results: DatasetResults, scores: list[Row]) -> str:
    def ends(row: ModelSummary) -> str:
        ranked = [score for score in scores if score["model"] == row.model and known(score["accuracy"])]
        ranked.sort(key=lambda score: float(score["accuracy"]))
        if not ranked:
            return f"{row.model}: no class was scored"
        return (
            f"{row.model}: hardest {ranked[0]['class']} {percent(ranked[0]['accuracy'])},"
            f" easiest {ranked[-1]['class']} {percent(ranked[-1]['accuracy'])}"
        )

    return _listed(results.summary, ends)


def motion_use(results: DatasetResults, scores: list[Row]) -> str:
    return _listed(
        results.motion,
        lambda row: (
            f"{row.model}: {percent(row.normal)} as they are, {percent(row.shuffled)} shuffled,"
            f" {percent(row.reversed)} reversed, {percent(row.single_frame)} of one frame"
        ),
    )


def pairwise(results: DatasetResults, scores: list[Row]) -> str:
    def difference(pair: PairedDifference) -> str:
        pair = pair if pair.difference >= 0 else pair.swapped()
        points = f"{100 * pair.difference:.1f} points"
        return f"{pair.model_a} above {pair.model_b} by {points} ({p_value(pair.p_holm)})"

    def p_value(p_holm: float | None) -> str:
        if p_holm is None:
            return "too few groups for a test"
        return "p < 0.001" if p_holm < 1e-3 else f"p = {number(p_holm, 2)}"

    pairs = sorted(results.pairwise, key=lambda pair: -abs(pair.difference))
    return _listed(pairs, difference, "pair") if pairs else ""


def calibration(results: DatasetResults, scores: list[Row]) -> str:
    errors = {(row["model"], row["metric"]): row["value"] for row in results.drawn.get("scores", [])}
    rows = [row for row in results.summary if known(errors.get((row.model, "ece"), ""))]

    def error(row: ModelSummary) -> str:
        before, after = (errors.get((row.model, metric), "") for metric in ("ece", "ece_scaled"))
        return f"{row.model} {percent(before)}, {percent(after)} when scaled"

    return "Expected calibration error: " + _listed(rows, error) if rows else ""


def ladder(results: DatasetResults, scores: list[Row]) -> str:
    def ends(row: ModelSummary) -> str:
        rungs = [rung for rung in results.drawn.get("ladder", []) if rung["model"] == row.model]
        rungs.sort(key=lambda rung: int(rung["clips"]) * int(rung["crops"]))
        views = [f"{percent(rung['top1'])} with {rung['clips']} × {rung['crops']}" for rung in (rungs[0], rungs[-1])]
        return f"{row.model} {', '.join(dict.fromkeys(views))}"

    models = {rung["model"] for rung in results.drawn.get("ladder", [])}
    rows = [row for row in results.summary if row.model in models]
    return "Top-1 by clips × crops: " + _listed(rows, ends) if rows else ""


def confused_pairs(results: DatasetResults, scores: list[Row]) -> str:
    rows = [row for row in results.drawn.get("confused_pairs", []) if not row["model"]]
    words = _listed(rows, lambda row: f"{row['truth']} predicted as {row['predicted']} {percent(row['share'])}", "pair")
    return f"Mean of models: {words}" if rows else ""


def confident_errors(results: DatasetResults, scores: list[Row]) -> str:
    rows = sorted(results.drawn.get("errors", []), key=lambda row: -float(row["confidence"]))[:MAX_NAMED]

    def error(row: Row) -> str:
        return f"{row['truth']} predicted as {row['predicted']} by {row['model']}, {percent(row['confidence'], 0)} sure"

    return _listed(rows, error) if rows else ""


def label_issues(results: DatasetResults, scores: list[Row]) -> str:
    rows = results.drawn.get("label_issues", [])

    def issue(row: Row) -> str:
        likely = f"{row['suggested']} is more likely, {percent(row['probability'], 0)} sure"
        return f"{row['video']} labelled {row['label']}: {likely}"

    return _listed(rows, issue, "video") if rows else ""


def error_overlap(results: DatasetResults, scores: list[Row]) -> str:
    rows = [row for row in results.ensembles if row.kind == "all"]
    rows += [row for row in results.ensembles if row.chosen_on_validation]

    def gain(row: EnsembleGain) -> str:
        name = "all models" if row.kind == "all" else row.members
        points = f"{100 * row.gain:+.1f}".replace("-", "−")
        return f"{name} together {percent(row.top1)}, {points} points against {row.best_single} alone"

    return _listed(rows, gain, "ensemble") if rows else ""


DESCRIBED = {
    "comparison": comparison,
    "cost": cost,
    "learning_curves": learning_curves,
    "per_class": per_class,
    "confusion": per_class,
    "motion_use": motion_use,
    "pairwise": pairwise,
    "calibration": calibration,
    "ladder": ladder,
    "confused_pairs": confused_pairs,
    "confident_errors": confident_errors,
    "label_issues": label_issues,
    "error_overlap": error_overlap,
}
