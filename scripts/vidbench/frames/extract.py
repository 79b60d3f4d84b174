"""Turning videos into a shard of the frame store: decode each into a spool folder, then assemble."""

import json
import os
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from vidbench.errors import UserError
from vidbench.files import check_readable, digest, make_folder, read_json, write_errors, write_text
from vidbench.frames import ffmpeg, image_folder
from vidbench.frames.decoder import Decoded, Decoder
from vidbench.frames.ffmpeg import Source
from vidbench.frames.probe import Metadata, VideoError, probe
from vidbench.frames.shard_writer import ShardWriter
from vidbench.frames.store import COLUMNS, FAILED, OK, PARTIAL, SCHEMA_VERSION
from vidbench.video import Video

# Videos that one ffmpeg decodes, where they are neither longer (in seconds) nor larger (in pixels) than this.
TOGETHER = 4
SHORT = 60.0
SMALL = 1280 * 720


def extract_shard(
    videos: Sequence[Video],
    recipe: ffmpeg.Recipe,
    output: Path,
    spool: Path,
    jobs: int,
    ffmpeg_path: str | None,
    progress: Callable[[Video, str], None],
    absent: Collection[Video] = (),
) -> None:
    """Decode `videos` with `jobs` ffmpeg processes at a time and write the shard `output`.

    Decoded frames stay in the folder `spool` until the shard is complete, so that a killed run can be resumed.
    The shard has a row for each of the videos known to be `absent`, too; one that cannot be read, or changes meanwhile,
    is a UserError: that is no fact about the video. `progress` is called with each finished video and its status.
    """
    version = ffmpeg.version(ffmpeg_path)
    make_folder(spool)
    decoder = Decoder(recipe, ffmpeg_path, jobs)
    writer = ShardWriter(spool)
    in_order = sorted(videos, key=lambda video: video.id)
    names = {video: _spool_name(video, recipe, version, absent) for video in in_order}
    recovered = writer.recover(list(names.values()))
    for video, row in zip(names, writer.rows, strict=False):
        progress(video, row["status"])
    waiting = dict(list(names.items())[recovered:])
    # One thread more than ffmpegs: it probes the next videos or measures the last ones while they decode.
    with ThreadPoolExecutor(jobs + 1) as pool:
        batches = _split_into_batches(list(waiting), jobs)
        tasks = [pool.submit(_decode_to_spool, batch, decoder, spool, names, absent) for batch in batches]
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
    """Append videos as soon as all before them are appended. `waiting`: their names in the spool by video, in order."""
    finished: set[Video] = set()
    order = deque(waiting)
    for task in as_completed(tasks):
        for video, status in task.result().items():
            progress(video, status)
            finished.add(video)
        with write_errors(output):
            while order and order[0] in finished:
                writer.append(waiting[order.popleft()])


def _split_into_batches(videos: Sequence[Video], jobs: int) -> list[Sequence[Video]]:
    """Split videos into those that one ffmpeg decodes: starting it takes as long as decoding many small frames."""
    size = min(TOGETHER, max(1, len(videos) // (4 * jobs)))
    return [videos[start : start + size] for start in range(0, len(videos), size)]


def _spool_name(video: Video, recipe: ffmpeg.Recipe, version: str, absent: Collection[Video]) -> str:
    """Return the name of a video's files in the spool, which changes with the video's files and the recipe."""
    state = None if video in absent else _read_state(video.path)
    piece = [video.start, video.end]
    return digest([SCHEMA_VERSION, video.id, video.path, state, piece, recipe.as_dict(), version])[:32]


def _read_state(path: str) -> object:
    """Return sizes and times of a video's file or of the images in its folder; UserError where there is none."""
    if not path.isascii() and path != path.encode(errors="replace").decode():
        raise UserError(f"{path!r}: this name is not in UTF-8; rename it")
    try:
        if os.path.isdir(path):
            return [(image.name, image.size, image.changed) for image in image_folder.list_images(path)]
        stat = os.stat(path)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path}: cannot be read: {reason}; bring it back, and run again") from error
    return stat.st_size, stat.st_mtime_ns


def _decode_to_spool(
    videos: Sequence[Video], decoder: Decoder, spool: Path, names: dict[Video, str], absent: Collection[Video]
) -> dict[Video, str]:
    """Decode some videos into the spool, unless a killed run has; return the status of each.

    Only what is wrong with a video itself ends in its status; a full disk or a killed ffmpeg is an error.
    """
    statuses: dict[Video, str] = {}
    sources: dict[Video, Source] = {}
    with ExitStack() as stack:
        for video in videos:
            # 1. Reuse what is complete in the spool: NAME.json and, unless the video has no frames, NAME.bin.
            entry = spool / f"{names[video]}.json"
            spooled = read_json(entry) if entry.exists() else None
            if spooled and (entry.with_suffix(".bin").exists() or not spooled["sizes"]):
                statuses[video] = spooled["columns"]["status"]
                continue
            if video in absent:
                statuses[video] = _write_entry(entry, video, Metadata(), (0, 0), Decoded(message="no such file"))
                continue
            # 2. Probe it. The target has the process in its name: the ffmpeg of a killed run may still be writing.
            target = spool / f"{names[video]}.{os.getpid()}.part"
            try:
                sources[video] = stack.enter_context(_open_source(video, target, decoder.recipe.image_fps))
            except VideoError as error:
                statuses[video] = _write_entry(entry, video, Metadata(), (0, 0), Decoded(message=str(error)))
        # 3. Decode all small videos by one ffmpeg, and each large one and each piece by one of its own.
        for group in _group_sources(sources):
            for (video, source), decoded in zip(group.items(), decoder.decode(list(group.values())), strict=True):
                # 4. Move the frames to their name in the spool, and then write the entry that makes them count.
                _check_file(video, decoded, names[video], decoder)
                size = ffmpeg.stored_size(*source.metadata.shown_size, decoder.recipe.size)
                source.stamps.unlink(missing_ok=True)
                os.replace(source.target, spool / f"{names[video]}.bin")
                statuses[video] = _write_entry(spool / f"{names[video]}.json", video, source.metadata, size, decoded)
    return statuses


def _check_file(video: Video, decoded: Decoded, name: str, decoder: Decoder) -> None:
    """Raise UserError where a video's file was lost or written to while it was decoded: the video may be sound."""
    version = ffmpeg.version(decoder.ffmpeg_path)
    if _spool_name(video, decoder.recipe, version, ()) != name:
        raise UserError(f"{video.path}: has changed while it was decoded; run again when it is whole")
    if decoded.message:
        folder = os.path.isdir(video.path)
        names = [image.name for image in image_folder.list_images(video.path) if image.size] if folder else [""]
        for file in names:
            check_readable(os.path.join(video.path, file) if folder else video.path)


@contextmanager
def _open_source(video: Video, target: Path, image_fps: float) -> Iterator[Source]:
    """Yield a video (a file, a folder of images or a piece) as ffmpeg needs it; VideoError where it is none."""
    piece = {"start": video.start or 0.0, "end": video.end}
    if not os.path.isdir(video.path):
        metadata = probe(video.path)
        yield Source(video.path, metadata, target, **piece, seeks=metadata.seeks)
        return
    metadata = image_folder.probe(video.path, image_fps)
    with image_folder.numbered_links(video.path, target.parent, image_fps, **piece) as images:
        yield Source(video.path, metadata, target, images, **piece)


def _group_sources(sources: dict[Video, Source]) -> list[dict[Video, Source]]:
    """Return groups that one ffmpeg decodes: all small videos, and each large one and each piece alone.

    Pieces of one file would be one input to ffmpeg-python, and it refuses to read that twice.
    """
    small = {video: source for video, source in sources.items() if _is_small(source)}
    singles = [{video: source} for video, source in sources.items() if video not in small]
    return [group for group in (small, *singles) if group]


def _is_small(source: Source) -> bool:
    """Return whether it is a whole video that needs little memory."""
    metadata = source.metadata
    size = metadata.height * metadata.width
    return not source.is_piece and 0 < metadata.duration <= SHORT and size <= SMALL


def _write_entry(path: Path, video: Video, metadata: Metadata, size: tuple[int, int], decoded: Decoded) -> str:
    """Write a video's entry in the spool, and return its status."""
    status = FAILED if not decoded.sizes else PARTIAL if decoded.message else OK
    height, width = metadata.shown_size
    columns = {key: value for key, value in asdict(metadata).items() if key in COLUMNS} | {
        "id": video.id,
        "height": size[0],
        "width": size[1],
        "source_height": height,
        "source_width": width,
        "source_fps": decoded.source_fps,
        "duration": decoded.duration,
        "status": status,
        "message": decoded.message,
        "notes": "; ".join(decoded.notes),
        "crc32": decoded.checksum,
    }
    # Not indented: json is ten times faster at that.
    write_text(path, json.dumps({"columns": columns, "sizes": decoded.sizes, "times": decoded.times}))
    return status
