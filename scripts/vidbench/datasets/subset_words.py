"""Words that people use for training, validation and test, in a column and in the names of folders.

`eval` and `evaluation` are validation where there is a test. Where they may mean the test, nothing is guessed: they are
refused beside another word for validation, and subsets without a test are always refused.
"""

import re

WORDS = {
    "train": ("train", "training", "trainval"),
    "val": ("val", "valid", "validation", "validate", "dev", "devel", "development", "eval", "evaluation"),
    "test": ("test", "testing"),
}
SUBSETS = {word: subset for subset, words in WORDS.items() for word in words}
MAY_BE_TEST = frozenset(["eval", "evaluation"])
# Only in a column that is known to hold subsets: a folder of such a name may be a class, e.g. of syllables.
ABBREVIATIONS = {"tr": "train", "trn": "train", "te": "test", "tst": "test"}
# Words without a meaning here: `train_videos` is `train`.
FILLERS = frozenset(
    ["set", "data", "dataset", "split", "subset", "video", "videos", "clip", "clips", "images", "frames"]
)
FUSED = re.compile(rf"({'|'.join(SUBSETS)})({'|'.join(FILLERS)})")


def words_of(name: str) -> list[str]:
    """Split a name into words, without case and without digits in front, which only put folders in order.

    >>> words_of("2_TestVideos"), words_of("trainset")
    (['test', 'videos'], ['train', 'set'])
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"^\d+(?=[\W_])", "", name)).casefold()
    return [part for word in re.findall(r"[^\W\d_]+|\d+", spaced) for part in _split_fused(word)]


def parse_name(name: str) -> tuple[str, tuple[str, ...]]:
    """Return the subset that a name holds, or "", and its other words."""
    words = words_of(name)
    subsets = [SUBSETS[word] for word in words if word in SUBSETS]
    other_words = tuple(word for word in words if word not in SUBSETS and word not in FILLERS)
    if sorted(subsets) == ["train", "val"]:  # both together: validation is drawn out of training
        return "train", other_words
    return (subsets[0], other_words) if len(subsets) == 1 else ("", other_words)


def subset_of(cell: str) -> str | None:
    """Return train, val, test or "" for a cell; None where it holds something else.

    >>> subset_of(" Validation "), subset_of("test set"), subset_of("TR"), subset_of("exam")
    ('val', 'test', 'train', None)
    """
    plain = re.sub(r"[\s_-]+", "", cell).casefold()
    if not plain:
        return ""
    subset, rest = parse_name(cell)
    return SUBSETS.get(plain) or ABBREVIATIONS.get(plain) or (None if rest else subset or None)


def may_be_test(name: str) -> bool:
    """Return whether a name that counts as validation may mean the test."""
    return not MAY_BE_TEST.isdisjoint(words_of(name))


def _split_fused(word: str) -> tuple[str, ...]:
    fused = FUSED.fullmatch(word)
    return fused.groups() if fused else (word,)
