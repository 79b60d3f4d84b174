"""The files of the folder that a model is shared in. Imports nothing: the workflow reads it."""

CARD = "README.md"
WEIGHTS = "weights.safetensors"
CONFIG = "config.json"
PREPROCESSOR = "preprocessor_config.json"
EXAMPLE = "example.py"
FIGURES = ("figures/per_class.png", "figures/confusion.png", "figures/calibration.png")
FILES = (CARD, WEIGHTS, CONFIG, PREPROCESSOR, EXAMPLE, *FIGURES)
REPOSITORY = "OWNER/NAME"  # in the texts, until the upload knows its name
