"""Which of the folders above a video names its class, and which its official subset."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vidbench.datasets.subset_words import SUBSETS, described
from vidbench.errors import UserError

CLASS, SUBSET_CLASS, CLASS_SUBSET, AUTO = "class", "subset/class", "class/subset", "auto"
AS_CLASSES = "if these are classes, set `layout: class`"


@dataclass(frozen=True, slots=True)
class Found:
    """A video below the root: a file, or a folder of images."""

    parts: list[str]  # of its path
    is_folder: bool
    folders: list[str]  # above a file; of a folder of images, itself included

    @classmethod
    def at(cls, path: str, is_folder: bool) -> "Found":
        """What lies at a path below the root; "" for the root."""
        parts = path.split("/") if path else []
        return cls(parts, is_folder, parts if is_folder else parts[:-1])

    @property
    def path(self) -> str:
        """Where it lies below the root."""
        return "/".join(self.parts)


@dataclass(frozen=True, slots=True)
class Layout:
    """What the first folders mean; `subsets`: official subset by folder."""

    name: str
    subsets: dict[str, str]

    @property
    def depth(self) -> int:
        """Number of folders that have a meaning."""
        return 1 if self.name == CLASS else 2

    def label(self, parts: Sequence[str]) -> str:
        """The class of a video with these folders and file names."""
        return parts[1] if self.name == SUBSET_CLASS else parts[0]

    def subset(self, parts: Sequence[str]) -> str:
        """Its official subset, or ""."""
        return "" if self.name == CLASS else self.subsets[parts[0] if self.name == SUBSET_CLASS else parts[1]]


def subset_folders(names: Iterable[str]) -> dict[str, str]:
    """Official subset of each name that means one: `Train`, `test_set`, or `k400_train` where there is `k400_val`."""
    found = {name: described(name) for name in names}
    rests = defaultdict(set)
    for subset, rest in found.values():
        rests[rest].add(subset)
    return {
        name: subset for name, (subset, rest) in found.items() if subset and (not rest or len(rests[rest] - {""}) > 1)
    }


def layout_of(root: str, found: Sequence[Found], wanted: str) -> Layout:
    """The layout that `wanted` names or, of `auto`, the one that the folders' names show.

    UserError where only some of them name a subset.
    """
    if wanted == CLASS:
        return Layout(CLASS, {})
    for name, place in ((SUBSET_CLASS, 0), (CLASS_SUBSET, 1)):
        subsets = subset_folders(_folders_at(found, place))
        if name == wanted or (wanted == AUTO and subsets):
            _check_all(root, found, place, subsets, name)
            _check_once(root, found, place, subsets)
            return Layout(name, subsets)
    return Layout(CLASS, {})


def _folders_at(found: Sequence[Found], place: int) -> set[str]:
    """Names of the folders at this place; of folders that are videos themselves only such as `train`."""
    names: set[str] = set()
    for video in found:
        folders = video.folders
        if len(folders) > place + video.is_folder or (len(folders) > place and folders[place].lower() in SUBSETS):
            names.add(folders[place])
    return names


def _check_all(root: str, found: Sequence[Found], place: int, subsets: dict[str, str], name: str) -> None:
    """Raise UserError where a video's folder at this place is none of the subsets."""
    known = sorted(subsets)
    for video in found:
        if len(video.folders) <= place:
            if place:
                raise UserError(f"{root}/{video.path}: lies in no folder such as {_some(known)}; {_advice(name)}")
            continue  # a stray file in the root is named later
        folder = video.folders[place]
        if folder not in subsets:
            beside = f" beside the subsets {', '.join(known)}" if known else ", but no name of a subset"
            where = "/".join([root, *video.folders[: place + 1]])
            raise UserError(f"{where}: holds videos{beside}; move this folder away or rename it; {_advice(name)}")


def _some(known: Sequence[str]) -> str:
    return ", ".join(known) or "train and test"


def _advice(name: str) -> str:
    if name == SUBSET_CLASS:
        return AS_CLASSES
    return "if the folders in the classes are no subsets, set `layout: class`"


def _check_once(root: str, found: Sequence[Found], place: int, subsets: dict[str, str]) -> None:
    """Raise UserError where two folders beside each other mean one subset, e.g. `val` and `validation`."""
    first: dict[tuple[str, ...], str] = {}
    deep = [video.folders for video in found if len(video.folders) > place]
    for above, folder in sorted({(tuple(folders[:place]), folders[place]) for folders in deep}):
        other = first.setdefault((*above, subsets[folder]), folder)
        if other != folder:
            where = "/".join([root, *above])
            raise UserError(
                f"{where}: '{other}' and '{folder}' both mean the subset {subsets[folder]}; put their videos into one"
                f" folder or rename one, e.g. to test; {AS_CLASSES}"
            )
