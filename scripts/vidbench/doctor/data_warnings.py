"""Warnings about a data set before a model is trained on it, one line each.

The first two functions need no decoded video, so that the workflow can call them before any job.
"""

import json
import re
import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from vidbench.datasets.pieces import overlap_warnings
from vidbench.datasets.splits import official_splits, uses_official
from vidbench.formatting import counted
from vidbench.video import Video

MANY = 30  # videos; among more, some usually show one person or come from one recording
MIN_VALIDATION = 20  # videos; with fewer, one more that is right by chance changes the selected epoch
SOUND, FAILED = "ok", "failed"  # frames/store.py's, which imports more than the workflow needs
MAX_NAMES = 5  # classes that a line names
MAX_REASON = 80  # characters of the reason why a video cannot be decoded
SEVERAL = re.compile(r"[|;]")  # in no ordinary name
PERHAPS_SEVERAL = re.compile(r"[,/+&]| and ")  # between labels, or within one


def listing_warnings(videos: Sequence[Video]) -> list[str]:
    """Return the warnings about a list of the user's own videos: about groups, labels and pieces."""
    return [*_group_warnings(videos), *_label_warnings(videos), *overlap_warnings(videos)]


def subset_warnings(videos: Sequence[Video], options: dict, selected: Collection[str] | None = None) -> list[str]:
    """Return the warnings about what official subsets, or folds, leave out.

    `options`: complete `splits` section; `selected`: splits of the run, None for all.
    """
    official = official_splits(videos)
    if uses_official(options, official):
        numbers = range(1, official + 1)
        return _official_warnings(videos, [n for n in numbers if selected is None or f"split{n}" in selected])
    lines = ["the videos' own subsets are not used, because splits.kind says so"] if official else []
    if options["kind"] == "holdout":
        return lines
    groups: dict[str, set[str]] = {}
    for video in videos:
        for label in video.labels:
            groups.setdefault(label, set()).add(video.group)
    rare = {label: len(names) for label, names in groups.items() if len(names) < options["folds"]}
    if rare:
        rarest = min(rare, key=lambda label: (rare[label], label))
        lines.append(
            f"classes in fewer groups than the {options['folds']} folds, so that some folds test none of them:"
            f" {named(rare)} ('{rarest}' in {rare[rarest]})"
        )
    return lines


def summary(videos: Collection[Video], decoded: int) -> str:
    """Describe a data set in a line; `decoded`: number of videos without a fault."""
    numbers = {"video": len(videos), "class": len({label for video in videos for label in video.labels})}
    numbers["group"] = len({video.group for video in videos})
    sizes = ", ".join(counted(number, noun) for noun, number in numbers.items())
    return f"{sizes}, {'all' if decoded == len(videos) else f'{decoded:,} of them'} decoded without a fault"


def common_fault(inspection: Sequence[Mapping[str, object]]) -> str | None:
    """Return what is wrong with all videos of inspection.csv, where it is one thing, and so hardly theirs."""
    faults = {f"{row['status']}: {row['message']}" for row in inspection}
    only = next(iter(faults), "")
    return only if len(faults) == 1 and len(inspection) > 1 and not only.startswith(f"{SOUND}:") else None


def lost_warnings(lost: Sequence[str]) -> list[str]:
    """Return the warning about classes that have lost all videos."""
    classes = "this class" if len(lost) == 1 else "these classes"
    return [f"no video of {named(lost)} can be decoded: no training will start without {classes}"] if lost else []


def describe_subsets(subsets: Mapping[str, str], videos: Mapping[str, Video], readable: Collection[str]) -> dict:
    """Return what a split leaves out, and its validation videos, for split_warnings; `subsets` by video.

    `lacking`: classes without a readable video in training or test, of those that have one somewhere.
    """
    present = {"training": set(), "test": set()}
    validation = []
    for name, subset in subsets.items():
        if name in readable and subset == "val":
            validation.append(videos[name])
        elif name in readable:
            present["test" if subset == "test" else "training"].update(videos[name].labels)
    labels = {label for name, video in videos.items() if name in readable for label in video.labels}
    return {
        "example": next((name for name in videos if name not in subsets), None),
        "lacking": {usage: sorted(labels - classes) for usage, classes in present.items()},
        "validation": {"videos": len(validation), "groups": len({video.group for video in validation})},
    }


def split_warnings(splits: Mapping[str, dict], number: int, published: bool) -> list[str]:
    """Return the warnings about what splits of `number` videos leave out.

    Each split has `left_out`, its number of videos in no subset, and what describe_subsets returns. `published` lists
    leave videos out on purpose.
    """
    left_out = {} if published else {name: split["left_out"] for name, split in splits.items()}
    lines = [
        f"{where}: {left_out[name]} of {number} videos are in no subset, e.g. '{splits[name]['example']}'"
        for name, where in _worst(left_out)
    ]
    for subset in ("training", "test"):
        lines += _lacking_lines({name: split["lacking"][subset] for name, split in splits.items()}, subset)
    small = {
        name: split["validation"] for name, split in splits.items() if split["validation"]["videos"] < MIN_VALIDATION
    }
    if small:
        name, fewest = min(small.items(), key=lambda item: item[1]["videos"])
        lines.append(
            f"in {len(small)} of {len(splits)} splits there are fewer than {MIN_VALIDATION} validation videos to select"
            f" the best epoch by, in {name} {counted(fewest['videos'], 'video')} of"
            f" {counted(fewest['groups'], 'group')}; raise splits.validation, or add videos"
        )
    return lines


def leak_warnings(splits: Mapping[str, dict], folder: Path) -> list[str]:
    """Return the warnings about videos in two subsets that belong together; each split has `leaks`, `shared_groups`.

    `folder`: of the data set's results, where the leaks can be looked at.
    """
    lines = []
    for name, where in _worst({name: len(split["leaks"]) for name, split in splits.items()}):
        leaks = splits[name]["leaks"]
        pair, subsets = (" and ".join(leaks[0][key]) for key in ("videos", "subsets"))
        lines.append(
            f"{where}: {counted(len(leaks), 'pair')} of videos in two subsets show the same recording, e.g. {pair} in"
            f" {subsets}: look at {folder}/figures/duplicates.svg and {folder}/duplicates.csv;"
            " splits.group_duplicates: true keeps such videos together in folds and hold-outs"
        )
    shared = {name: len(split["shared_groups"]) for name, split in splits.items()}
    for name, where in _worst(shared):
        example = splits[name]["shared_groups"][0]
        verb = "is" if shared[name] == 1 else "are"
        lines.append(f"{where}: {counted(shared[name], 'group')} {verb} in two subsets, e.g. '{example}'")
    return lines


def bad_video_warnings(inspection: Sequence[Mapping[str, str]], table: Path) -> list[str]:
    """Return the warning about videos that cannot be decoded: the first with its reason, or that of all.

    `table` has the names of all.
    """
    bad = sorted((row for row in inspection if row["status"] != SOUND), key=lambda row: row["status"] != FAILED)
    if not bad:
        return []
    if fault := common_fault(inspection):
        return [f"all {len(bad)} videos cannot be decoded, wholly or in part, for one reason: {fault}"]
    reason = textwrap.shorten(bad[0].get("message") or bad[0]["status"], MAX_REASON, placeholder=" …")
    first = f"{'first' if len(bad) > 1 else 'it is'} '{bad[0]['video']}' ({reason})"
    where = f"; all are in {table}" if len(bad) > 1 else f"; see {table}"
    return [f"{len(bad)} of {len(inspection):,} videos cannot be decoded, wholly or in part: {first}{where}"]


def note_lines(inspection: Iterable[Mapping[str, str]]) -> list[str]:
    """Return a line per kind of note about sound videos: how many have one, with an example."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for row in inspection:
        if row["status"] != SOUND:
            continue
        for note in filter(None, (row.get("notes") or "").split("; ")):
            kinds.setdefault(re.sub(r"\d[\d.,]*", "N", note), []).append((row["video"], note))
    ordered = sorted(kinds.values(), key=len, reverse=True)
    return [f"{counted(len(notes), 'video')}: {notes[0][1]} (e.g. '{notes[0][0]}')" for notes in ordered]


def named(labels: Iterable[str]) -> str:
    """Return the names of the first MAX_NAMES classes, and how many more there are.

    >>> named("abcdefg")
    "'a', 'b', 'c', 'd', 'e' and 2 more"
    """
    ordered = sorted(labels)
    more = f" and {len(ordered) - MAX_NAMES} more" if len(ordered) > MAX_NAMES else ""
    return ", ".join(f"'{label}'" for label in ordered[:MAX_NAMES]) + more


def _group_warnings(videos: Sequence[Video]) -> list[str]:
    sizes = Counter(video.group for video in videos)
    if len(sizes) == len(videos):
        return [
            f"no two of the {len(videos):,} videos are in one group: the same person, scene or recording may be in"
            " training and test; name it in a column 'group' (kind: folder: by subfolders, or the key 'group')"
        ] if len(videos) > MANY else []  # fmt: skip
    alone = [video.id for video in videos if video.group == video.id and sizes[video.group] == 1]
    lines = [f"{_share(alone, videos)} no group, e.g. '{alone[0]}': each is a group of its own"] if alone else []
    return lines + _parted_folders(videos)


def _parted_folders(videos: Sequence[Video]) -> list[str]:
    """Return the warning about a folder name in several classes, a group in each: often it is one person."""
    classes: dict[str, set[str]] = {}
    for video in videos:
        label, _, below = video.group.partition("/")
        if below and label == video.label and video.group != video.id:
            classes.setdefault(below, set()).add(label)
    several = sorted(name for name, labels in classes.items() if len(labels) > 1)
    if not several:
        return []
    first = several[0]
    more = f" (and {len(several) - 1} more such folders)" if len(several) > 1 else ""
    return [
        f"'{first}' is a folder in {len(classes[first])} classes, and a group in each of them{more}: if it is one"
        " person or scene, set group: '^[^/]+/([^/]+)/'"
    ]


def _share(affected: Sequence[str], videos: Sequence[Video]) -> str:
    return f"{len(affected):,} of {len(videos):,} videos {'has' if len(affected) == 1 else 'have'}"


def _label_warnings(videos: Sequence[Video]) -> list[str]:
    counts = Counter(label for video in videos for label in video.labels)
    several = [label for label in counts if _looks_several(label, counts)]
    if not several:
        return []
    first = several[0]
    more = f", and {len(several) - 1} more such labels" if len(several) > 1 else ""
    if videos[0].multi:
        return [f"'{first}' ({counted(counts[first], 'video')}{more}) looks like several labels: write ; between them"]
    return [
        f"'{first}' ({counted(counts[first], 'video')}{more}) looks like several labels, but a video has one here: it"
        " is a class of its own"
    ]


def _looks_several(label: str, labels: Collection[str]) -> bool:
    """Return whether a label is a list, or consists of others of `labels` with a sign between them."""
    if label.startswith(("[", "(", "{")) and label.endswith(("]", ")", "}")):
        return _is_list(label)
    parts = [part.strip() for part in PERHAPS_SEVERAL.split(label)]
    return SEVERAL.search(label) is not None or (len(parts) > 1 and any(part in labels for part in parts))


def _is_list(label: str) -> bool:
    try:
        return isinstance(json.loads(label.replace("'", '"')), list)
    except ValueError:
        return bool(re.search("[,;|]", label))


def _official_warnings(videos: Sequence[Video], splits: Sequence[int]) -> list[str]:
    labels = {label for video in videos for label in video.labels}
    left_out = {f"split{split}": [video.id for video in videos if not video.official(split)] for split in splits}
    lines = [
        f"{where}: {_share(left_out[name], videos)} no subset, e.g. '{left_out[name][0]}': nothing is trained or tested"
        f" on {'it' if len(left_out[name]) == 1 else 'them'}"
        for name, where in _worst({name: len(ids) for name, ids in left_out.items()})
    ]
    for subset, usage in (("train", "training"), ("test", "test")):
        present = {
            f"split{split}": {label for video in videos if video.official(split) == subset for label in video.labels}
            for split in splits
        }
        lines += _lacking_lines({name: labels - found if found else () for name, found in present.items()}, usage)
    return lines


def _lacking_lines(lacking: Mapping[str, Collection[str]], subset: str) -> list[str]:
    """Return the line about classes without a video in a subset; `lacking`: these by split."""
    numbers = {name: len(labels) for name, labels in lacking.items()}
    return [f"{where}: no {subset} video of {named(lacking[name])}" for name, where in _worst(numbers)]


def _worst(numbers: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield the split with the largest number, if one is not 0, and in how many splits it is so: one line for all.

    >>> list(_worst({"fold1": 1, "fold2": 4, "fold3": 0}))
    [('fold2', 'in 2 of 3 splits, most in fold2')]
    """
    affected = [name for name, number in numbers.items() if number]
    if affected:
        name = max(affected, key=lambda each: numbers[each])
        yield name, name if len(affected) == 1 else f"in {len(affected)} of {len(numbers)} splits, most in {name}"
