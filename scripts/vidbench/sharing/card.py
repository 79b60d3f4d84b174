"""The card of a shared model, README.md of its folder: what it is, what it reaches and where it fails."""

from vidbench.report.model_words import network, start
from vidbench.sharing import card_data, card_measures, card_results, card_use, hub_metadata
from vidbench.sharing.facts import Facts
from vidbench.sharing.markdown import escape

Section = tuple[str, list[str]]  # heading and paragraphs


def render(facts: Facts) -> str:
    """Return the card: the Hub's metadata, then sections of Markdown."""
    sections: list[Section] = [
        ("How to use it", card_use.usage(facts)),
        ("Results", card_results.results(facts)),
        ("Classes", card_results.classes(facts)),
        ("Use of motion", card_measures.motion_use(facts)),
        ("Calibration", card_measures.calibration(facts)),
        ("Cost", card_measures.costs(facts)),
        ("Data", card_data.data(facts)),
        ("Training and protocol", card_data.training(facts)),
        ("Intended use and limits", card_use.limits(facts)),
        ("Licence", card_use.licence(facts)),
        ("Where the numbers come from", card_data.provenance(facts)),
    ]
    parts = [f"# {escape(facts.title)}", introduction(facts)]
    for heading, paragraphs in sections:
        if shown := [paragraph for paragraph in paragraphs if paragraph]:
            parts += [f"## {heading}", *shown]
    return hub_metadata.as_text(hub_metadata.describe(facts)) + "\n" + "\n\n".join(parts) + "\n"


def introduction(facts: Facts) -> str:
    """Say what the model is, in two sentences."""
    options = facts.file.options
    weights = start(options)
    begun = "from random weights" if weights == "random" else f"from the weights {weights}"
    return escape(
        f"A network that classifies short videos: {network(options)}, trained {begun} on the {len(facts.file.classes)}"
        f" classes of {facts.dataset}."
        " It was made, tested and compared with others by VidBench, a workflow for video classification."
    )
