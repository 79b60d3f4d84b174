"""Videos that come as a folder of images, one per frame, as Something-Something V1 and Jester do."""

import math
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from vidbench.errors import UserError
from vidbench.files import check_readable, write_errors
from vidbench.frames import probe as video_probe
from vidbench.frames.ffmpeg import IMAGE_NUMBER
from vidbench.frames.probe import Metadata, VideoError

KINDS = {name: name for name in (".jpg", ".png", ".webp", ".bmp", ".tif")} | {".jpeg": ".jpg", ".tiff": ".tif"}

MIN_SHARE = 0.1  # of a folder's images: with fewer, images of like names are no series
FLOW = re.compile(r"flow|^[xyuv][-_]?#", re.IGNORECASE)  # names of optical flow


@dataclass(frozen=True)
class Image:
    """A frame of the video."""

    name: str
    size: int  # bytes; 0 where there is nothing to read, e.g. a link to a file that is gone
    changed: int  # ns


def list_images(folder: str) -> list[Image]:
    """Return the images of a folder in their order, 2 before 10; hidden and other files are left out.

    UserError where the folder cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            images = [_read_entry(entry) for entry in entries if kind_of(entry.name) and not entry.is_dir()]
    except OSError as error:
        raise UserError(f"{folder}: cannot be read: {error.strerror}; bring it back, and run again") from error
    return sorted(images, key=lambda image: (_natural_key(image.name), image.name))


def kind_of(name: str) -> str | None:
    """Return the extension of an image's kind, e.g. .jpg for a.JPEG; None for hidden files and other kinds."""
    return None if name.startswith(".") else KINDS.get(os.path.splitext(name)[1].lower())


def _read_entry(entry: os.DirEntry) -> Image:
    try:
        status = entry.stat()
    except FileNotFoundError:  # a link that leads nowhere
        return Image(entry.name, 0, 0)
    return Image(entry.name, status.st_size if entry.is_file() else 0, status.st_mtime_ns)


def _natural_key(name: str) -> list[str | int]:
    """Return a sort key: text and numbers in turn, without the extension."""
    parts = re.split("([0-9]+)", os.path.splitext(name)[0])
    return [int(part) if index % 2 else part for index, part in enumerate(parts)]


def probe(folder: str, fps: float) -> Metadata:
    """Return metadata of a folder whose images are shown at `fps` per second; VideoError where it holds no video."""
    images, notes = choose_frames(list_images(folder))
    if not images:
        raise VideoError("holds no images")
    kinds = sorted({kind for image in images if (kind := kind_of(image.name))})
    if len(kinds) > 1:
        raise VideoError(f"holds images of several kinds ({', '.join(kinds)})")
    first = next((metadata for image in images if (metadata := _probe_image(folder, image))), None)
    if first is None:
        for image in images:
            if image.size:
                check_readable(os.path.join(folder, image.name))
        raise VideoError("holds no image that can be read")
    times = {"source_fps": fps, "usual_fps": fps, "duration": len(images) / fps}
    return replace(first, **times, expected_frames=len(images), promised_frames=0, notes=(*first.notes, *notes))


def choose_frames(images: list[Image]) -> tuple[list[Image], list[str]]:
    """Return the images that are the video's frames, and a note where others are left out.

    Optical flow is often stored beside the frames (img_00001.jpg, flow_x_00001.jpg). VideoError where there are
    several series of images (of one name but for the numbers), and it cannot be told which is the video.
    """
    counts = Counter(_series_name(image) for image in images)
    series = {name for name, count in counts.items() if "#" in name and count >= max(2, MIN_SHARE * len(images))}
    if len(series) < 2:
        return images, []
    frames = sorted(name for name in series if not FLOW.search(name))
    if len(frames) != 1:
        raise VideoError(f"holds several series of images ({', '.join(sorted(series))}); give each a folder")
    selected = [image for image in images if _series_name(image) == frames[0]]
    return selected, [f"only the images {frames[0]} are its frames: {len(images) - len(selected)} others are left out"]


def _series_name(image: Image) -> str:
    """Return an image's name with # for each number."""
    return re.sub("[0-9]+", "#", os.path.splitext(image.name)[0])


def _probe_image(folder: str, image: Image) -> Metadata | None:
    """Return the metadata of an image; None where it cannot be decoded."""
    if not image.size:
        return None
    try:
        # As an open file: ffmpeg takes a name with % for many images.
        with open(os.path.join(folder, image.name), "rb") as file:
            return video_probe.probe(file)
    except (OSError, VideoError):
        return None


@contextmanager
def numbered_links(
    folder: str, spool: Path, fps: float, start: float = 0.0, end: float | None = None
) -> Iterator[Path]:
    """Yield a temporary folder in `spool` with links to the images of `folder`, named as `ffmpeg.image_pattern` says.

    A piece has those that are shown from `start` seconds on and before `end`, at `fps` per second.
    """
    with tempfile.TemporaryDirectory(dir=spool, suffix=".images", ignore_cleanup_errors=True) as temporary:
        links = Path(temporary)
        with write_errors(links):
            # ffmpeg silently ends at an empty or missing file; this one it reports, and continues.
            (links / "unreadable").write_bytes(b"\0")
            shown = slice(math.ceil(start * fps - 1e-6), None if end is None else math.ceil(end * fps - 1e-6))
            images, _ = choose_frames(list_images(folder))
            for number, image in enumerate(images[shown], start=1):
                target = os.path.join(os.path.abspath(folder), image.name) if image.size else "unreadable"
                os.symlink(target, links / (IMAGE_NUMBER % number))
        yield links
