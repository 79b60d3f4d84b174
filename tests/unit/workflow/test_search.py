"""Functions of rules/search.smk, without Snakemake, and the jobs of a search in a plan."""

import re
from types import SimpleNamespace

import pytest
import tiny
from rule_objects import rules

from vidbench.planning.hours import Work
from vidbench.planning.jobs import count_jobs
from vidbench.planning.search_hours import _take, estimate_later_rungs, limit_trial
from vidbench.planning.stopwatch import Spent
from vidbench.workflow.run import Run

RANGES = {"training.learning_rate": {"log": [0.0001, 0.1]}}
HALVING = {"method": "halving", "trials": 9}  # rungs of 9, 3 and 1
FOLDER = "results/motion/split1"


def searched(**budget: object) -> dict:
    return tiny.config(models__cnn3d__search=RANGES, search=budget, run__seeds=[0, 1])


def wildcards(**more: object) -> SimpleNamespace:
    return SimpleNamespace(dataset="motion", split="split1", model="cnn3d", **more)


def test_a_trial_is_told_its_limits_and_an_ordinary_training_none() -> None:
    made = rules(searched(**HALVING, seconds=90.0))
    search, trial = made.search, made.run.first_trained("cnn3d")
    first, plain = (search.trial_arguments(SimpleNamespace(model=name)) for name in (trial, "cnn2d_mean"))
    assert plain == []
    assert first == ["--trial", "--seconds", pytest.approx(90 / (1 + 2 / 3 + 2 / 3)), "--share", pytest.approx(1 / 9)]
    assert search.continued_arguments(wildcards(rung="2"))[2:] == ["--share", pytest.approx(1 / 3)]
    assert search.continued_arguments(wildcards(rung="3"))[2:] == ["--share", 1.0]
    random = rules(searched())
    assert random.search.trial_arguments(SimpleNamespace(model=random.run.first_trained("cnn3d"))) == ["--trial"]


def test_a_rung_is_ranked_from_its_trials_with_all_seeds() -> None:
    search = rules(searched(**HALVING)).search
    first = search.trials_of_rung("history.csv")(wildcards(rung="1"))
    second = search.trials_of_rung("history.csv")(wildcards(rung="2"))
    assert len(first) == 18
    assert second == [f"{FOLDER}/cnn3d/rung2/{place}/seed{seed}/history.csv" for place in (1, 2, 3) for seed in (0, 1)]
    assert search.ranking_before(wildcards(rung="1")) == []
    assert search.ranking_before(wildcards(rung="2")) == [f"{FOLDER}/cnn3d/rung1.csv"]
    assert search.rankings(wildcards()) == [f"{FOLDER}/cnn3d/rung1.csv", f"{FOLDER}/cnn3d/rung2.csv"]
    assert [search.going_on(wildcards(rung=rung)) for rung in "12"] == [3, 1]
    assert re.fullmatch(search.halved_models, "cnn3d")
    assert not re.fullmatch(search.halved_models, "cnn2d_mean")


def test_the_choice_waits_for_all_rungs() -> None:
    made = rules(searched(**HALVING))
    paths = made.files.of_trials("weights.safetensors")(wildcards(seed="1"))
    assert len(paths) == 9 + 3 + 1
    assert paths[-1] == f"{FOLDER}/cnn3d/rung3/1/seed1/weights.safetensors"
    random = rules(searched(trials=9))
    assert len(random.files.of_trials("weights.safetensors")(wildcards(seed="1"))) == 9
    assert random.search.rankings(wildcards()) == []
    assert not re.fullmatch(random.search.halved_models, "cnn3d")


def test_a_plan_counts_the_jobs_of_all_rungs() -> None:
    halved = count_jobs(Run(searched(**HALVING)))
    assert (halved["train_model"], halved["continue_trial"], halved["rank_trials"]) == (2 * (9 + 1), 2 * (3 + 1), 2)
    plain = count_jobs(Run(searched(trials=9)))
    assert plain["train_model"] == 20
    assert not {"continue_trial", "rank_trials"} & plain.keys()


def test_rungs_take_their_part_of_the_time() -> None:
    run = Run(searched(**HALVING))
    trial = Work("train_model", "motion", 2, Spent(90.0, 180.0), model=run.first_trained("cnn3d"), operations=9.0)
    assert limit_trial(run, trial).spent == Spent(pytest.approx(10.0), pytest.approx(20.0))
    later = estimate_later_rungs(run, trial, "cnn3d")
    assert later.spent.seconds == pytest.approx(90 * (3 * (1 / 3 - 1 / 9) + (1 - 1 / 3)))
    assert (later.rule, later.model, later.jobs) == ("continue_trial", "cnn3d", 8)
    plain = _take(trial, 1.0)
    assert limit_trial(Run(tiny.config()), plain) is plain
    limited = Run(searched(trials=9, seconds=90.0))
    assert limit_trial(limited, trial).spent.seconds == pytest.approx(2 * 10)  # jobs with two seeds


def test_a_job_of_a_later_rung_has_memory_for_any_trial() -> None:
    wide = {"clip.frames": {"choice": [4, 8, 2]}}
    made = rules(tiny.config(models__cnn3d__search=wide, search={"method": "halving", "trials": 3}))
    trials = [SimpleNamespace(dataset="motion", model=name) for name in made.run.trials("cnn3d")]
    needed = [made.train.megabytes(trial, 1) for trial in trials]
    assert made.search.continued_megabytes(wildcards(rung="2"), 1) == max(needed)
    seconds = rules(searched(trials=2, seconds=400_000.0))
    assert seconds.search.minutes(wildcards(), 1) == pytest.approx(2 * 200_000 / 60, abs=1)
