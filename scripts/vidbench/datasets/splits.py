"""Splits of the videos into train, val and test: official lists or folds by group, and validation out of training."""

import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from vidbench.datasets import label_folds
from vidbench.datasets.fractions import fraction_of, full_split, is_variant, keep_fraction, with_variants
from vidbench.errors import UserError
from vidbench.video import Video

TRIES = 100  # random draws, of which the best balanced is used
MAX_GROUPS = 50_000  # groups drawn in all tries together: a data set with very many groups gets fewer tries
FAR_OFF = 0.25  # of a fraction: a difference that is worth a warning
NAMED = 5  # groups that a warning names


def split_names(options: dict, official: int) -> list[str]:
    """Return the names of a data set's splits, e.g. ['fold1', 'fold2'], followed by their variants (fractions.py).

    `official`: number of splits that come with the data set.
    """
    kind = _kind(options, official)
    count = options["folds"] if kind == "folds" else official if kind == "official" else 1
    word = "fold" if kind == "folds" else "split"
    return with_variants([f"{word}{number + 1}" for number in range(count)], options.get("fractions", []))


def official_splits(videos: Sequence[Video]) -> int:
    """Return the number of official splits that come with the videos: 0 where no video has an official subset."""
    count = 1 + max((len(video.more_subsets) for video in videos), default=0)
    return count if any(video.official(split + 1) for video in videos for split in range(count)) else 0


def _kind(options: dict, official: int) -> str:
    """Return `official`, `folds` or `holdout`, also for `kind: auto`."""
    if options["kind"] != "auto":
        return options["kind"]
    return "official" if official else "folds"


def uses_official(options: dict, official: int) -> bool:
    """Return whether the official splits are used; `official`: their number."""
    return _kind(options, official) == "official"


def check_possible(options: dict, videos: Sequence[Video]) -> None:
    """Raise UserError where no split is possible; quick, so that it can come before any work."""
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
    label, count = Counter(label for video in videos for label in video.labels).most_common(1)[0]
    if count < options["folds"]:
        raise UserError(
            f"splits: the largest class, '{label}', has {count} videos, fewer than the {options['folds']} folds;"
            " lower splits.folds"
        )


def make_split(name: str, options: dict, videos: Sequence[Video], published: bool = False) -> dict[str, str]:
    """Return the subset (train, val or test) of each video of a split, by video; a variant leaves training videos out.

    A group in training and test is an error in a person's own subsets. In `published` lists it is a warning, because
    results are compared on them as they are; validation then takes no such group.
    """
    subsets = _make_full(full_split(name), options, videos, published)
    if is_variant(name):
        training = [video for video in videos if subsets.get(video.id) == "train"]
        kept_videos = keep_fraction(name, training, options["seed"])
        _warn_of_share(name, len(kept_videos), len(training))
        subsets = {video: subset for video, subset in subsets.items() if subset != "train" or video in kept_videos}
    return subsets


def _warn_of_share(name: str, num_kept: int, num_training: int) -> None:
    if abs(num_kept / num_training - fraction_of(name)) > FAR_OFF * fraction_of(name):
        print(
            f"WARNING: split {name}: keeps {num_kept} of {num_training} training videos"
            f" ({num_kept / num_training:.0%}), because groups stay whole; a neighbouring value of splits.fractions may"
            " keep the same videos",
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
        validation = _draw_subset(_only_training(subsets, videos), options["validation"], options["seed"], "validation")
        subsets |= {video: "val" for video in validation}
    _check_classes(name, subsets, videos)
    return subsets


def merge_groups(videos: Sequence[Video], alike: Iterable[set[str]]) -> list[Video]:
    """Return the videos with one group for those that show the same recording: `alike` are sets of such videos."""
    groups = {video.id: video.group for video in videos}
    parent: dict[str, str] = {}  # a merged group's parent; merging forms trees, and a root names its whole tree

    def root(group: str) -> str:
        while parent.get(group, group) != group:
            group = parent[group]
        return group

    for copies in alike:
        first, *rest = sorted({root(groups[video]) for video in copies if video in groups}) or [""]
        for group in rest:
            parent[group] = first
    return [replace(video, group=root(video.group)) for video in videos]


def _only_training(subsets: dict[str, str], videos: Sequence[Video]) -> list[Video]:
    """Return the training videos whose whole group is in training."""
    elsewhere = {video.group for video in videos if subsets.get(video.id, "train") != "train"}
    return [video for video in videos if subsets.get(video.id) == "train" and video.group not in elsewhere]


def _check_groups(name: str, subsets: dict[str, str], videos: Sequence[Video], published: bool = False) -> None:
    """Raise UserError for a group in two subsets, or warn of it in published lists."""
    group_subsets: dict[str, set[str]] = {}
    for video in videos:
        if video.id in subsets:
            group_subsets.setdefault(video.group, set()).add(subsets[video.id])
    shared = sorted(group for group, names in group_subsets.items() if len(names) > 1)
    if shared and published:
        print(
            f"WARNING: {name}: {len(shared)} groups are in training and test, as the official lists have it:"
            f" {', '.join(shared[:NAMED])}{' ...' if len(shared) > NAMED else ''}",
            file=sys.stderr,
        )
    elif shared:
        names = " and ".join(sorted(group_subsets[shared[0]]))
        more = f" (as are {len(shared) - 1} more groups)" if len(shared) > 1 else ""
        raise UserError(
            f"split {name}: group '{shared[0]}' is in {names}{more}; correct `group` or `subset` of its videos"
        )


def _check_trained(name: str, subsets: dict[str, str], videos: Sequence[Video], advice: str) -> None:
    """Raise UserError for a class without a training video."""
    used = [video for video in videos if video.id in subsets]
    trained = {label for video in used if subsets[video.id] == "train" for label in video.labels}
    if untrained := sorted({label for video in used for label in video.labels} - trained):
        raise UserError(f"split {name}: no training video of class '{untrained[0]}'; {advice}")


def _check_classes(name: str, subsets: dict[str, str], videos: Sequence[Video]) -> None:
    """Raise UserError for a class that cannot be trained; warn of classes that val or test lack."""
    classes: dict[str, set[str]] = {"train": set(), "val": set(), "test": set()}
    for video in videos:
        if video.id in subsets:
            classes[subsets[video.id]].update(video.labels)
    everything = set().union(*classes.values())
    _check_trained(name, subsets, videos, "it needs videos in more groups")
    for subset in ("val", "test"):
        if not classes[subset]:
            raise UserError(f"split {name}: has no video in '{subset}'")
        if absent := sorted(everything - classes[subset]):
            print(f"WARNING: split {name}: no {subset} video of {', '.join(absent)}", file=sys.stderr)


def _official(videos: Sequence[Video], split: int) -> dict[str, str]:
    """Return the official subset of each video; a video without one is left out."""
    subsets = {video.id: subset for video in videos if (subset := video.official(split))}
    for needed in ("train", "test"):
        if needed not in subsets.values():
            raise UserError(
                f"splits: official, but no video has the subset '{needed}' in split{split}; rename the one that is"
                f" the {needed}{', e.g. val' if needed == 'test' else ''}, or set splits.kind to folds, which ignores"
                " subsets"
            )
    return subsets


def _holdout(options: dict, videos: Sequence[Video]) -> dict[str, str]:
    test = set(_draw_subset(videos, options["test"], options["seed"], "test"))
    return {video.id: "test" if video.id in test else "train" for video in videos}


def _fold(number: int, options: dict, videos: Sequence[Video]) -> dict[str, str]:
    draw_folds = label_folds.draw_folds if videos[0].multi else _draw_folds
    folds = draw_folds(videos, options["folds"], options["seed"])
    return {video.id: "test" if fold == number else "train" for video, fold in zip(videos, folds, strict=True)}


def _draw_folds(videos: Sequence[Video], count: int, seed: int) -> np.ndarray:
    """Return the fold of each video, (N,): whole groups, the classes balanced as in the best of TRIES draws.

    scikit-learn balances the classes only greedily: a single draw can give folds of very different sizes.
    """
    num_groups = len({video.group for video in videos})
    labels, num_classes = _to_numbers([video.label for video in videos])
    tries = range(max(1, min(TRIES, MAX_GROUPS // num_groups)))
    draws = (_draw_folds_once(videos, labels, count, seed * TRIES + attempt) for attempt in tries)
    return min(draws, key=lambda folds: _imbalance(folds, labels, count, num_classes))


def _draw_folds_once(videos: Sequence[Video], labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    from sklearn.model_selection import StratifiedGroupKFold  # here: it takes seconds

    folds = np.empty(len(videos), np.int64)
    divider = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "least populated class": _check_classes() reports missing classes
        for number, (_, indices) in enumerate(divider.split(labels, labels, [video.group for video in videos])):
            folds[indices] = number
    return folds


def _imbalance(folds: np.ndarray, labels: np.ndarray, count: int, num_classes: int) -> float:
    """Return 0 where every fold has the same number of videos of every class, and more the further from that.

    The squared differences of class counts from their mean over the folds, and of fold sizes, divided by the classes.
    """
    table = np.zeros((count, num_classes))
    np.add.at(table, (folds, labels), 1)
    spread = ((table - table.mean(axis=0)) ** 2).sum()
    return spread + ((table.sum(axis=1) - len(folds) / count) ** 2).sum() / num_classes


def _draw_subset(training: Sequence[Video], fraction: float, seed: int, purpose: str) -> list[str]:
    """Draw whole groups with about `fraction` of the training videos; every class keeps some training videos."""
    if not training:
        raise UserError(f"splits: every training group has videos in the test, too: none is left for {purpose}")
    names, table = label_folds.count_labels(training)
    target = fraction * table.sum(axis=0)
    # First by the classes alone. Where groups are too large for that, the total counts, too: it may then be right at
    # the expense of the balance of the classes.
    for weight in (0.0, 1.0):
        best = _draw_groups(table, target, seed, weight)
        if best:
            break
    drawn = set(names[best or _nearest_group(table, target)])
    if drawn:
        return [video.id for video in training if video.group in drawn]
    raise UserError(
        f"splits: no group can be kept for {purpose} without removing a whole class from training;"
        " each class needs videos in more groups"
    )


def _draw_groups(table: np.ndarray, target: np.ndarray, seed: int, weight: float) -> list[int]:
    """Return the draw of groups nearest to the target counts, of several; [] where no group comes nearer.

    `table`: (G, K) class counts of the groups; `target`: (K,) class counts; `weight`: see _distance().
    """
    best: list[int] = []
    best_distance = np.inf
    for attempt in range(max(1, min(TRIES, MAX_GROUPS // len(table)))):
        order = np.random.default_rng((seed, attempt)).permutation(len(table))
        groups = _pick_groups(order, table, target, weight)
        distance = _distance(table[groups].sum(axis=0), target, weight)
        if groups and distance < best_distance:
            best = groups
            best_distance = distance
    return best


def _nearest_group(table: np.ndarray, target: np.ndarray) -> list[int]:
    """Return the group nearest to the target counts of those without which every class keeps videos; [] for none."""
    total = table.sum(axis=0)
    possible = [group for group, counts in enumerate(table) if np.all(counts[total > 0] < total[total > 0])]
    return sorted(possible, key=lambda group: _distance(table[group], target, 1.0))[:1]


def _pick_groups(order: np.ndarray, table: np.ndarray, target: np.ndarray, weight: float) -> list[int]:
    """Return the groups, in `order`, that bring the counts nearer to the target and leave every class something."""
    picked: list[int] = []
    counts = np.zeros(len(target))
    total = table.sum(axis=0)
    for group in order:
        after = counts + table[group]
        nearer = _distance(after, target, weight) < _distance(counts, target, weight)
        if nearer and np.all(after[total > 0] < total[total > 0]):
            picked.append(int(group))
            counts = after
    return picked


def _distance(counts: np.ndarray, target: np.ndarray, weight: float) -> float:
    """Return sum_k (n_k - t_k)^2 + weight * (sum_k n_k - sum_k t_k)^2 / K for counts n and targets t of K classes."""
    return float(((counts - target) ** 2).sum() + weight * (counts.sum() - target.sum()) ** 2 / len(target))


def _to_numbers(labels: Sequence[str]) -> tuple[np.ndarray, int]:
    names, numbers = np.unique(labels, return_inverse=True)
    return numbers, len(names)
