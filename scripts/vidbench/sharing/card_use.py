"""What a card says of using the model: how to load it, what it is for, its limits, its licence."""

from vidbench.evaluation.tables import ModelSummary
from vidbench.formatting import pixels
from vidbench.models import pretraining
from vidbench.report import model_section
from vidbench.report.caveats import caveats
from vidbench.report.model_words import start
from vidbench.report.phrases import counted, several
from vidbench.sharing import markdown
from vidbench.sharing.facts import Facts
from vidbench.sharing.files import REPOSITORY, WEIGHTS
from vidbench.sharing.markdown import escape

FEW_GROUPS = 20  # of the test, below which an interval says little
DATA_TERMS = {  # of kinds of data sets
    "motion": "drawn by VidBench itself (MIT)",
    "ucf101": "not stated by its publisher; the videos are from YouTube",
    "hmdb51": "CC BY 4.0 by its publisher; the videos are from films and YouTube, whose owners keep their rights",
    "kinetics400": "lists: CC BY 4.0; the videos are from YouTube, whose owners keep their rights",
}
EXAMPLE = f'''"""Classify a video: python example.py VIDEO, with VidBench's folder scripts/ on PYTHONPATH."""

import sys
from pathlib import Path

import vidbench

# Beside this file after a download of the whole folder, e.g. by `hf download {REPOSITORY} --local-dir FOLDER`.
model = vidbench.load(Path(__file__).with_name("{WEIGHTS}"))
answer = model.classify(sys.argv[1])
for label, probability in answer.top(3):
    print(f"{{probability:6.1%}}  {{label}}")
if answer.is_unknown:
    print("but probably none of the classes")
'''


def usage(facts: Facts) -> list[str]:
    """Return how the model is loaded, and what it expects."""
    clip = facts.file.options.clip
    crops = f" in {clip.crops} crops" if clip.crops > 1 else ""
    averaged = "; the probabilities are the mean over them" if clip.views * clip.crops > 1 else ""
    return [
        "With a copy of VidBench, in its environment (docs/environments.md there), and its `scripts/` on `PYTHONPATH`:",
        "```python\nfrom huggingface_hub import hf_hub_download\n\nimport vidbench\n\n"
        f'model = vidbench.load(hf_hub_download("{REPOSITORY}", "{WEIGHTS}"))\n'
        'print(model.classify("video.mp4").top(3))\n```',
        f"or for many videos, on the terminal: `python scripts/classify_videos.py --model {WEIGHTS} VIDEO...`. The"
        " weights file holds all that is needed: options, classes, how frames are made, temperature, and, where one"
        " is known, the bound beyond which a video is of none of the classes.",
        escape(f"Of a video it sees {counted(clip.views, 'clip')}{crops}, each of {clip.frames} frames of"
               f" {pixels(clip.size)} (sampling: {clip.sampling}){averaged}."),
        "`config.json` has the classes (`id2label`), `preprocessor_config.json` scaling, cropping and normalising.",
    ]  # fmt: skip


def limits(facts: Facts) -> list[str]:
    """Return what the model is for, and what is known to limit it."""
    labels = facts.file.classes
    intended = (
        f"It is for videos like those of {facts.dataset}, of which each shows one of {len(labels)} classes:"
        f" {', '.join(labels[:30])}{f' and {len(labels) - 30} more' if len(labels) > 30 else ''}."
    )
    lines = [
        f"It gives a class to every video, also to one of none of the classes; where that matters, use {_rule(facts)}.",
        "The accuracy is for new groups of the same classes, recorded in the same way. On videos from elsewhere it may"
        " be much lower, and was not measured.",
        *_of_this_test(facts.summary),
        *[caveat for caveat in caveats(facts.results, facts.summary) if caveat],
        *_warnings(facts),
    ]
    return [escape(intended), markdown.bullets(map(escape, lines))]


def _rule(facts: Facts) -> str:
    """Say how videos of none of the classes are found, with a bound of one's own where none is known."""
    bounds = facts.file.calibration
    if bounds.threshold is None and bounds.max_entropy is None:
        return "a bound of your own (--threshold 0.5, in Python with_threshold(0.5) and is_unknown)"
    return "--unknown, in Python is_unknown"


def _of_this_test(row: ModelSummary) -> list[str]:
    if row.num_groups < FEW_GROUPS or row.top1_low is None:
        return [f"It was tested on {counted(row.num_groups, 'group')} only."]
    return []


def _warnings(facts: Facts) -> list[str]:
    """Return the warnings that the page has about this model."""
    sections = model_section.sections(facts.folder, facts.results, facts.records, facts.classes, [])
    own = next(section for section in sections if section["name"] == facts.model)
    warnings = own["warnings"]
    return [f"{str(warning).rstrip('.')}." for warning in warnings] if isinstance(warnings, list) else []


def licence(facts: Facts) -> list[str]:
    """Return the licences of these weights, of those that they started from, and of the data."""
    lines = [f"These weights: {facts.licence.name or 'not stated'}."]
    if facts.licence.is_non_commercial:
        lines.append("This licence does not allow commercial use.")
    if facts.licence.of_first_weights is not None:
        seen = pretraining.list_data(facts.first_weights.data if facts.first_weights else ())
        of_first = facts.licence.of_first_weights or pretraining.NOT_STATED
        lines.append(f"First weights ({start(facts.file.options)}): {of_first}; trained on: {seen}.")
        if facts.first_weights and (research := pretraining.research_data(facts.first_weights)):
            lines.append(f"The terms of {several(research)} are for research; whether they bind weights is open.")
    data = facts.wishes.data_license or DATA_TERMS.get(facts.wishes.kind, pretraining.NOT_STATED)
    lines.append(f"Data ({facts.dataset}): {data}.")
    if facts.licence.obstacle:
        lines.append(f"Not to be made public as it is: {facts.licence.obstacle}.")
    return [markdown.bullets(map(escape, lines))]
