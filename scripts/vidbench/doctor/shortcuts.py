"""Shortcuts: properties of the files alone, e.g. their length, that give the class away.

A model can then score without looking at what happens. Each property by itself predicts the class with a decision
tree, cross-validated by group; its accuracy is compared with that after the groups' values were exchanged.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

import numpy as np

if TYPE_CHECKING:  # its import takes a second
    from sklearn.tree import DecisionTreeClassifier

PROPERTIES = {
    "codec": ("codec",),
    "size": ("source_height", "source_width"),
    "frame rate": ("source_fps",),
    "duration": ("duration",),
    "rotation": ("rotation",),
}
FOLDS = 5
MAX_VIDEOS = 4000  # more make the test slower, not better
EXCHANGES = 49
MIN_GAIN = 0.05  # in accuracy over the mean of the exchanged values: a shortcut gains at least this
MIN_GROUPS = 10


class Shortcut(TypedDict):
    """A property that gives the class away, as diagnosis.json has it."""

    property: str
    accuracy: float  # of a decision tree that sees this property alone
    chance: float  # the mean of its accuracy after exchanging the groups' values
    p_value: float


def find_shortcuts(rows: Sequence[Mapping[str, str]], labels: Sequence[str], groups: Sequence[str]) -> list[Shortcut]:
    """Find the properties that predict the class, the strongest first.

    rows: of inspection.csv, decoded videos only; labels, groups: of the same videos.
    """
    sample = np.random.default_rng(0).permutation(len(rows))[:MAX_VIDEOS]
    names, classes = np.unique([labels[index] for index in sample], return_inverse=True)
    sample_groups = np.array([groups[index] for index in sample])
    if len(names) < 2 or len(np.unique(sample_groups)) < MIN_GROUPS:
        return []
    shortcuts = []
    for name, columns in PROPERTIES.items():
        values = as_numbers([[rows[index][column] for column in columns] for index in sample])
        if len(np.unique(values, axis=0)) > 1 and (shortcut := _test(name, values, classes, sample_groups)):
            shortcuts.append(shortcut)
    return sorted(shortcuts, key=lambda shortcut: -shortcut["accuracy"])


def as_numbers(rows: Sequence[Sequence[str]]) -> np.ndarray:
    """Return the cells as float (N, C): numbers as they are, text by its rank among all texts."""
    columns = []
    for column in zip(*rows, strict=True):
        try:
            columns.append([float(value) for value in column])
        except ValueError:
            columns.append(np.unique(column, return_inverse=True)[1])
    return np.array(columns, float).T


def _test(name: str, values: np.ndarray, classes: np.ndarray, groups: np.ndarray) -> Shortcut | None:
    """Test a property; None where it gives nothing away. values: (N, C); classes, groups: (N,)."""
    accuracy = cross_validate(values, classes, groups)
    if accuracy < np.bincount(classes).max() / len(classes):  # guessing the largest class does better
        return None
    random = np.random.default_rng(0)
    exchanged = [cross_validate(values[exchange_groups(groups, random)], classes, groups) for _ in range(EXCHANGES)]
    p_value = (1 + sum(value >= accuracy for value in exchanged)) / (1 + EXCHANGES)
    chance = float(np.mean(exchanged))
    if p_value > 1 / (1 + EXCHANGES) or accuracy - chance < MIN_GAIN:
        return None
    return {"property": name, "accuracy": round(accuracy, 4), "chance": round(chance, 4), "p_value": p_value}


def cross_validate(values: np.ndarray, classes: np.ndarray, groups: np.ndarray) -> float:
    """Return the fraction of the videos whose class is predicted by a tree that was trained without their group."""
    from sklearn.model_selection import GroupKFold, cross_val_predict

    folds = GroupKFold(min(FOLDS, len(np.unique(groups))), shuffle=True, random_state=0)
    tree = make_tree(int(classes.max()) + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # classes that a fold lacks
        predicted = cross_val_predict(tree, values, classes, groups=groups, cv=folds)
    return float(np.mean(predicted == classes))


def make_tree(num_classes: int) -> "DecisionTreeClassifier":
    """Return a tree that is not trained yet: small, so that it has to find what many videos have in common."""
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(min_samples_leaf=3, max_leaf_nodes=4 * num_classes, random_state=0)


def exchange_groups(groups: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw the rows (N,) to take values from: those of each group from another one, so that a group stays alike."""
    names, numbers = np.unique(groups, return_inverse=True)
    order = np.argsort(numbers, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(numbers))[:-1])
    places = np.empty(len(groups), np.int64)
    for rows, source in zip(members, random.permutation(len(names)), strict=True):
        places[rows] = random.choice(members[source], len(rows), replace=len(rows) > len(members[source]))
    return places
