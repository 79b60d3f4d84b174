"""How often the paired test of mAP finds a difference between two equally good models, and its intervals miss.

Example:
    PYTHONPATH=scripts python tests/simulation/label_tests.py --data-sets 400

Drawn data sets: videos in groups, K labels that come with different frequencies, two models whose scores of a label are
its truth times a quality, plus what a group's videos share and noise. Both models are drawn in the same way, so every
difference that is found is a false one. The interval's target is the mAP of 100 times as many groups.
"""

import argparse

import numpy as np

from vidbench.evaluation import bootstrap, significance
from vidbench.evaluation.average_precision import precision_of_labels
from vidbench.evaluation.label_tests import ModelPrecision, compare_precision
from vidbench.evaluation.significance import SeedVariance

LABELS = 5
PER_GROUP = 5  # videos, on average
QUALITY, OF_GROUP = 2.0, 0.7  # in standard deviations of the noise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-sets", type=int, default=400)
    parser.add_argument("--groups", type=int, nargs="+", default=[12, 25, 50, 100])
    arguments = parser.parse_args()
    truth, scores, _ = draw(np.random.default_rng(1), 10_000)
    target = float(np.nanmean(precision_of_labels(truth, scores[0])))
    print("| groups | tested (%) | of these false claims (%) | 95 % intervals that hold the mAP (%) |")
    print("| ---: | ---: | ---: | ---: |")
    for groups in arguments.groups:
        shares = simulate(groups, arguments.data_sets, target)
        print(f"| {groups} | {' | '.join(f'{100 * share:.1f}' for share in shares)} |", flush=True)


def draw(random: np.random.Generator, groups: int) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Return truth (N, K), the scores (N, K) of two equally good models, and the group (N,) of each video."""
    group = np.repeat(np.arange(groups), random.poisson(PER_GROUP - 1, groups) + 1)
    frequent = np.linspace(0.15, 0.5, LABELS)
    truth = random.random((len(group), LABELS)) < frequent
    both = random.normal(size=truth.shape)  # what makes a video hard for every model
    models = []
    for _ in range(2):
        shared = OF_GROUP * random.normal(size=(groups, LABELS))[group]
        models.append(QUALITY * truth + shared + 0.5 * both + random.normal(size=truth.shape))
    return truth, models, group


def simulate(groups: int, data_sets: int, target: float) -> tuple[float, float, float]:
    """Return the share of data sets with enough groups; of these that of claims, and of intervals with the target."""
    claims, holds = [], []
    for number in range(data_sets):
        truth, models, group = draw(np.random.default_rng((groups, number)), groups)
        effective = significance.effective_groups(group)
        if effective < significance.MIN_GROUPS:
            continue
        weights = bootstrap.draw_group_weights(np.zeros(groups, int))
        samples = bootstrap.Resamples(weights, group, np.ones(len(group)))
        found = [precision(f"m{place}", truth, scores, samples) for place, scores in enumerate(models)]
        test = compare_precision(found[0], found[1], effective, SeedVariance(0.0, 0))
        claims.append(test.p_value <= significance.LEVEL)
        interval = bootstrap.fraction_interval(found[0].value, found[0].resampled, group, stratified=False)
        holds.append(interval.low <= target <= interval.high)
    return len(claims) / data_sets, float(np.mean(claims)), float(np.mean(holds))


def precision(name: str, truth: np.ndarray, scores: np.ndarray, samples: bootstrap.Resamples) -> ModelPrecision:
    """Return the mean average precision of one model, and in each resample."""
    value = float(np.nanmean(precision_of_labels(truth, scores)))
    return ModelPrecision(name, np.array([value]), bootstrap.mean_precision_of_labels(samples, truth, scores))


if __name__ == "__main__":
    main()
