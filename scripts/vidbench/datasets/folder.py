"""Own videos in one folder per class, however deep; a folder of images is a video, too."""

import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from vidbench.datasets import layouts
from vidbench.datasets.image_videos import video_folders
from vidbench.datasets.layouts import Layout, VideoPath, find_layout
from vidbench.datasets.listing import Listing
from vidbench.datasets.own_checks import check, read_label
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
    """Return the videos below `root`, sorted by path; `folder` is not used: files stay where they are."""
    return listing(options).videos


def listing(options: dict, folder: Path | str | None = None) -> Listing:
    """Return the videos below `root`, and the files and folders that are left out; `folder` is not used."""
    root = (find_file(options["root"]) or options["root"]).rstrip("/") or "/"
    if not os.path.isdir(root):
        raise UserError(f"{root}: {reason_not_there(root)}; correct `root` in the config")
    pattern = _pattern(options.get("group"))
    skipped: list[Skipped] = []
    contents = list(scan(root, skipped))
    paths = [VideoPath.at(os.path.join(content.path, name), False) for content in contents for name in content.videos]
    paths += [VideoPath.at(path, True) for path in video_folders(root, contents, skipped)]
    if not paths:
        held = f" (left out: {summary(skipped)})" if skipped else ""
        raise UserError(f"{root}: holds no videos in folders, one per class{held}; {_known_endings()}")
    paths.sort(key=lambda video: video.parts)
    layout = find_layout(root, paths, options.get("layout") or layouts.AUTO)
    _check_depth(root, paths, layout)
    _check_folders(root, paths, layout, skipped)
    listed = [_make_video(path, root, pattern, layout) for path in paths]
    return Listing(listed, skipped=sorted(skipped, key=lambda entry: entry.path))


def download(options: dict, folder: Path | str) -> list[dict]:
    """Check the files; nothing is fetched, they are read where they are."""
    check(videos(options), options["root"])
    return []


def _folders_in(folder: Path | str) -> list[str]:
    return sorted(entry.name for entry in os.scandir(folder) if entry.is_dir() and not is_system_folder(entry.name))


def _check_depth(root: str, paths: Sequence[VideoPath], layout: Layout) -> None:
    """Raise UserError for a video in no class folder, and where the classes seem to be one folder deeper."""
    for video in paths:
        if len(video.parts) <= layout.depth:
            problem = "holds images" if video.is_folder else "is in no class folder"
            in_subset = "" if layout.name == layouts.CLASS else " and its subset"
            as_classes = f"; {layouts.AS_CLASSES}" if layout.name == layouts.SUBSET_CLASS else ""
            raise UserError(
                f"{'/'.join([root, *video.parts])}: {problem}; each class needs a folder below"
                f" {root}{in_subset}, and images one more per video{as_classes}"
            )
    if len({video.folders[0] for video in paths}) == 1 and layout.name != layouts.SUBSET_CLASS:
        _check_one_class(root, paths)


def _check_one_class(root: str, paths: Sequence[VideoPath]) -> None:
    """Raise UserError where all videos are in one folder, which holds several folders."""
    top = paths[0].folders[0]
    below = [video.folders[1 : -1 if video.is_folder else None] for video in paths]
    if all(below) and len({folders[0] for folders in below}) > 1:
        raise UserError(
            f"{root}: holds only the folder '{top}', so it has only the class '{top}'; if the classes are the"
            f" folders in it, set `root: {root}/{top}`"
        )


def _check_folders(root: str, paths: Sequence[VideoPath], layout: Layout, skipped: list[Skipped]) -> None:
    """Raise UserError for a class or subset whose folder holds no videos; other such folders are left out."""
    tops = {video.folders[0] for video in paths}
    for name in _folders_in(root):
        if name not in tops:
            _skip_or_refuse_empty(f"{root}/{name}", layout, skipped)
    if layout.name != layouts.SUBSET_CLASS:
        return
    classes = {video.folders[1] for video in paths}
    for subset in sorted(tops):
        for name in _folders_in(f"{root}/{subset}"):
            if name not in classes:
                _skip_or_refuse_empty(f"{root}/{subset}/{name}", Layout(layouts.CLASS, {}), skipped)


def _skip_or_refuse_empty(path: str, layout: Layout, skipped: list[Skipped]) -> None:
    """Leave out a folder without videos that is clearly no class; UserError for others."""
    if any(entry.path == path for entry in skipped):
        return
    name = os.path.basename(path)
    is_subset = name in layouts.subset_folders([name])
    if name.lower() in NO_CLASSES or (layout.name == layouts.SUBSET_CLASS and not is_subset):
        skipped.append(Skipped(path, Reason.NO_VIDEOS))
        return
    if os.path.islink(path):
        raise UserError(f"{path}: is a link to a folder that is read already, or holds no videos; move it elsewhere")
    inside = [entry for entry in skipped if entry.path.startswith(f"{path}/")]
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


def _make_video(video: VideoPath, root: str, pattern: re.Pattern[str] | None, layout: Layout) -> Video:
    path = video.path
    parts = video.parts
    where = f"{root}/{path}"
    if not where.isascii() and where != where.encode(errors="replace").decode():
        raise UserError(f"{where!r}: this name is not in UTF-8; rename it")
    if "\n" in path or "\r" in path:
        raise UserError(f"{where!r}: this name has a line break; rename it")
    label = read_label(layout.label(parts), where)
    between = parts[layout.depth : -1]  # folders of the class
    group = "/".join([label, *map(tidy, between)]) if between else path
    if pattern is not None:
        match = pattern.search(unicodedata.normalize("NFC", path))
        if match is None or not match[1] or not (group := tidy(match[1])):
            raise UserError(f"config: group: '{pattern.pattern}' finds no group in '{path}'; correct it")
    return Video(path, where, label, group, layout.subset(parts))
