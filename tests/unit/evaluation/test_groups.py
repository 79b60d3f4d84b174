"""Sums over groups against the (G, G) matrices and the sums over videos that they replace."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidbench.evaluation.groups import Groups


def matrix_parts(n: np.ndarray, rho: float) -> tuple[float, float]:
    """tr(B) and tr(B^2), by matrices."""
    total = n.sum()
    a = np.eye(len(n)) - np.outer(n, np.ones(len(n))) / total
    root = np.diag(1 / np.sqrt(1 - n / total))
    b = root @ a @ np.diag(n * (1 + (n - 1) * rho)) @ a.T @ root
    return np.trace(b), np.trace(b @ b)


@settings(deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=30), st.floats(0, 1))
def test_degrees_of_freedom_equal_the_matrix(sizes: list[int], rho: float) -> None:
    structure = Groups.of(np.repeat(np.arange(len(sizes)), sizes))
    trace, square = matrix_parts(np.array(sizes, float), rho)
    assert structure.degrees_of_freedom(rho) == pytest.approx(trace**2 / square)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(1, 9), min_size=2, max_size=5), min_size=2, max_size=4), st.floats(0, 1))
def test_strata_are_blocks_of_the_matrix(classes: list[list[int]], rho: float) -> None:
    sizes = np.concatenate(classes)
    group = np.repeat(np.arange(len(sizes)), sizes)
    label = np.repeat(np.arange(len(classes)), [sum(class_sizes) for class_sizes in classes])
    structure = Groups.of(group, label)
    parts = np.array([matrix_parts(np.array(class_sizes, float), rho) for class_sizes in classes]).sum(axis=0)
    assert structure.stratified
    assert structure.degrees_of_freedom(rho) == pytest.approx(parts[0] ** 2 / parts[1])


def test_equal_groups_have_one_degree_less_than_groups() -> None:
    structure = Groups.of(np.repeat(np.arange(48), 6))
    assert structure.degrees_of_freedom(np.array([0, 0.5, 1])) == pytest.approx(47)


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_sums_are_those_of_the_videos_in_any_order(seed: int) -> None:
    random = np.random.default_rng(seed)
    group, label, values = random.integers(0, 9, 50), random.integers(0, 3, 50), random.random((2, 3, 50))
    structure = Groups.of(group, label)
    expected = sorted(tuple(values[..., group == one].sum(axis=-1).ravel()) for one in set(group))
    got = sorted(map(tuple, structure.sums(values).reshape(6, -1).T))
    assert np.allclose(got, expected)
    assert structure.total == 50


@pytest.mark.parametrize(
    ("groups", "classes", "stratified"),
    [
        ([0, 0, 1, 2, 3, 3], [0, 0, 0, 1, 1, 1], True),
        ([0, 0, 1, 2, 3, 3], [0, 1, 0, 1, 1, 1], False),  # a group in two classes
        ([0, 0, 1, 2, 2, 2], [0, 0, 0, 1, 1, 1], False),  # a class of one group
    ],
)
def test_classes_are_strata_only_where_each_has_two_groups_of_its_own(groups, classes, stratified) -> None:
    assert Groups.of(np.array(groups), np.array(classes)).stratified is stratified


def test_a_single_group_has_no_variance() -> None:
    structure = Groups.of(np.zeros(5))
    assert np.isnan(structure.variance(structure.sums(np.ones(5))))


def test_as_many_groups_as_kinetics_has_videos_cost_little() -> None:
    """A matrix of them would have 3 GB."""
    structure = Groups.of(np.arange(20_000))
    start = time.process_time()
    assert structure.degrees_of_freedom(0.3) == pytest.approx(19_999)
    assert time.process_time() - start < 0.5
