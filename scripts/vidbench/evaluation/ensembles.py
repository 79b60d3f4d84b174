"""Accuracy of averaged probabilities: over the seeds of a model, over two models, over all models."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np

from vidbench.datasets.video import Video
from vidbench.evaluation import significance
from vidbench.evaluation.probabilities import Probabilities

SEEDS, PAIR, ALL = "seeds", "pair", "all"  # what is averaged
ENSEMBLES = (
    "kind", "members", "num_networks", "top1", "top1_low", "top1_high", "best_single", "best_single_top1",
    "gain", "gain_low", "gain_high", "p_value", "p_holm", "beyond_chance", "val_top1", "chosen_on_validation",
    "num_seeds", "about",
)  # fmt: skip
Member = tuple[str, tuple[str, ...]]  # kind and models


@dataclass
class Marks:
    """Right or wrong of a network's, or an ensemble's, answers."""

    videos: dict[int, list[str]] = field(default_factory=dict)  # seed -> tests of all splits
    correct: dict[int, list[np.ndarray]] = field(default_factory=dict)  # seed -> split -> (n,) bool

    def add(self, seed: int, part: Probabilities, probabilities: np.ndarray) -> None:
        self.videos.setdefault(seed, []).extend(part.videos)
        self.correct.setdefault(seed, []).append(part.correct(probabilities))

    @cached_property
    def matrix(self) -> np.ndarray:
        """(S, N) mean over splits of each seed's result on each video; videos in the order of their names."""
        rows = []
        for seed, videos in self.videos.items():
            _, place, counts = np.unique(videos, return_inverse=True, return_counts=True)
            rows.append(np.bincount(place, weights=np.concatenate(self.correct[seed])) / counts)
        return np.stack(rows)

    @property
    def tested(self) -> list[str]:
        """The videos of matrix()."""
        return np.unique(next(iter(self.videos.values()))).tolist()


@dataclass
class Ensembles:
    """Right or wrong of ensembles and of single networks in every test of a video; add splits one by one."""

    test: dict[Member, Marks] = field(default_factory=dict)
    val: dict[Member, Marks] = field(default_factory=dict)
    val_loss: dict[Member, list[float]] = field(default_factory=dict)  # log loss, one value a split and seed
    single: dict[str, Marks] = field(default_factory=dict)  # by model

    def add(self, test: Probabilities, val: Probabilities) -> None:
        """Take in what the runs of a split say of its test and validation videos."""
        for model, seeds in test.runs.items():
            for seed, found in seeds.items():
                self.single.setdefault(model, Marks()).add(seed, test, found)
        for member in members(test):
            for seed, mean in _networks(test, member).items():
                self.test.setdefault(member, Marks()).add(seed, test, mean)
            for seed, mean in _networks(val, member).items() if val.videos else ():
                self.val.setdefault(member, Marks()).add(seed, val, mean)
                self.val_loss.setdefault(member, []).append(log_loss(mean, val.truth))


def members(part: Probabilities) -> list[Member]:
    """Every ensemble there is of a split's runs."""
    models = list(part.runs)
    found = [(SEEDS, (model,)) for model in models if len(part.runs[model]) > 1]
    found += [(PAIR, pair) for pair in combinations(models, 2) if shared_seeds(part, pair)]
    every = tuple(models)
    return found + ([(ALL, every)] if len(models) > 2 and shared_seeds(part, every) else [])


def shared_seeds(part: Probabilities, models: tuple[str, ...]) -> list[int]:
    """Seeds that all of some models have."""
    return sorted(set.intersection(*(set(part.runs[model]) for model in models)))


def _networks(part: Probabilities, member: Member) -> dict[int, np.ndarray]:
    """Mean probabilities (n, K): one of all seeds of a model; of several models one for each seed that they share."""
    kind, models = member
    if kind == SEEDS:
        return {0: part.mean(list(models))}
    return {seed: part.mean(list(models), [seed]) for seed in shared_seeds(part, models)}


def ensemble_rows(found: Ensembles, videos: dict[str, Video]) -> list[dict[str, object]]:
    """Rows of ENSEMBLES; p values are Holm-adjusted over all of them."""
    chosen = chosen_pair(found)
    rows = [_row(found, member, videos) | {"chosen_on_validation": member == chosen} for member in found.test]
    adjusted = significance.holm(np.array([row["p_value"] for row in rows], float))
    for row, p_value in zip(rows, adjusted.tolist(), strict=True):
        row["p_holm"] = p_value
        row["beyond_chance"] = bool(p_value <= 1 - significance.CONFIDENCE) if np.isfinite(p_value) else ""
    return rows


def chosen_pair(found: Ensembles) -> Member | None:
    """The pair that is most accurate on validation videos, at a tie has the lower loss: no test video has a say."""
    pairs = [member for member in found.val if member[0] == PAIR]
    return max(pairs, key=lambda pair: (found.val[pair].matrix.mean(), -np.mean(found.val_loss[pair])), default=None)


def log_loss(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Mean of -log p of the true classes; unreadable videos are left out."""
    of_truth = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(of_truth[np.isfinite(of_truth)].clip(1e-12)).mean()) if np.isfinite(of_truth).any() else 0.0


def _row(found: Ensembles, member: Member, videos: dict[str, Video]) -> dict[str, object]:
    """An ensemble's accuracy, and its gain over the most accurate of its models alone."""
    kind, models = member
    matrix, tested = found.test[member].matrix, found.test[member].tested
    groups, classes = (np.array([getattr(videos[video], key) for video in tested]) for key in ("group", "label"))
    alone = {model: found.single[model].matrix for model in models}
    best = max(models, key=lambda model: alone[model].mean())
    seeds = [values.mean(axis=1) for values in (matrix, alone[best])]
    test = significance.paired_difference(matrix.mean(axis=0), alone[best].mean(axis=0), groups, *seeds)
    interval = significance.accuracy_interval(matrix.mean(axis=0), groups, classes)
    return {
        "kind": kind, "members": " + ".join(models),
        "num_networks": len(alone[best]) if kind == SEEDS else len(models),
        "top1": interval.value, "top1_low": interval.low, "top1_high": interval.high,
        "best_single": best, "best_single_top1": float(alone[best].mean()),
        "gain": test.difference, "gain_low": test.low, "gain_high": test.high, "p_value": test.p_value,
        "val_top1": float(found.val[member].matrix.mean()) if member in found.val else "", "num_seeds": len(matrix),
        "about": "architectures" if min(map(len, seeds)) >= 3 else "these trained weights",
    }  # fmt: skip
