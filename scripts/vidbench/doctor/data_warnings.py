"""Warnings about a data set before a model is trained on it, one line each.

The first two functions need no decoded video, so that the workflow can call them before any job.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from vidbench.datasets.pieces import overlap_warnings
from vidbench.datasets.splits import official_splits, uses_official
from vidbench.video import Video

MANY = 30  # videos; among more, some usually show one person or come from one recording
MIN_VALIDATION = 20  # videos; with fewer, one more that is right by chance changes the selected epoch
SOUND = "ok"  # frames/store.py's, which imports more than the workflow needs
MAX_NAMES = 5  # classes that a line names
SEVERAL = re.compile(r"[|;]")  # in no ordinary name
PERHAPS_SEVERAL = re.compile(r"[,/+&]| and ")  # between labels, or within one


def listing_warnings(videos: Sequence[Video]) -> list[str]:
    """Return the warnings about a list of the user's own videos: about groups, labels and pieces."""
    return [*_group_warnings(videos), *_label_warnings(videos), *overlap_warnings(videos)]


def subset_warnings(videos: Sequence[Video], options: dict) -> list[str]:
    """Return the warnings about what official subsets, or folds, leave out; `options`: complete `splits` section."""
    official = official_splits(videos)
    if uses_official(options, official):
        return [line for split in range(1, official + 1) for line in _official_warnings(videos, split)]
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


def fault_warnings(inspection: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the warning about videos that cannot be decoded, with the reason where all have the same."""
    bad = sum(row["status"] != SOUND for row in inspection)
    if fault := common_fault(inspection):
        return [f"all {bad} videos cannot be decoded, wholly or in part, for one reason: {fault}"]
    return [f"{bad} of {len(inspection)} videos cannot be decoded, wholly or in part: inspection.csv"] if bad else []


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
    lines = []
    for name, split in splits.items():
        if split["left_out"] and not published:
            lines.append(f"{name}: {split['left_out']} of {number} videos are in no subset, e.g. '{split['example']}'")
        lines += [
            f"{name}: no {subset} video of {named(labels)}" for subset, labels in split["lacking"].items() if labels
        ]
    small = {
        name: split["validation"] for name, split in splits.items() if split["validation"]["videos"] < MIN_VALIDATION
    }
    if small:
        name, fewest = min(small.items(), key=lambda item: item[1]["videos"])
        lines.append(
            f"in {len(small)} of {len(splits)} splits fewer than {MIN_VALIDATION} validation videos choose the epoch,"
            f" the end of training and a sweep's winner, in {name} {counted(fewest['videos'], 'video')} of"
            f" {counted(fewest['groups'], 'group')}; raise splits.validation, or add videos"
        )
    return lines


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


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "video"), counted(2000, "class")
    ('1 video', '2,000 classes')
    """
    return f"{number:,} {noun}{'' if number == 1 else 'es' if noun.endswith('s') else 's'}"


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


def _official_warnings(videos: Sequence[Video], split: int) -> list[str]:
    labels = {label for video in videos for label in video.labels}
    left_out = [video.id for video in videos if not video.official(split)]
    lines = []
    if left_out:
        lines.append(
            f"split{split}: {_share(left_out, videos)} no subset, e.g. '{left_out[0]}': nothing is trained or tested on"
            f" {'it' if len(left_out) == 1 else 'them'}"
        )
    for subset, usage in (("train", "training"), ("test", "test")):
        present = {label for video in videos if video.official(split) == subset for label in video.labels}
        if present and labels - present:
            lines.append(f"split{split}: no {usage} video of {named(labels - present)}")
    return lines
