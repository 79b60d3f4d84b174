"""Labels made readable, and prompts filled in."""

import pytest

from vidbench.errors import UserError
from vidbench.models import class_words


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("HandStandPushups", "hand stand pushups"),
        ("YoYo", "yo yo"),
        ("brush_hair", "brush hair"),
        ("passing American football (in game)", "passing american football (in game)"),
        ("TVNews", "tv news"),
        ("  a__b ", "a b"),
        ("push-up", "push-up"),
        ("Müsli_essen", "müsli essen"),
        ("行走", "行走"),
        ("A01", "a01"),
    ],
)
def test_labels_are_made_readable(label: str, words: str) -> None:
    assert class_words.make_readable(label) == words


def test_own_words_replace_labels() -> None:
    assert class_words.choose_words(["07", "JumpRope"], {"07": "a wave"}) == ["a wave", "jump rope"]


@pytest.mark.parametrize(
    ("labels", "given", "words"),
    [
        (["07", "run"], {}, "the class '07' has no letters that a network could read; say what it is"),
        (["_", "run"], {}, "the class '_' has no letters"),
        (["run"], {"run": "1 2"}, "the class 'run' has no letters"),
        (["HandStand", "hand_stand"], {}, "'HandStand' and 'hand_stand' both read 'hand stand'"),
        (["a", "b"], {"b": "A"}, "the classes 'a' and 'b' both read 'A'"),
        (["a", "b"], {"c": "see"}, "class_names: there is no class 'c'; the classes are a, b"),
    ],
)
def test_classes_that_say_nothing(labels: list[str], given: dict[str, str], words: str) -> None:
    with pytest.raises(UserError) as caught:
        class_words.choose_words(labels, given)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_prompts() -> None:
    class_words.check_prompts(class_words.PROMPTS)
    assert class_words.fill_prompts(["{}", "a {} and {}"], "x{}") == ["x{}", "a x{} and x{}"]
    with pytest.raises(UserError, match=r"prompts: 'a photo' has no \{\}, where the name of a class goes"):
        class_words.check_prompts(["{}", "a photo"])
    with pytest.raises(UserError, match="one stands twice"):
        class_words.check_prompts(["{}", "{}"])
