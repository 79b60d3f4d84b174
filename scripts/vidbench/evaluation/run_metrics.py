"""All scores of one trained model: the content of metrics.json."""

from collections.abc import Mapping, Sequence

import numpy as np

from vidbench.evaluation import view_ladder
from vidbench.evaluation.calibration import calibration, confidences
from vidbench.evaluation.class_metrics import class_summary
from vidbench.evaluation.metrics import Scored, scored, summary, top_k
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.selective import selective_accuracy, thinned
from vidbench.video import Video


def run_metrics(
    predictions: Predictions, videos: Mapping[str, Video], members: Mapping[str, Sequence[str]], unreadable: str
) -> dict[str, object] | None:
    """Scores of the test videos, `members` being the videos of each subset; None where none could be decoded."""
    labels = {name: video.label for name, video in videos.items()}
    validation, test = (
        scored(predictions, subset, members[subset], labels, unreadable=unreadable) for subset in ("val", "test")
    )
    if not test.videos:
        return None
    groups = np.array([videos[video].group for video in test.videos])
    return {
        **summary(test),
        "val_top1": top_k(validation, 1) if validation.videos else None,
        **calibration(validation, test),
        **class_summary(test, groups),
        "selective": selective(test),
        "ladder": ladder(predictions, members["test"], labels, unreadable),
    }


def ladder(
    predictions: Predictions, members: Sequence[str], labels: dict[str, str], unreadable: str
) -> list[dict[str, object]]:
    """Top-1 of the same logits with fewer clips and crops."""
    rows = []
    for rung in view_ladder.rungs(predictions.view):
        result = scored(predictions, "test", members, labels, views=rung.views, unreadable=unreadable)
        rows.append({"clips": rung.clips, "crops": rung.crops, "top1": top_k(result, 1)})
    return rows


def selective(test: Scored) -> dict[str, list[float]] | None:
    """Accuracy of the surest test videos against their share."""
    tested = test.has_probabilities
    if not tested.any():
        return None
    curve = selective_accuracy(confidences(test.log_probabilities[tested]), test.correct[tested])
    return dict(zip(("coverage", "accuracy"), thinned(*curve), strict=True))
