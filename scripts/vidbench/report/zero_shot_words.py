"""What the page says of a model that classifies by the names of the classes: its texts, in place of a training."""

from vidbench.evaluation.runs import in_order
from vidbench.models.options import ModelOptions, ZeroShotOptions

OF_TRAININGS = ("optimiser", "batch")  # names of settings that mean nothing without a training


def left_out(records: list[dict]) -> tuple[str, ...]:
    """Return the names of settings that a model has none of; `records`: options.json of its runs."""
    return OF_TRAININGS if _networks(records) else ()


def texts(records: list[dict]) -> list[tuple[str, str]]:
    """Return the texts that frames are compared with, as name and value; [] for a model that is trained."""
    networks = _networks(records)
    prompts = in_order([", ".join(f"\u201c{prompt}\u201d" for prompt in network.prompts) for network in networks])
    words = in_order([f"{label}: {text}" for network in networks for label, text in network.class_names.items()])
    return [*[("prompts", "; ".join(prompts))] * bool(prompts), *[("class names", ", ".join(words))] * bool(words)]


def _networks(records: list[dict]) -> list[ZeroShotOptions]:
    networks = [ModelOptions.from_dict(record["options"]).network for record in records if record["options"]]
    return [network for network in networks if isinstance(network, ZeroShotOptions)]
