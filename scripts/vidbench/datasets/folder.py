"""Own videos in one folder a class, however deep; a folder of images is a video, too."""

import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from vidbench.datasets import layouts
from vidbench.datasets.image_videos import video_folders
from vidbench.datasets.layouts import Found, Layout, layout_of
from vidbench.datasets.listing import Listing
from vidbench.datasets.own_checks import check, checked_label
from vidbench.datasets.scanning import ENDINGS, scan
from vidbench.datasets.skipped import Reason, Skipped, summary
from vidbench.datasets.white_space import tidy
from vidbench.errors import UserError
from vidbench.file_tree import find_file, is_system_folder, reason_not_there
from vidbench.video import Video

# Folders beside the classes that hold what people write about videos; left out where they hold none.
NO_CLASSES = frozenset([
    "annotation", "annotations", "label", "labels", "list", "lists", "split", "splits", "meta", "metadata", "doc",
    "docs", "documentation", "readme", "script", "scripts", "code",
])  # fmt: skip


def videos(options: dict, folder: Path | str | None = None) -> list[Video]:
    """The videos below `root`, sorted by path; `folder` is not used: files stay where they are."""
    return listing(options).videos


def listing(options: dict, folder: Path | str | None = None) -> Listing:
    """As videos, and what is left out."""
    root = (find_file(options["root"]) or options["root"]).rstrip("/") or "/"
    if not os.path.isdir(root):
        raise UserError(f"{root}: {reason_not_there(root)}; correct `root` in the config")
    pattern = _pattern(options.get("group"))
    skipped: list[Skipped] = []
    contents = list(scan(root, skipped))
    found = [Found.at(os.path.join(each.path, name), False) for each in contents for name in each.videos]
    found += [Found.at(path, True) for path in video_folders(root, contents, skipped)]
    if not found:
        held = f" (left out: {summary(skipped)})" if skipped else ""
        raise UserError(f"{root}: holds no videos in folders, one a class{held}; {_known_endings()}")
    found.sort(key=lambda video: video.parts)
    layout = layout_of(root, found, options.get("layout") or layouts.AUTO)
    _check_depth(root, found, layout)
    _check_folders(root, found, layout, skipped)
    listed = [_video(each, root, pattern, layout) for each in found]
    return Listing(listed, skipped=sorted(skipped, key=lambda each: each.path))


def download(options: dict, folder: Path | str) -> list[dict]:
    """Nothing to fetch: the files are checked and read where they are."""
    check(videos(options), options["root"])
    return []


def _folders_in(folder: Path | str) -> list[str]:
    return sorted(entry.name for entry in os.scandir(folder) if entry.is_dir() and not is_system_folder(entry.name))


def _check_depth(root: str, found: Sequence[Found], layout: Layout) -> None:
    """Raise UserError for a video in no class folder, and where the classes seem to lie one folder deeper."""
    for video in found:
        if len(video.parts) <= layout.depth:
            what = "holds images" if video.is_folder else "lies in no class folder"
            in_subset = "" if layout.name == layouts.CLASS else " and its subset"
            as_classes = f"; {layouts.AS_CLASSES}" if layout.name == layouts.SUBSET_CLASS else ""
            raise UserError(
                f"{'/'.join([root, *video.parts])}: {what}; each class needs a folder below"
                f" {root}{in_subset}, and images one more a video{as_classes}"
            )
    if len({video.folders[0] for video in found}) == 1 and layout.name != layouts.SUBSET_CLASS:
        _check_one_class(root, found)


def _check_one_class(root: str, found: Sequence[Found]) -> None:
    """Raise UserError where all lies in one folder, in which there are several."""
    top = found[0].folders[0]
    below = [video.folders[1 : -1 if video.is_folder else None] for video in found]
    if all(below) and len({folders[0] for folders in below}) > 1:
        raise UserError(
            f"{root}: holds only the folder '{top}', so it has only the class '{top}'; if the classes are the"
            f" folders in it, set `root: {root}/{top}`"
        )


def _check_folders(root: str, found: Sequence[Found], layout: Layout, skipped: list[Skipped]) -> None:
    """Raise UserError for a class or subset whose folder holds no videos; other such folders are left out."""
    tops = {video.folders[0] for video in found}
    for name in _folders_in(root):
        if name not in tops:
            _take_empty(f"{root}/{name}", layout, skipped)
    if layout.name != layouts.SUBSET_CLASS:
        return
    classes = {video.folders[1] for video in found}
    for subset in sorted(tops):
        for name in _folders_in(f"{root}/{subset}"):
            if name not in classes:
                _take_empty(f"{root}/{subset}/{name}", Layout(layouts.CLASS, {}), skipped)


def _take_empty(path: str, layout: Layout, skipped: list[Skipped]) -> None:
    """Leave out a folder without videos that is plainly no class; UserError for others."""
    if any(each.path == path for each in skipped):
        return
    name = os.path.basename(path)
    is_subset = name in layouts.subset_folders([name])
    if name.lower() in NO_CLASSES or (layout.name == layouts.SUBSET_CLASS and not is_subset):
        skipped.append(Skipped(path, Reason.NO_VIDEOS))
        return
    if os.path.islink(path):
        raise UserError(f"{path}: is a link to a folder that is read already, or holds no videos; move it elsewhere")
    inside = [each for each in skipped if each.path.startswith(f"{path}/")]
    held = f", but {summary(inside)}" if inside else ""
    raise UserError(f"{path}: holds no videos{held}; move this folder elsewhere, {_known_endings()}")


def _known_endings() -> str:
    return "or give the videos one of the endings " + ", ".join(sorted(ENDINGS))


def _pattern(expression: str | None) -> re.Pattern[str] | None:
    if expression is None:
        return None
    try:
        pattern = re.compile(unicodedata.normalize("NFC", expression))
    except re.error as error:
        raise UserError(f"config: group: '{expression}' is no regular expression: {error}") from error
    if not pattern.groups:
        raise UserError(f"config: group: '{expression}' has no brackets; put them around what names the group")
    return pattern


def _video(found: Found, root: str, pattern: re.Pattern[str] | None, layout: Layout) -> Video:
    path, parts = found.path, found.parts
    where = f"{root}/{path}"
    if not where.isascii() and where != where.encode(errors="replace").decode():
        raise UserError(f"{where!r}: this name is not in UTF-8; rename it")
    if "\n" in path or "\r" in path:
        raise UserError(f"{where!r}: this name has a line break; rename it")
    label = checked_label(layout.label(parts), where)
    subset, between = layout.subset(parts), parts[layout.depth : -1]
    group = "/".join([label, *map(tidy, between)]) if between else path
    if pattern is not None:
        match = pattern.search(unicodedata.normalize("NFC", path))
        if match is None or not match[1] or not (group := tidy(match[1])):
            raise UserError(f"config: group: '{pattern.pattern}' finds no group in '{path}'; correct it")
    return Video(path, where, label, group, subset)
