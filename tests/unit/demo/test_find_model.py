"""The model that is shown where none is named, and its window."""

import os
from pathlib import Path

import pytest

from vidbench.demo.find_model import WINDOW, choose_window, find_best_model
from vidbench.errors import UserError


def make_weights(results: Path, name: str, age: int = 0) -> Path:
    path = results / name / "weights.safetensors"
    path.parent.mkdir(parents=True)
    path.touch()
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


def write_summary(results: Path, dataset: str, models: list[str], age: int) -> None:
    path = results / dataset / "summary.csv"
    path.write_text("\n".join(["model,top1", *(f"{name},0.5" for name in models)]))
    os.utime(path, (1e9 - age, 1e9 - age))


def test_the_first_model_of_the_newest_summary_that_has_weights_is_taken(tmp_path: Path) -> None:
    make_weights(tmp_path, "old/split1/a/seed0")
    expected = make_weights(tmp_path, "new/split1/b/seed0", age=5)
    make_weights(tmp_path, "new/split1/b/seed1")
    make_weights(tmp_path, "new/split1/c/seed0")
    write_summary(tmp_path, "old", ["a"], age=9)
    write_summary(tmp_path, "new", ["baseline", "b", "c"], age=1)
    assert find_best_model(tmp_path) == expected


def test_without_a_summary_it_is_the_one_that_was_written_last(tmp_path: Path) -> None:
    make_weights(tmp_path, "a/split1/x/seed0", age=9)
    expected = make_weights(tmp_path, "a/split1/y/seed0", age=1)
    assert find_best_model(tmp_path) == expected


def test_without_a_model_one_line_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no trained model; name one"):
        find_best_model(tmp_path / "results")


def test_a_window_is_as_long_as_the_videos_of_the_run(tmp_path: Path) -> None:
    weights = make_weights(tmp_path, "a/split1/x/seed0")
    assert choose_window(weights) == WINDOW
    (tmp_path / "a" / "inspection.csv").write_text("video,duration\na,1.0\nb,2.04\nc,9\nd,\ne,0\n")
    assert choose_window(weights) == 2.0
    assert choose_window(make_weights(tmp_path, "a/share")) == 2.0
    assert choose_window(Path("/weights.safetensors")) == WINDOW
