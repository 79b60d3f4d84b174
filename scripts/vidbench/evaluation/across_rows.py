"""The tables of results/across/: one row per model, per pair of models, and per data set and model."""

from dataclasses import replace
from itertools import combinations

import numpy as np

from vidbench.evaluation import across_orders, across_ranks, across_tests
from vidbench.evaluation.across_data_sets import Across
from vidbench.evaluation.across_limits import MIN_DATA_SETS
from vidbench.evaluation.across_tables import AcrossModel, AcrossPair, ModelOnDataSet
from vidbench.evaluation.significance import LEVEL, subject, t_quantile, wilson
from vidbench.evaluation.verdicts import Verdict


def pair_rows(across: Across) -> list[AcrossPair]:
    """Return one row per pair of models, over the data sets that have both."""
    difference, error, freedom = map(across.of_tests, ("difference", "standard_error", "freedom"))
    mean = across_tests.mean_difference(difference, error, freedom)
    p_mean, p_new = across_tests.adjust_for_mean(mean.p_value), p_on_new(across)
    apart_new = across_tests.told_apart_on_new(p_new, p_mean)
    present = np.isfinite(difference)
    return [
        AcrossPair(
            model_a=a,
            model_b=b,
            num_data_sets=int(mean.data_sets[p]),
            difference=known(mean.difference[p]),
            low=known(mean.low[p]),
            high=known(mean.high[p]),
            p_value=known(mean.p_value[p]),
            p_adjusted=known(p_mean[p]),
            told_apart=bool(p_mean[p] <= LEVEL) if np.isfinite(p_mean[p]) else None,
            wins_a=int((across.wins[:, p] > 0).sum()),
            wins_b=int((across.wins[:, p] < 0).sum()),
            ties=int((present & (across.wins == 0))[:, p].sum()),
            sd_difference=known(mean.spread[p]),
            new_p_value=known(p_new[p]),
            told_apart_new=bool(apart_new[p]) if np.isfinite(p_new[p]) else None,
            about=subject_of(across, a, b),
        )
        for p, (a, b) in enumerate(across.pairs)
    ]


def p_on_new(across: Across) -> np.ndarray:
    """Return the p value (P,) of each pair for data sets like these; NaN where it is not known."""
    if not across.complete:
        return np.full(len(across.pairs), np.nan)
    p_values = across_orders.p_on_new(across.top1).tolist()
    of_complete = dict(zip(combinations(across.complete, 2), p_values, strict=True))
    return np.array([of_complete.get(pair, np.nan) for pair in across.pairs])


def subject_of(across: Across, a: str, b: str) -> str:
    """Return what a comparison of two models is about: on the data set with the fewest seeds."""
    seeds = [one.num_seeds for one in across.used if {a, b} <= one.num_seeds.keys()]
    subjects = {subject(numbers[a], numbers[b]) for numbers in seeds}
    return max(subjects, default="", key=lambda words: words != "architectures")


def model_rows(across: Across, pairs: list[AcrossPair]) -> list[AcrossModel]:
    """Return one row per model, the highest mean accuracy first, last those that not every data set has."""
    rows = {model: row_without_means(across, pairs, model) for model in across.models}
    if across.is_comparison:
        rows |= with_means(across, pairs, rows)
    return sorted(rows.values(), key=lambda row: -1.0 if row.mean_top1 is None else row.mean_top1, reverse=True)


def row_without_means(across: Across, pairs: list[AcrossPair], model: str) -> AcrossModel:
    """Return the row of a model that has no means yet: its wins, and the data sets that it is missing on."""
    own = [pair for pair in pairs if model in pair.models]
    missing = across.missing(model)
    kinds = [one.baselines.get(model, "") for one in [*across.used, *across.others]]
    diverged = any(model in one.diverged for one in across.used)
    verdict = Verdict.DIVERGED if diverged else Verdict.UNKNOWN
    return AcrossModel(
        model=model,
        num_data_sets=len(across.used) - len(missing),
        verdict=verdict,
        wins=sum(pair.wins_a if pair.model_a == model else pair.wins_b for pair in own),
        ties=sum(pair.ties for pair in own),
        losses=sum(pair.wins_b if pair.model_a == model else pair.wins_a for pair in own),
        verdict_new=verdict,
        missing=", ".join(missing),
        baseline=next(filter(None, kinds), ""),
    )


def with_means(across: Across, pairs: list[AcrossPair], rows: dict[str, AcrossModel]) -> dict[str, AcrossModel]:
    """Return the rows of the complete models with their means and, of several, ranks and verdicts."""
    mean, low, high = mean_accuracies(across)
    spread = across.top1.std(axis=0, ddof=1)
    verdicts = decide(across, {frozenset(pair.models) for pair in pairs if pair.told_apart})
    found = {
        model: replace(
            rows[model],
            mean_top1=float(mean[m]),
            mean_low=float(low[m]),
            mean_high=float(high[m]),
            sd_top1=float(spread[m]),
            verdict=verdicts[m],
        )
        for m, model in enumerate(across.complete)
    }
    if len(found) == 1:
        return found
    observed, resampled = across_ranks.ranks(across.top1), across_ranks.ranks(across.draws)
    shares = across_ranks.best_shares(across.draws)  # (K, M)
    rank_low, rank_high = across_ranks.interval_on_these(resampled)
    found = {
        model: replace(
            row,
            mean_rank=float(observed[:, m].mean()),
            rank_low=float(rank_low[m]),
            rank_high=float(rank_high[m]),
            best_here=float(shares[:, m].mean()),
        )
        for m, (model, row) in enumerate(found.items())
    }
    return with_new(across, pairs, found, observed, resampled, shares) if across.enough_for_new else found


def with_new(
    across: Across,
    pairs: list[AcrossPair],
    rows: dict[str, AcrossModel],
    observed: np.ndarray,
    resampled: np.ndarray,
    shares: np.ndarray,
) -> dict[str, AcrossModel]:
    """Return the rows with what is said of data sets like these, from ranks (K, M), (K, R, M) and best_shares."""
    verdicts = decide(across, {frozenset(pair.models) for pair in pairs if pair.told_apart_new})
    rank_low, rank_high = across_ranks.interval_on_new(observed, resampled)
    best, best_low, best_high = across_ranks.best_on_new(shares)
    return {
        model: replace(
            row,
            verdict_new=verdicts[m],
            new_rank_low=float(rank_low[m]),
            new_rank_high=float(rank_high[m]),
            best_new=float(best[m]),
            best_new_low=float(best_low[m]),
            best_new_high=float(best_high[m]),
        )
        for m, (model, row) in enumerate(rows.items())
    }


def decide(across: Across, apart: set[frozenset[str]]) -> list[Verdict]:
    """Return the verdict on each complete model, from the pairs that are told apart: of each, one is behind."""
    means = dict(zip(across.complete, across.top1.mean(axis=0).tolist(), strict=True))
    behind = {min(pair, key=means.__getitem__) for pair in apart if pair <= means.keys()}
    leading = Verdict.TIED if len(means) - len(behind) > 1 else Verdict.BEST
    return [Verdict.BEHIND if model in behind else leading for model in means]


def mean_accuracies(across: Across) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean accuracies (M,) over these data sets, and Wilson's 95 % intervals, for other groups in them.

    The sample size has the variance of the resampled means. It is the number of effective groups where the mean is 0
    or 1, and t's degrees of freedom are that number minus one per data set.
    """
    mean = across.top1.mean(axis=0)
    variance = across.draws.mean(axis=0).var(axis=0, ddof=1)
    groups = sum(one.effective_groups for one in across.used)
    inside = (mean > 0) & (mean < 1) & (variance > 0)
    size = np.where(inside, mean * (1 - mean) / np.where(inside, variance, 1), groups)
    return mean, *wilson(mean, size, t_quantile(groups - len(across.used)))


def accuracy_rows(across: Across) -> list[ModelOnDataSet]:
    """Return one row per data set and model, those of data sets that do not count last."""
    ranks = across_ranks.ranks(across.top1) if len(across.complete) > 1 else np.full((len(across.used), 1), np.nan)
    places = {model: m for m, model in enumerate(across.complete)}
    rows = []
    for k, one in enumerate([*across.used, *across.others]):
        counts = k < len(across.used)
        for m, model in enumerate(one.models):
            signs = [across.wins[k, p] * (1 if model == pair[0] else -1)
                     for p, pair in enumerate(across.pairs) if counts and model in pair]  # fmt: skip
            rows.append(
                ModelOnDataSet(
                    dataset=one.name,
                    model=model,
                    top1=float(one.top1[m]),
                    top1_low=known(one.low[m]),
                    top1_high=known(one.high[m]),
                    rank=known(ranks[k, places[model]]) if counts and model in places else None,
                    wins=signs.count(1),
                    losses=signs.count(-1),
                    diverged=model in one.diverged,
                    left_out=across.left_out.get(one.name, ""),
                )
            )
    return rows


def summary(across: Across) -> dict[str, object]:
    """Return the content of summary.json: what was compared, and what the number of data sets allows."""
    several = across.enough_for_new and len(across.complete) > 1
    difference = across_ranks.critical_difference(len(across.used), len(across.complete)) if several else None
    return {
        "data_sets": [one.name for one in across.used],
        "left_out": across.left_out,
        "models": across.complete,
        "min_data_sets": MIN_DATA_SETS,
        "enough_for_new": across.enough_for_new,
        "critical_difference": difference,
    }


def known(value: float) -> float | None:
    """Return a number; None where it is NaN or infinite."""
    return float(value) if np.isfinite(value) else None
