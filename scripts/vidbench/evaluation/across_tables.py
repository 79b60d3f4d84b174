"""The rows of the tables of results/across/, which compare models over several data sets."""

from dataclasses import dataclass

from vidbench.evaluation.verdicts import Verdict


@dataclass(frozen=True)
class AcrossModel:
    """A row of models.csv: one model over the data sets; None where nothing can be said."""

    model: str
    num_data_sets: int  # that have it, without diverged trainings
    verdict: Verdict  # of the means on these data sets
    wins: int  # comparisons with other models on single data sets, corrected over all of them
    ties: int
    losses: int
    verdict_new: Verdict  # of data sets like these
    missing: str  # data sets that lack it, or on which a training of it diverged
    mean_top1: float | None = None  # mean over data sets, each of which counts once
    mean_low: float | None = None  # 95 % interval: with other groups in these data sets
    mean_high: float | None = None
    sd_top1: float | None = None  # standard deviation of its accuracy over data sets
    mean_rank: float | None = None
    rank_low: float | None = None  # 95 % interval: with other groups in these data sets
    rank_high: float | None = None
    best_here: float | None = None  # probability that it is best on one of these data sets, taken at random
    new_rank_low: float | None = None  # 95 % interval of the mean rank: over data sets like these
    new_rank_high: float | None = None
    best_new: float | None = None  # probability that it is best on a new data set like these
    best_new_low: float | None = None
    best_new_high: float | None = None
    baseline: str = ""  # its kind; "" for a trained model

    @property
    def label(self) -> str:
        """Its name in a list, a baseline marked as such."""
        return f"{self.model} (baseline)" if self.baseline else self.model


@dataclass(frozen=True)
class AcrossPair:
    """A row of pairs.csv: mean over data sets of the accuracy of model_a minus that of model_b."""

    model_a: str
    model_b: str
    num_data_sets: int  # that have both
    difference: float | None
    low: float | None  # 95 % interval: with other groups in these data sets
    high: float | None
    p_value: float | None  # not adjusted
    p_adjusted: float | None  # Holm over all pairs, doubled
    told_apart: bool | None
    wins_a: int  # data sets on which model_a is better
    wins_b: int
    ties: int
    sd_difference: float | None  # over data sets
    new_p_value: float | None  # of data sets like these; adjusted for the number of pairs
    told_apart_new: bool | None
    about: str  # architectures, or these trained weights

    @property
    def models(self) -> set[str]:
        return {self.model_a, self.model_b}


@dataclass(frozen=True)
class ModelOnDataSet:
    """A row of accuracies.csv: one model on one data set."""

    dataset: str
    model: str
    top1: float
    top1_low: float | None
    top1_high: float | None
    rank: float | None  # among the models that all data sets have
    wins: int  # other models that it is better than here, corrected over all pairs and data sets
    losses: int
    diverged: bool | None
    left_out: str  # why the data set does not count; "" where it does
