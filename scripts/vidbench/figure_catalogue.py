"""Every figure of the report; its script is plot_{name}.py, its caption report/{name}.rst."""

from typing import NamedTuple


class Entry(NamedTuple):
    """Title and part of the page."""

    title: str
    part: str


CATALOGUE = {
    "comparison": Entry("Accuracy of each model", "comparison"),
    "pairwise": Entry("Differences between models", "pairs"),
    "motion_use": Entry("Accuracy without the order of frames", "motion"),
    "cost": Entry("Accuracy against cost", "cost"),
    "ladder": Entry("Fewer clips and crops", "protocol"),
    "learning_curves": Entry("Learning curves", "training"),
    "per_class": Entry("Accuracy of each class", "errors"),
    "confusion": Entry("Confusion matrices", "errors"),
    "calibration": Entry("What the probabilities are worth", "errors"),
    "selective": Entry("Accuracy on the surest videos", "errors"),
    "activations": Entry("Activation maps over time", "explanations"),
    "confused_pairs": Entry("Classes taken for each other", "errors"),
    "confident_errors": Entry("The most confident errors", "errors"),
    "error_overlap": Entry("Errors in common, and ensembles", "errors"),
    "difficulty": Entry("Accuracy by duration and motion", "errors"),
    "accuracy_by_data": Entry("Accuracy by training videos", "training"),
    "trials": Entry("Trials", "training"),
    "inspection": Entry("The videos", "data"),
    "duplicates": Entry("The same recording twice", "data"),
}
