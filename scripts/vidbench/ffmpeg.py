"""Decoding and encoding through ffmpeg, driven by ffmpeg-python; metadata through PyAV."""

import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

from vidbench.errors import UserError

CHUNK = 1 << 20


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
    except (OSError, subprocess.CalledProcessError) as error:
        raise UserError(f"ffmpeg: '{path}' cannot be run ({error}); correct `ffmpeg` in the config") from error
    return output.split()[2]


@dataclass(frozen=True)
class Metadata:
    """What the container says of its first real video stream; 0 or "" where it says nothing."""

    height: int = 0  # as stored, before rotation
    width: int = 0
    source_fps: float = 0.0
    duration: float = 0.0  # seconds
    codec: str = ""
    rotation: int = 0  # degrees, as a player would turn it
    expected_frames: int = 0


def probe(path: str) -> Metadata:
    """Metadata of a video file; UserError with the reason where it is none."""
    import av

    try:
        with av.open(path) as container:
            if not container.streams.video:
                raise UserError(f"{path}: has no video stream")
            stream = container.streams.video[0]
            fps = float(stream.average_rate or stream.guessed_rate or 0)
            duration = _seconds(stream, container)
            first = next(container.decode(stream), None)
            return Metadata(
                height=stream.height,
                width=stream.width,
                source_fps=fps,
                duration=duration,
                codec=stream.codec_context.name,
                rotation=int(getattr(first, "rotation", 0) or 0),
                expected_frames=stream.frames or round(duration * fps),
            )
    except (OSError, ValueError) as error:  # PyAV's errors derive from both
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path}: cannot be opened as a video: {reason}") from error


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

    @classmethod
    def from_options(cls, options: dict) -> "Recipe":
        """From the complete `frames` section of a data set."""
        size = options["size"]
        return cls(size if isinstance(size, int) else tuple(size), options["fps"], options["codec"], options["quality"])

    def as_dict(self) -> dict:
        """For JSON."""
        return asdict(self)


def stored_size(height: int, width: int, size: int | tuple[int, int]) -> tuple[int, int]:
    """(height, width) of the stored frames of a video that is shown at height x width."""
    if not isinstance(size, int):
        return size
    short = min(height, width)
    return max(1, round(height * size / short)), max(1, round(width * size / short))


def decode_command(path: str, recipe: Recipe, height: int, width: int, ffmpeg_path: str | None) -> list[str]:
    """Arguments of the ffmpeg that writes a video's frames to its standard output.

    ffmpeg turns rotated videos by itself. `file:` keeps a name from being read as a protocol.
    """
    import ffmpeg

    stream = ffmpeg.input(f"file:{path}")["v:0"]
    if recipe.fps is not None:
        stream = stream.filter("fps", fps=recipe.fps)
    stream = stream.filter("scale", width, height, flags="bicubic")
    if recipe.codec == "jpeg":
        target = {"f": "image2pipe", "vcodec": "mjpeg", "pix_fmt": "yuvj420p", "q:v": recipe.quality}
    else:
        target = {"f": "rawvideo", "pix_fmt": "rgb24"}
    if recipe.fps is None:
        target["fps_mode"] = "passthrough"
    output = ffmpeg.output(stream, "pipe:", **target).global_args("-nostdin", "-v", "error", "-threads", "1")
    return output.compile(cmd=executable(ffmpeg_path))


def split_frames(stream: BinaryIO, codec: str, frame_bytes: int) -> Iterator[bytes]:
    """Cut ffmpeg's output into frames: JPEG files, or `frame_bytes` bytes of raw RGB each."""
    if codec == "raw":
        while len(frame := stream.read(frame_bytes)) == frame_bytes:
            yield frame
        return
    buffer = b""
    while chunk := stream.read1(CHUNK):
        buffer += chunk
        # FF D9 ends a JPEG; inside its compressed data every FF is followed by 00.
        while (end := buffer.find(b"\xff\xd9\xff\xd8")) >= 0:
            yield buffer[: end + 2]
            buffer = buffer[end + 2 :]
    if buffer.endswith(b"\xff\xd9"):
        yield buffer


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


def complaint(stderr: bytes, length: int = 300) -> str:
    """ffmpeg's messages as one line."""
    text = " | ".join(line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip())
    return text if len(text) <= length else text[: length - 3] + "..."
