"""Functions of rules/evaluate.smk, without Snakemake."""

from types import SimpleNamespace

import pytest
import tiny
from rule_objects import MOTION, RUN, rules


def large(shuffles: int) -> dict:
    """Enough videos for their logits to weigh something."""
    motion = tiny.MOTION | {"train_scenes": 500, "test_scenes": 500}
    return tiny.config(evaluation__shuffles=shuffles, datasets__motion__motion=motion)


def test_a_fraction_is_not_predicted_in_other_orders() -> None:
    evaluate = rules(tiny.config(evaluation__shuffles=7)).evaluate
    assert evaluate.shuffles(RUN) == 7
    assert evaluate.shuffles(SimpleNamespace(dataset="motion", split="split1-train50")) == 0
    assert rules(tiny.config(evaluation__motion_test=False)).evaluate.shuffles(RUN) == 0


def test_the_table_of_the_motion_test_is_there_where_the_run_has_it() -> None:
    assert rules().evaluate.motion_tables(MOTION) == ["results/motion/motion_use.csv"]
    assert rules(tiny.config(evaluation__motion_test=False)).evaluate.motion_tables(MOTION) == []


def test_predictions_in_more_orders_take_longer_and_more_memory() -> None:
    few, many = (rules(large(number)).evaluate for number in (5, 100))
    assert few.prediction_minutes(RUN, 1) < many.prediction_minutes(RUN, 1)
    assert few.prediction_megabytes(RUN, 1) < many.prediction_megabytes(RUN, 1)
    assert few.scoring_megabytes(RUN, 1) < many.scoring_megabytes(RUN, 1)
    assert many.prediction_minutes(RUN, 2) == pytest.approx(2 * many.prediction_minutes(RUN, 1), abs=1)


def test_a_comparison_may_hold_all_runs_of_a_split() -> None:
    few, many = (rules(tiny.config(run__seeds=list(range(number)))).evaluate for number in (100, 1000))
    base = rules().jobs.reading_megabytes(MOTION, 0, 1)
    of_few, of_many = (each.comparing_megabytes(MOTION, 1) - base for each in (few, many))
    assert of_many == pytest.approx(10 * of_few, rel=0.1)


def test_a_cost_is_measured_with_nothing_beside_it() -> None:
    assert rules(cores=7).evaluate.cost_threads(RUN) == 7
    assert rules(cores=7, sent_off=True).evaluate.cost_threads(RUN) == 1


def test_a_frozen_backbone_is_measured_with_the_threads_of_its_features() -> None:
    """A head on them alone may have fewer; other models would be compared with it."""
    frozen = {"cnn2d": {"architecture": "cnn2d", "width": 4, "trained_stages": 0}}
    training = {key: value for key, value in tiny.TRAINING.items() if key != "threads"}
    config = tiny.config(datasets__motion__training=training, backbones=frozen)
    assert rules(config).evaluate.cost_compute_threads(SimpleNamespace(dataset="motion", model="cnn2d_lstm")) == 2
    assert rules(config).evaluate.cost_compute_threads(RUN) == 2


def test_other_gpus_go_on_while_a_cost_is_measured() -> None:
    """It has a GPU to itself; with all cores nothing could run on the others."""
    on_gpu = rules(tiny.config(device="cuda"), cores=7)
    assert on_gpu.jobs.gpus(RUN) == 1
    assert on_gpu.evaluate.cost_threads(RUN) == 1
