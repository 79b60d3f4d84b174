"""Who is in train, val and test: official lists or folds by group, and validation out of training."""

import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from vidbench.datasets.fractions import fraction_of, full_split, is_variant, keep_fraction, with_variants
from vidbench.errors import UserError
from vidbench.video import Video

TRIES = 100  # random groupings of which the best balanced is taken
MAX_GROUPS = 50_000  # groups drawn in all tries together: a data set of very many gets fewer tries
FAR_OFF = 0.25  # of a fraction: a difference that is worth a warning
NAMED = 5  # groups that a warning names


def split_names(options: dict, official: int) -> list[str]:
    """Names of a data set's splits, e.g. ['fold1', 'fold2'], and of their variants (see fractions.py) behind them.

    `official`: number of splits that the data set brings along.
    """
    kind = _kind(options, official)
    count = options["folds"] if kind == "folds" else official if kind == "official" else 1
    word = "fold" if kind == "folds" else "split"
    return with_variants([f"{word}{number + 1}" for number in range(count)], options.get("fractions", []))


def official_splits(videos: Sequence[Video]) -> int:
    """Number of official splits that videos bring along: 0 where no video has an official subset."""
    count = 1 + max((len(video.more_subsets) for video in videos), default=0)
    return count if any(video.official(split + 1) for video in videos for split in range(count)) else 0


def _kind(options: dict, official: int) -> str:
    """`official`, `folds` or `holdout`: also what `kind: auto` stands for."""
    if options["kind"] != "auto":
        return options["kind"]
    return "official" if official else "folds"


def uses_official(options: dict, official: int) -> bool:
    """Whether splits are the data set's own; `official`: number of those that it brings along."""
    return _kind(options, official) == "official"


def check_possible(options: dict, videos: Sequence[Video]) -> None:
    """Raise UserError for what makes every split impossible; quick, so that it can come before any work."""
    official = official_splits(videos)
    kind = _kind(options, official)
    if kind == "official":
        if options.get("group_duplicates"):
            raise UserError(
                "splits.group_duplicates: official subsets stay as they are, whatever is alike in them;"
                " set splits.kind to folds or holdout"
            )
        for split in range(1, max(official, 1) + 1):
            subsets = _official(videos, split)
            _check_groups(f"split{split}", subsets, videos)
            _check_trained(f"split{split}", subsets, videos, "move some of its videos to train, or take the class away")
    if kind != "folds":
        return
    groups = len({video.group for video in videos})
    if groups < options["folds"]:
        raise UserError(
            f"splits: {options['folds']} folds need at least as many groups, there are {groups}; lower splits.folds"
        )
    label, most = Counter(video.label for video in videos).most_common(1)[0]
    if most < options["folds"]:
        raise UserError(
            f"splits: the largest class, '{label}', has {most} videos, fewer than the {options['folds']} folds;"
            " lower splits.folds"
        )


def make_split(name: str, options: dict, videos: Sequence[Video], published: bool = False) -> dict[str, str]:
    """Subset (train, val or test) of each video of a split, by video; a variant leaves training videos out.

    A group in training and test is an error in a person's own subsets. In `published` lists it is a warning, because
    others compare with them as they are; validation then takes no such group.
    """
    subsets = _make_full(full_split(name), options, videos, published)
    if is_variant(name):
        training = [video for video in videos if subsets.get(video.video) == "train"]
        kept = keep_fraction(name, training, options["seed"])
        _warn_of_share(name, len(kept), len(training))
        subsets = {video: subset for video, subset in subsets.items() if subset != "train" or video in kept}
    return subsets


def _warn_of_share(name: str, kept: int, training: int) -> None:
    if abs(kept / training - fraction_of(name)) > FAR_OFF * fraction_of(name):
        print(
            f"WARNING: split {name}: keeps {kept} of {training} training videos ({kept / training:.0%}), because groups"
            " stay whole; a neighbouring value of splits.fractions may keep the same ones",
            file=sys.stderr,
        )


def _make_full(name: str, options: dict, videos: Sequence[Video], published: bool) -> dict[str, str]:
    kind = _kind(options, official_splits(videos))
    if kind == "official":
        number = int(name.removeprefix("split"))
        subsets = _official(videos, number)
        _check_groups(name, subsets, videos, published)
    elif kind == "folds":
        check_possible(options, videos)
        subsets = _fold(int(name.removeprefix("fold")) - 1, options, videos)
    else:
        subsets = _holdout(options, videos)
    if "val" not in subsets.values():
        chosen = _validation(_only_training(subsets, videos), options["validation"], options["seed"])
        subsets |= {video: "val" for video in chosen}
    _check_classes(name, subsets, videos)
    return subsets


def merge_groups(videos: Sequence[Video], alike: Iterable[set[str]]) -> list[Video]:
    """Videos with one group where they show the same recording: `alike` are sets of such videos."""
    known = {video.video: video.group for video in videos}
    parent: dict[str, str] = {}

    def root(group: str) -> str:
        while parent.get(group, group) != group:
            group = parent[group]
        return group

    for together in alike:
        first, *others = sorted({root(known[video]) for video in together if video in known}) or [""]
        for other in others:
            parent[other] = first
    return [replace(video, group=root(video.group)) for video in videos]


def _only_training(subsets: dict[str, str], videos: Sequence[Video]) -> list[Video]:
    """Training videos whose whole group is in training."""
    elsewhere = {video.group for video in videos if subsets.get(video.video, "train") != "train"}
    return [video for video in videos if subsets.get(video.video) == "train" and video.group not in elsewhere]


def _check_groups(name: str, subsets: dict[str, str], videos: Sequence[Video], published: bool = False) -> None:
    """Raise UserError for a group in two subsets, or warn of it in published lists."""
    where: dict[str, set[str]] = {}
    for video in videos:
        if video.video in subsets:
            where.setdefault(video.group, set()).add(subsets[video.video])
    shared = sorted(group for group, found in where.items() if len(found) > 1)
    if shared and published:
        print(
            f"WARNING: {name}: {len(shared)} groups stand in training and test, as the official lists have it:"
            f" {', '.join(shared[:NAMED])}{' ...' if len(shared) > NAMED else ''}",
            file=sys.stderr,
        )
    elif shared:
        found = " and ".join(sorted(where[shared[0]]))
        more = f" (and {len(shared) - 1} more groups likewise)" if len(shared) > 1 else ""
        raise UserError(
            f"split {name}: group '{shared[0]}' is in {found}{more}; correct `group` or `subset` of its videos"
        )


def _check_trained(name: str, subsets: dict[str, str], videos: Sequence[Video], advice: str) -> None:
    """Raise UserError for a class without a training video."""
    used = [video for video in videos if video.video in subsets]
    trained = {video.label for video in used if subsets[video.video] == "train"}
    if untrained := sorted({video.label for video in used} - trained):
        raise UserError(f"split {name}: no training video of class '{untrained[0]}'; {advice}")


def _check_classes(name: str, subsets: dict[str, str], videos: Sequence[Video]) -> None:
    """Raise UserError for a class that cannot be trained; warn of classes that val or test lack."""
    classes: dict[str, set[str]] = {"train": set(), "val": set(), "test": set()}
    for video in videos:
        if video.video in subsets:
            classes[subsets[video.video]].add(video.label)
    everything = set().union(*classes.values())
    _check_trained(name, subsets, videos, "it needs videos in more groups")
    for subset in ("val", "test"):
        if not classes[subset]:
            raise UserError(f"split {name}: has no video in '{subset}'")
        if absent := sorted(everything - classes[subset]):
            print(f"WARNING: split {name}: no {subset} video of {', '.join(absent)}", file=sys.stderr)


def _official(videos: Sequence[Video], split: int) -> dict[str, str]:
    """The data set's own subsets; a video without one is left out."""
    subsets = {video.video: subset for video in videos if (subset := video.official(split))}
    for needed in ("train", "test"):
        if needed not in subsets.values():
            raise UserError(
                f"splits: official, but no video has the subset '{needed}' in split{split}; rename the one that is"
                f" the {needed}{', e.g. val' if needed == 'test' else ''}, or set splits.kind to folds, which takes"
                " no account of subsets"
            )
    return subsets


def _holdout(options: dict, videos: Sequence[Video]) -> dict[str, str]:
    test = set(_validation(videos, options["test"], options["seed"], "test"))
    return {video.video: "test" if video.video in test else "train" for video in videos}


def _fold(number: int, options: dict, videos: Sequence[Video]) -> dict[str, str]:
    folds = _balanced_folds(videos, options["folds"], options["seed"])
    return {video.video: "test" if fold == number else "train" for video, fold in zip(videos, folds, strict=True)}


def _balanced_folds(videos: Sequence[Video], count: int, seed: int) -> np.ndarray:
    """Fold of each video, (N,): whole groups, the classes spread as evenly as the best of TRIES drawings.

    scikit-learn balances the classes only greedily: one drawing can leave folds of very different size.
    """
    groups = len({video.group for video in videos})
    labels, classes = _numbers([video.label for video in videos])
    tries = range(max(1, min(TRIES, MAX_GROUPS // groups)))
    drawings = (_assign(videos, labels, count, seed * TRIES + attempt) for attempt in tries)
    return min(drawings, key=lambda folds: _imbalance(folds, labels, count, classes))


def _assign(videos: Sequence[Video], labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    from sklearn.model_selection import StratifiedGroupKFold  # here: it costs seconds

    folds = np.empty(len(videos), np.int64)
    divider = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "least populated class": classes that lack are reported by check()
        for number, (_, members) in enumerate(divider.split(labels, labels, [video.group for video in videos])):
            folds[members] = number
    return folds


def _imbalance(folds: np.ndarray, labels: np.ndarray, count: int, classes: int) -> float:
    """0 when every fold has the same number of videos of every class."""
    table = np.zeros((count, classes))
    np.add.at(table, (folds, labels), 1)
    spread = ((table - table.mean(axis=0)) ** 2).sum()
    return spread + ((table.sum(axis=1) - len(folds) / count) ** 2).sum() / classes


def _validation(training: Sequence[Video], fraction: float, seed: int, purpose: str = "validation") -> list[str]:
    """Whole groups of the training videos, about `fraction` of them, no class taken out of training."""
    if not training:
        raise UserError(f"splits: every training group has videos in the test, too: none is left for {purpose}")
    labels, classes = _numbers([video.label for video in training])
    groups, members = np.unique([video.group for video in training], return_inverse=True)
    table = np.zeros((len(groups), classes))
    np.add.at(table, (members, labels), 1)
    total = table.sum(axis=0)
    for together in (0.0, 1.0):  # where groups are too large to get every class right, the total has to do
        best = _best_groups(table, fraction * total, seed, together)
        if best:
            break
    kept = set(groups[best or _nearest_group(table, fraction * total)])
    if kept:
        return [video.video for video in training if video.group in kept]
    raise UserError(
        f"splits: no group can be kept for {purpose} without taking a whole class out of training;"
        " each class needs videos in more groups"
    )


def _best_groups(table: np.ndarray, wanted: np.ndarray, seed: int, together: float) -> list[int]:
    """Of several random picks of groups the one nearest to the wanted class counts; [] where there is none."""
    best, best_score = [], np.inf
    for attempt in range(max(1, min(TRIES, MAX_GROUPS // len(table)))):
        order = np.random.default_rng((seed, attempt)).permutation(len(table))
        chosen = _pick_groups(order, table, wanted, together)
        score = _distance(table[chosen].sum(axis=0), wanted, together)
        if chosen and score < best_score:
            best, best_score = chosen, score
    return best


def _nearest_group(table: np.ndarray, wanted: np.ndarray) -> list[int]:
    """Where every group is larger than what is wanted, the one that is nearest to it, if a class stays without it."""
    total = table.sum(axis=0)
    possible = [group for group, counts in enumerate(table) if np.all(counts[total > 0] < total[total > 0])]
    return sorted(possible, key=lambda group: _distance(table[group], wanted, 1.0))[:1]


def _pick_groups(order: np.ndarray, table: np.ndarray, wanted: np.ndarray, together: float) -> list[int]:
    """Groups, in `order`, each of which brings the counts nearer to `wanted` and leaves every class something."""
    chosen, counts, total = [], np.zeros(len(wanted)), table.sum(axis=0)
    for group in order:
        after = counts + table[group]
        nearer = _distance(after, wanted, together) < _distance(counts, wanted, together)
        if nearer and np.all(after[total > 0] < total[total > 0]):
            chosen.append(int(group))
            counts = after
    return chosen


def _distance(counts: np.ndarray, wanted: np.ndarray, together: float) -> float:
    """How far class counts are from the wanted ones, each by itself and, weighted by `together`, their sum."""
    return float(((counts - wanted) ** 2).sum() + together * (counts.sum() - wanted.sum()) ** 2 / len(wanted))


def _numbers(labels: Sequence[str]) -> tuple[np.ndarray, int]:
    names, numbers = np.unique(labels, return_inverse=True)
    return numbers, len(names)
