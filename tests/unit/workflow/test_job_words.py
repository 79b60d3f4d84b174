"""What a person calls jobs."""

import re

import pytest
from conftest import PROJECT

from vidbench.plotting.catalogue import CATALOGUE
from vidbench.workflow.job_words import FIGURES, PAGE, RULES, TRAINING, count_words, job_words, place_of, words_of

RUN = {"dataset": "motion", "split": "split1", "model": "cnn3d", "seed": "0"}


@pytest.mark.parametrize(
    ("rule", "wildcards", "words"),
    [
        ("train_model", RUN, "training cnn3d on split 1, seed 0"),
        ("train_model", RUN | {"split": "fold2-train12.5"},
         "training cnn3d on fold 2 with 12.5 % of its training videos, seed 0"),
        ("measure_cost", {"dataset": "motion", "model": "cnn3d"}, "measuring the cost of cnn3d on motion"),
        ("extract_frames", {"dataset": "motion", "shard": "3"}, "extracting frames on motion, part 3"),
        ("download_data", {"source": "ucf101"}, "downloading ucf101"),
        ("plot_per_class", {"dataset": "motion"}, "drawing per class on motion"),
        ("sort_socks", RUN, "sort socks on split 1, seed 0"),
        ("train_model", {}, "training ?"),
    ],
)  # fmt: skip
def test_words_of_a_job(rule: str, wildcards: dict[str, str], words: str) -> None:
    assert job_words(rule, wildcards) == words


def test_every_rule_that_runs_something_has_words() -> None:
    rules = set()
    for path in (PROJECT / "rules").glob("*.smk"):
        parts = re.split(r"^rule (\w+):", path.read_text(), flags=re.MULTILINE)
        rules |= {name for name, body in zip(parts[1::2], parts[2::2], strict=True) if "shell:" in body}
    assert rules - set(RULES) == set()
    assert {words_of(f"plot_{name}").step for name in CATALOGUE} == {FIGURES}


def test_counts_and_the_order_of_steps() -> None:
    assert count_words(TRAINING, 1) == "1 training"
    assert count_words(TRAINING, 2000) == "2,000 trainings"
    assert place_of(TRAINING) < place_of(FIGURES) < place_of(PAGE) < place_of(words_of("sort_socks").step)
