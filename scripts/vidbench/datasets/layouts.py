"""Layouts of folders: which of the folders above a video names its class, and which its official subset."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vidbench.datasets.subset_words import SUBSETS, parse_name
from vidbench.errors import UserError

CLASS, SUBSET_CLASS, CLASS_SUBSET, AUTO = "class", "subset/class", "class/subset", "auto"
AS_CLASSES = "if these are classes, set `layout: class`"


@dataclass(frozen=True, slots=True)
class VideoPath:
    """The path of a video below the root: of a file, or of a folder of images."""

    parts: list[str]
    is_folder: bool
    folders: list[str]  # above a file; above a folder of images, and that one

    @classmethod
    def at(cls, path: str, is_folder: bool) -> "VideoPath":
        """Return the parts of a path below the root; "" for the root."""
        parts = path.split("/") if path else []
        return cls(parts, is_folder, parts if is_folder else parts[:-1])

    @property
    def path(self) -> str:
        """The path as a string."""
        return "/".join(self.parts)


@dataclass(frozen=True, slots=True)
class Layout:
    """The meaning of the first folders; `subsets`: official subset by folder."""

    name: str
    subsets: dict[str, str]

    @property
    def depth(self) -> int:
        """The number of folders that have a meaning."""
        return 1 if self.name == CLASS else 2

    def label(self, parts: Sequence[str]) -> str:
        """Return the class of a video whose path has these parts."""
        return parts[1] if self.name == SUBSET_CLASS else parts[0]

    def subset(self, parts: Sequence[str]) -> str:
        """Return the official subset of a video whose path has these parts, or ""."""
        return "" if self.name == CLASS else self.subsets[parts[0] if self.name == SUBSET_CLASS else parts[1]]


def subset_folders(names: Iterable[str]) -> dict[str, str]:
    """Return the official subset of each name that has one: `Train`, `test_set`, `k400_train` beside `k400_val`."""
    parsed = {name: parse_name(name) for name in names}
    subsets_by_rest = defaultdict(set)
    for subset, rest in parsed.values():
        subsets_by_rest[rest].add(subset)
    return {
        name: subset
        for name, (subset, rest) in parsed.items()
        if subset and (not rest or len(subsets_by_rest[rest] - {""}) > 1)
    }


def find_layout(root: str, videos: Sequence[VideoPath], option: str) -> Layout:
    """Return the layout that the config's `option` names or, for `auto`, the one that the folders' names show.

    UserError where only some of them name a subset.
    """
    if option == CLASS:
        return Layout(CLASS, {})
    for name, place in ((SUBSET_CLASS, 0), (CLASS_SUBSET, 1)):
        subsets = subset_folders(_folders_at(videos, place))
        if name == option or (option == AUTO and subsets):
            _check_all(root, videos, place, subsets, name)
            _check_once(root, videos, place, subsets)
            return Layout(name, subsets)
    return Layout(CLASS, {})


def _folders_at(videos: Sequence[VideoPath], place: int) -> set[str]:
    """Return the names of the folders at this place; a folder that is a video only if its name is, e.g., `train`."""
    names: set[str] = set()
    for video in videos:
        folders = video.folders
        if len(folders) > place + video.is_folder or (len(folders) > place and folders[place].lower() in SUBSETS):
            names.add(folders[place])
    return names


def _check_all(root: str, videos: Sequence[VideoPath], place: int, subsets: dict[str, str], name: str) -> None:
    """Raise UserError where a video's folder at this place is none of the subsets."""
    known = sorted(subsets)
    for video in videos:
        if len(video.folders) <= place:
            if place:
                examples = ", ".join(known) or "train and test"
                raise UserError(f"{root}/{video.path}: is in no folder such as {examples}; {_advice(name)}")
            continue  # a stray file in the root is named later
        folder = video.folders[place]
        if folder not in subsets:
            beside = f" beside the subsets {', '.join(known)}" if known else ", but no name of a subset"
            where = "/".join([root, *video.folders[: place + 1]])
            raise UserError(f"{where}: holds videos{beside}; move this folder away or rename it; {_advice(name)}")


def _advice(name: str) -> str:
    if name == SUBSET_CLASS:
        return AS_CLASSES
    return "if the folders in the classes are no subsets, set `layout: class`"


def _check_once(root: str, videos: Sequence[VideoPath], place: int, subsets: dict[str, str]) -> None:
    """Raise UserError where two folders beside each other mean one subset, e.g. `val` and `validation`."""
    first: dict[tuple[str, ...], str] = {}
    deep = [video.folders for video in videos if len(video.folders) > place]
    for above, folder in sorted({(tuple(folders[:place]), folders[place]) for folders in deep}):
        other = first.setdefault((*above, subsets[folder]), folder)
        if other != folder:
            where = "/".join([root, *above])
            raise UserError(
                f"{where}: '{other}' and '{folder}' both mean the subset {subsets[folder]}; put their videos into one"
                f" folder or rename one, e.g. to test; {AS_CLASSES}"
            )
