"""Accuracy of averaged probabilities: over the seeds of a model, over two models, over all models."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np

from vidbench.evaluation import significance
from vidbench.evaluation.metrics import MIN_PROBABILITY
from vidbench.evaluation.tables import EnsembleGain
from vidbench.evaluation.test_results import Networks, TestResults

SEEDS = "seeds"  # what is averaged: a model's seeds, two models, all models
PAIR = "pair"
ALL = "all"
Ensemble = tuple[str, tuple[str, ...]]  # kind and models
Ensembles = dict[
    Ensemble, list[Networks]
]  # the networks of each: one set of all seeds of a model, else one set per seed


def list_ensembles(seeds: Mapping[str, list[int]]) -> Ensembles:
    """List every ensemble of models with these seeds; those of several models have the seeds that all of them have.

    >>> list_ensembles({"a": [0, 1], "b": [0]})[PAIR, ("a", "b")]
    [(('a', 0), ('b', 0))]
    """
    ensembles: Ensembles = {
        (SEEDS, (model,)): [tuple((model, seed) for seed in numbers)]
        for model, numbers in seeds.items()
        if len(numbers) > 1
    }
    sets: list[Ensemble] = [(PAIR, pair) for pair in combinations(seeds, 2)]
    if len(seeds) > 2:
        sets.append((ALL, tuple(seeds)))
    for kind, models in sets:
        shared = sorted(set.intersection(*(set(seeds[model]) for model in models)))
        if shared:
            ensembles[kind, models] = [tuple((model, seed) for model in models) for seed in shared]
    return ensembles


def list_networks(seeds: Mapping[str, list[int]], baselines: Collection[str] = ()) -> list[Networks]:
    """List what the tables of errors need: single networks, the seeds of each model together, all ensembles.

    The `baselines` are in no ensemble: they are what an ensemble is measured by, and have no seed to pair.
    """
    trained = {model: numbers for model, numbers in seeds.items() if model not in baselines}
    single = [((model, seed),) for model, numbers in seeds.items() for seed in numbers]
    together = [tuple((model, seed) for seed in numbers) for model, numbers in seeds.items()]
    return [*single, *together, *(networks for sets in list_ensembles(trained).values() for networks in sets)]


def ensemble_rows(test: TestResults, validation: TestResults) -> list[EnsembleGain]:
    """Return one row per ensemble of trained models; p values are Holm-adjusted over all of them."""
    ensembles = list_ensembles({model: seeds for model, seeds in test.seeds.items() if model not in test.baselines})
    selected = select_pair(ensembles, validation)
    rows = []
    for ensemble, networks in ensembles.items():
        val_top1 = float(compute_correct(validation, networks).mean()) if validation.videos else None
        rows.append(_row(test, ensemble, networks, val_top1, ensemble == selected))
    adjusted = significance.holm(np.array([row.p_value for row in rows], float))
    return [
        replace(row, p_holm=p, beyond_chance=p <= significance.LEVEL if np.isfinite(p) else None)
        for row, p in zip(rows, adjusted.tolist(), strict=True)
    ]


def select_pair(ensembles: Ensembles, validation: TestResults) -> Ensemble | None:
    """Return the pair that is most accurate on the validation videos, at a tie the one with the lower log loss."""
    pairs = [ensemble for ensemble in ensembles if ensemble[0] == PAIR] if validation.videos else []

    def rank(pair: Ensemble) -> tuple[float, float]:
        return compute_correct(validation, ensembles[pair]).mean(), -log_loss(validation, ensembles[pair])

    return max(pairs, key=rank, default=None)


def compute_correct(results: TestResults, ensemble: list[Networks]) -> np.ndarray:
    """Return whether each of S averages is right about each video, (S, N), mean over splits; videos by name."""
    rows = [results.pool(results.answers(networks).predicted == results.truth) for networks in ensemble]
    return np.stack(rows).take(results.by_name, axis=1)


def log_loss(results: TestResults, ensemble: list[Networks]) -> float:
    """Return the log loss, mean over splits and networks; videos without probabilities are left out."""
    split = np.array(results.test_splits)
    losses = []
    for name in results.tests:
        for networks in ensemble:
            p = results.answers(networks).truth_probability[split == name]
            losses.append(-np.log(p[np.isfinite(p)].clip(MIN_PROBABILITY)).mean() if np.isfinite(p).any() else 0.0)
    return float(np.mean(losses))


def _row(
    test: TestResults, ensemble: Ensemble, networks: list[Networks], val_top1: float | None, selected: bool
) -> EnsembleGain:
    """Measure an ensemble's accuracy, and its gain over the most accurate of its models alone."""
    kind, models = ensemble
    groups = test.groups[test.by_name]
    labels = test.labels[test.by_name]
    together = compute_correct(test, networks)
    alone = {model: test.correct(model).take(test.by_name, axis=1) for model in models}
    best = max(models, key=lambda model: alone[model].mean())
    seeds = together.mean(axis=1), alone[best].mean(axis=1)
    gain = significance.paired_difference(together.mean(axis=0), alone[best].mean(axis=0), groups, *seeds)
    interval = significance.accuracy_interval(together.mean(axis=0), groups, labels)
    return EnsembleGain(
        kind=kind,
        members=" + ".join(models),
        num_networks=len(alone[best]) if kind == SEEDS else len(models),
        top1=interval.value,
        top1_low=interval.low,
        top1_high=interval.high,
        best_single=best,
        best_single_top1=float(alone[best].mean()),
        gain=gain.difference,
        gain_low=gain.low,
        gain_high=gain.high,
        p_value=gain.p_value,
        p_holm=None,  # adjusted over all rows, with the next one
        beyond_chance=None,
        val_top1=val_top1,
        chosen_on_validation=selected,
        num_seeds=len(together),
        about=significance.subject(*map(len, seeds)),
    )
