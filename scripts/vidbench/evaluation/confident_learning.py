"""Confident learning: which labels are suspicious, given probabilities of models that did not train on these videos.

A class is confident of a video where its probability reaches the mean probability that the class has among the videos
that are labelled with it (Northcutt, Jiang and Chuang 2021, "Confident Learning"). A label is suspicious where another
class is confident, and the most probable one.
"""

import numpy as np

MIN_CLASS_VIDEOS = 5  # of fewer, the mean probability says little, and that of all videos is taken in its place
TOLERANCE = 1e-6  # so that rounding decides nothing where a class has one video


def class_thresholds(labels: np.ndarray, probabilities: np.ndarray, min_videos: int = MIN_CLASS_VIDEOS) -> np.ndarray:
    """Return the threshold (K,) of each class, from labels (N,), class numbers, and probabilities (N, K).

    It is infinite for a class without videos, and the mean over all videos for one with fewer than `min_videos`.
    """
    given = probabilities[np.arange(len(labels)), labels]
    count = np.bincount(labels, minlength=probabilities.shape[1])
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(labels, given, probabilities.shape[1]) / count
    few = count < min_videos
    mean[few] = given.mean() if len(given) else np.inf
    mean[count == 0] = np.inf
    return mean


def find_suspicious(labels: np.ndarray, probabilities: np.ndarray, min_videos: int = MIN_CLASS_VIDEOS) -> np.ndarray:
    """Return which labels are suspicious, a mask (N,).

    With `min_videos` 1 these are the videos that cleanlab's find_label_issues(filter_by="confident_learning") names.
    """
    most_probable = probabilities.argmax(axis=1)
    confident = probabilities >= class_thresholds(labels, probabilities, min_videos) - TOLERANCE
    # Where several classes are confident, the most probable one counts.
    believed = np.where(confident.sum(axis=1) > 1, most_probable, confident.argmax(axis=1))
    return confident.any(axis=1) & (believed != labels) & (most_probable != labels)


def margins(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the probability of each label minus that of the most probable other class, (N,); low is suspicious."""
    rows = np.arange(len(labels))
    others = probabilities.copy()
    others[rows, labels] = -np.inf
    return probabilities[rows, labels] - others.max(axis=1)
