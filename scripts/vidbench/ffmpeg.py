"""Decoding and encoding through ffmpeg, driven by ffmpeg-python; metadata through PyAV."""

import os
import re
import subprocess
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from vidbench.errors import UserError

CHUNK = 1 << 20
IMAGE_NUMBER = "%08d"  # names of the images that ffmpeg reads as one video, from 1
# FF D9 ends a JPEG; inside its compressed data every FF is followed by 00.
END_OF_JPEG = b"\xff\xd9"
BETWEEN_JPEGS = re.compile(rb"\xff\xd9(?=\xff\xd8)")
# ffmpeg complains of the file that it writes, not of the video; the last one is how ffmpeg 4 to 6 say it.
OUTPUT_FAILED = re.compile(
    r"(?:Error submitting a packet to the muxer|Error writing trailer|av_interleaved_write_frame\(\)"
    r"|Error opening output [^:]*): (.+)"
)


def executable(path: str | None = None) -> str:
    """The ffmpeg to run: `path`, or the one that comes with the environment."""
    if path is None:
        import imageio_ffmpeg

        return imageio_ffmpeg.get_ffmpeg_exe()
    return path


@cache
def version(path: str | None = None) -> str:
    """First line's version of `ffmpeg -version`, e.g. 'n7.1'."""
    try:
        output = subprocess.run([executable(path), "-version"], capture_output=True, text=True, check=True).stdout
        if not output.startswith("ffmpeg version"):
            raise ValueError("it is no ffmpeg")
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise UserError(f"ffmpeg: '{path}' cannot be run ({error}); correct `ffmpeg` in the config") from error
    return output.split()[2]


class VideoError(Exception):
    """A video that cannot be decoded: a fact about the video, not a failure of the step."""


@dataclass(frozen=True)
class Metadata:
    """What the container says of the video stream that a player would show; 0 or "" where it says nothing.

    Of a folder of images: what its first image and the recipe say.
    """

    height: int = 0  # as stored: before rotation and correction of the pixels' shape
    width: int = 0
    source_fps: float = 0.0
    duration: float = 0.0  # seconds
    codec: str = ""
    rotation: int = 0  # degrees, as a player would turn it
    expected_frames: int = 0
    stream: int = 0  # index in the file
    pixel_aspect: float = 1.0  # width of a pixel over its height
    interlaced: bool = False

    @property
    def shown_size(self) -> tuple[int, int]:
        """(height, width) as a player shows it: square pixels, turned; (0, 0) where they are not known."""
        height, width = self.height, self.width and max(1, round(self.width * self.pixel_aspect))
        return (width, height) if self.rotation % 180 else (height, width)


def probe(video: str | BinaryIO) -> Metadata:
    """Metadata of a video, by its path or as an open file; VideoError with the reason where it is none."""
    import av

    try:
        with av.open(video, metadata_errors="replace") as container:  # a title in Latin-1 is no reason to fail
            stream = container.streams.best("video")
            if stream is None:
                raise VideoError("has no video stream")
            if stream.codec_context is None:
                raise VideoError("has a codec that is not known")
            stream.codec_context.thread_count = 1  # starting threads takes longer than the one frame that is decoded
            metadata = _describe(stream, container)
    except FileNotFoundError as error:
        raise VideoError("no such file") from error
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VideoError(f"cannot be opened as a video: {reason}") from error
    if 0 in metadata.shown_size:
        raise VideoError("does not say how large it is")
    return metadata


def _describe(stream: object, container: object) -> Metadata:
    fps = float(stream.average_rate or stream.guessed_rate or 0)
    duration = _seconds(stream, container)
    first = _first_frame(stream, container)
    return Metadata(
        height=stream.height,
        width=stream.width,
        source_fps=fps,
        duration=duration,
        codec=stream.codec_context.codec.canonical_name,
        rotation=int(getattr(first, "rotation", 0) or 0) % 360,
        expected_frames=stream.frames or round(duration * fps),
        stream=stream.index,
        pixel_aspect=float(stream.sample_aspect_ratio or 1),
        interlaced=bool(first is not None and first.interlaced_frame),
    )


def _first_frame(stream: object, container: object) -> object | None:
    """The first frame that can be decoded; ffmpeg, too, goes on after one that cannot."""
    import av

    for packet in container.demux(stream):
        try:
            for frame in packet.decode():
                return frame
        except av.FFmpegError:
            continue
    return None


def _seconds(stream: object, container: object) -> float:
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration else 0.0


@dataclass(frozen=True)
class Recipe:
    """How stored frames are made of a video: the data set's `frames` options."""

    size: int | tuple[int, int]  # short side, or (height, width)
    fps: float | None
    codec: str  # jpeg or raw
    quality: int
    image_fps: float = 25.0  # frame rate of videos that are folders of images

    @classmethod
    def from_options(cls, options: dict) -> "Recipe":
        """From the complete `frames` section of a data set."""
        size = options["size"]
        return cls(
            size if isinstance(size, int) else tuple(size),
            options["fps"],
            options["codec"],
            options["quality"],
            float(options.get("image_fps", cls.image_fps)),
        )

    def as_dict(self) -> dict:
        """For JSON."""
        return asdict(self)


def stored_size(height: int, width: int, size: int | tuple[int, int]) -> tuple[int, int]:
    """(height, width) of the stored frames of a video that is shown at height x width."""
    if not isinstance(size, int):
        return size
    short = min(height, width)
    return max(1, round(height * size / short)), max(1, round(width * size / short))


@dataclass(frozen=True)
class Source:
    """A video to decode, and the file that its frames go to, one after another."""

    path: str
    metadata: Metadata
    target: Path
    images: Path | None = None  # where the video is a folder of images: links to them, by their numbers


def decode_command(
    sources: Sequence[Source], recipe: Recipe, ffmpeg_path: str | None, limit: int | None = None
) -> list[str]:
    """Arguments of the ffmpeg that writes the frames of some videos, as a player shows them, to their targets.

    `limit` is the most frames to write of each. ffmpeg turns rotated videos by itself.
    """
    import ffmpeg

    outputs = [_output(source, recipe, limit) for source in sources]
    quiet = ("-nostdin", "-v", "error", "-filter_complex_threads", "1")
    return ffmpeg.merge_outputs(*outputs).global_args(*quiet).overwrite_output().compile(cmd=executable(ffmpeg_path))


def _output(source: Source, recipe: Recipe, limit: int | None) -> object:
    """One output of ffmpeg-python."""
    import ffmpeg

    metadata = source.metadata
    height, width = stored_size(*metadata.shown_size, recipe.size)
    stream = _input(source, recipe)[str(metadata.stream)]
    if metadata.interlaced:
        stream = stream.filter("bwdif", mode="send_frame", deint="interlaced")
    if recipe.fps is not None:
        stream = stream.filter("fps", fps=recipe.fps)
    target: dict[str, object] = {"threads": 1} | ({"fps_mode": "passthrough"} if recipe.fps is None else {})
    if limit is not None:
        target["frames:v"] = limit
    if recipe.codec == "jpeg":
        # JPEG means full range and BT.601, whatever the video has.
        stream = stream.filter("scale", width, height, flags="bicubic", out_range="full", out_color_matrix="bt601")
        target |= {"f": "image2pipe", "vcodec": "mjpeg", "pix_fmt": "yuvj420p", "q:v": recipe.quality}
        # The standard Huffman tables: computing the best ones takes a fifth of the time.
        target["huffman"] = "default"
    else:
        stream = stream.filter("scale", width, height, flags="bicubic")
        # By this way, ffmpeg converts to RGB more than twice as fast as at once; pixels differ by under 1 on average.
        for pixel_format in ("yuv444p", "gbrp", "rgb24"):
            stream = stream.filter("format", pixel_format)
        target |= {"f": "rawvideo", "pix_fmt": "rgb24"}
    return ffmpeg.output(stream, f"file:{source.target}", **target)


def _input(source: Source, recipe: Recipe) -> object:
    """One input of ffmpeg-python. `file:` keeps a name from being read as a protocol."""
    import ffmpeg

    options: dict[str, object] = {"threads": 1}  # processes, not threads, fill the cores
    if source.images is None:
        return ffmpeg.input(f"file:{source.path}", **options)
    # The codec of the first image's content: the links have no extension, and that of a file may be wrong.
    options |= {"f": "image2", "pattern_type": "sequence", "start_number": 1, "vcodec": source.metadata.codec}
    options["framerate"] = recipe.image_fps
    if recipe.fps is not None:
        # An image of another size would start the filters anew, and `fps` would lose the time since its last frame.
        options["reinit_filter"] = 0
    return ffmpeg.input(f"file:{image_pattern(source.images)}", **options)


def image_pattern(folder: Path) -> str:
    """How ffmpeg is told of numbered images in a folder."""
    return f"{str(folder).replace('%', '%%')}/{IMAGE_NUMBER}"


def measure_frames(path: Path, codec: str, frame_bytes: int) -> tuple[list[int], int]:
    """Sizes of the frames that ffmpeg wrote one after another, and the CRC-32 of them all.

    Frames are JPEG files, or `frame_bytes` bytes of raw RGB each. An unfinished last one is cut off.
    """
    ends, checksum, size, tail = [], 0, 0, b""
    with open(path, "rb") as file:
        while block := file.read(CHUNK):
            checksum = zlib.crc32(block, checksum)
            if codec == "jpeg":
                ends += [size - len(tail) + match.end() for match in BETWEEN_JPEGS.finditer(tail + block)]
                tail = (tail + block)[-3:]
            size += len(block)
    if codec == "raw":
        ends = list(range(frame_bytes, size + 1, frame_bytes))
    elif tail.endswith(END_OF_JPEG):
        ends.append(size)
    whole = ends[-1] if ends else 0
    if whole < size:
        os.truncate(path, whole)
        return measure_frames(path, codec, frame_bytes)
    return [end - start for start, end in pairwise([0, *ends])], checksum


def encode_h264(frames: object, path: Path | str, fps: float, ffmpeg_path: str | None = None) -> None:
    """Write (T, H, W, 3) uint8 RGB frames as H.264 in mp4, near lossless and always with the same bytes."""
    import ffmpeg

    _, height, width, _ = frames.shape
    source = ffmpeg.input("pipe:", f="rawvideo", pix_fmt="rgb24", s=f"{width}x{height}", r=fps)
    settings = {"vcodec": "libx264", "crf": 12, "preset": "veryfast", "bf": 0, "pix_fmt": "yuv420p", "threads": 1}
    output = ffmpeg.output(source, f"file:{path}", f="mp4", **settings).global_args("-v", "error")
    command = output.overwrite_output().compile(cmd=executable(ffmpeg_path))
    done = subprocess.run(command, input=frames.tobytes(), stderr=subprocess.PIPE)
    if done.returncode:
        raise UserError(f"{path}: ffmpeg could not encode it: {complaint(done.stderr)}")


def output_error(stderr: bytes) -> str:
    """Why ffmpeg could not write its output, e.g. 'No space left on device'; "" where that was not the trouble."""
    found = OUTPUT_FAILED.search(stderr.decode("utf-8", "replace"))
    return found[1] if found else ""


def complaint(stderr: bytes, length: int = 300) -> str:
    """ffmpeg's messages as one line, without the addresses in memory that differ each time."""
    lines = re.sub(r" @ 0x[0-9a-f]+", "", stderr.decode("utf-8", "replace")).splitlines()
    text = " | ".join(dict.fromkeys(line.strip() for line in lines if line.strip()))
    return text if len(text) <= length else text[: length - 3] + "..."
