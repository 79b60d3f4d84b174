"""Turning videos into a shard of the frame store: decode each to a spool, then assemble."""

import json
import os
import signal
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from vidbench import ffmpeg, image_folder
from vidbench.datasets.video import Video
from vidbench.errors import UserError
from vidbench.ffmpeg import Metadata, Source, VideoError
from vidbench.files import digest, make_folder, read_json, write_errors, write_json
from vidbench.frames import COLUMNS, FAILED, OK, PARTIAL, SCHEMA_VERSION
from vidbench.shard_writer import ShardWriter

TOGETHER = 4  # videos that one ffmpeg decodes ...
SHORT, SMALL = 60.0, 1280 * 720  # ... where they last so many seconds, and have so many pixels, at most
STOPPED = (255,)  # what ffmpeg ends with after a signal that it handles
STOPPING_SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def extract_shard(
    videos: Sequence[Video],
    recipe: ffmpeg.Recipe,
    output: Path,
    spool: Path,
    jobs: int,
    ffmpeg_path: str | None,
    progress: Callable[[Video, str], None],
) -> None:
    """Decode `videos` with `jobs` ffmpeg processes at a time and write the shard `output`.

    What is decoded stays in the folder `spool` until the shard is complete, so that a killed run goes on
    where it stopped.
    """
    version = ffmpeg.version(ffmpeg_path)
    make_folder(spool)
    decoder, writer = Decoder(recipe, ffmpeg_path, jobs), ShardWriter(spool)
    names = {video: _spool_name(video, recipe, version) for video in sorted(videos, key=lambda video: video.video)}
    recovered = writer.recover(list(names.values()))
    for video, row in zip(names, writer.rows, strict=False):
        progress(video, row["status"])
    waiting = dict(list(names.items())[recovered:])
    # One thread more than ffmpegs: it probes the next videos or measures the last ones while they decode.
    with ThreadPoolExecutor(jobs + 1) as pool:
        tasks = [pool.submit(_spooled, batch, decoder, spool, names) for batch in _batches(list(waiting), jobs)]
        try:
            _append_finished(tasks, waiting, writer, output, progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            decoder.stop()
            raise
    with write_errors(output):
        writer.finish(output, {"recipe": json.dumps(recipe.as_dict()), "ffmpeg_version": version})


def _append_finished(
    tasks: Sequence[Future[dict[Video, str]]],
    waiting: dict[Video, str],
    writer: ShardWriter,
    output: Path,
    progress: Callable[[Video, str], None],
) -> None:
    """Append the videos `waiting`, which map to their names in the spool, in their order, as soon as that can be."""
    finished: set[Video] = set()
    order = deque(waiting)
    for task in as_completed(tasks):
        for video, status in task.result().items():
            progress(video, status)
            finished.add(video)
        with write_errors(output):
            while order and order[0] in finished:
                writer.append(waiting[order.popleft()])


def _batches(videos: Sequence[Video], jobs: int) -> list[Sequence[Video]]:
    """Videos that one ffmpeg decodes together: starting it takes as long as many small frames."""
    size = min(TOGETHER, max(1, len(videos) // (4 * jobs)))
    return [videos[start : start + size] for start in range(0, len(videos), size)]


@dataclass(frozen=True)
class Decoded:
    """What became of a video."""

    sizes: list[int]  # bytes of each frame
    checksum: int
    message: str  # ffmpeg's complaint


class Decoder:
    """Runs ffmpeg on one video after another, at most `jobs` at a time, and can be stopped."""

    def __init__(self, recipe: ffmpeg.Recipe, ffmpeg_path: str | None, jobs: int) -> None:
        self.recipe, self.ffmpeg_path, self.free = recipe, ffmpeg_path, threading.Semaphore(jobs)
        self.running: set[subprocess.Popen] = set()
        self.stopped = False

    def stop(self) -> None:
        """Kill what is running and start nothing more; the videos concerned get no entry."""
        self.stopped = True
        for process in tuple(self.running):
            process.kill()

    def decode(self, sources: Sequence[Source]) -> list[Decoded]:
        """Write the frames of some videos to their targets."""
        if len(sources) > 1:
            code, written = self._run(sources, self.recipe)
            if code == 0 and not written:
                found = [self._measured(source, code, written) for source in sources]
                if all(decoded.sizes for decoded in found):
                    return found
            # Whose complaint it is, and what it spoilt for the others, is only known of a video alone.
        return [self._decode_alone(source) for source in sources]

    def _decode_alone(self, source: Source) -> Decoded:
        found = self._measured(source, *self._run([source], self.recipe))
        if self.recipe.fps is not None and not found.sizes and not found.message:
            # Shorter than one period of fps: its first frame stands for it.
            every_frame = replace(self.recipe, fps=None)
            return self._measured(source, *self._run([source], every_frame, limit=1))
        return found

    def _run(self, sources: Sequence[Source], recipe: ffmpeg.Recipe, limit: int | None = None) -> tuple[int, bytes]:
        """Exit code and complaints of an ffmpeg that has decoded `sources`."""
        command = ffmpeg.decode_command(sources, recipe, self.ffmpeg_path, limit)
        with self.free, tempfile.TemporaryFile() as errors:
            if self.stopped:
                raise UserError(f"{sources[0].path}: not decoded, because the extraction was stopped; run again")
            code = self._wait(subprocess.Popen(command, stderr=errors, start_new_session=True))
            errors.seek(0)
            return code, errors.read()

    def _measured(self, source: Source, code: int, written: bytes) -> Decoded:
        if code in STOPPED or -code in STOPPING_SIGNALS:
            raise UserError(f"{source.path}: ffmpeg was stopped while decoding it (code {code}); run again")
        with write_errors(source.target):
            if code and (reason := ffmpeg.output_error(written)):
                raise OSError(None, reason)
            if not source.target.exists():
                source.target.touch()
            height, width = ffmpeg.stored_size(*source.metadata.shown_size, self.recipe.size)
            sizes, checksum = ffmpeg.measure_frames(source.target, self.recipe.codec, height * width * 3)
        message = ffmpeg.complaint(_without_folders(source, written))
        return Decoded(sizes, checksum, message or (f"ffmpeg ended with code {code}" if code else ""))

    def _wait(self, process: subprocess.Popen) -> int:
        """The process's exit code; it runs in a session of its own, so that Ctrl-C cuts no video short."""
        self.running.add(process)
        try:
            return process.wait()
        finally:
            process.kill()
            process.wait()
            self.running.discard(process)


def _without_folders(source: Source, written: bytes) -> bytes:
    """ffmpeg's complaints without folders: a data set, or a spool, that lies elsewhere gives the same store."""
    places = [source.path]
    if source.images is not None:
        places = [ffmpeg.image_pattern(source.images), str(source.images), source.path]
    for place in places:
        written = written.replace(os.fsencode(place), os.fsencode(Path(source.path).name))
    return written


def _spool_name(video: Video, recipe: ffmpeg.Recipe, version: str) -> str:
    """Name of a video's files in the spool: another one where the video's files or the recipe have changed."""
    return digest([SCHEMA_VERSION, video.video, video.path, _state(video.path), recipe.as_dict(), version])[:32]


def _state(path: str) -> object:
    """What changes when a video's file, or an image of its folder, does; None where there is none."""
    try:
        if os.path.isdir(path):
            return [(image.name, image.size, image.changed) for image in image_folder.list_images(path)]
        stat = os.stat(path)
    except (OSError, ValueError, VideoError):  # ValueError: a null byte in the name
        return None
    return stat.st_size, stat.st_mtime_ns


def _spooled(videos: Sequence[Video], decoder: Decoder, spool: Path, names: dict[Video, str]) -> dict[Video, str]:
    """Decode some videos into the spool, or find them there; return the status of each.

    Only what is wrong with a video itself ends in its status; a full disk or a killed ffmpeg is an error.
    """
    statuses: dict[Video, str] = {}
    sources: dict[Video, Source] = {}
    with ExitStack() as opened:
        for video in videos:
            entry = spool / f"{names[video]}.json"
            known = read_json(entry) if entry.exists() else None
            if known and (entry.with_suffix(".bin").exists() or not known["sizes"]):
                statuses[video] = known["columns"]["status"]
                continue
            # With the process in its name: the ffmpeg of a killed run may still be writing.
            target = spool / f"{names[video]}.{os.getpid()}.part"
            try:
                sources[video] = opened.enter_context(_opened(video.path, target, decoder.recipe.image_fps))
            except VideoError as error:
                statuses[video] = _write_entry(entry, video, Metadata(), (0, 0), Decoded([], 0, str(error)))
        small = {video: source for video, source in sources.items() if _is_small(source.metadata)}
        for group in [small, *({video: source} for video, source in sources.items() if video not in small)]:
            for (video, source), decoded in zip(group.items(), decoder.decode(list(group.values())), strict=True):
                size = ffmpeg.stored_size(*source.metadata.shown_size, decoder.recipe.size)
                os.replace(source.target, spool / f"{names[video]}.bin")
                statuses[video] = _write_entry(spool / f"{names[video]}.json", video, source.metadata, size, decoded)
    return statuses


@contextmanager
def _opened(path: str, target: Path, image_fps: float) -> Iterator[Source]:
    """A video, file or folder of images, that is ready to be decoded; VideoError where it is none."""
    if not os.path.isdir(path):
        yield Source(path, ffmpeg.probe(path), target)
        return
    metadata = image_folder.probe(path, image_fps)
    with image_folder.numbered(path, target.parent) as images:
        yield Source(path, metadata, target, images)


def _is_small(metadata: Metadata) -> bool:
    """Whether decoding it beside others costs little memory."""
    return 0 < metadata.duration <= SHORT and metadata.height * metadata.width <= SMALL


def _write_entry(path: Path, video: Video, metadata: Metadata, size: tuple[int, int], decoded: Decoded) -> str:
    """Note what became of a video; its status."""
    status = FAILED if not decoded.sizes else PARTIAL if decoded.message else OK
    known = {key: value for key, value in asdict(metadata).items() if key in COLUMNS}
    height, width = metadata.shown_size
    stored = {"height": size[0], "width": size[1], "source_height": height, "source_width": width}
    stored["crc32"] = decoded.checksum
    columns = (
        {"transfer": "", "primaries": "", "notes": ""}
        | known
        | {"id": video.video, "status": status, "message": decoded.message}
        | stored
    )
    times = [number / (metadata.source_fps or 25.0) for number in range(len(decoded.sizes))]  # replaced soon
    write_json(path, {"columns": columns, "sizes": decoded.sizes, "times": times})
    return status
