"""Accuracy of averaged probabilities: over the seeds of a model, over two models, over all models."""

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from vidbench import statistics
from vidbench.datasets.video import Video
from vidbench.mistakes.probabilities import Tested
from vidbench.pooling import Pooled

SEEDS, PAIR, ALL = "seeds", "pair", "all"  # what is averaged
ENSEMBLES = (
    "kind", "members", "num_networks", "top1", "top1_low", "top1_high", "best_single", "best_single_top1",
    "gain", "gain_low", "gain_high", "p_value", "p_holm", "beyond_chance", "val_top1", "chosen_on_validation",
    "num_seeds", "about",
)  # fmt: skip
Member = tuple[str, tuple[str, ...]]  # kind and models


@dataclass
class Ensembles:
    """Right or wrong of ensembles and of single networks, pooled over splits; add splits one by one."""

    test: dict[Member, Pooled] = field(default_factory=dict)
    val: dict[Member, Pooled] = field(default_factory=dict)
    single: dict[str, Pooled] = field(default_factory=dict)

    def add(self, test: Tested, val: Tested) -> None:
        """Take in what the runs of a split say of its test and validation videos."""
        for model, seeds in test.runs.items():
            for seed, found in seeds.items():
                self.single.setdefault(model, Pooled()).add(seed, test.videos, test.correct(found))
        for part, pooled in ((test, self.test), (val, self.val)):
            for member in members(part):
                for seed, networks in _networks(part, member).items():
                    pooled.setdefault(member, Pooled()).add(seed, part.videos, part.correct(networks))


def members(part: Tested) -> list[Member]:
    """Every ensemble there is of a split's runs."""
    models = list(part.runs)
    found = [(SEEDS, (model,)) for model in models if len(part.runs[model]) > 1]
    found += [(PAIR, pair) for pair in combinations(models, 2) if shared_seeds(part, pair)]
    every = tuple(models)
    return found + ([(ALL, every)] if len(models) > 2 and shared_seeds(part, every) else [])


def shared_seeds(part: Tested, models: tuple[str, ...]) -> list[int]:
    """Seeds that all of some models have."""
    return sorted(set.intersection(*(set(part.runs[model]) for model in models)))


def _networks(part: Tested, member: Member) -> dict[int, np.ndarray]:
    """Mean probabilities (n, K): one of all seeds of a model; of several models one for each seed that they share."""
    kind, models = member
    if kind == SEEDS:
        return {0: part.mean(list(models))}
    return {seed: part.mean(list(models), [seed]) for seed in shared_seeds(part, models)}


def ensemble_rows(found: Ensembles, videos: dict[str, Video]) -> list[dict[str, object]]:
    """Rows of ENSEMBLES; p values are Holm-adjusted over all of them."""
    chosen = chosen_pair(found)
    rows = [_row(found, member, videos) | {"chosen_on_validation": member == chosen} for member in found.test]
    adjusted = statistics.holm(np.array([row["p_value"] for row in rows], float))
    for row, p_value in zip(rows, adjusted.tolist(), strict=True):
        row["p_holm"] = p_value
        row["beyond_chance"] = bool(p_value <= 1 - statistics.CONFIDENCE) if np.isfinite(p_value) else ""
    return rows


def chosen_pair(found: Ensembles) -> Member | None:
    """The pair that is most accurate on validation videos: a choice that no test video has a say in."""
    pairs = [member for member in found.val if member[0] == PAIR]
    return max(pairs, key=lambda member: accuracy(found.val[member]), default=None)


def accuracy(pooled: Pooled) -> float:
    """Mean over seeds and videos."""
    return float(pooled.matrix(list(next(iter(pooled.seeds.values())))).mean())


def _row(found: Ensembles, member: Member, videos: dict[str, Video]) -> dict[str, object]:
    """An ensemble's accuracy, and its gain over the most accurate of its models alone."""
    kind, models = member
    pooled = found.test[member]
    tested = list(next(iter(pooled.seeds.values())))
    groups, classes = (np.array([getattr(videos[video], key) for video in tested]) for key in ("group", "label"))
    matrix = pooled.matrix(tested)
    alone = {model: found.single[model].matrix(tested) for model in models}
    best = max(models, key=lambda model: alone[model].mean())
    seeds = [values.mean(axis=1) for values in (matrix, alone[best])]
    test = statistics.paired_difference(matrix.mean(axis=0), alone[best].mean(axis=0), groups, *seeds)
    interval = statistics.accuracy_interval(matrix.mean(axis=0), groups, classes)
    return {
        "kind": kind, "members": " + ".join(models),
        "num_networks": len(alone[best]) if kind == SEEDS else len(models),
        "top1": interval.value, "top1_low": interval.low, "top1_high": interval.high,
        "best_single": best, "best_single_top1": float(alone[best].mean()),
        "gain": test.difference, "gain_low": test.low, "gain_high": test.high, "p_value": test.p_value,
        "val_top1": accuracy(found.val[member]) if member in found.val else "", "num_seeds": len(matrix),
        "about": "architectures" if min(map(len, seeds)) >= 3 else "these trained weights",
    }  # fmt: skip
