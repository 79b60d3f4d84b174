"""Shares of an accuracy: planted cases, where they are not defined, and how often their interval covers."""

import numpy as np
import pytest

from vidbench.evaluation import motion_use
from vidbench.evaluation.motion_use import relative_order, shares, why_not_relative, why_undefined
from vidbench.evaluation.runs import chance
from vidbench.models.options import ModelOptions

GROUPS = np.repeat(np.arange(40), 5)
CLASSES = np.tile(np.arange(4), 50)


def planted(normal: int, shuffled: int, single: int) -> dict[str, np.ndarray]:
    """Of 200 videos in 40 groups, these numbers are right under each condition, spread over the groups."""
    spread = np.argsort(np.random.default_rng(0).random(200))
    correct = {}
    for name, count in {"normal": normal, "shuffled": shuffled, "single_frame": single}.items():
        correct[name] = np.zeros(200)
        correct[name][spread[:count]] = 1
    return correct


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((150, 50, 50), (0, 0, 1)),  # all is lost without order
        ((150, 150, 50), (0, 1, 0)),  # more frames help, their order does not
        ((150, 150, 150), (1, 0, 0)),  # a picture is enough
        ((150, 100, 75), (0.25, 0.25, 0.5)),
        ((150, 25, 25), (-0.25, 0, 1.25)),  # worse than chance without order
        ((150, 175, 200), (1.5, -0.25, -0.25)),  # better without order
    ],
)
def test_planted_shares(counts: tuple[int, int, int], expected: tuple[float, float, float]) -> None:
    parts = shares(planted(*counts), 0.25, GROUPS)
    assert [parts[name].value for name in ("static", "unordered", "order")] == pytest.approx(expected)
    assert sum(part.value for part in parts.values()) == pytest.approx(1)
    for part in parts.values():
        assert part.low <= part.value <= part.high


def test_the_interval_is_the_formula() -> None:
    """Against the definition, written out: u = part - theta whole, its variance by groups, Student's t."""
    correct = planted(150, 90, 60)
    part, whole = correct["normal"] - correct["shuffled"], correct["normal"] - 0.25
    theta = 0.3 / 0.5
    u = part - theta * whole
    variance = sum(u[group == GROUPS].sum() ** 2 / (1 - 5 / 200) for group in range(40)) / 200**2
    half = 2.0226909 * np.sqrt(variance) / 0.5  # t with 39 degrees of freedom
    order = shares(correct, 0.25, GROUPS)["order"]
    assert (order.value, order.low, order.high) == pytest.approx((theta, theta - half, theta + half))


def test_a_frame_averaging_model_loses_nothing_at_all() -> None:
    order = shares(planted(120, 120, 60), 0.25, GROUPS)["order"]
    assert (order.value, order.low, order.high) == (0, 0, 0)


def test_relative_to_an_order_blind_model() -> None:
    blind = planted(90, 0, 0)["normal"]
    assert relative_order(planted(150, 90, 50), blind, GROUPS).value == pytest.approx(1)
    assert relative_order(planted(150, 120, 50), blind, GROUPS).value == pytest.approx(0.5)
    assert relative_order(planted(150, 60, 50), blind, GROUPS).value == pytest.approx(1.5)
    assert why_not_relative(planted(150, 90, 50)["normal"], blind, GROUPS) == ""
    assert "not surely above" in why_not_relative(planted(80, 0, 0)["normal"], blind, GROUPS)
    few = GROUPS // 5
    assert why_not_relative(planted(150, 90, 50)["normal"], blind, few) == "too few groups to say"
    little, of_all = np.concatenate([np.ones(8), np.zeros(192)]), np.arange(200)
    assert "5 points above that" in why_not_relative(little, np.zeros(200), of_all)


def test_why_there_are_no_shares() -> None:
    assert why_undefined(planted(150, 0, 0)["normal"], 0.25, GROUPS, CLASSES) == ""
    assert "not surely above chance (25.0 %)" in why_undefined(planted(52, 0, 0)["normal"], 0.25, GROUPS, CLASSES)
    assert why_undefined(planted(150, 0, 0)["normal"], 0.25, GROUPS // 5, CLASSES) == "too few groups to say"
    many = np.arange(800) < 776
    reason = why_undefined(many.astype(float), 0.94, np.arange(800), np.zeros(800))
    assert reason == "its accuracy is less than 5 points above chance (94.0 %)"


def test_chance() -> None:
    assert chance(["a", "b", "c"], 6) == pytest.approx(1 / 3)
    assert chance(["a", "b", "a", "a"], 2) == 0.75
    assert chance([*"abcdefgh"], 4) == 0.25  # as many as there are classes is more than the largest share


@pytest.mark.parametrize(
    ("options", "blind"),
    [
        ({"architecture": "cnn3d"}, False),
        ({"backbone": {"architecture": "cnn2d"}, "head": "mean"}, True),
        ({"backbone": {"architecture": "resnet18"}, "head": "max"}, True),
        ({"backbone": {"architecture": "cnn2d"}, "head": "lstm"}, False),
        ({"backbone": {"architecture": "cnn2d"}, "head": "tsm"}, False),
        ({"backbone": {"architecture": "r3d_18"}, "head": "mean"}, False),
    ],
)
def test_who_is_order_blind(options: dict, blind: bool) -> None:
    for subtracted in (False, True):
        model = ModelOptions.from_dict(options | {"clip": {"subtract_temporal_mean": subtracted}})
        assert motion_use.is_order_blind(model) == (blind and not subtracted)


def test_the_interval_covers() -> None:
    """1,000 data sets of 40 groups that differ in how hard they are; the true order share is 0.5."""
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(1000):
        hard = np.repeat(random.normal(0, 0.12, 40), 5)
        draws, normal, shuffled = random.random(200), 0.75 + hard, 0.5 + hard
        correct = {"normal": draws < normal, "shuffled": draws < shuffled, "single_frame": draws < shuffled - 0.1}
        order = shares({name: values.astype(float) for name, values in correct.items()}, 0.25, GROUPS)["order"]
        covered += order.low <= 0.5 <= order.high
    assert 920 <= covered <= 975
