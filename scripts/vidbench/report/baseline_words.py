"""What the page says of the baselines: what each one is, and whether a trained model beats them."""

from vidbench.baselines.options import FILE_PROPERTIES, KNN, LOGISTIC, OF_FEATURES, ZERO_SHOT
from vidbench.evaluation.explanations import Alternative
from vidbench.evaluation.tables import ModelSummary
from vidbench.evaluation.verdicts import Verdict
from vidbench.formatting import percent, pixels
from vidbench.models.options import ModelOptions
from vidbench.report import explanation_words
from vidbench.report.dataset_results import DatasetResults
from vidbench.report.model_words import start
from vidbench.report.phrases import interval, limits_of, points, round_points

WORDS = {  # in tables and sentences
    LOGISTIC: "logistic regression",
    KNN: "nearest neighbours",
    FILE_PROPERTIES: "file properties",
    ZERO_SHOT: "names of the classes",
}
NO_NETWORK = "no network: nothing of a video but its file's properties is read"


def explain(kind: str) -> str:
    """Return what a baseline does, as a fact on the page."""
    return {
        LOGISTIC: "multinomial logistic regression on standardised features of the frozen network, mean over frames and"
        " views",
        KNN: "vote of the nearest videos by features of the frozen network, mean over frames and views",
        FILE_PROPERTIES: "logistic regression on size, rotation, rate, duration, codec and bytes of the files: it sees"
        " no picture",
    }[kind]


def facts(record: dict) -> list[tuple[str, str]]:
    """Return name and value of a baseline's settings, from its options.json."""
    baseline = record["baseline"]
    chosen = ", ".join(f"{name} {value}" for name, value in baseline["chosen"].items())
    described = [("baseline", explain(baseline["kind"])), ("chosen on validation", chosen)]
    if record["options"] is None:
        return [*described, ("network", NO_NETWORK)]
    options = ModelOptions.from_dict(record["options"])
    weights = start(options)
    return [
        *described,
        ("network", options.network.architecture),
        ("starts from", weights if weights != "random" else "random weights"),
        ("trained", "nothing: the network is frozen"),
        ("clip", f"{options.clip.frames} frames of {pixels(options.clip.size)}, {options.clip.sampling}"),
    ]


def cost_notes(rows: list[ModelSummary]) -> list[str]:
    """Return what the costs of baselines are."""
    kinds = {row.baseline for row in rows}
    notes = []
    if kinds & set(OF_FEATURES):
        notes.append(
            "A baseline on frozen features costs what the model costs whose backbone it has; its training is the time"
            " of the fit."
        )
    if FILE_PROPERTIES in kinds:
        notes.append("Baselines without a time per clip need no network.")
    return notes


def frozen(results: DatasetResults) -> list[str]:
    """Compare the best trained model with the best baseline on frozen features."""
    if not _learned(results):
        return []
    trained = [row for row in results.sound if not row.baseline]
    rivals = [row for row in results.sound if row.baseline in (*OF_FEATURES, ZERO_SHOT)]
    if not trained or not rivals:
        return []
    best, rival = trained[0], rivals[0]
    pair = results.pair(best.model, rival.model)
    at_chance = max(best.top1_low or 0, rival.top1_low or 0) <= results.chance
    if pair is None or pair.told_apart is None or at_chance:
        return []
    method = (
        "zero-shot classification" if rival.baseline == ZERO_SHOT else f"{WORDS[rival.baseline]} on frozen features"
    )
    what = f"{method} ({rival.model}, {percent(rival.top1)})"
    if any(_beats(results, row, rival) for row in trained):
        return [f"Training pays: {best.model} is better than {what}, by {points(best.top1 - rival.top1)}"
                f" {limits_of(pair.low, pair.high)}."]  # fmt: skip
    return [f"No trained model beats {what}: the best of them, {best.model}, reaches {percent(best.top1)}."]


def _beats(results: DatasetResults, row: ModelSummary, rival: ModelSummary) -> bool:
    pair = results.pair(row.model, rival.model)
    return pair is not None and bool(pair.told_apart) and row.top1 > rival.top1


def files(results: DatasetResults) -> list[str]:
    """Say that the files' properties together give as much as the best model, where they do, and what the test saw."""
    found = results.explanations
    if found and (together := found.all_properties):
        return _untested(results, found.model, together)
    rows = [row for row in results.sound if row.baseline == FILE_PROPERTIES]
    row = next((row for row in rows if row.verdict in (Verdict.BEST, Verdict.TIED)), None)
    if row is None or not _learned(results) or row.top1_low is None or row.top1_low <= results.chance:
        return []
    return [
        f"On {results.name}, the files' properties alone (size, rate, duration, codec, bytes) give {percent(row.top1)}"
        f" {interval(row)}, and no model was shown to be better{_lead(results, row)}: the accuracies may come from how"
        " the files were made, not from what they show."
    ]


def _untested(results: DatasetResults, model: str, together: Alternative) -> list[str]:
    """Say what the files' properties give together, and that there are too few groups to compare them with a model."""
    if not explanation_words.explains(results, together):
        return []
    return [
        f"On {results.name}, the files' properties alone (size, rate, duration, codec, bytes) give the class of"
        f" {percent(together.top1)} of the test videos, {explanation_words.untested(results, model, together)}"
    ]


def _lead(results: DatasetResults, row: ModelSummary) -> str:
    """Return the lead of the best model that sees pictures over the files' properties, and what the test could see."""
    best = next((other for other in results.sound if other.baseline != FILE_PROPERTIES), None)
    pair = results.pair(best.model, row.model) if best else None
    if best is None or pair is None or pair.low is None:
        return ""
    seen = f"; differences above {round_points(pair.detectable)} are detected" if pair.detectable else ""
    return f" ({best.model} minus that: {100 * pair.difference:.1f} points {limits_of(pair.low, pair.high)}{seen})"


def _learned(results: DatasetResults) -> bool:
    """Return whether the best model is surely above chance."""
    lead = results.sound[0]
    return lead.top1_low is not None and lead.top1_low > results.chance
