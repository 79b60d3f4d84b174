"""Searches: what is drawn from ranges, the budget that all models share, mistakes that are said before any job."""

import math

import pytest
import tiny
from scipy import stats

from vidbench.config import schema, sweeps
from vidbench.config.search import Budget, _draws
from vidbench.errors import UserError

RANGES = {"training.learning_rate": {"log": [0.0001, 0.1]}, "width": {"int": [4, 40]}}


def searched(ranges: object = RANGES, **changes: object) -> dict:
    return tiny.config(**{"models__cnn3d__search": ranges} | changes)


def drawn(trials: int, ranges: dict = RANGES, **budget: object) -> dict[str, dict[str, object]]:
    config = searched(ranges, search={"trials": trials, **budget})
    schema.check(config)
    return sweeps.trials(schema.expand(config), "cnn3d")


def test_trials_become_ordinary_entries_with_their_settings_in_their_names() -> None:
    config = schema.expand(searched(search={"trials": 5}))
    trials = sweeps.trials(config, "cnn3d")
    assert len(trials) == 5
    assert sweeps.trained_models(config) == [*trials, "cnn2d_mean"]
    for name, settings in trials.items():
        rate, width = settings["training.learning_rate"], settings["width"]
        assert name == f"cnn3d-learning_rate{rate}-width{width}"
        options = schema.model_options(config, "motion", name)
        assert (options["training"]["learning_rate"], options["width"]) == (rate, width)
        assert not {"search", "sweep"} & options.keys()
    assert schema.expand(config) == config


def test_more_trials_keep_those_that_are_there_and_another_seed_draws_others() -> None:
    few, many = drawn(4), drawn(12)
    assert list(many)[:4] == list(few)
    assert not set(drawn(4, seed=1)) & set(few)


def test_models_with_one_range_are_given_the_same_values() -> None:
    other = {"training.learning_rate": RANGES["training.learning_rate"], "dropout": {"uniform": [0, 0.5]}}
    config = schema.expand(searched(models__cnn2d_mean__search=other))
    rates = [
        [settings["training.learning_rate"] for settings in sweeps.trials(config, model).values()]
        for model in ("cnn3d", "cnn2d_mean")
    ]
    assert rates[0] == rates[1]


def test_the_draws_are_known_once_and_for_all() -> None:
    """Another version of the program must not train other trials."""
    assert list(drawn(2)) == ["cnn3d-learning_rate0.0392-width23", "cnn3d-learning_rate0.0108-width8"]


@pytest.mark.parametrize(
    ("form", "distribution"),
    [
        ({"log": [0.001, 10]}, stats.loguniform(0.001, 10)),
        ({"uniform": [-2, 6]}, stats.uniform(-2, 8)),
        ({"int": [0, 9999]}, stats.uniform(0, 10000)),
    ],
    ids=["log", "uniform", "int"],
)
def test_draws_follow_their_distribution(form: dict, distribution: stats.rv_continuous) -> None:
    values = [settings["key"] for _, settings in zip(range(2000), _draws({"key": form}, 0), strict=False)]
    assert stats.kstest(values, distribution.cdf).pvalue > 0.01
    ((low, high),) = form.values()
    assert low <= min(values) <= max(values) <= high


def test_integers_and_choices_are_all_drawn_equally_often() -> None:
    form = {"a": {"int": [3, 6]}, "b": {"choice": [None, "x", [1, 2]]}}
    settings = [values for _, values in zip(range(1200), _draws(form, 3), strict=False)]
    for key, values in {"a": [3, 4, 5, 6], "b": [None, "x", [1, 2]]}.items():
        counts = [sum(chosen[key] == value for chosen in settings) for value in values]
        assert sum(counts) == 1200
        assert stats.chisquare(counts).pvalue > 0.01


def test_draws_are_those_of_optuna_in_distribution() -> None:
    optuna = pytest.importorskip("optuna")
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    theirs = [study.ask().suggest_float("x", 0.001, 10, log=True) for _ in range(300)]
    ours = [settings["x"] for _, settings in zip(range(300), _draws({"x": {"log": [0.001, 10]}}, 0), strict=False)]
    assert stats.ks_2samp(ours, theirs).pvalue > 0.01


@pytest.mark.parametrize(
    ("trials", "factor", "rungs", "sizes", "shares"),
    [
        (27, 3, None, [27, 9, 3, 1], [1 / 27, 1 / 9, 1 / 3, 1]),
        (16, 3, None, [16, 5, 1], [1 / 9, 1 / 3, 1]),
        (16, 2, 3, [16, 8, 4], [1 / 4, 1 / 2, 1]),
        (2, 2, None, [2, 1], [1 / 2, 1]),
    ],
)
def test_a_rung_has_one_of_factor_trials_and_factor_times_the_epochs(
    trials: int, factor: int, rungs: int | None, sizes: list[int], shares: list[float]
) -> None:
    budget = Budget.of({"search": {"method": "halving", "trials": trials, "factor": factor, "rungs": rungs}})
    assert budget.sizes == sizes
    assert [budget.share(rung) for rung in range(1, len(sizes) + 1)] == pytest.approx(shares)
    assert len(budget.later_folders("m")) == sum(sizes[1:])


@pytest.mark.parametrize("method", ["random", "halving"])
def test_the_seconds_of_all_trials_add_up_to_the_budget(method: str) -> None:
    budget = Budget.of({"search": {"method": method, "trials": 9, "seconds": 90.0}})
    whole = budget.trial_seconds
    assert whole is not None
    shares = [0.0, *(budget.share(rung) for rung in range(1, budget.num_rungs + 1))]
    rungs = [size * (shares[place + 1] - shares[place]) * whole for place, size in enumerate(budget.sizes)]
    assert math.fsum(rungs) == pytest.approx(90)
    assert len(rungs) == (1 if method == "random" else 3)


def test_random_search_has_one_rung() -> None:
    budget = Budget.of({})
    assert (budget.sizes, budget.share(1), budget.later_folders("m"), budget.trial_seconds) == ([16], 1.0, [], None)


def test_the_budget_is_the_section_of_the_schema() -> None:
    defaults = {key: node["default"] for key, node in schema.schema()["$defs"]["search"]["properties"].items()}
    assert vars(Budget()) == defaults


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ({"training.learning_rate": {"log": [0, 0.1]}}, ["learning_rate: log: [0, 0.1]", "above 0"]),
        ({"training.learning_rate": {"log": [-1, 0.1]}}, ["above 0"]),
        ({"training.learning_rate": {"log": [0.1, 0.001]}}, ["ends below its beginning; write [0.001, 0.1]"]),
        ({"width": {"int": [8, 8]}}, ["a single value", "set width"]),
        ({"width": {"uniform": [4, 8]}}, ["models.cnn3d.search.width", "an integer"]),
        ({"width": {"int": [0, 8]}}, ["models.cnn3d.search.width: 0"]),
        ({"dropout": {"uniform": [0, 1.5]}}, ["models.cnn3d.search.dropout: 1.5"]),
        ({"training.learning_rate": {"log": ["1e-4", 0.1]}}, ["write 0.0001"]),
        ({"training.learning_rate": {"log": [0.1]}}, ["learning_rate.log", "too short"]),
        ({"training.learning_rate": {"log": [0.1, float("nan")]}}, ["nan is not a number"]),
        ({"training.learning_rate": {"lgo": [0.1, 1]}}, ["did you mean 'log'?"]),
        ({"training.learning_rate": [0.1, 1]}, ["a map of keys", "choice"]),
        ({"training.learning_rat": {"log": [0.1, 1]}}, ["did you mean 'training.learning_rate'?"]),
        ({"training.schedule": {"choice": ["cosin", "step"]}}, ["search.training.schedule", "'cosine'"]),
        ({"architecture": {"choice": ["r3d_18"]}}, ["search.architecture", "another model"]),
        ({"trials": {"int": [4, 8]}}, ["search.trials", "at the top", "the same budget"]),
        ({"width": {"int": [4, 8]}}, ["only 5 different trials", "search.trials is 16"]),
        ({"dropout": {"uniform": [0, 10**400]}}, ["search.dropout.uniform.1", "401 digits", "too large"]),
        ({"hidden": {"int": [4, 99]}}, ["search.hidden", "a head, which cnn3d does not have", "leave it out"]),
    ],
)
def test_a_wrong_range_is_one_line(ranges: dict, words: list[str]) -> None:
    tiny.refused({"models__cnn3d__search": ranges}, words)


@pytest.mark.parametrize("key", ["width", "trained_stages"])
def test_a_range_of_the_backbones_is_one_line(key: str) -> None:
    tiny.refused(
        {"models__cnn2d_mean__search": {key: {"int": [4, 99]}}},
        [f"models.cnn2d_mean.search.{key}", "belongs to backbones.cnn2d", "all trials would be the same"],
    )


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ({"method": "halving", "trials": 2}, ["2 trials are too few", "one of 3"]),
        ({"method": "halving", "trials": 9, "rungs": 4}, ["9 trials are too few", "4 rungs"]),
        ({"trials": 1}, ["search.trials", "minimum"]),
        ({"trails": 8}, ["did you mean 'trials'?"]),
        ({"method": "bayes"}, ["search.method", "halving, random"]),
        ({"seconds": 0}, ["search.seconds"]),
    ],
)
def test_a_wrong_budget_is_one_line(budget: dict, words: list[str]) -> None:
    tiny.refused({"models__cnn3d__search": RANGES, "search": budget}, words)


# Keys of training whose values may have as many digits as one likes.
LONG = ("learning_rate", "weight_decay", "warmup_epochs", "plateau_patience")


def test_an_entry_has_a_sweep_or_a_search() -> None:
    tiny.refused({"models__cnn3d__search": RANGES, "models__cnn3d__sweep": {"width": [4]}}, ["{choice: [...]}"])
    schema.check(searched(None))
    with pytest.raises(UserError, match="too long for a folder"):
        schema.check(searched({f"training.{key}": {"int": [10**50, 10**51]} for key in LONG}))
