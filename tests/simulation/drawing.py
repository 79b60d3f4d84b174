"""Draw right and wrong of models on the videos of a structure.

A video is right where a latent normal number is above 0: the mean of its model and class, plus what its group brings
(a part of it shared by all models), plus what the video brings (shared by all models, by all seeds of a model, and
its own). All of them have unit variance together, so that the mean of a class gives its true accuracy.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from simulation.structures import Structure

CLASS_SD = 0.5  # of the latent means: at an accuracy of 0.9, classes from about 0.6 to 1
PROFILE_SD = 0.15  # how much models differ in which classes they are good at
CHUNK_VALUES = 12_000_000  # drawn at once


@dataclass(frozen=True)
class World:
    """How data sets come about."""

    accuracies: tuple[float, ...]  # true accuracy of each of M models, on new groups of these classes
    rho: float = 0.5  # latent correlation of the videos of a group
    shared_group: float = 0.5  # of the group's part, what all models share
    shared_video: float = 0.5  # of the video's part, what all models share
    own_seed: float = 0.2  # of the video's part, what each seed has for itself
    seeds: int = 1
    seed_sd: float = 0.0  # standard deviation of a model's accuracy over seeds
    collapse: float = 0.0  # share of groups in which the last model is always wrong


def latent_means(world: World, structure: Structure) -> np.ndarray:
    """(M, C) means that give the true accuracies; the same in all data sets, for the classes are no sample."""
    random = np.random.default_rng(0)
    counts = np.bincount(structure.label)
    common = CLASS_SD * random.standard_normal(len(counts))
    means = []
    for model, accuracy in enumerate(world.accuracies):
        profile = common + PROFILE_SD * random.standard_normal(len(counts))
        last = model == len(world.accuracies) - 1
        target = accuracy / (1 - world.collapse) if last else accuracy
        shift = optimize.brentq(lambda x: counts @ special.ndtr(profile + x) / counts.sum() - target, -10, 10)  # noqa: B023
        means.append(profile + shift)
    return np.array(means)


def draw(world: World, structure: Structure, data_sets: int, seed: int) -> Iterator[np.ndarray]:
    """Chunks (D, M, S, N) of right or wrong, together `data_sets` of them."""
    random = np.random.default_rng(seed)
    models, videos = len(world.accuracies), len(structure.label)
    means = latent_means(world, structure).astype(np.float32)
    per_set = models * (world.seeds + 1) * videos
    chunk = max(1, min(data_sets, CHUNK_VALUES // per_set))
    for first in range(0, data_sets, chunk):
        number = min(chunk, data_sets - first)
        yield _chunk(world, structure, means, number, random)


def _chunk(world: World, structure: Structure, means: np.ndarray, number: int, random: np.random.Generator):
    models, groups = len(means), len(structure.groups.sizes)

    def normal(variance: float, *shape: int) -> np.ndarray:
        return np.float32(variance**0.5) * random.standard_normal(shape, np.float32)

    group = normal(world.rho * world.shared_group, number, 1, groups)
    group = group + normal(world.rho * (1 - world.shared_group), number, models, groups)
    if world.collapse:
        group[:, -1][random.random((number, groups)) < world.collapse] = -100
    rest, videos = 1 - world.rho, len(structure.label)
    latent = group[..., structure.group]  # (D, M, N)
    latent += normal(rest * world.shared_video, number, 1, videos)
    latent += means[:, structure.label]
    own = rest * (1 - world.shared_video)
    if world.seeds == 1 and not world.seed_sd:
        latent += normal(own, number, models, videos)
        return latent[:, :, None] > 0
    latent += normal(own - rest * world.own_seed, number, models, videos)
    shift = world.seed_sd / _slope(means, structure)  # (M,)
    seeds = (number, models, world.seeds)
    latent = latent[:, :, None] + normal(rest * world.own_seed, *seeds, videos)
    return latent + shift[:, None, None].astype(np.float32) * normal(1, *seeds, 1) > 0


def _slope(means: np.ndarray, structure: Structure) -> np.ndarray:
    """(M,) change of the accuracy with the latent mean."""
    density = np.exp(-(means[:, structure.label] ** 2) / 2) / np.sqrt(2 * np.pi)
    return density.mean(axis=1)
