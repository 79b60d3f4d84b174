"""All scores of one trained model: the content of metrics.json."""

from collections.abc import Mapping, Sequence

import numpy as np

from vidbench.evaluation import view_ladder
from vidbench.evaluation.calibration import calibration, confidences
from vidbench.evaluation.class_metrics import class_summary
from vidbench.evaluation.metrics import SubsetResult, accuracy_summary, evaluate_subset, top_k
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.rejection import rejection
from vidbench.evaluation.selective import selective_accuracy, thin_curve
from vidbench.video import Video


def run_metrics(
    predictions: Predictions, videos: Mapping[str, Video], members: Mapping[str, Sequence[str]], unreadable: str
) -> dict[str, object] | None:
    """Score the test videos, `members` being the videos of each subset; None where none could be decoded."""
    labels = {name: video.label for name, video in videos.items()}
    validation, test = (
        evaluate_subset(predictions, subset, members[subset], labels, unreadable=unreadable)
        for subset in ("val", "test")
    )
    if not test.videos:
        return None
    groups = np.array([videos[video].group for video in test.videos])
    calibrated = calibration(validation, test)
    return {
        **accuracy_summary(test),
        "val_top1": top_k(validation, 1) if validation.videos else None,
        **calibrated,
        **class_summary(test, groups),
        "selective": compute_selective(test),
        "rejection": rejection(validation, test, calibrated["temperature"]),
        "ladder": compute_ladder(predictions, members["test"], labels, unreadable),
    }


def compute_ladder(
    predictions: Predictions, members: Sequence[str], labels: dict[str, str], unreadable: str
) -> list[dict[str, object]]:
    """Return top-1 accuracy of the same logits with fewer clips and crops."""
    rows = []
    for rung in view_ladder.rungs(predictions.view):
        result = evaluate_subset(predictions, "test", members, labels, views=rung.views, unreadable=unreadable)
        rows.append({"clips": rung.clips, "crops": rung.crops, "top1": top_k(result, 1)})
    return rows


def compute_selective(test: SubsetResult) -> dict[str, list[float]] | None:
    """Return accuracy by coverage, the most confident test videos first; None where none has probabilities."""
    tested = test.has_probabilities
    if not tested.any():
        return None
    curve = selective_accuracy(confidences(test.log_probabilities[tested]), test.correct[tested])
    return dict(zip(("coverage", "accuracy"), thin_curve(*curve), strict=True))
