"""What a person calls the jobs of a run: "training cnn3d on fold 2, seed 1", "drawing 19 figures"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vidbench.datasets import OWN_KINDS


@dataclass(frozen=True)
class Step:
    """Jobs of one rule or of several that a person sees as one step."""

    doing: str  # of all of them together
    singular: str  # in a list of what will run: 1 download
    plural: str  # 2 downloads
    is_long: bool = False  # its start is worth a line, too
    reports_each_job: bool = False  # each of its jobs is worth lines of its own


@dataclass(frozen=True)
class RuleWords:
    """A rule's step, and what one of its jobs does; {names} are wildcards."""

    step: Step
    doing: str


DOWNLOAD = Step("downloading", "download", "downloads", is_long=True)
MAKING = Step("making videos", "data set to make", "data sets to make", is_long=True)
CHECKING = Step("checking files", "check of files", "checks of files")
PREPARING = Step("preparing files", "data set to prepare", "data sets to prepare", is_long=True)
WEIGHTS = Step("fetching pretrained weights", "file of weights", "files of weights", is_long=True)
EXTRACTION = Step("extracting frames", "frame extraction", "frame extractions", is_long=True)
DUPLICATES = Step("checking for duplicates", "duplicate check", "duplicate checks", is_long=True)
DATA = Step("checking the data", "data check", "data checks")
DIFFICULTY = Step("measuring how hard the videos are", "measurement of difficulty", "measurements of difficulty")
FEATURES = Step("computing features", "feature extraction", "feature extractions", is_long=True)
TRAINING = Step("training", "training", "trainings", is_long=True, reports_each_job=True)
BASELINES = Step("fitting baselines", "fit of a baseline", "fits of baselines")
TRIALS = Step("selecting trials", "selection of trials", "selections of trials")
CLASS_NAMES = Step("embedding class names", "embedding of class names", "embeddings of class names")
PREDICTION = Step("predicting", "prediction", "predictions", is_long=True)
SCORES = Step("scoring", "score", "scores")
COSTS = Step("measuring costs", "measurement of cost", "measurements of cost", is_long=True)
MAPS = Step("computing activation maps", "activation map", "activation maps")
COMPARISON = Step("comparing models", "comparison", "comparisons")
FIGURES = Step("drawing figures", "figure", "figures")
PAGE = Step("writing tables and the page", "table or page", "tables and page")
SPEED = Step("measuring speed", "measurement of speed", "measurements of speed", is_long=True)
PLAN = Step("planning", "plan", "plans")
SHARING = Step("writing model cards", "model card", "model cards")
MACHINE = Step("describing this machine", "description of the machine", "descriptions of the machine")

RULES = {
    "download_data": RuleWords(DOWNLOAD, "downloading {source}"),
    "index_videos": RuleWords(DATA, "listing the videos"),
    "extract_frames": RuleWords(EXTRACTION, "extracting frames"),
    "inspect_videos": RuleWords(DATA, "inspecting the videos"),
    "find_duplicates": RuleWords(DUPLICATES, "checking for duplicates"),
    "make_splits": RuleWords(DATA, "splitting the videos"),
    "diagnose_data": RuleWords(DATA, "diagnosing the data"),
    "fetch_weights": RuleWords(WEIGHTS, "fetching weights of {architecture}"),
    "extract_features": RuleWords(FEATURES, "computing features of {backbone}"),
    "train_model": RuleWords(TRAINING, "training {model}"),
    "fit_baseline": RuleWords(BASELINES, "fitting {model}"),
    "continue_trial": RuleWords(TRAINING, "training trial {place} of rung {rung} of {model}"),
    "rank_trials": RuleWords(TRIALS, "ranking trials of {model} after rung {rung}"),
    "select_trial": RuleWords(TRIALS, "selecting a trial of {model}"),
    "promote_trial": RuleWords(TRIALS, "promoting a trial of {model}"),
    "embed_class_names": RuleWords(CLASS_NAMES, "embedding class names for {model}"),
    "predict_videos": RuleWords(PREDICTION, "predicting with {model}"),
    "score_predictions": RuleWords(SCORES, "scoring {model}"),
    "measure_cost": RuleWords(COSTS, "measuring the cost of {model}"),
    "compute_activation_maps": RuleWords(MAPS, "computing activation maps of {model}"),
    "select_explained_videos": RuleWords(MAPS, "selecting videos for activation maps"),
    "measure_difficulty": RuleWords(DIFFICULTY, "measuring how hard the videos are"),
    "compare_models": RuleWords(COMPARISON, "comparing models"),
    "compare_errors": RuleWords(COMPARISON, "comparing errors"),
    "compare_scores": RuleWords(COMPARISON, "comparing scores"),
    "explain_scores": RuleWords(COMPARISON, "looking for simpler explanations"),
    "compare_labels": RuleWords(COMPARISON, "comparing models by labels"),
    "find_label_issues": RuleWords(COMPARISON, "looking for wrong labels"),
    "compare_data_sets": RuleWords(COMPARISON, "comparing models over all data sets"),
    "measure_motion_use": RuleWords(COMPARISON, "measuring the use of motion"),
    "forecast_accuracy": RuleWords(COMPARISON, "forecasting accuracy"),
    "make_tables": RuleWords(PAGE, "writing tables"),
    "build_report": RuleWords(PAGE, "writing the page"),
    "share_model": RuleWords(SHARING, "writing the model card"),
    "measure_extraction": RuleWords(SPEED, "measuring the speed of extraction"),
    "measure_speed": RuleWords(SPEED, "measuring the speed of {model}"),
    "plan": RuleWords(PLAN, "planning"),
    "machine": RuleWords(MACHINE, "describing this machine"),
}

# What download_data does for data sets of which nothing is downloaded, by their kind.
OF_KIND = {
    "motion": RuleWords(MAKING, "making the videos of {source}"),
    "csv": RuleWords(CHECKING, "checking the files of {source}"),
    "folder": RuleWords(CHECKING, "checking the files of {source}"),
    **dict.fromkeys(OWN_KINDS, RuleWords(PREPARING, "preparing the files of {source}")),
}


NUMBERED = {"seed": "seed", "shard": "part"}  # what a person calls a wildcard


def words_of(rule: str, kind: str = "") -> RuleWords:
    """Return the words for a rule; those of a rule that is not known come from its name. `kind`: of its source."""
    if rule == "download_data" and kind in OF_KIND:
        return OF_KIND[kind]
    if rule in RULES:
        return RULES[rule]
    if rule.startswith("plot_"):
        return RuleWords(FIGURES, f"drawing {rule.removeprefix('plot_').replace('_', ' ')}")
    name = rule.replace("_", " ")
    return RuleWords(Step(name, f"job: {name}", f"jobs: {name}"), name)


def job_words(rule: str, wildcards: Mapping[str, str], several_datasets: bool = False, kind: str = "") -> str:
    """Return what one job does, on what; `kind`: of its source.

    >>> job_words("train_model", {"dataset": "motion", "split": "fold2", "model": "cnn3d", "seed": "1"})
    'training cnn3d on fold 2, seed 1'
    """
    words = words_of(rule, kind)
    doing = re.sub(r"\{(\w+)\}", lambda match: str(wildcards.get(match[1], "?")), words.doing)
    place = _place(wildcards, several_datasets or "split" not in wildcards)
    return f"{doing} on {', '.join(place)}" if place else doing


def place_of(step: Step) -> int:
    """Return the place of a step in the order of a run, from 0; that of one that is not known is behind all others."""
    steps = [words.step for words in RULES.values()]
    # Figures have no rule in the table: they come before the page.
    order = [MAKING, CHECKING, PREPARING, *steps[: steps.index(PAGE)], FIGURES, *steps[steps.index(PAGE) :]]
    return order.index(step) if step in order else len(order)


def step_words(step: Step, dataset: str, jobs: int) -> str:
    """Return what the jobs of a step do: 'extracting frames of motion, 2 jobs'."""
    where = f" of {dataset}" if dataset else ""
    return f"{step.doing}{where}, {jobs:,} jobs" if jobs > 1 else f"{step.doing}{where}"


def count_words(step: Step, jobs: int) -> str:
    """Return a number of jobs as a list says it: '2 frame extractions'."""
    return f"{jobs:,} {step.singular if jobs == 1 else step.plural}"


def _place(wildcards: Mapping[str, str], with_dataset: bool) -> list[str]:
    place = [wildcards["dataset"]] if with_dataset and "dataset" in wildcards else []
    if "split" in wildcards:
        place.append(_split_words(wildcards["split"]))
    return place + [f"{word} {wildcards[name]}" for name, word in NUMBERED.items() if name in wildcards]


def _split_words(split: str) -> str:
    """Return a split's name with a blank; of a fraction of the training videos, what it holds."""
    named = re.fullmatch(r"([a-z]+)(\d+)(?:-train([\d.]+))?", split)
    if not named:
        return split
    kind, number, percentage = named.groups()
    return f"{kind} {number}" + (f" with {percentage} % of its training videos" if percentage else "")
