"""What the page says of a model that classifies by the names of the classes: its texts, in place of a training."""

from vidbench.evaluation.runs import in_order
from vidbench.models.options import ModelOptions, ZeroShotOptions

OF_TRAININGS = ("optimiser", "batch")
NOTHING = "none: nothing is trained"


def facts(records: list[dict]) -> dict[str, str]:
    """Return the settings by name that differ from those of a training, {} for a model that is trained.

    `records`: options.json of all its runs.
    """
    options = [ModelOptions.from_dict(record["options"]).network for record in records if record["options"]]
    networks = [network for network in options if isinstance(network, ZeroShotOptions)]
    if not networks:
        return {}
    prompts = in_order([", ".join(f"\u201c{prompt}\u201d" for prompt in network.prompts) for network in networks])
    words = in_order([f"{label}: {text}" for network in networks for label, text in network.class_names.items()])
    named = {"class names": ", ".join(words)} if words else {}
    return {**dict.fromkeys(OF_TRAININGS, NOTHING), "prompts": "; ".join(prompts), **named}
