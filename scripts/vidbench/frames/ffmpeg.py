"""The commands of ffmpeg: decoding to raw frames or JPEG, encoding; driven by ffmpeg-python."""

import errno
import os
import re
import subprocess
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vidbench.errors import UserError
from vidbench.frames.filters import filters
from vidbench.frames.recipe import Recipe, Source, stored_size

if TYPE_CHECKING:
    from ffmpeg.nodes import FilterableStream, OutputStream

CHUNK = 1 << 20
IMAGE_NUMBER = "%08d"  # names of the images that ffmpeg reads as one video, from 1
# FF D9 ends a JPEG; inside its compressed data every FF is followed by 00.
END_OF_JPEG = b"\xff\xd9"
BETWEEN_JPEGS = re.compile(rb"\xff\xd9(?=\xff\xd8)")
# Messages about the file that ffmpeg writes, not about the video; the last one is that of ffmpeg 4 to 6.
OUTPUT_FAILED = re.compile(
    r"(?:Error submitting a packet to the muxer|Error writing trailer|av_interleaved_write_frame\(\)"
    r"|Error opening output [^:]*): (.+)"
)
REPEATED = re.compile(rb"Last message repeated \d+ times")
MARGIN = 2.0  # seconds before a piece that are decoded, too: some containers find a key frame too late
NO_FILTER = re.compile(r"No such filter: '?(\w+)'?")
# ffmpeg takes gaps out of transport streams; timestamps.py decides about time stamps.
NO_CORRECTION = ("-dts_delta_threshold", "1000000", "-dts_error_threshold", "1000000")
# Messages that ffmpeg calls errors, but that cost no frame: other streams, side information, too many references.
HARMLESS = re.compile(
    r"chapter track not found|mmco: unref short failure|number of reference frames .* exceeds max"
    r"|co located POCs unavailable|SEI type \d+ size \d+ truncated|Overread (?:VUI|SPS)|VPS \d+ does not exist"
    r"|unable to decode APP fields|Skipping invalid undecodable NALU|Could not find codec parameters"
    r"|(?:Unknown|unsupported) (?:metadata|side data)|DOVI|Dolby Vision",
    re.IGNORECASE,
)
# The system's words for a file that cannot be written. Decoders are opened with the output, too: their errors differ.
OF_THE_SYSTEM = {
    os.strerror(code)
    for code in (
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.ENOENT, errno.ENOTDIR),
        *(errno.EMFILE, errno.ENFILE, errno.ESTALE, errno.ENXIO, errno.ENODEV),
    )
}


def executable(path: str | None = None) -> str:
    """Return the ffmpeg to run: `path`, or the one that comes with the environment."""
    if path is None:
        import imageio_ffmpeg

        return imageio_ffmpeg.get_ffmpeg_exe()
    return path


@cache
def version(path: str | None = None) -> str:
    """Return the version that `ffmpeg -version` prints in its first line, e.g. 'n7.1'."""
    try:
        output = subprocess.run([executable(path), "-version"], capture_output=True, text=True, check=True).stdout
        if not output.startswith("ffmpeg version"):
            raise ValueError("it is no ffmpeg")
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise UserError(f"ffmpeg: '{path}' cannot be run ({error}); correct `ffmpeg` in the config") from error
    return output.split()[2]


def decode_command(
    sources: Sequence[Source], recipe: Recipe, ffmpeg_path: str | None, limit: int | None = None
) -> list[str]:
    """Return the command of an ffmpeg that writes the frames of some videos, as a player shows them, to their targets.

    `limit`: maximum number of frames of each. ffmpeg turns and mirrors videos by their display matrix itself.
    """
    import ffmpeg

    outputs = [_build_output(source, recipe, limit) for source in sources]
    options = ["-nostdin", "-v", "error", "-filter_threads", "1", *NO_CORRECTION]
    if any(source.is_cut for source in sources):
        options.append("-copyts")  # the file's own clock, also where it is read from its middle
    command = ffmpeg.merge_outputs(*outputs).global_args(*options).overwrite_output()
    return command.compile(cmd=executable(ffmpeg_path))


def _build_output(source: Source, recipe: Recipe, limit: int | None) -> "OutputStream":
    """Return one output of ffmpeg-python."""
    import ffmpeg

    size = stored_size(*source.metadata.shown_size, recipe.size)
    target: dict[str, object] = {"vf": ",".join(filters(source, recipe, size)), "threads": 1}
    target |= {"fps_mode": "passthrough", "enc_time_base": "1:25"}
    if limit is not None:
        target["frames:v"] = limit
    if recipe.codec == "jpeg":
        target |= {"f": "image2pipe", "vcodec": "mjpeg", "pix_fmt": "yuvj420p", "q:v": recipe.quality}
        # The standard Huffman tables: computing the best ones takes a fifth of the time.
        target["huffman"] = "default"
    else:
        target |= {"f": "rawvideo", "pix_fmt": "rgb24"}
    return ffmpeg.output(_build_input(source, recipe)[str(source.metadata.stream)], f"file:{source.target}", **target)


def _build_input(source: Source, recipe: Recipe) -> "FilterableStream":
    """Return one input of ffmpeg-python. `file:` keeps a name from being read as a protocol."""
    import ffmpeg

    options: dict[str, object] = {"threads": 1}  # processes, not threads, fill the cores
    # A frame of another size would restart the filters, and with them the time. `scale` takes any size.
    options["reinit_filter"] = 0
    if source.images is None:
        if source.start > MARGIN and source.seeks:
            options |= {"ss": f"{source.start - MARGIN:.6f}", "noaccurate_seek": None}
        return ffmpeg.input(f"file:{source.path}", **options)
    # The codec of the first image's content: the links have no extension, and that of a file may be wrong.
    options |= {"f": "image2", "pattern_type": "sequence", "start_number": 1, "vcodec": source.metadata.codec}
    options["framerate"] = recipe.image_fps
    return ffmpeg.input(f"file:{image_pattern(source.images)}", **options)


def image_pattern(folder: Path) -> str:
    """Return the name by which ffmpeg reads the numbered images in a folder."""
    return f"{str(folder).replace('%', '%%')}/{IMAGE_NUMBER}"


def measure_frames(path: Path, codec: str, frame_bytes: int) -> tuple[list[int], int]:
    """Return the sizes of the frames that ffmpeg wrote one after another, in bytes, and the CRC-32 of them all.

    Frames are JPEG files, or `frame_bytes` bytes of raw RGB each. An unfinished last one is cut off.
    """
    ends: list[int] = []  # of the frames in the file
    checksum = size = 0
    tail = b""  # of the blocks before: a border between two JPEG files may be split by a border of blocks
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


def encode_h264(frames: np.ndarray, path: Path | str, fps: float, ffmpeg_path: str | None = None) -> None:
    """Write (T, H, W, 3) uint8 RGB frames as H.264 in mp4, near lossless and always with the same bytes."""
    encode_h264_files({path: frames}, fps, ffmpeg_path)


def encode_h264_files(clips: Mapping[Path | str, np.ndarray], fps: float, ffmpeg_path: str | None = None) -> None:
    """Write clips of one size like encode_h264, with the same bytes, by one process: starting it takes longer."""
    import ffmpeg

    _, height, width, _ = next(iter(clips.values())).shape
    source = ffmpeg.input("pipe:", f="rawvideo", pix_fmt="rgb24", s=f"{width}x{height}", r=fps)
    settings = {"vcodec": "libx264", "crf": 12, "preset": "veryfast", "bf": 0, "pix_fmt": "yuv420p", "threads": 1}
    copies = source.video.filter_multi_output("split", len(clips))
    outputs, start = [], 0
    for number, (path, frames) in enumerate(clips.items()):
        end = start + len(frames)
        part = copies[number].filter("trim", start_frame=start, end_frame=end).filter("setpts", "PTS-STARTPTS")
        outputs.append(ffmpeg.output(part, f"file:{path}", f="mp4", **settings))
        start = end
    command = ffmpeg.merge_outputs(*outputs).global_args("-v", "error").overwrite_output()
    frames_of_all = b"".join(frames.tobytes() for frames in clips.values())
    process = subprocess.run(command.compile(executable(ffmpeg_path)), input=frames_of_all, stderr=subprocess.PIPE)
    if process.returncode:
        names = ", ".join(str(path) for path in clips)
        raise UserError(f"{names}: ffmpeg could not encode them: {complaint(process.stderr)}")


def output_error(stderr: bytes) -> str:
    """Return why ffmpeg could not write its output, e.g. 'No space left on device'; "" for another error or none."""
    reasons = (match[1].rstrip(". ") for match in OUTPUT_FAILED.finditer(stderr.decode("utf-8", "replace")))
    return next((reason for reason in reasons if reason in OF_THE_SYSTEM), "")


def lacking_filter(stderr: bytes) -> str:
    """Return the filter that ffmpeg complains of being built without, e.g. 'zscale'; "" where it does not."""
    match = NO_FILTER.search(stderr.decode("utf-8", "replace"))
    return match[1] if match else ""


def split_messages(stderr: bytes) -> tuple[bytes, bytes]:
    """Return ffmpeg's messages about damage, and those about what is merely odd."""
    lines = [line for line in stderr.splitlines(keepends=True) if line.strip() and not REPEATED.search(line)]
    odd = [line for line in lines if HARMLESS.search(line.decode("utf-8", "replace"))]
    return b"".join(line for line in lines if line not in odd), b"".join(odd)


def complaint(stderr: bytes, length: int = 300) -> str:
    """Return ffmpeg's messages as one line, without the addresses in memory that differ each time."""
    lines = re.sub(r" @ 0x[0-9a-f]+", "", stderr.decode("utf-8", "replace")).splitlines()
    text = " | ".join(dict.fromkeys(line.strip() for line in lines if line.strip()))
    return text if len(text) <= length else text[: length - 3] + "..."
