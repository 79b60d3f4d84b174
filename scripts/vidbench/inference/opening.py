"""Opening a video, or a live stream, for ffmpeg to decode it once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vidbench.errors import UserError
from vidbench.frames import image_folder
from vidbench.frames.probe import Metadata, VideoError, probe
from vidbench.frames.recipe import Recipe, Source
from vidbench.inference.frame_stream import FrameStream, open_frames

CAMERA = "/dev/video"
TIMEOUT = 15.0  # seconds to wait for a live stream to open, and for its next picture


@contextmanager
def open_video(path: str, folder: Path, recipe: Recipe, ffmpeg: str | None = None) -> Iterator[FrameStream]:
    """Yield the frames of a file or of a folder of images; UserError where it holds no video."""
    target = folder / "frames"
    try:
        if not os.path.isdir(path):
            with open_frames(Source(path, probe(path), target), recipe, ffmpeg) as stream:
                yield stream
            return
        metadata = image_folder.probe(path, recipe.image_fps)
        with (
            image_folder.numbered_links(path, folder, recipe.image_fps) as images,
            open_frames(Source(path, metadata, target, images), recipe, ffmpeg) as stream,
        ):
            yield stream
    except VideoError as error:
        raise UserError(f"{path}: {error}") from error


@contextmanager
def open_live(address: str, folder: Path, recipe: Recipe, ffmpeg: str | None = None) -> Iterator[FrameStream]:
    """Yield the frames of a camera, or of a stream; UserError where there is none.

    A playlist of http that says how long it takes is a recording: it is read as fast as it is classified.
    """
    metadata = probe_live(address)
    options = ["-f", "v4l2"] if address.startswith(CAMERA) else []
    if address.startswith("rtsp"):
        options = ["-rtsp_transport", "tcp"]
    source = Source(address, metadata, folder / "frames")
    recorded = address.startswith("http") and metadata.duration > 0
    with open_frames(source, recipe, ffmpeg, [*options, "-i", address], live=not recorded) as stream:
        yield stream


def probe_live(address: str) -> Metadata:
    """Return what a live stream says of its pictures; UserError where it cannot be opened."""
    import av
    from av.error import ExitError, FFmpegError

    options = {"rtsp_transport": "tcp"} if address.startswith("rtsp") else {}
    try:
        kind = "v4l2" if address.startswith(CAMERA) else None
        with av.open(address, format=kind, options=options, timeout=TIMEOUT) as container:
            if not container.streams.video:
                raise UserError(f"{address}: has no video stream")
            stream = container.streams.video[0]
            fps = float(stream.average_rate or stream.guessed_rate or 0)
            aspect = float(stream.sample_aspect_ratio or 1)
            seconds = max(0.0, (container.duration or 0) / av.time_base)
            size = {"height": stream.height, "width": stream.width, "pixel_aspect": aspect}
            return Metadata(**size, source_fps=fps, usual_fps=fps, duration=seconds, stream=stream.index)
    except (FFmpegError, OSError, ValueError) as error:
        waited = f"nothing has come for {TIMEOUT:g} s" if isinstance(error, ExitError) else ""
        reason = waited or getattr(error, "strerror", None) or error
        raise UserError(f"{address}: cannot be opened: {reason}; is it there, and may it be read?") from error
