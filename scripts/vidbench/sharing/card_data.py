"""What a card says of data, training and where the numbers come from."""

from collections import Counter

from vidbench.formatting import bytes_text
from vidbench.report import data_section, model_section, protocol
from vidbench.report import provenance as report_provenance
from vidbench.report.phrases import counted
from vidbench.sharing import markdown
from vidbench.sharing.facts import Facts
from vidbench.sharing.markdown import escape

STATUS = {"partial": "could be decoded in part only", "failed": "could not be decoded"}
MAX_WARNINGS = 8


def data(facts: Facts) -> list[str]:
    """Return the videos, their splits, those that are bad, and what the checks of the data found."""
    inspected = data_section.inspection(facts.folder, facts.videos)
    groups = counted(len({video.group for video in facts.videos}), "group")
    splits = data_section.splits(facts.folder, facts.results.splits, facts.videos)
    return [
        escape(f"{facts.dataset}: {inspected.words} They come in {groups}: videos of one group are alike, e.g. of one"
               " person or scene, and never in training and test of one split."),
        markdown.from_table(splits) if splits else "",
        escape(bad_videos(facts)),
        escape(leaks(facts)),
        _warnings(facts),
    ]  # fmt: skip


def bad_videos(facts: Facts) -> str:
    """Count the videos that could not be decoded to their end, without their names, which are nobody's business."""
    counts = Counter(row["status"] for row in facts.inspection if row["status"] != "ok")
    if not counts:
        return "Bad videos: none."
    parts = [f"{count:,} {STATUS.get(status, status)}" for status, count in sorted(counts.items())]
    return f"Bad videos: {'; '.join(parts)}. Without any frame it is left out of training and wrong in the test."


def leaks(facts: Facts) -> str:
    """Say in how many pairs of videos a recording is in two subsets of a split."""
    found = {name: split for name, split in facts.diagnosis.get("splits", {}).items() if name in facts.results.splits}
    pairs = {name: len(split["leaks"]) for name, split in found.items() if split.get("leaks")}
    if not found:
        return ""
    if not pairs:
        return "No recording was found in two subsets of a split."
    listed = ", ".join(f"{count} in {name}" for name, count in pairs.items())
    return f"Pairs of videos that show the same recording in two subsets of a split: {listed}."


def _warnings(facts: Facts) -> str:
    """List properties of the files alone that tell the class."""
    shortcuts = facts.results.shortcuts[:MAX_WARNINGS]
    lines = [
        f"The {found['property']} of the files alone gives the class of {100 * found['accuracy']:.1f} % of the videos"
        f" (chance: {100 * found['chance']:.1f} %)."
        for found in shortcuts
    ]
    return markdown.bullets(map(escape, lines))


def training(facts: Facts) -> list[str]:
    """Return the settings of the training, and the rules of the test."""
    bad = sum(row["status"] not in ("ok", "partial") for row in facts.inspection)
    rules = protocol.what_counts(facts.results, bad)
    settings = model_section.settings(facts.records)
    kinds = ("text", "text")
    return [markdown.table(("setting", "value"), settings, kinds), markdown.bullets(map(escape, rules))]


def provenance(facts: Facts) -> list[str]:
    """Return machine, versions, seeds and sizes of the files."""
    runs = [row for row in facts.results.runs if row["model"] == facts.model]
    records = [record for record in facts.records if not record.get("baseline")]
    rows = [
        ("Weights of", facts.selection.name),
        *report_provenance.provenance(records, runs),
        ("Evaluated with", report_provenance.evaluated_with()),
        ("First weights, SHA-256", (facts.record.get("weights") or {}).get("sha256", "")),
        ("Size of the weights", bytes_text(facts.file.path.stat().st_size)),
    ]
    return [markdown.table(("", ""), [(name, value) for name, value in rows if value], ("text", "text"))]
