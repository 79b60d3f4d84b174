"""How much of a chosen trial's validation accuracy is luck: the best of many looks better than it is.

The choice is repeated on bootstrap draws of the validation videos, by group, and judged each time on the videos that
were not drawn: Tsamardinos, Greasidou and Borboudakis 2018 (Machine Learning 107, 1895-1922) call it BBC-CV. A draw
chooses the epoch of each training and the trial, as select_trial.py does, so the luck of both is in it. Nothing is
trained again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidbench.evaluation.trial_answers import TrialAnswers

DRAWS = 1000
CHUNK = 100  # draws at a time, for less memory
MIN_GROUPS = 5  # fewer leave too few videos that are not drawn
LEVELS = (2.5, 97.5)


@dataclass(frozen=True)
class Estimate:
    """The accuracy of the chosen trial on new videos of the same kind, estimated without the luck of the choice."""

    top1: float
    low: float
    high: float
    num_videos: int
    num_groups: int


@dataclass(frozen=True)
class Draws:
    """B bootstrap draws of G groups."""

    counts: np.ndarray  # (B, G) how often each group is drawn, uint8
    sizes: np.ndarray  # (G,) videos of each group

    @classmethod
    def of(cls, groups: Sequence[str], draws: int, seed: int) -> "Draws":
        """Draw as many groups as there are, with replacement; draws that leave no group out are left out."""
        sizes = np.unique(np.array(groups), return_counts=True)[1]
        counts = np.random.default_rng(seed).multinomial(len(sizes), [1 / len(sizes)] * len(sizes), size=draws)
        return cls(counts[(counts == 0).any(axis=1)].astype(np.uint8), sizes)

    def judge(self, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the accuracy of the best epoch in each draw, and that of the same epoch on what is not drawn, (B,).

        `sums`: (E, G) right videos of each group after each epoch.
        """
        parts = [self._judge(sums, self.counts[start : start + CHUNK]) for start in range(0, len(self.counts), CHUNK)]
        inside, outside = zip(*parts, strict=True)
        return np.concatenate(inside), np.concatenate(outside)

    def _judge(self, sums: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        drawn, left = counts.astype(np.float32), (counts == 0).astype(np.float32)  # (b, G)
        inside = drawn @ sums.T / (drawn @ self.sizes)[:, None]  # (b, E)
        outside = left @ sums.T / (left @ self.sizes)[:, None]
        rows, best = np.arange(len(counts)), inside.argmax(axis=1)
        return inside[rows, best], outside[rows, best]


def estimate(trials: Sequence[Sequence[TrialAnswers]], draws: int = DRAWS, seed: int = 0) -> Estimate | None:
    """Estimate from the answers of each trial with each seed; None where groups are too few, or videos differ."""
    first = trials[0][0]
    num_groups = len(set(first.groups))
    if num_groups < MIN_GROUPS or any(answers.videos != first.videos for seeds in trials for answers in seeds):
        return None
    sampled = Draws.of(first.groups, draws, seed)
    judged = [[sampled.judge(_group_sums(answers)) for answers in seeds] for seeds in trials]
    inside = np.array([np.mean([pair[0] for pair in seeds], axis=0) for seeds in judged])  # (T, B)
    outside = np.array([np.mean([pair[1] for pair in seeds], axis=0) for seeds in judged])
    chosen = outside[inside.argmax(axis=0), np.arange(inside.shape[1])]  # (B,)
    low, high = np.percentile(chosen, LEVELS)
    return Estimate(float(chosen.mean()), float(low), float(high), len(first.videos), num_groups)


def _group_sums(answers: TrialAnswers) -> np.ndarray:
    """Return the number of right videos of each group, sorted by name, after each epoch, (E, G)."""
    _, number = np.unique(np.array(answers.groups), return_inverse=True)
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    return np.add.reduceat(answers.right[:, order].astype(np.float32), starts, axis=1)
