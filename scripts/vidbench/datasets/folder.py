"""Own videos in one folder a class, however deep; a folder of images is a video, too."""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from vidbench.datasets.own import check, checked_label
from vidbench.datasets.video import Video
from vidbench.errors import UserError
from vidbench.files import walk
from vidbench.image_folder import kind_of

ENDINGS = frozenset([
    ".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".gif", ".h264", ".hevc", ".m1v", ".m2ts", ".m2v",
    ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpe", ".mpeg", ".mpg", ".mts", ".mxf", ".ogm", ".ogv", ".qt",
    ".rm", ".rmvb", ".ts", ".vob", ".webm", ".wmv", ".y4m",
])  # fmt: skip
# Names of the folders above the classes, where there are official subsets.
SUBSET_FOLDERS = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val",
    "test": "test", "testing": "test",
}  # fmt: skip


def videos(options: dict, folder: Path | str | None = None) -> list[Video]:
    """The videos below `root`, sorted by path; `folder` is not used: files stay where they are."""
    root = options["root"]
    if not Path(root).is_dir():
        raise UserError(f"{root}: no such folder; correct `root` in the config")
    pattern = _pattern(options.get("group"))
    paths = sorted(_video_paths(root))
    if not paths:
        raise UserError(f"{root}: holds no videos in folders, one a class; {_known_endings()}")
    has_subsets = _has_subsets(root)
    _check_folders(root, paths, has_subsets)
    return [_video(path, root, pattern, has_subsets) for path in paths]


def download(options: dict, folder: Path | str) -> list[dict]:
    """Nothing to fetch: the files are checked and read where they are."""
    check(videos(options), options["root"])
    return []


def _video_paths(root: str) -> Iterator[PurePosixPath]:
    """Paths below `root` of video files, and of folders that hold images and no video."""
    for folder, files in walk(root):
        here = PurePosixPath(Path(folder).relative_to(root).as_posix())
        found = [name for name in files if PurePosixPath(name).suffix.lower() in ENDINGS]
        if not found and any(map(kind_of, files)):
            yield here
        yield from (here / name for name in found)


def _has_subsets(root: str) -> bool:
    """Whether the folders in `root` are train and test instead of classes."""
    names = {name.lower() for name in _folders_in(root)}
    found = {SUBSET_FOLDERS.get(name) for name in names}
    return {"train", "test"} <= found and None not in found


def _folders_in(folder: Path | str) -> list[str]:
    return sorted(entry.name for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith("."))


def _check_folders(root: str, paths: list[PurePosixPath], has_subsets: bool) -> None:
    """Raise UserError for a video in no class folder, and for a class folder without videos."""
    depth = 2 if has_subsets else 1
    for path in paths:
        if len(path.parts) <= depth:
            where = f"{root}/{path}".removesuffix("/.")
            what = "holds images" if os.path.isdir(where) else "lies in no class folder"
            raise UserError(f"{where}: {what}; each class needs a folder below {root}, and images one more a video")
    found = {path.parts[0] for path in paths}
    for name in _folders_in(root):
        if name not in found and os.path.islink(f"{root}/{name}"):
            raise UserError(
                f"{root}/{name}: is a link to a folder that is read already, or holds no videos; move it elsewhere"
            )
        if name not in found:
            raise UserError(f"{root}/{name}: holds no videos; move this folder elsewhere, {_known_endings()}")


def _known_endings() -> str:
    return "or give the videos one of the endings " + ", ".join(sorted(ENDINGS))


def _pattern(expression: str | None) -> re.Pattern[str] | None:
    if expression is None:
        return None
    try:
        pattern = re.compile(expression)
    except re.error as error:
        raise UserError(f"config: group: '{expression}' is no regular expression: {error}") from error
    if not pattern.groups:
        raise UserError(f"config: group: '{expression}' has no brackets; put them around what names the group")
    return pattern


def _video(path: PurePosixPath, root: str, pattern: re.Pattern[str] | None, has_subsets: bool) -> Video:
    where = f"{root}/{path}"
    if not where.isascii() and where != where.encode(errors="replace").decode():
        raise UserError(f"{where!r}: this name is not in UTF-8; rename it")
    subset = SUBSET_FOLDERS[path.parts[0].lower()] if has_subsets else ""
    label, *between = path.parts[1 if has_subsets else 0 : -1]
    group = "/".join([label, *between]) if between else str(path)
    if pattern is not None:
        found = pattern.search(str(path))
        if found is None or not found[1]:
            raise UserError(f"config: group: '{pattern.pattern}' finds no group in '{path}'; correct it")
        group = found[1]
    return Video(str(path), where, checked_label(label, where), group, subset)
