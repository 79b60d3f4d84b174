"""The words that an image-text network reads for a class: its name, made readable, in prompts. Imports no torch."""

import re
from collections.abc import Mapping, Sequence

from vidbench.errors import UserError

PROMPTS = (
    "a photo of {}.",
    "a video of {}.",
    "a video of a person {}.",
    "a person doing {}.",
    "an example of {}.",
)
PLACE = "{}"
# Where a word of CamelCase begins: HandStandPushups, TVNews.
WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def check_prompts(prompts: Sequence[str]) -> None:
    """Raise UserError where a prompt has no place for the class, or says the same as another one."""
    for prompt in prompts:
        if PLACE not in prompt:
            raise UserError(f"prompts: {prompt!r} has no {PLACE}, where the name of a class goes; add it")
    if len(set(prompts)) < len(prompts):
        raise UserError("prompts: one stands twice; leave it out")


def choose_words(labels: Sequence[str], given: Mapping[str, str]) -> list[str]:
    """Return the words for each class: those `given` by label, or the label made readable.

    UserError for a class without letters, for two classes with the same words, and for words of an unknown class.
    """
    if unknown := sorted(given.keys() - set(labels)):
        raise UserError(f"class_names: there is no class {unknown[0]!r}; the classes are {_list_some(labels)}")
    words = [given[label] if label in given else make_readable(label) for label in labels]
    for label, text in zip(labels, words, strict=True):
        if not any(letter.isalpha() for letter in text):
            raise UserError(
                f"class_names: the class {label!r} has no letters that a network could read; say what it is:"
                f" class_names: {{{label!r}: ...}}"
            )
    return _refuse_same(labels, words)


def _refuse_same(labels: Sequence[str], words: list[str]) -> list[str]:
    first: dict[str, str] = {}
    for label, text in zip(labels, words, strict=True):
        other = first.setdefault(text.lower(), label)
        if other != label:
            raise UserError(
                f"class_names: the classes {other!r} and {label!r} both read {text!r}, which no network can tell"
                f" apart; say what each is: class_names: {{{label!r}: ...}}"
            )
    return words


def make_readable(label: str) -> str:
    """Return a label as a person would write it.

    >>> make_readable("HandStandPushups"), make_readable("brush_hair")
    ('hand stand pushups', 'brush hair')
    """
    return " ".join(WORD_STARTS.sub(" ", label).replace("_", " ").split()).lower()


def fill_prompts(prompts: Sequence[str], words: str) -> list[str]:
    """Return the prompts with the words of a class in their places."""
    return [prompt.replace(PLACE, words) for prompt in prompts]


def _list_some(labels: Sequence[str], most: int = 6) -> str:
    return ", ".join(labels[:most]) + (" ..." if len(labels) > most else "")
