"""Scanning a folder of videos for video files, images and other files."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vidbench.datasets.skipped import Reason, Skipped, ending_of
from vidbench.errors import UserError
from vidbench.file_tree import is_system_folder, walk
from vidbench.frames.image_folder import KINDS

ENDINGS = frozenset([
    ".264", ".265", ".3g2", ".3gp", ".3gp2", ".3gpp", ".amv", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".gif",
    ".h264", ".h265", ".hevc", ".insv", ".ivf", ".m1v", ".m2t", ".m2ts", ".m2v", ".m4v", ".mjpeg", ".mjpg", ".mk3d",
    ".mkv", ".mod", ".mov", ".mp2v", ".mp4", ".mp4v", ".mpe", ".mpeg", ".mpg", ".mpv", ".mts", ".mxf", ".nut", ".ogm",
    ".ogv", ".qt", ".rm", ".rmvb", ".tod", ".ts", ".vob", ".webm", ".wmv", ".wtv", ".y4m",
])  # fmt: skip
# .lrv, .lrf: a small copy of the same video. The others: pictures, and the tables of DVDs and camcorders.
CAMERA_ENDINGS = frozenset(
    [".thm", ".lrv", ".lrf", ".moi", ".modd", ".moff", ".pgi", ".cpi", ".mpl", ".bdm", ".ifo", ".bup"]
)
UNFINISHED_ENDINGS = frozenset(
    [".part", ".partial", ".crdownload", ".download", ".opdownload", ".!qb", ".!ut", ".aria2"]
)
ARCHIVE_ENDINGS = frozenset([".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst"])
OTHER_ENDINGS = frozenset([
    ".txt", ".md", ".rst", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".html", ".htm", ".pdf", ".doc",
    ".docx", ".xls", ".xlsx", ".ods", ".odt", ".rtf", ".log", ".ini", ".cfg", ".toml", ".url", ".lnk", ".nfo", ".md5",
    ".sha1", ".sha256", ".srt", ".vtt", ".ass", ".sub", ".idx", ".eaf", ".textgrid", ".bib", ".py", ".ipynb", ".m",
    ".sh", ".bat", ".mat", ".npy", ".npz", ".pkl", ".h5", ".hdf5", ".pt", ".pth", ".parquet", ".db", ".sqlite", ".gpx",
    ".fit", ".mp3", ".m4a", ".m4b", ".aac", ".wav", ".flac", ".ogg", ".oga", ".opus", ".wma", ".aif", ".aiff", ".mid",
    ".heic", ".heif", ".avif", ".svg", ".raw", ".dng", ".cr2", ".nef", ".psd",
])  # fmt: skip
MAX_OPENED = 1000  # files of unknown ending whose beginning is looked at
NOT_VIDEO_BRANDS = (b"M4A ", b"M4B ", b"heic", b"heix", b"mif1", b"avif", b"crx ")
BEGINNINGS = (
    b"\x1aE\xdf\xa3", b"FLV\x01", b"0&\xb2u\x8ef\xcf\x11", b"\0\0\1\xba", b"\0\0\1\xb3", b".RMF", b"\x06\x0e+4\x02\x05",
    b"GIF89a", b"YUV4MPEG2", b"DKIF\0\0", b"\0\0\0\1\x67", b"\0\0\1\x67", b"\0\0\0\1\x40\1", b"\0\0\1\x40\1",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """The videos and images in a folder itself."""

    path: str  # below the root; "" for the root
    videos: list[str]
    images: list[str]


def is_video(name: str) -> bool:
    """Return whether a file is a video by its name."""
    return ending_of(name) in ENDINGS


def stem_of(name: str) -> str:
    """Return a video's name without its ending; another name stays as it is."""
    stem, ending = os.path.splitext(name)
    return stem if ending.strip().lower() in ENDINGS else name


def scan(root: str, skipped: list[Skipped], report: Callable[[UserError], object] | None = None) -> Iterator[Content]:
    """Yield each folder below `root` that holds videos or images, sorted; other files are added to `skipped`.

    UserError if a folder cannot be read, or a link leads nowhere; with `report` that is called with it instead.
    """
    num_opened = 0
    for folder, files in walk(root, lambda path: skipped.append(_skip_of_system(path)), report):
        content = Content(folder[len(root) :].lstrip("/"), [], [])
        for name in files:
            ending = ending_of(name)
            if ending in ENDINGS:
                content.videos.append(name)
            elif ending in KINDS:
                content.images.append(name)
            else:
                path = os.path.join(folder, name)
                reason = _reason_by_ending(ending)
                if reason is Reason.UNKNOWN and num_opened < MAX_OPENED:
                    num_opened += 1
                    _check_link(path, report)
                    reason = Reason.LIKE_VIDEO if _begins_like_video(path) else reason
                skipped.append(Skipped(path, reason))
        if content.videos:
            skipped.extend(_skip_pictures(folder, content))
        if content.videos or content.images:
            yield content


def _check_link(path: str, report: Callable[[UserError], object] | None) -> None:
    """Raise or report UserError for a link that leads nowhere: it may have been one to a folder."""
    if os.path.islink(path) and not os.path.exists(path):
        error = UserError(f"{path}: leads to {os.readlink(path)}, which is not there; mount or correct it")
        if report is None:
            raise error
        report(error)


def _skip_pictures(folder: str, content: Content) -> list[Skipped]:
    """Return images beside videos, and animated ones with the name of a video, which are removed from the videos."""
    pictures = [Skipped(os.path.join(folder, name), Reason.BESIDE) for name in content.images]
    animated = [name for name in content.videos if ending_of(name) == ".gif"]
    stems = {stem_of(name) for name in content.videos if ending_of(name) != ".gif"} if animated else set()
    for name in animated:
        if stem_of(name) in stems:
            content.videos.remove(name)
            pictures.append(Skipped(os.path.join(folder, name), Reason.PREVIEW))
    return pictures


def _skip_of_system(path: str) -> Skipped:
    name = os.path.basename(path)
    if not os.path.isdir(path):
        return Skipped(path, Reason.SYSTEM_FILE)
    return Skipped(path, Reason.SYSTEM_FOLDER if is_system_folder(name) else Reason.LINK)


def _reason_by_ending(ending: str) -> Reason:
    if ending in CAMERA_ENDINGS:
        return Reason.CAMERA
    if ending in UNFINISHED_ENDINGS:
        return Reason.UNFINISHED
    if ending in ARCHIVE_ENDINGS:
        return Reason.ARCHIVE
    return Reason.OTHER if ending in OTHER_ENDINGS else Reason.UNKNOWN


def _begins_like_video(path: str) -> bool:
    """Return whether a file begins like one of the common containers and streams."""
    try:
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            start = file.read(400)
    except OSError:
        return False
    if start[4:8] == b"ftyp":
        return start[8:12] not in NOT_VIDEO_BRANDS
    if start[4:8] in (b"moov", b"mdat", b"wide"):
        return True
    transport = any(start[first::size][:2] == b"GG" for first, size in ((0, 188), (4, 192)))
    return transport or start.startswith(BEGINNINGS) or (start[:4] == b"RIFF" and start[8:12] == b"AVI ")
