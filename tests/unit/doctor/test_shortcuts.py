"""Properties of the files that give the class away are found, and no others."""

import numpy as np
import pytest

from vidbench.doctor.shortcuts import find_shortcuts


def rows(**columns: list) -> list[dict[str, str]]:
    count = len(next(iter(columns.values())))
    plain = {"codec": ["h264"] * count, "source_height": [240] * count, "source_width": [320] * count,
             "source_fps": [25.0] * count, "duration": [3.0] * count, "rotation": [0] * count}  # fmt: skip
    table = plain | columns
    return [{name: str(values[index]) for name, values in table.items()} for index in range(count)]


def data(seed: int, groups: int = 40, each: int = 5, classes: int = 4) -> tuple[list[str], list[str], np.ndarray]:
    """Labels, groups and the class number of each video."""
    random = np.random.default_rng(seed)
    numbers = random.integers(classes, size=groups * each)
    return [f"class {number}" for number in numbers], [f"g{n // each}" for n in range(groups * each)], numbers


@pytest.mark.parametrize("name", ["codec", "size", "frame rate", "duration", "rotation"])
def test_a_planted_shortcut_is_named(name: str) -> None:
    labels, groups, numbers = data(0)
    random = np.random.default_rng(1)
    told = np.where(random.random(len(numbers)) < 0.7, numbers, random.integers(4, size=len(numbers)))
    planted = {
        "codec": {"codec": [["h264", "vp9", "av1", "mpeg4"][number] for number in told]},
        "size": {"source_width": (320 + 16 * told).tolist()},
        "frame rate": {"source_fps": (24 + told).tolist()},
        "duration": {"duration": (2 + told + random.random(len(told))).tolist()},
        "rotation": {"rotation": (90 * told).tolist()},
    }[name]
    (shortcut,) = find_shortcuts(rows(**planted), labels, groups)
    assert shortcut["property"] == name
    assert shortcut["accuracy"] > 0.6
    assert abs(shortcut["chance"] - 0.25) < 0.06
    assert shortcut["p_value"] <= 0.02


def test_nothing_is_found_in_noise_that_belongs_to_groups() -> None:
    """A group's videos share length and class, as if cut from one recording: by video alone that looks like a rule."""
    false_alarms = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        classes, lengths = random.integers(4, size=30), random.random(30) * 10
        labels = [f"c{classes[n // 6]}" for n in range(180)]
        durations = [lengths[n // 6] + 0.01 * random.random() for n in range(180)]
        false_alarms += bool(find_shortcuts(rows(duration=durations), labels, [f"g{n // 6}" for n in range(180)]))
    assert false_alarms <= 2


def test_constant_properties_and_few_groups_say_nothing() -> None:
    labels, groups, numbers = data(0)
    assert find_shortcuts(rows(duration=[3.0] * len(labels)), labels, groups) == []
    assert find_shortcuts(rows(duration=numbers.tolist()), labels, [f"g{n % 5}" for n in range(len(labels))]) == []
    assert find_shortcuts(rows(duration=numbers.tolist()), ["one"] * len(labels), groups) == []
