"""What a card says of what else was measured: the use of motion, calibration, what is of no class, cost."""

from vidbench.formatting import known, percent
from vidbench.report import model_section
from vidbench.report.dataset_results import Row
from vidbench.report.phrases import counted
from vidbench.report.section_tables import NULL
from vidbench.report.table import with_limits
from vidbench.sharing import markdown
from vidbench.sharing.facts import Facts
from vidbench.sharing.markdown import escape


def motion_use(facts: Facts) -> list[str]:
    """Return what is left of the accuracy without the order of frames; nothing where that was not tested."""
    use = facts.results.motion_of(facts.model)
    if use is None:
        return []
    share = f"{with_limits(use, 'order', 'order_low', 'order_high', 100, 0).text} %"
    words = (
        f"Share of its accuracy above chance that is lost when the frames of a video come in random order: {share}."
        if use.order is not None
        else f"No share of the order of frames is given: {use.undefined or 'it was not computed'}."
    )
    facts_of_motion = [fact for fact in model_section.motion(facts.results, facts.model) if fact[0] != "order share"]
    return [escape(words), markdown.table(("frames", "top-1"), facts_of_motion)]


def calibration(facts: Facts) -> list[str]:
    """Return temperature, calibration errors before and after, and when a video is of no class."""
    known_of = facts.file.calibration
    if known_of.temperature is None:
        words = "The probabilities are those of the network as it is: no temperature is used"
        words += f" ({known_of.warning})." if known_of.warning else "."
    else:
        words = (
            f"Logits are divided by the temperature {known_of.temperature:.3g}, fitted on validation videos, before"
            " they become probabilities."
        )
        words += f" {known_of.warning.capitalize()}." if known_of.warning else ""
    figure = "![Reliability diagram](figures/calibration.png)" if facts.scores else ""
    return [escape(words), escape(_errors(facts.scores)), escape(_none_of_these(facts)), figure]


def _errors(scores: dict[str, Row]) -> str:
    """Say the expected calibration error before and after scaling, beside that of a perfectly calibrated model."""
    parts = []
    for metric, words in (("ece", "as trained"), ("ece_scaled", "after scaling")):
        if metric in scores and known(scores[metric]["value"]):
            low, high = (scores.get(f"{metric}{NULL}{end}", {}).get("value", "") for end in ("low", "high"))
            perfect = f" (perfectly calibrated: {percent(low)} to {percent(high)})" if known(low) else ""
            parts.append(f"{percent(scores[metric]['value'])} {words}{perfect}")
    return f"Expected calibration error on the test videos, mean over trainings: {'; '.join(parts)}." if parts else ""


def _none_of_these(facts: Facts) -> str:
    """Say beyond which bound a video counts as of no class, and what that costs on the test videos."""
    bounds = facts.file.calibration
    if bounds.max_entropy is not None:
        rule = f"whose probabilities have an entropy above {bounds.max_entropy:.3g} nats"
    elif bounds.threshold is not None:
        rule = f"whose most probable class is below {percent(bounds.threshold)}"
    elif bounds.lacks_videos:
        return "There were too few validation videos for a bound beyond which a video counts as of none of the classes."
    else:
        return ""
    kept = f", a bound that {percent(bounds.kept, 0)} of new videos of the classes are to keep" if bounds.kept else ""
    scores = facts.metrics.get("rejection") or {}
    words = f"A video {rule} counts as of none of the classes (--unknown){kept}."
    if scores.get("answered") is not None:
        right = scores.get("accuracy")
        of_these = f"; {percent(right)} of these are right" if right is not None else ""
        words += f" {percent(scores['answered'])} of the test videos keep it{of_these}."
    return f"{words} It is {scores['warning']}." if scores.get("warning") else words


def costs(facts: Facts) -> list[str]:
    """Return time, operations, parameters and memory, and where they were measured."""
    measured = facts.cost
    rows = model_section.cost(facts.summary)
    device = measured.get("device", {}).get("name", "")
    threads = measured.get("threads")
    where = f" on {device}" if device else ""
    if measured.get("device", {}).get("type") == "cpu" and threads:
        where += f", {counted(threads, 'thread')}"
    return [escape(f"Measured{where}:"), markdown.table(("", ""), rows)] if rows else []
