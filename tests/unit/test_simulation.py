"""The statistics keep what docs/evaluation.md claims, on drawn data sets; in full by make reproduce-evaluation."""

import numpy as np
import pytest
from simulation import cells, checks
from simulation.drawing import World, draw
from simulation.structures import absent, few

DATA_SETS = 600
STRICT = [check for check in checks.CHECKS if (check.low, check.high) != (0.0, 1.0)]


@pytest.mark.slow
@pytest.mark.skipif(absent() is not None, reason=str(absent()))
@pytest.mark.parametrize("check", STRICT, ids=lambda check: f"{check.claim}: {check.row}")
def test_the_claim_holds(check: checks.Check) -> None:
    found = checks.results(check, DATA_SETS)
    least = max(0.03, min(check.high, 1 - check.low))
    slack = 3 * np.sqrt(least * (1 - least) / DATA_SETS)  # of a frequency at its bound, in the worst of several worlds
    assert not checks.missed(check, found, slack), found["method"]


def test_drawn_models_have_the_accuracies_asked_for() -> None:
    world = World((0.9, 0.6), 0.5, seeds=2, seed_sd=0.02, collapse=0.1)
    right = np.concatenate(list(draw(world, few(), 3000, 0)))
    assert right.shape == (3000, 2, 2, 60)
    assert right.mean(axis=(0, 2, 3)) == pytest.approx([0.9, 0.6], abs=0.01)


def test_few_data_sets_of_a_small_structure() -> None:
    found = cells.coverage(few(), World((0.7,), 0.5), 300, 1)
    assert found["by video"] < 0.9 < found["method"]
    assert cells.any_pair_different(few(), World((0.7,) * 4, 0.7), 300, 1)["method"] < 0.1
    assert cells.best_left_out(few(), World((0.7,) * 4, 0.7), 300, 1)["method"] < 0.06
    assert cells.first_pair_found(few(), World((0.9, 0.2), 0.3), 300, 1)["method"] > 0.9
