"""Which folders of images are videos, and which belong to a video that is there."""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence

from vidbench.datasets.scanning import Content, stem_of
from vidbench.datasets.skipped import Reason, Skipped
from vidbench.errors import UserError

THUMBNAILS = frozenset(["thumb", "thumbs", "thumbnail", "thumbnails", "preview", "previews", "poster", "posters"])
# Folders, and ends of names, that say how a video is stored, not which one.
STORED = r"frames?|images?|imgs?|jpe?gs?|pngs?|rgb|extracted|videos?|clips?"
STORED_FOLDER = re.compile(STORED, re.IGNORECASE)
ENDED = re.compile(rf"[-_. ](?:{STORED})$", re.IGNORECASE)
IMAGE_ENDED = re.compile(r"[-_. ](?:thumb|thumbnail|preview|poster|cover)$|[-_. ]\d+$", re.IGNORECASE)
MAX_POSTERS = 2  # images beside folders of images that are taken for their pictures


class _Known:
    """What lies in a data set's folder, as names of files and folders below it."""

    def __init__(self, contents: Sequence[Content]) -> None:
        self.files = {_key(f"{each.path}/{stem_of(name)}") for each in contents for name in each.videos}
        self.stems = {each.path: {_plain(stem_of(name)) for name in each.videos} for each in contents if each.videos}
        self.with_files = _above(self.stems, itself=True)  # folders of video files, and all above them
        self.candidates = [each for each in contents if each.images and not each.videos]
        self.folders = {each.path for each in self.candidates if not _is_named_thumbnails(each.path)}
        self.above = self.with_files | _above(self.folders)


def video_folders(root: str, contents: Sequence[Content], skipped: list[Skipped]) -> list[str]:
    """The folders of images that are videos, below `root`; the others are added to `skipped`.

    UserError where a folder's images and folders in it could be videos both.
    """
    if not any(each.images and not each.videos for each in contents):
        return []
    known = _Known(contents)
    found = []
    for each in known.candidates:
        if reason := _reason(each, known):
            skipped.extend(_left_out(root, each, reason))
        else:
            found.append(each.path)
    for path in sorted(_above(found) & set(found)):
        raise UserError(
            f"{root}/{path}: holds images, and folders of images, so it cannot be told which are the videos; move its"
            " own images into a folder, or the folders in it away"
        )
    return found


def _reason(each: Content, known: _Known) -> Reason | None:
    """Why a folder of images is no video; None where it is one."""
    parent = os.path.dirname(each.path)
    if each.path in known.with_files or (each.path in known.above and len(each.images) <= MAX_POSTERS):
        return Reason.BESIDE
    if _is_named_thumbnails(each.path) and (parent in known.above or parent in known.folders):
        return Reason.THUMBNAILS
    if _key(each.path) in known.files:
        return Reason.FRAMES
    beside = known.stems.get(parent)
    if beside and all(_shown(name) & beside for name in each.images):
        return Reason.THUMBNAILS
    return None


def _left_out(root: str, each: Content, reason: Reason) -> list[Skipped]:
    folder = os.path.join(root, each.path)
    if reason is Reason.BESIDE:
        return [Skipped(os.path.join(folder, name), reason) for name in each.images]
    return [Skipped(folder, reason)]


def _is_named_thumbnails(path: str) -> bool:
    return os.path.basename(path).lower() in THUMBNAILS


def _above(paths: Iterable[str], itself: bool = False) -> set[str]:
    """All folders above some paths; `itself`: with these."""
    found: set[str] = set()
    for path in paths:
        each = path if itself else os.path.dirname(path) if path else None
        while each is not None and each not in found:
            found.add(each)
            each = os.path.dirname(each) if each else None
    return found


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _key(path: str) -> str:
    """Equal for a video file, without its ending, and folders of its frames: `a/v1`, `a/frames/v1`, `a/v1_frames`."""
    *above, last = [part for part in path.split("/") if part] or [""]
    if STORED_FOLDER.fullmatch(last) and above:
        last = above.pop()
    kept = [part for part in above if not STORED_FOLDER.fullmatch(part)]
    return _plain("/".join([*kept, ENDED.sub("", stem_of(last))]))


def _shown(name: str) -> set[str]:
    """Names of the videos that an image may be a picture of: `a.jpg`, `a_thumb.jpg`, `a.mp4.jpg`, `a_001.jpg`."""
    stem = os.path.splitext(name)[0]
    plain = IMAGE_ENDED.sub("", stem)
    return {_plain(each) for each in (stem, stem_of(stem), plain, stem_of(plain))}
