"""Finding the folders of images that are videos, and those that belong to a video file."""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence

from vidbench.datasets.scanning import Content, stem_of
from vidbench.datasets.skipped import Reason, Skipped
from vidbench.errors import UserError

THUMBNAILS = frozenset(["thumb", "thumbs", "thumbnail", "thumbnails", "preview", "previews", "poster", "posters"])
# Names of folders, and ends of names, that say how a video is stored, not which video it is.
STORED = r"frames?|images?|imgs?|jpe?gs?|pngs?|rgb|extracted|videos?|clips?"
STORED_FOLDER = re.compile(STORED, re.IGNORECASE)
ENDED = re.compile(rf"[-_. ](?:{STORED})$", re.IGNORECASE)
IMAGE_ENDED = re.compile(r"[-_. ](?:thumb|thumbnail|preview|poster|cover)$|[-_. ]\d+$", re.IGNORECASE)
MAX_POSTERS = 2  # images beside folders of images that count as pictures of these videos


class _Tree:
    """The names of files and folders in a data set's folder."""

    def __init__(self, contents: Sequence[Content]) -> None:
        self.files = {_key(f"{content.path}/{stem_of(name)}") for content in contents for name in content.videos}
        with_videos = [content for content in contents if content.videos]
        self.stems = {content.path: {_plain(stem_of(name)) for name in content.videos} for content in with_videos}
        self.with_files = _above(self.stems, itself=True)  # folders of video files, and all above them
        self.candidates = [content for content in contents if content.images and not content.videos]
        self.folders = {content.path for content in self.candidates if not _is_named_thumbnails(content.path)}
        self.above = self.with_files | _above(self.folders)


def video_folders(root: str, contents: Sequence[Content], skipped: list[Skipped]) -> list[str]:
    """Return the folders of images that are videos, below `root`; the others are added to `skipped`.

    UserError where both a folder's images and the folders in it could be videos.
    """
    if not any(content.images and not content.videos for content in contents):
        return []
    tree = _Tree(contents)
    folders = []
    for content in tree.candidates:
        if reason := _find_reason(content, tree):
            skipped.extend(_skip(root, content, reason))
        else:
            folders.append(content.path)
    for path in sorted(_above(folders) & set(folders)):
        raise UserError(
            f"{root}/{path}: holds images, and folders of images, so it cannot be told which are the videos; move its"
            " own images into a folder, or the folders in it away"
        )
    return folders


def _find_reason(content: Content, tree: _Tree) -> Reason | None:
    """Return why a folder of images is no video; None where it is one."""
    parent = os.path.dirname(content.path)
    if content.path in tree.with_files or (content.path in tree.above and len(content.images) <= MAX_POSTERS):
        return Reason.BESIDE
    if _is_named_thumbnails(content.path) and (parent in tree.above or parent in tree.folders):
        return Reason.THUMBNAILS
    if _key(content.path) in tree.files:
        return Reason.FRAMES
    beside = tree.stems.get(parent)
    if beside and all(_videos_shown_by(name) & beside for name in content.images):
        return Reason.THUMBNAILS
    return None


def _skip(root: str, content: Content, reason: Reason) -> list[Skipped]:
    folder = os.path.join(root, content.path)
    if reason is Reason.BESIDE:
        return [Skipped(os.path.join(folder, name), reason) for name in content.images]
    return [Skipped(folder, reason)]


def _is_named_thumbnails(path: str) -> bool:
    return os.path.basename(path).lower() in THUMBNAILS


def _above(paths: Iterable[str], itself: bool = False) -> set[str]:
    """Return all folders above some paths; `itself`: and the paths."""
    folders: set[str] = set()
    for path in paths:
        folder = path if itself else os.path.dirname(path) if path else None
        while folder is not None and folder not in folders:
            folders.add(folder)
            folder = os.path.dirname(folder) if folder else None
    return folders


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _key(path: str) -> str:
    """Return a name that a video file shares with folders of its frames: `a/v1`, `a/frames/v1`, `a/v1_frames`."""
    *above, last = [part for part in path.split("/") if part] or [""]
    if STORED_FOLDER.fullmatch(last) and above:
        last = above.pop()
    above = [part for part in above if not STORED_FOLDER.fullmatch(part)]
    return _plain("/".join([*above, ENDED.sub("", stem_of(last))]))


def _videos_shown_by(name: str) -> set[str]:
    """Return the names of videos that an image may show: `a` for `a.jpg`, `a_thumb.jpg`, `a.mp4.jpg`, `a_001.jpg`."""
    stem = os.path.splitext(name)[0]
    plain = IMAGE_ENDED.sub("", stem)
    return {_plain(video) for video in (stem, stem_of(stem), plain, stem_of(plain))}
