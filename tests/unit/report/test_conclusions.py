"""The answer in plain words, on planted results: each case ends in sentences that are true of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from planted import Model, Planted, plant

from vidbench.files import read_json, write_json
from vidbench.report.conclusions import answer
from vidbench.report.dataset_results import read_results
from vidbench.report.phrases import round_points, several
from vidbench.video import read_videos

BEST = Model("X", 0.921, ms=6.0, verdict="tied", shuffled=0.16)
TIED = Model("Y", 0.91, ms=2.0, verdict="tied")
BEHIND = Model("Z", 0.60, ms=1.0, verdict="behind")


@pytest.fixture
def said(tmp_path: Path):
    """Sentences about planted results."""

    def say(models: list[Model], available: list[str] | None = None, **more: object) -> list[str]:
        results = plant(tmp_path, Planted("gestures", models, **more))
        return answer(read_results(results, read_videos(results / "videos.csv"), available))

    return say


def test_a_clear_winner(said) -> None:
    models = [replace(BEST, verdict="best"), replace(TIED, top1=0.8, verdict="behind"), BEHIND]
    assert said(models) == [
        "On gestures, X reaches 92.1 % [88.1, 96.1] and is better than every other model.",
        "The next, Y, reaches 80.0 % [76.0, 84.0], 12.1 points less [9.1, 15.1].",
        "Without the order of frames X falls to 16.0 % (chance: 25.0 %).",
    ]


LOGISTIC = Model("logistic-m", 0.925, seeds=(0,), baseline="logistic")
FILES = Model("file_properties", 0.9, ms=None, seeds=(0,), baseline="file_properties")


def test_no_trained_model_beats_the_regression(said) -> None:
    sentences = said([replace(BEST, shuffled=None), TIED, LOGISTIC, replace(FILES, top1=0.3, verdict="behind")])
    assert sentences[0].startswith("On gestures, logistic-m reaches 92.5 %")
    assert (
        "No trained model beats logistic regression on frozen features (logistic-m, 92.5 %): the best of them, X,"
        " reaches 92.1 %."
    ) in sentences
    assert not [line for line in sentences if "files' properties" in line or "seed" in line]


def test_training_pays(said) -> None:
    models = [replace(BEST, verdict="best", shuffled=None), replace(LOGISTIC, top1=0.6, verdict="behind")]
    assert (
        "Training pays: X is better than logistic regression on frozen features (logistic-m, 60.0 %), by 32.1 points"
        " [29.1, 35.1]."
    ) in said(models)


def test_the_files_alone_give_as_much(said) -> None:
    sentences = said([replace(BEST, shuffled=None), FILES])
    assert sentences[0] == (
        "On gestures, the files' properties alone (size, rate, duration, codec, bytes) give 90.0 % [86.0, 94.0], and no"
        " model was shown to be better (X minus that: 2.1 points [-0.9, 5.1]): the accuracies may come from how the"
        " files were made, not from what they show."
    )
    assert sentences[1].startswith("On gestures, X reaches 92.1 %")


def test_baselines_at_chance_or_of_few_groups_say_nothing(said) -> None:
    few = [replace(model, half=None, verdict="unknown") for model in (BEST, LOGISTIC, FILES)]
    for models in (few, [replace(BEST, top1=0.26, shuffled=None), replace(FILES, top1=0.25)]):
        assert not [line for line in said(models) if "frozen features" in line or "files' properties" in line]


def test_a_baseline_has_no_seeds_to_miss(said) -> None:
    models = [replace(BEST, shuffled=None), LOGISTIC]
    assert not [line for line in said(models) if "lack" in line or "seeds" in line]


def test_a_clear_winner_of_two(said) -> None:
    assert said([replace(BEST, verdict="best", shuffled=None), BEHIND]) == [
        "On gestures, X reaches 92.1 % [88.1, 96.1]; Z is behind.",
        "Z reaches 60.0 % [56.0, 64.0], 32.1 points less [29.1, 35.1].",
    ]


def test_a_tie_names_the_cheaper_model(said) -> None:
    assert said([BEST, TIED, BEHIND]) == [
        "On gestures, X reaches 92.1 % [88.1, 96.1]; Y is tied with it and faster: 2 ms/clip, X takes 6"
        " (3 times as long).",
        "Tied means that this test cannot distinguish them, not that they are equal.",
        "Z scores lower, by more than chance explains.",
        "Without the order of frames X falls to 16.0 % (chance: 25.0 %).",
    ]


def test_a_model_that_is_faster_with_one_clip_only_is_not_praised_too_much(tmp_path: Path) -> None:
    results = plant(tmp_path, Planted("gestures", [BEST, TIED]))
    found = read_results(results, read_videos(results / "videos.csv"), None)
    first, second = found.summary
    second = replace(second, ms_per_clip_best_batch=1.3)
    said = answer(replace(found, summary=[replace(first, ms_per_clip_best_batch=1.2), second]))
    assert said[0].endswith("X takes 6 (3 times as long); in batches it is not faster (1.3 and 1.2 ms).")
    said = answer(replace(found, summary=[replace(first, ms_per_clip_best_batch=4.0), second]))
    assert said[0].endswith("X takes 6 (3 times as long).")


def test_a_tied_model_that_costs_more_is_no_bargain(said) -> None:
    assert said([BEST, replace(TIED, ms=9.0)])[0].endswith("; Y is tied with it.")


def test_a_tie_says_what_it_could_have_missed(said) -> None:
    line = (
        "Tied does not mean equal: with 48 groups, only differences above about 6.2 points are detected, in four of"
        " five such tests. More {} would show smaller ones."
    )
    assert line.format("groups or seeds") in said([BEST, TIED], rich=True)
    once = [replace(model, seeds=(0,)) for model in (BEST, TIED)]
    assert line.format("groups") in said(once, rich=True)  # what one seed says nothing of is no smaller with two


def test_of_twenty_tied_models_three_are_named(said) -> None:
    models = [Model(f"m{number}", 0.9 - number / 1000, ms=20.0 - number) for number in range(20)]
    sentences = said(models)
    assert sentences[0] == "On gestures, m0 reaches 90.0 % [86.0, 94.0]; m1, m2, m3 and 16 more are tied with it."
    assert sentences[1] == "The fastest of these is m19: 1 ms/clip, m0 takes 20 (20 times as long)."
    assert not any("m7" in sentence for sentence in sentences)


def test_a_model_at_chance_is_no_bargain(said) -> None:
    """However fast it is, and although a small test does not tell it from the best."""
    best = replace(BEST, shuffled=None)
    idle = [Model("V", 0.25, half=0.0, ms=1.0), Model("Z", 0.27, ms=1.5)]
    assert said([replace(best, top1=0.425, half=0.15), *idle])[:2] == [
        "On gestures, X reaches 42.5 % [27.5, 57.5].",
        "Z and V are tied with it, but this test cannot distinguish them from chance (25.0 %).",
    ]
    sentences = said([best, TIED, idle[0]])
    assert sentences[0].endswith("; Y is tied with it and faster: 2 ms/clip, X takes 6 (3 times as long).")
    sentences = said([best, replace(TIED, ms=5.0), replace(TIED, name="W", ms=3.0), idle[0]])
    assert sentences[0].endswith("; Y and W are tied with it.")
    assert sentences[1] == "The fastest of these is W: 3 ms/clip, X takes 6 (2 times as long)."
    assert sentences[2] == "V is tied with it, but this test cannot distinguish it from chance (25.0 %)."


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [(0.5, None), (0.88, None), (0.89, "X was not shown to be better than that."), (0.921, "X is no better than that."),
     (0.95, "X is no better than that.")],
)  # fmt: skip
def test_a_model_that_is_no_better_than_a_shortcut(tmp_path: Path, accuracy: float, words: str | None) -> None:
    results = plant(tmp_path, Planted("gestures", [BEST, TIED]))
    found = read_json(results / "diagnosis.json")
    found["shortcuts"] = [
        {"property": "codec", "accuracy": 0.4, "chance": 0.25, "p_value": 0.02},
        {"property": "frame rate", "accuracy": accuracy, "chance": 0.25, "p_value": 0.02},
    ]
    write_json(results / "diagnosis.json", found)
    said = [line for line in answer(read_results(results, read_videos(results / "videos.csv"))) if "alone" in line]
    line = f"The frame rate alone gives the class of {100 * accuracy:.1f} % of the videos: {words}"
    assert said == ([] if words is None else [line])


def test_all_at_chance(said) -> None:
    models = [Model("X", 0.27, verdict="tied"), Model("Y", 0.25)]
    assert said(models) == [
        "On gestures, no model has learned anything that can be detected: the best, X, reaches 27.0 % [23.0, 31.0],"
        " and chance is 25.0 %.",
        "What may help: pretrained weights (docs/pretrained.md), more epochs if the training loss still falls in the"
        " learning curves, or more videos per class.",
    ]  # fmt: skip
    assert said(models[:1])[0].startswith("On gestures, X reaches 27.0 % [23.0, 31.0], no better than chance (25.0 %)")


def test_chance_is_what_the_largest_class_gives(said) -> None:
    classes = ("left", "left", "left", "right")
    assert "chance is 75.0 %" in said([Model("X", 0.76), Model("Y", 0.7)], classes=classes)[0]


def test_a_diverged_model_is_never_the_best(said) -> None:
    models = [Model("bad", 0.95, status="diverged"), replace(BEST, shuffled=None), replace(TIED, ms=6.0)]
    assert said(models) == [
        "On gestures, X reaches 92.1 % [88.1, 96.1]; Y is tied with it.",
        "Tied means that this test cannot distinguish them, not that they are equal.",
        "bad diverged in 1 of 3 trainings and is left out of this ranking, though its last sound epoch scores 95.0 %.",
    ]


def test_diverged_models_stand_behind_all_others(said, tmp_path: Path) -> None:
    said([Model("bad", 0.99, status="diverged"), replace(BEST, verdict="best"), replace(TIED, verdict="behind")])
    results = tmp_path / "gestures"
    summary = read_results(results, read_videos(results / "videos.csv")).summary
    assert [(row.model, row.verdict.value) for row in summary] == [
        ("X", "best"), ("Y", "behind"), ("bad", "diverged"),
    ]  # fmt: skip


def test_every_model_diverged(said) -> None:
    sentences = said([replace(BEST, status="diverged"), replace(TIED, status="diverged")])
    assert sentences[-1].startswith("Every model diverged in at least one training")


def test_a_missing_seed_is_named(said) -> None:
    sentences = said([BEST, replace(TIED, seeds=(0, 2))])
    assert "The models do not all have the same trainings: Y lacks seed 1." in sentences


def test_a_missing_training_of_one_split_is_named(said) -> None:
    two = ("split1", "split2")
    sentences = said([replace(BEST, splits=two), replace(TIED, splits=("split1",))])
    assert "The models do not all have the same trainings: Y lacks seed 0 of split2, seed 1 of split2 and" \
        " seed 2 of split2." in sentences  # fmt: skip


def test_one_split_of_several(said) -> None:
    expected = "Only split1 of 3 splits was run: published results are means over all of them."
    assert expected in said([BEST, TIED], ["split1", "split2", "split3"])
    assert not any("published" in sentence for sentence in said([BEST, TIED], ["split1", "split1-train50"]))


def test_one_fold_of_ones_own_is_no_published_split(said) -> None:
    models = [replace(BEST, splits=("fold1",)), replace(TIED, splits=("fold1",))]
    expected = "Only fold1 of 4 splits was run: the videos of the others were not tested."
    assert expected in said(models, [f"fold{number}" for number in range(1, 5)])


def test_a_first_look_says_what_comes_next(said) -> None:
    folds = ["split1", "split2"]
    once = [replace(BEST, seeds=(0,)), replace(TIED, seeds=(0,))]
    assert said(once, folds)[-1].startswith("This is a first look; next: all splits")
    assert not any("first look" in sentence for models in (once, [BEST, TIED]) for sentence in said(models, ["split1"]))
    assert not any("first look" in sentence for sentence in said([BEST, TIED], folds))


def test_too_few_groups(said) -> None:
    few = [replace(BEST, half=None, verdict="unknown"), replace(TIED, half=None, verdict="unknown")]
    assert said(few, groups=3) == [
        "On gestures, X reaches 92.1 % of 96 test videos, but these come from 3 groups: too few groups to say how sure"
        " this is, or which model is better."
    ]  # fmt: skip
    assert said(few[:1], groups=1)[0].endswith("these come from 1 group: too few groups to say how sure this is.")


def test_one_model(said) -> None:
    assert said([replace(BEST, verdict="best", shuffled=None)]) == [
        "On gestures, X reaches 92.1 % [88.1, 96.1].",
        "It is the only model of this run, so nothing is compared.",
    ]


def test_one_seed_says_nothing_of_architectures(said) -> None:
    once = [replace(BEST, seeds=(0,)), replace(TIED, seeds=(0,))]
    assert said(once)[-1].startswith("With one seed per model, this is about these trained weights, not about the arch")
    assert said([replace(model, seeds=(0, 1)) for model in once])[-1].startswith(
        "With fewer than three seeds per model"
    )
    assert said(once[:1])[-1] == "With one seed, this is about the trained weights, not about the architecture."


def test_a_model_that_needs_no_order(said) -> None:
    sentences = said([replace(BEST, shuffled=0.915), TIED])
    expected = "With its frames in random order X still reaches 91.5 %: no use of their order was detected."
    assert expected in sentences


@pytest.mark.parametrize(
    ("difference", "words"), [(0.283, "28 points"), (0.0996, "10 points"), (0.062, "6.2 points"), (0.01, "1.0 point")]
)
def test_a_difference_that_is_known_roughly(difference: float, words: str) -> None:
    assert round_points(difference) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "m0"), (2, "m0 and m1"), (3, "m0, m1 and m2"), (4, "m0, m1, m2 and 1 more"), (9, "m0, m1, m2 and 6 more")],
)
def test_names_in_a_sentence(count: int, words: str) -> None:
    assert several([f"m{number}" for number in range(count)]) == words


def test_every_sentence_ends_and_none_is_long(said) -> None:
    cases = [
        [BEST, TIED, BEHIND],
        [BEST],
        [replace(BEST, top1=0.26, shuffled=None)],
        [Model("b", 0.9, status="diverged"), BEST],
    ]
    for models in cases:
        for sentence in said(models):
            assert sentence.endswith(".")
            assert len(sentence) < 170
            assert "  " not in sentence


def test_a_test_that_pretrained_weights_may_have_seen(tmp_path: Path) -> None:
    folder = plant(tmp_path, Planted("gestures", [BEST, TIED, BEHIND]))
    results = read_results(folder, read_videos(folder / "videos.csv"))
    seen = replace(results, overlaps={"X": "Kinetics-400, which is shared", "Z": "Kinetics-400, which is shared"})
    sentence = "X and Z start from weights trained on Kinetics-400, which is shared."
    assert sentence in answer(seen)
    assert sentence not in answer(results)
