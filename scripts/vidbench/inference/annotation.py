"""A copy of a video with what was found drawn on it: ffmpeg decodes and encodes, and lays strips of text over it.

The strips are drawn here, so that they may hold letters of any script, and piped to ffmpeg, which keeps the video's own
time stamps, size, rotation and sound. Memory does not grow with its length. Imports no torch.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from vidbench.errors import UserError
from vidbench.files import atomic_path
from vidbench.formatting import percent
from vidbench.frames import ffmpeg
from vidbench.frames.probe import Metadata, VideoError, probe
from vidbench.inference.curve import ProbabilityCurve
from vidbench.inference.segments import Segment
from vidbench.inference.stretch_answers import StretchAnswers
from vidbench.inference.timecode import format_time
from vidbench.plotting import style

SUFFIX = ".mp4"
STRIPS_PER_SECOND = 10
SHARE = 0.14  # of the shorter side, that a strip is high
MIN_HEIGHT = 28  # pixels, where the video has as many
COPIED = {"aac", "mp3", "ac3", "eac3", "alac", "opus"}  # sound that an mp4 file may hold; other becomes AAC
TIME_BASE = "1:90000"  # of a usual frame rate, ffmpeg drops what is nearer than a frame to the one before
GREY = "0.6"
SETTINGS = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-movflags", "+faststart")


def check_copy_name(path: str) -> None:
    """Raise UserError where a copy cannot be written under a name."""
    if Path(path).suffix.lower() != SUFFIX:
        raise UserError(f"{path}: an annotated copy is an mp4 file; give a name that ends in {SUFFIX}")
    if os.path.isdir(path):
        raise UserError(f"{path}: is a folder; name a file for the annotated copy")


def check_copy(video: str, path: str) -> None:
    """Raise UserError where a video is none that can be copied to a file."""
    check_copy_name(path)
    if os.path.isdir(video):
        raise UserError(f"{video}: is a folder of images; an annotated copy is made of a video file")
    if os.path.exists(path) and os.path.samefile(video, path):
        raise UserError(f"{path}: is the video itself; name another file for the annotated copy")


@dataclass(frozen=True)
class Findings:
    """What was found in a video."""

    curve: ProbabilityCurve
    segments: Sequence[Segment]
    classes: Sequence[str]
    stretches: StretchAnswers = field(default_factory=StretchAnswers)  # none: by the curve alone

    def now(self, time: float) -> str:
        """Return the most probable class at a moment with its probability, "" where there is none.

        The curve's steps are seconds in a long video, so a stretch that has its own answer is asked first.
        """
        stretch = self.stretches.at(time)
        if stretch is None and self.stretches.rows:
            return ""
        if stretch is not None and stretch.label:
            return f"{stretch.label} {percent(stretch.score)}"
        probabilities = self.curve.at(time)
        if probabilities is None:
            return ""
        top = int(np.argmax(probabilities))
        return f"{self.classes[top]} {percent(float(probabilities[top]))}"


@dataclass(frozen=True)
class _Source:
    """What a copy needs to know of a video."""

    metadata: Metadata
    begin: float  # seconds after the file's begin at which its first picture is shown
    sound: Sequence[str]  # codec of each stream of it, "" where that is not known


@dataclass(frozen=True)
class Strip:
    """What is said of a moment."""

    label: str  # of the segment; "" where there is none
    times: str
    score: str
    now: str  # the most probable class at this moment


def annotate(video: str, path: str, findings: Findings, ffmpeg_path: str | None = None) -> None:
    """Write a copy of a video file, with what was found drawn on it. UserError where it cannot be written."""
    check_copy(video, path)
    source = _read_source(video)
    metadata = source.metadata
    height, width = (side + side % 2 for side in metadata.turned_size)
    strip = (min(height, max(MIN_HEIGHT, round(SHARE * min(height, width)))), width)
    with atomic_path(path) as temporary, tempfile.TemporaryFile() as errors:
        command = _make_command(video, temporary, source, (height, width), strip, ffmpeg_path)
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors, start_new_session=True)
        try:
            _write_strips(process, findings, strip)
        finally:
            if process.stdin and not process.stdin.closed:  # Ctrl-C, or a strip that cannot be drawn
                process.kill()
            code = process.wait()
        errors.seek(0)
        if code:
            raise UserError(f"{path}: ffmpeg could not write it: {ffmpeg.complaint(errors.read())}")


def _make_command(
    video: str, target: Path, source: "_Source", size: tuple[int, int], strip: tuple[int, int], ffmpeg_path: str | None
) -> list[str]:
    """Return ffmpeg's command; standard input: strips (height, width) as RGBA."""
    height, width = size
    strips = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{strip[1]}x{strip[0]}", "-r", str(STRIPS_PER_SECOND)]
    begin = ["-itsoffset", f"{source.begin:.6f}"]
    graph = (
        f"[0:{source.metadata.stream}]pad={width}:{height}[video];"
        "[video][1:v]overlay=x=0:y=H-h:format=auto:eof_action=repeat:repeatlast=1[out]"
    )
    sound = ["-map", "0:a?", *_choose_sound(source.sound)]
    return [
        ffmpeg.executable(ffmpeg_path), "-nostdin", "-v", "error", "-y", "-i", f"file:{video}", *begin, *strips,
        "-i", "pipe:0", "-filter_complex", graph, "-map", "[out]", *sound, *SETTINGS, "-fps_mode", "vfr",
        "-enc_time_base", TIME_BASE, "-f", "mp4", f"file:{target}",
    ]  # fmt: skip


def _read_source(video: str) -> _Source:
    """Read what a copy needs to know of a video; UserError where it cannot be opened."""
    import av
    from av.error import FFmpegError

    try:
        metadata = probe(video)
        # `file:` keeps a name from being read as a protocol. A title in Latin-1 is no reason to fail.
        with av.open(f"file:{video}", metadata_errors="replace") as container:
            pictures = container.streams[metadata.stream]
            begin = float((pictures.start_time or 0) * (pictures.time_base or 0))
            begin = max(0.0, begin - (container.start_time or 0) / av.time_base)
            sound = [stream.codec_context.name if stream.codec_context else "" for stream in container.streams.audio]
    except (VideoError, FFmpegError, OSError, ValueError) as error:
        raise UserError(f"{video}: {error}") from error
    return _Source(metadata, begin, sound)


def _choose_sound(names: Sequence[str]) -> list[str]:
    """Return ffmpeg's arguments for sound of these codecs: as it is where an mp4 file may hold it."""
    codecs = (("copy" if name in COPIED else "aac") for name in names)
    return [part for place, codec in enumerate(codecs) for part in (f"-c:a:{place}", codec)]


def _write_strips(process: subprocess.Popen, findings: Findings, size: tuple[int, int]) -> None:
    """Pipe the strips of all moments to ffmpeg, and close the pipe; the last strip stays until the video's end."""
    assert process.stdin is not None
    draw = lru_cache(8)(StripPainter(size).draw)
    try:
        for strip in describe_moments(findings):
            process.stdin.write(draw(strip))
        process.stdin.close()
    except BrokenPipeError:  # ffmpeg has ended: its exit code tells whether it was to
        process.stdin = None


def describe_moments(findings: Findings) -> Iterator[Strip]:
    """Yield what is said of each moment, STRIPS_PER_SECOND of them, and at the end of what comes after."""
    segments = list(findings.segments)
    times = findings.curve.times
    end = max([float(times[-1]) if len(times) else 0.0, *(segment.end for segment in segments)])
    first = 0  # of the segments that have not ended
    for number in range(int(end * STRIPS_PER_SECOND) + 1):
        time = number / STRIPS_PER_SECOND
        while first < len(segments) and segments[first].end <= time:
            first += 1
        segment = segments[first] if first < len(segments) and segments[first].start <= time else None
        yield _describe_moment(segment, findings.now(time))
    yield Strip("", "", "", "")


def _describe_moment(segment: Segment | None, now: str) -> Strip:
    if segment is None:
        return Strip("", "", "", now)
    times = f"{format_time(segment.start)} - {format_time(segment.end)}"
    return Strip(segment.label, times, percent(segment.score), now)


class StripPainter:
    """Draws strips: on top the segment, with its probability and its times, below the most probable class."""

    def __init__(self, size: tuple[int, int]) -> None:
        """`size`: (height, width) in pixels."""
        from matplotlib.figure import Figure

        style.apply()
        self.height, self.width = size
        self.figure = Figure(figsize=(self.width / 100, self.height / 100), dpi=100)
        self.figure.patch.set_alpha(0)

    def draw(self, strip: Strip) -> bytes:
        """Return a strip's pixels, RGBA, (height, width, 4) as bytes."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        self.figure.clear()
        if strip.now or strip.label:
            self._paint(strip)
        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba()).tobytes()

    def _paint(self, strip: Strip) -> None:
        background = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        background.set_axis_off()
        background.add_patch(_make_rectangle("black", 0.62))
        large, small = (0.42 * self.height * 0.72, 0.28 * self.height * 0.72)  # points of an inch's 72, 100 pixels
        upper = f"{strip.label}  {strip.score}" if strip.label else "–"
        self._write(0.02, 0.70, upper, large, "white" if strip.label else GREY, "left", 0.60 if strip.times else 0.96)
        self._write(0.98, 0.70, strip.times, small, "white", "right", 0.36)
        self._write(0.02, 0.24, strip.now, small, "0.85", "left", 0.96)

    def _write(self, x: float, y: float, text: str, points: float, color: str, side: str, share: float) -> None:
        """Write a text at (x, y), in shares of the strip, its middle left out where it is wider than `share`."""
        drawn = self.figure.text(x, y, text, fontsize=points, color=color, ha=side, va="center")
        for length in range(len(text) - 1, 3, -1):
            if drawn.get_window_extent().width <= share * self.width:
                break
            drawn.set_text(style.shorten([text], length)[0])


def _make_rectangle(color: str, alpha: float):
    from matplotlib.patches import Rectangle

    return Rectangle((0, 0), 1, 1, facecolor=color, alpha=alpha, linewidth=0)
