"""Scores of videos that may have several labels each. They are scikit-learn's, which tests compare."""

from collections.abc import Mapping, Sequence

import numpy as np

from vidbench.evaluation.average_precision import precision_of_labels
from vidbench.evaluation.calibration import expected_calibration_error
from vidbench.evaluation.label_results import LabelResult, evaluate_labels
from vidbench.evaluation.label_thresholds import give_labels, label_losses, read_validation
from vidbench.evaluation.predictions import Predictions
from vidbench.video import MULTI, Video


def f1_of_labels(truth: np.ndarray, given: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Return F1 (K,) of masks (N, K); NaN for a label that no video has. weights: (N,)."""
    weights = np.ones(len(truth)) if weights is None else weights
    hits = weights @ (truth & given)
    total = weights @ truth + weights @ given
    return np.where(truth.any(axis=0), 2 * hits / np.where(total > 0, total, 1), np.nan)


def micro_f1(truth: np.ndarray, given: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return F1 of all labels of all videos together, of masks (N, K); 0 where nothing is true or given."""
    weights = np.ones(len(truth)) if weights is None else weights
    total = float((weights @ truth + weights @ given).sum())
    return 2 * float((weights @ (truth & given)).sum()) / total if total > 0 else 0.0


def cooccurrence(truth: np.ndarray, given: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Count videos by a label that they have and one that they were given, (K, K + 1); last column: given none."""
    weights = np.ones(len(truth)) if weights is None else weights
    answers = np.column_stack([given, ~given.any(axis=1)])
    return (truth * weights[:, None]).T @ answers.astype(float)


def label_calibration_error(probabilities: np.ndarray, truth: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the mean over labels of the expected calibration error of their probabilities, (N, K)."""
    columns = zip(probabilities.T, truth.T.astype(float), strict=True)
    return float(np.mean([expected_calibration_error(p, has, weights) for p, has in columns]))


def label_run_metrics(
    predictions: Predictions, videos: Mapping[str, Video], members: Mapping[str, Sequence[str]], unreadable: str
) -> dict[str, object] | None:
    """Score the test videos of one training: the content of metrics.json; None where none could be decoded."""
    labels = {name: video.labels for name, video in videos.items()}
    validation, test = (
        evaluate_labels(predictions, subset, members[subset], labels, unreadable) for subset in ("val", "test")
    )
    if not test.videos or not test.truth.any():
        return None
    validated = read_validation(validation)
    scaled, given = give_labels(test, validated)
    known = test.has_probabilities
    return {
        "labels": MULTI,
        **_scores(test, given),
        "val_mean_average_precision": _mean_precision(validation) if validation.videos else None,
        **validated,
        **{
            name: label_calibration_error(p[known], test.truth[known]) if known.any() else None
            for name, p in (("ece", test.probabilities), ("ece_scaled", scaled))
        },
        **{
            name: float(label_losses(p[known], test.truth[known]).mean()) if known.any() else None
            for name, p in (("log_loss", test.probabilities), ("log_loss_scaled", scaled))
        },
        "num_videos": len(test.videos),
        "num_unreadable": len(test.undecodable),
        "num_scored": int(known.sum()),
        "classes": test.classes,
        "cooccurrence": cooccurrence(test.truth, given).astype(int).tolist(),
    }


def _scores(test: LabelResult, given: np.ndarray) -> dict[str, object]:
    """Return the scores of labels given (N, K) and of their ranking."""
    precision = precision_of_labels(test.truth, test.probabilities)
    f1 = f1_of_labels(test.truth, given)
    return {
        "mean_average_precision": float(np.nanmean(precision)),
        "micro_f1": micro_f1(test.truth, given),
        "macro_f1": float(np.nanmean(f1)),
        "exact_match": float((test.truth == given).all(axis=1).mean()),
        "average_precision": _by_name(test.classes, precision),
        "f1": _by_name(test.classes, f1),
    }


def _by_name(classes: Sequence[str], values: np.ndarray) -> dict[str, float | None]:
    return {name: float(v) if np.isfinite(v) else None for name, v in zip(classes, values, strict=True)}


def _mean_precision(result: LabelResult) -> float | None:
    """Return mean average precision over the labels that a video has; None where none has any."""
    if not result.truth.any():
        return None
    return float(np.nanmean(precision_of_labels(result.truth, result.probabilities)))
