"""Decoding and encoding through ffmpeg, driven by ffmpeg-python."""

import os
import re
import subprocess
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from vidbench.errors import UserError
from vidbench.frame_times import ASSUMED_FPS, MIN_GAP, TICKS
from vidbench.probe import MAX_FPS, Metadata

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
# ffmpeg takes gaps out of transport streams; frame_times.py decides about time stamps.
NO_CORRECTION = ("-dts_delta_threshold", "1000000", "-dts_error_threshold", "1000000")
# What ffmpeg calls errors, but costs no frame: time stamps, other streams, side information, too many references.
HARMLESS = re.compile(
    r"non.monoton\w+|Invalid pts|Invalid DTS|DTS discontinuity|backward in time|chapter track not found"
    r"|mmco: unref short failure|number of reference frames .* exceeds max|reference frames exceeds"
    r"|co located POCs unavailable|SEI type \d+ size \d+ truncated|Overread (?:VUI|SPS)|VPS \d+ does not exist"
    r"|unable to decode APP fields|Skipping invalid undecodable NALU|Could not find codec parameters"
    r"|exceeds containing master element|(?:Unknown|unsupported) (?:metadata|side data)|DOVI|Dolby Vision",
    re.IGNORECASE,
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
    """A video, or a piece of one, to decode, and the file that its frames go to, one after another."""

    path: str
    metadata: Metadata
    target: Path
    images: Path | None = None  # where the video is a folder of images: links to them, by their numbers
    start: float = 0.0  # seconds, as a player counts them: the piece begins here ...
    end: float | None = None  # ... and ends before this; None: with the file
    seeks: bool = True  # to `start`; else everything before is decoded, too, which is slow but always right

    @property
    def stamps(self) -> Path:
        """The file that the frames' time stamps go to, in ticks; of a piece, since the file's beginning."""
        return self.target.with_name(f"{self.target.name}.stamps")

    @property
    def is_piece(self) -> bool:
        """Whether anything of the file is left out."""
        return self.start > 0 or self.end is not None


def decode_command(
    sources: Sequence[Source], recipe: Recipe, ffmpeg_path: str | None, limit: int | None = None
) -> list[str]:
    """Arguments of the ffmpeg that writes the frames of some videos, as a player shows them, to their targets.

    `limit` is the most frames to write of each. ffmpeg turns and mirrors videos by their display matrix itself.
    """
    import ffmpeg

    outputs = [_output(source, recipe, limit) for source in sources]
    options = ["-nostdin", "-v", "error", "-filter_complex_threads", "1", *NO_CORRECTION]
    if any(source.is_piece for source in sources):
        # The clock goes on counting from the file's beginning where it is read from its middle.
        options += ["-copyts", "-start_at_zero"]
    command = ffmpeg.merge_outputs(*outputs).global_args(*options).overwrite_output()
    return command.compile(cmd=executable(ffmpeg_path))


def _output(source: Source, recipe: Recipe, limit: int | None) -> object:
    """One output of ffmpeg-python."""
    import ffmpeg

    height, width = stored_size(*source.metadata.shown_size, recipe.size)
    stream = _timed(_input(source, recipe)[str(source.metadata.stream)], source, recipe)
    jpeg = recipe.codec == "jpeg"
    # JPEG means full range and BT.601, whatever the video has.
    colours = {"out_range": "full", "out_color_matrix": "bt601"} if jpeg else {}
    if source.metadata.is_hdr:
        stream = _tone_mapped(stream.filter("scale", width, height, flags="bicubic"), source.metadata)
        stream = stream.filter("scale", **colours) if colours else stream
    else:
        stream = stream.filter("scale", width, height, flags="bicubic", **colours)
    target: dict[str, object] = {"threads": 1, "fps_mode": "passthrough", "enc_time_base": "1:25"}
    if limit is not None:
        target["frames:v"] = limit
    if jpeg:
        target |= {"f": "image2pipe", "vcodec": "mjpeg", "pix_fmt": "yuvj420p", "q:v": recipe.quality}
        # The standard Huffman tables: computing the best ones takes a fifth of the time.
        target["huffman"] = "default"
    else:
        # By this way, ffmpeg converts to RGB more than twice as fast as at once; pixels differ by under 1 on average.
        for pixel_format in ("yuv444p", "gbrp", "rgb24"):
            stream = stream.filter("format", pixel_format)
        target |= {"f": "rawvideo", "pix_fmt": "rgb24"}
    return ffmpeg.output(stream, f"file:{source.target}", **target)


def _timed(stream: object, source: Source, recipe: Recipe) -> object:
    """A stream of the frames to store, with their number as time; the stamps of all frames are written down before.

    Encoders lose frames, or give up, where stamps are equal or nearer than a tick of the guessed frame rate.
    """
    if source.is_piece and source.images is None:
        end = {} if source.end is None else {"end": f"{source.end:.6f}"}
        stream = stream.filter("trim", start=f"{source.start:.6f}", **end)
    if source.metadata.interlaced:
        stream = stream.filter("bwdif", mode="send_frame", deint="interlaced")
    stream = stream.filter("settb", f"1/{TICKS}")
    stream = stream.filter("metadata", mode="add", key="stored", value="1")  # only frames with metadata are printed
    stream = stream.filter("metadata", mode="print", file=f"file:{source.stamps}")
    if recipe.fps is not None:
        stream = stream.filter("setpts", _clock(source.metadata.source_fps)).filter("fps", fps=recipe.fps)
    return stream.filter("settb", "1/25").filter("setpts", "N")


def _clock(fps: float) -> str:
    """ffmpeg's expression of the time, in ticks, by which `fps` takes frames: it rises, and has no long gaps.

    Register 0 holds what is taken off the stamps, 1 the stamp less that.
    """
    step = f"{TICKS / (fps if 0 < fps <= MAX_FPS else ASSUMED_FPS):.0f}"
    longest = f"{TICKS * MIN_GAP:.0f}"
    begin = "st(0, if(isnan(PTS), 0, PTS)); 0"
    now = f"st(1, if(isnan(PTS), PREV_OUTPTS + {step}, PTS - ld(0)))"
    again = f"if(lt(ld(1), PREV_OUTPTS - {TICKS}), st(0, ld(0) + ld(1) - PREV_OUTPTS - {step}))"
    gap = f"if(gt(ld(1), PREV_OUTPTS + {longest}), st(0, ld(0) + ld(1) - PREV_OUTPTS - {longest}))"
    rising = f"max(PREV_OUTPTS, if(isnan(PTS), PREV_OUTPTS + {step}, PTS - ld(0)))"
    return f"if(isnan(PREV_OUTPTS), {begin}, {now}; {again}; {gap}; {rising})"


def _tone_mapped(stream: object, metadata: Metadata) -> object:
    """HDR (PQ, HLG) to BT.709 as a display with 100 cd/m2 shows it; what is brighter is squeezed into the last quarter.

    The curve is the same for all videos: a file's own word on its brightest light would make two copies differ.
    """
    if not (metadata.primaries and metadata.has_matrix):
        stream = stream.filter("setparams", color_primaries="bt2020", colorspace="bt2020nc")
    light = {"transfer": "linear", "npl": 100}
    stream = stream.filter("zscale", **light).filter("format", "gbrpf32le").filter("zscale", primaries="bt709")
    stream = stream.filter("tonemap", "mobius", param=0.75, desat=0, peak=10)
    return stream.filter("zscale", transfer="bt709", matrix="bt709", range="tv").filter("format", "yuv444p")


def _input(source: Source, recipe: Recipe) -> object:
    """One input of ffmpeg-python. `file:` keeps a name from being read as a protocol."""
    import ffmpeg

    options: dict[str, object] = {"threads": 1}  # processes, not threads, fill the cores
    if not source.metadata.interlaced:
        # A frame of another size would start the filters anew, and with them the time. `scale` takes any size.
        options["reinit_filter"] = 0
    if source.images is None:
        if source.start and source.seeks:
            options["ss"] = f"{source.start:.6f}"
        return ffmpeg.input(f"file:{source.path}", **options)
    # The codec of the first image's content: the links have no extension, and that of a file may be wrong.
    options |= {"f": "image2", "pattern_type": "sequence", "start_number": 1, "vcodec": source.metadata.codec}
    options["framerate"] = recipe.image_fps
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


def divide(stderr: bytes) -> tuple[bytes, bytes]:
    """ffmpeg's messages about damage, and those about what is merely odd."""
    lines = [line for line in stderr.splitlines(keepends=True) if line.strip()]
    odd = [line for line in lines if HARMLESS.search(line.decode("utf-8", "replace"))]
    return b"".join(line for line in lines if line not in odd), b"".join(odd)


def complaint(stderr: bytes, length: int = 300) -> str:
    """ffmpeg's messages as one line, without the addresses in memory that differ each time."""
    lines = re.sub(r" @ 0x[0-9a-f]+", "", stderr.decode("utf-8", "replace")).splitlines()
    text = " | ".join(dict.fromkeys(line.strip() for line in lines if line.strip()))
    return text if len(text) <= length else text[: length - 3] + "..."
