"""What is said of a search before any job."""

import pytest
import tiny

from vidbench.errors import UserError
from vidbench.workflow.run import Run
from vidbench.workflow.search_checks import budget_warnings, check_search

RANGES = {"training.learning_rate": {"log": [0.0001, 0.1]}}
HALVING = {"method": "halving", "trials": 9}


def run_of(ranges: dict = RANGES, search: dict = HALVING, **changes: object) -> Run:
    return Run(tiny.config(**{"models__cnn3d__search": ranges, "search": search} | changes))


def refused(run: Run, *words: str) -> None:
    with pytest.raises(UserError) as caught:
        check_search(run, run.datasets[0])
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_rungs_of_the_same_epochs_are_one_line() -> None:
    refused(run_of(), "with 2 epochs", "after epochs 1, 1, 2", "raise training.epochs")
    enough = run_of(datasets__motion__training=tiny.TRAINING | {"epochs": 9})
    check_search(enough, enough.datasets[0])
    timed = run_of(search=HALVING | {"seconds": 60.0})
    check_search(timed, timed.datasets[0])


def test_what_jobs_ask_for_is_not_varied_with_halving() -> None:
    ranges = {"training.threads": {"choice": [1, 2, 3]}}
    epochs = {"datasets__motion__training": tiny.TRAINING | {"epochs": 9}}
    refused(run_of(ranges, HALVING | {"trials": 3}, **epochs), "training.threads", "search.method to random")
    random = run_of(ranges, {"trials": 3}, **epochs)
    check_search(random, random.datasets[0])


def test_a_trial_is_no_model_of_the_run() -> None:
    trial = Run(tiny.config(models__cnn3d__search=RANGES)).first_trained("cnn3d")
    entry = {"architecture": "cnn3d", "width": 4, "training": {"learning_rate": float(trial.rpartition("rate")[2])}}
    refused(
        run_of(search={}, **{f"models__{trial}": entry, "run__models": ["cnn3d", trial]}),
        "is a trial of cnn3d",
    )


def test_different_numbers_of_trials_are_one_warning() -> None:
    assert list(budget_warnings(run_of(search={"trials": 4}))) == [
        "the models do not have the same number of trials (cnn3d 4, cnn2d_mean 1), so part of a difference may be the"
        " search; give each a `search` of its own"
    ]
    assert not list(budget_warnings(run_of(models__cnn2d_mean__search=RANGES)))
    assert not list(budget_warnings(Run(tiny.config())))
