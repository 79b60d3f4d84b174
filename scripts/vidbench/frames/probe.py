"""Reading a video file's metadata by PyAV: what is needed to decode it, and what is odd about it."""

import math
import os
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from vidbench.files import check_readable
from vidbench.frames.timestamps import MAX_FPS

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.sidedata.sidedata import SideDataContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MIRROR = "mirrored, left and right exchanged, by its display matrix"
HDR = ("smpte2084", "arib-std-b67")  # transfer functions: PQ and HLG
FLOAT = re.compile(r"f(16|32)(le|be)?$")  # names of pixel formats that hold fractions
UNSPECIFIED = 2  # of a colour matrix, in ISO/IEC 23091-2
# Containers that keep the file's clock after a seek; others restart it, or lose frames there (AVI, MPEG-PS).
SEEKING = {"mp4", "matroska", "mpegts"}


class VideoError(Exception):
    """A video that cannot be decoded: a fact about the video, not a failure of the step."""


@dataclass(frozen=True)
class Metadata:
    """Metadata of the video stream that a player would show; 0 or "" where the container has none.

    That of a folder of images comes from its first image and the recipe.
    """

    height: int = 0  # as stored: before rotation and correction of the pixels' shape
    width: int = 0
    source_fps: float = 0.0
    usual_fps: float = 0.0  # as guessed from the first frames: gaps do not lower it
    duration: float = 0.0  # seconds
    codec: str = ""
    rotation: int = 0  # degrees anticlockwise, as a player would turn it
    expected_frames: int = 0
    promised_frames: int = 0  # by the header's own count, where it has one
    promised_seconds: float = 0.0  # by the header, where it speaks of the pictures alone
    stream: int = 0  # index in the file
    begin: float = 0.0  # seconds on the file's own clock at which a player begins to count
    pixel_aspect: float = 1.0  # width of a pixel over its height
    interlaced: bool = False
    transfer: str = ""  # transfer function and primaries, in ffmpeg's words, e.g. smpte2084 and bt2020
    primaries: str = ""
    seeks: bool = False  # its container finds the key frame before a moment, and keeps the file's clock
    has_matrix: bool = True  # the matrix that made its colours of red, green and blue is given
    notes: tuple[str, ...] = ()  # what is odd about it, but no damage

    @property
    def turned_size(self) -> tuple[int, int]:
        """(height, width) of the frames that ffmpeg's filters get: as stored, but turned."""
        return (self.width, self.height) if self.rotation in (90, 270) else (self.height, self.width)

    @property
    def shown_size(self) -> tuple[int, int]:
        """(height, width) as a player shows it: square pixels, turned; (0, 0) where they are not known.

        Players turn by quarters; by other angles the picture is turned inside its own frame.
        """
        width = self.width and max(1, round(self.width * self.pixel_aspect))
        return (width, self.height) if self.rotation in (90, 270) else (self.height, width)

    @property
    def is_hdr(self) -> bool:
        """True where the picture has to be tone-mapped to be stored with 8 bits."""
        return self.transfer in HDR


def probe(video: str | BinaryIO) -> Metadata:
    """Return metadata of a video, by its path or as an open file; VideoError with the reason where it is none.

    UserError where the file cannot be read: that is no fact about the video.
    """
    import av
    from av.error import FFmpegError

    try:
        # `file:` keeps a name from being read as a protocol. A title in Latin-1 is no reason to fail.
        file = f"file:{video}" if isinstance(video, str) else video
        with av.open(file, "r", metadata_errors="replace") as container:
            stream = _select_stream(container)
            stream.codec_context.thread_count = 1  # starting threads takes longer than the one frame that is decoded
            metadata = _describe(stream, container)
    except (FFmpegError, OSError, ValueError) as error:
        if isinstance(video, str):
            check_readable(video)
        reason = getattr(error, "strerror", None) or error
        raise VideoError(f"cannot be opened as a video: {reason}") from error
    if 0 in metadata.shown_size:
        raise VideoError("does not say how large it is")
    return metadata


def _select_stream(container: "InputContainer") -> "VideoStream":
    """Return the video stream that a player shows; the cover picture of a sound file is none."""
    from av.stream import Disposition

    best = container.streams.best("video")
    moving = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if best is None:
        raise VideoError("has no video stream")
    if not moving:
        raise VideoError("has no video stream, only a cover picture")
    stream = next((stream for stream in moving if stream == best), moving[0])
    if stream.codec_context is None:
        raise VideoError("has a codec that is not known")
    return stream


def _describe(stream: "VideoStream", container: "InputContainer") -> Metadata:
    fps = float(stream.average_rate or stream.guessed_rate or 0)
    duration = _read_duration(stream, container)
    first = _decode_first_frame(stream, container)
    rotation, mirrored = _read_orientation(first)
    return Metadata(
        height=stream.height,
        width=stream.width,
        source_fps=fps,
        usual_fps=float(stream.guessed_rate or fps),
        duration=duration,
        codec=stream.codec_context.codec.canonical_name,
        rotation=rotation,
        expected_frames=stream.frames or round(duration * fps),
        promised_frames=stream.frames,
        promised_seconds=duration if stream.duration or len(container.streams) == 1 else 0.0,
        stream=stream.index,
        begin=(container.start_time or 0) / 1e6,
        pixel_aspect=float(stream.sample_aspect_ratio or 1),
        interlaced=bool(first is not None and first.interlaced_frame),
        transfer=_colour_name("ColorTrc", getattr(first, "color_trc", None)),
        primaries=_colour_name("ColorPrimaries", getattr(first, "color_primaries", None)),
        seeks=_can_seek(stream, container),
        has_matrix=getattr(first, "colorspace", UNSPECIFIED) != UNSPECIFIED,
        notes=tuple(_notes(fps, rotation, mirrored, first)),
    )


def _can_seek(stream: "VideoStream", container: "InputContainer") -> bool:
    """Return whether a piece can be decoded without all before it: a palette is at the beginning of the file."""
    return bool(SEEKING & set(container.format.name.split(","))) and stream.codec_context.pix_fmt not in ("pal8", None)


def _notes(fps: float, rotation: int, mirrored: bool, first: "VideoFrame | None") -> list[str]:
    """Return notes on what is odd about a stream whose first frame is `first`."""
    notes = [f"the header says {fps:g} frames per second"] if fps > MAX_FPS else []
    if (transfer := _colour_name("ColorTrc", getattr(first, "color_trc", None))) in HDR:
        notes.append(f"HDR ({transfer}), tone-mapped")
    if mirrored:
        notes.append(MIRROR)
    if rotation % 90:
        notes.append(f"turned by {rotation} degrees inside its frame")
    if first is not None and (depth := first.format.components[0].bits) >= 16:
        white = "1.0" if FLOAT.search(first.format.name) else f"{2**depth - 1}"
        notes.append(f"{depth} bits per channel: {white} is stored as white")
    return notes


def _decode_first_frame(stream: "VideoStream", container: "InputContainer") -> "VideoFrame | None":
    """Return the first frame that can be decoded; ffmpeg, too, continues after one that cannot."""
    from av.error import FFmpegError

    for packet in container.demux(stream):
        try:
            for frame in packet.decode():
                return frame
        except FFmpegError:
            continue
    return None


def _read_orientation(frame: "VideoFrame | None") -> tuple[int, bool]:
    """Return the degrees, 0 to 359, by which a player turns a frame anticlockwise, and whether it mirrors it first."""
    from av.sidedata.sidedata import Type

    if frame is None:
        return 0, False
    try:
        side_data = cast("SideDataContainer", frame.side_data)  # PyAV's own types are wrong
        matrix = side_data[Type.DISPLAYMATRIX]
    except KeyError:
        return 0, False
    except ValueError:  # there is a kind of side data that PyAV has no name for, e.g. an image's Exif
        return int(frame.rotation) % 360, False
    a, b, _, c, d = struct.unpack("=5i", bytes(matrix)[:20])  # (x, y) is shown at (ax + cy, bx + dy), y downwards
    mirrored = a * d - b * c < 0
    turn = -math.atan2(-b, -a) if mirrored else -math.atan2(b, a)
    return round(math.degrees(turn)) % 360, mirrored


def _colour_name(kind: str, value: int | None) -> str:
    """Return the name of a transfer function or of primaries in ffmpeg's words; "" where the file does not say."""
    from av.video import reformatter

    try:
        name = getattr(reformatter, kind)(value).name
    except ValueError:
        return ""
    return "" if name == "UNSPECIFIED" else name.lower().replace("_", "-")


def is_cut_off(path: str) -> bool:
    """Return whether the last bytes of a video are missing, as far as its container can tell."""
    import av
    from av.error import FFmpegError

    with open(path, "rb") as file:
        head = file.read(12)
    if head[:4] == b"RIFF" and int.from_bytes(head[4:8], "little") + 8 > os.path.getsize(path):
        return True
    try:
        with av.open(f"file:{path}", metadata_errors="replace") as container:
            return any(packet.is_corrupt for packet in container.demux())
    except (FFmpegError, OSError, ValueError, VideoError):
        return True


def _read_duration(stream: "VideoStream", container: "InputContainer") -> float:
    """Return the duration in seconds by the header; 0 where it has none."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration else 0.0
