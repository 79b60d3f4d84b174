"""Words that people use for training, validation and test, in a column as in the names of folders.

`eval` and `evaluation` are validation where there is a test. Where they may mean the test, nothing is guessed: beside
another word for validation they are refused, and as everywhere so are subsets without a test.
"""

import re

WORDS = {
    "train": ("train", "training", "trainval"),
    "val": ("val", "valid", "validation", "validate", "dev", "devel", "development", "eval", "evaluation"),
    "test": ("test", "testing"),
}
SUBSETS = {word: subset for subset, words in WORDS.items() for word in words}
MAY_BE_TEST = frozenset(["eval", "evaluation"])
# Only in a column that is known to say subsets: a folder of such a name may be a class, as a syllable is.
ABBREVIATIONS = {"tr": "train", "trn": "train", "te": "test", "tst": "test"}
# What says nothing of a subset: `train_videos` is `train`.
FILLERS = frozenset(
    ["set", "data", "dataset", "split", "subset", "video", "videos", "clip", "clips", "images", "frames"]
)
FUSED = re.compile(rf"({'|'.join(SUBSETS)})({'|'.join(FILLERS)})")


def words_of(name: str) -> list[str]:
    """Words of a name, without case; digits in front only put folders in order.

    >>> words_of("2_TestVideos"), words_of("trainset")
    (['test', 'videos'], ['train', 'set'])
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"^\d+(?=[\W_])", "", name)).casefold()
    return [each for word in re.findall(r"[^\W\d_]+|\d+", spaced) for each in _parted(word)]


def described(name: str) -> tuple[str, tuple[str, ...]]:
    """The subset that a name holds, or "", and its other words."""
    words = words_of(name)
    found = [SUBSETS[word] for word in words if word in SUBSETS]
    rest = tuple(word for word in words if word not in SUBSETS and word not in FILLERS)
    if sorted(found) == ["train", "val"]:  # train and validation together: validation is drawn out of it
        return "train", rest
    return (found[0], rest) if len(found) == 1 else ("", rest)


def subset_of(cell: str) -> str | None:
    """train, val, test or "" for a cell; None where it says something else.

    >>> subset_of(" Validation "), subset_of("test set"), subset_of("TR"), subset_of("exam")
    ('val', 'test', 'train', None)
    """
    plain = re.sub(r"[\s_-]+", "", cell).casefold()
    if not plain:
        return ""
    subset, rest = described(cell)
    return SUBSETS.get(plain) or ABBREVIATIONS.get(plain) or (None if rest else subset or None)


def may_be_test(name: str) -> bool:
    """Whether a name that is taken for validation may mean the test."""
    return not MAY_BE_TEST.isdisjoint(words_of(name))


def _parted(word: str) -> tuple[str, ...]:
    fused = FUSED.fullmatch(word)
    return fused.groups() if fused else (word,)
