"""What limits the conclusions: trainings that diverged or are missing, splits that were not run, few seeds."""

from vidbench.evaluation.runs import in_order
from vidbench.evaluation.significance import MIN_SEEDS
from vidbench.evaluation.tables import ModelSummary
from vidbench.formatting import percent
from vidbench.report.dataset_results import DatasetResults
from vidbench.report.phrases import NAMES, several
from vidbench.report.searches import unequal

FOLD = "fold"  # beginning of the names of folds that are made here


def caveats(results: DatasetResults, lead: ModelSummary) -> list[str]:
    """Return the sentences on what limits the conclusions."""
    return [
        *_diverged(results, lead),
        *overlap_sentences(results),
        _refitted(results),
        unequal(results.trials),
        _uneven(results),
        _one_split(results),
        _seeds(results),
        _next_step(results),
    ]


def overlap_sentences(results: DatasetResults) -> list[str]:
    """Say which models start from weights that may have seen the test videos, or others of their data set."""
    sentences = []
    for reason in dict.fromkeys(results.overlaps.values()):
        models = [model for model, of_model in results.overlaps.items() if of_model == reason]
        verb = "starts" if len(models) == 1 else "start"
        sentences.append(f"{several(models)} {verb} from weights trained on {reason}.")
    return sentences


def _refitted(results: DatasetResults) -> str:
    """Say which models were trained on validation videos, too, where others were not."""
    trained = [row.model for row in results.summary if not row.baseline]
    models = [model for model in trained if model in results.refitted]
    if not models or len(models) == len(trained):
        return ""
    verb = "was" if len(models) == 1 else "were"
    return (
        f"{several(models)} {verb} trained on the validation videos, too, the other models were not: that may be part"
        " of a difference."
    )


def _diverged(results: DatasetResults, lead: ModelSummary) -> list[str]:
    """Say which models diverged, whatever they score."""
    bad = diverged(results)
    if not bad:
        return []
    if len(bad) == len(results.summary):
        return ["Every model diverged in at least one training: the numbers are of the best epochs before that."]
    names, verb = several(list(bad)), "diverged in" if len(bad) == 1 else "each diverged in at least one of their"
    count = share_of_trainings(*bad[names]) if len(bad) == 1 else "trainings"
    text = f"{names} {verb} {count} and {'is' if len(bad) == 1 else 'are'} left out of this ranking"
    higher = [row for row in results.summary if row.diverged and row.top1 > lead.top1]
    if len(bad) == 1 and higher:
        text += f", though its last sound epoch scores {percent(higher[0].top1)}"
    return [f"{text}."]


def _uneven(results: DatasetResults) -> str:
    """Say which models lack a training that others have."""
    missing = lacking(results)
    if not missing:
        return ""
    if len(missing) > NAMES:
        return f"The models do not all have the same trainings: {several(list(missing))} lack some that others have."
    parts = [f"{model} lacks {several(what, 'trainings')}" for model, what in missing.items()]
    return f"The models do not all have the same trainings: {'; '.join(parts)}."


def _one_split(results: DatasetResults) -> str:
    """Say which splits were run, where it was not all."""
    splits, available = results.splits, results.available
    if len(splits) >= len(available):
        return ""
    names = f"{several(splits, 'splits')} of {len(available)} splits {'was' if len(splits) == 1 else 'were'} run"
    if all(split.startswith(FOLD) for split in splits):  # own folds, of which nothing is published
        return f"Only {names}: the videos of the others were not tested."
    return f"Only {names}: published results are means over all of them."


def _seeds(results: DatasetResults) -> str:
    """Say that with fewer than three seeds nothing is said about architectures."""
    seeds = [row.num_seeds for row in results.summary if not row.baseline]  # nothing in a baseline is random
    if min(seeds, default=MIN_SEEDS) >= MIN_SEEDS or results.summary[0].top1_low is None:
        return ""
    if max(seeds) >= MIN_SEEDS:
        return "Some models have fewer than three seeds: of these nothing is said about the architectures."
    trained = "one seed" if max(seeds) == 1 else "fewer than three seeds"
    if len(seeds) == 1:
        return f"With {trained}, this is about the trained weights, not about the architecture."
    return f"With {trained} per model, this is about these trained weights, not about the architectures."


def _next_step(results: DatasetResults) -> str:
    """Say what comes after a first look: one split of several, trained once."""
    if len(results.splits) > 1 or len(results.available) < 2 or max(row.num_seeds for row in results.summary) > 1:
        return ""
    return "This is a first look; next: all splits (no run.splits) with three seeds (run.seeds: [0, 1, 2])."


def diverged(results: DatasetResults) -> dict[str, tuple[int, int]]:
    """Count, for each model with a diverged training, the diverged ones and all of them."""
    trainings = [row["model"] for row in results.runs]
    bad = {row.model: row.diverged_runs for row in results.summary if row.diverged}
    return {model: (bad[model], trainings.count(model)) for model in in_order(trainings) if model in bad}


def share_of_trainings(bad: int, trainings: int) -> str:
    """Return '2 of 6 trainings', or 'its only training'."""
    return "its only training" if trainings == 1 else f"{bad} of {trainings} trainings"


def lacking(results: DatasetResults) -> dict[str, list[str]]:
    """Return, for each model that lacks trainings which others have, their names: 'seed 1', or 'seed 1 of split2'."""
    several = len(results.splits) > 1
    trainings = sorted({(row["split"], int(row["seed"])) for row in results.runs})
    missing = {}
    for model in (row.model for row in results.summary if not row.baseline):
        present = {(row["split"], int(row["seed"])) for row in results.runs if row["model"] == model}
        absent = [f"seed {seed}{f' of {split}' if several else ''}" for split, seed in trainings
                  if (split, seed) not in present]  # fmt: skip
        if absent:
            missing[model] = absent
    return missing
