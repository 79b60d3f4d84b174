"""What of a model's options is left out where only its speed matters."""

from copy import deepcopy


def without_weights(options: dict) -> dict:
    """Complete model options without pretrained weights: they change no time, and need not be there."""
    made = deepcopy(options)
    made.get("backbone", made)["weights"] = None  # of a head on a backbone, the backbone's entry names them
    return made
