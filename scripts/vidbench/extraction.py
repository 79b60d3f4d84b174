"""Turning videos into a shard of the frame store: decode each to a spool, then assemble."""

import json
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from vidbench import ffmpeg
from vidbench.datasets.video import Video
from vidbench.errors import UserError
from vidbench.files import atomic_path, digest, make_folder, read_json, write_json
from vidbench.frames import COLUMNS, FAILED, OK, PARTIAL, write_shard


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

    Finished videos stay in the folder `spool` until the shard is complete, so that a killed run goes
    on where it stopped.
    """
    version = ffmpeg.version(ffmpeg_path)
    make_folder(spool)
    with ThreadPoolExecutor(jobs) as pool:
        tasks = {pool.submit(_spooled, video, recipe, spool, version, ffmpeg_path): video for video in videos}
        try:
            for task in as_completed(tasks):
                progress(tasks[task], task.result()["status"])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    finished = {video.video: task.result() for task, video in tasks.items()}
    rows = []
    for video in sorted(videos, key=lambda video: video.video):
        entry = finished[video.video]
        rows.append(({"id": video.video, **entry["columns"]}, spool / entry["file"], entry["sizes"]))
    write_shard(output, rows, {"recipe": json.dumps(recipe.as_dict()), "ffmpeg_version": version})


def _spooled(video: Video, recipe: ffmpeg.Recipe, spool: Path, version: str, ffmpeg_path: str | None) -> dict:
    """Decode one video into the spool, or find it there; return its entry."""
    file = Path(video.path)
    stat = file.stat() if file.exists() else None
    state = (stat.st_size, stat.st_mtime_ns) if stat else None
    name = digest([video.video, video.path, state, recipe.as_dict(), version])[:32]
    entry_path = spool / f"{name}.json"
    if entry_path.exists():
        return read_json(entry_path)
    metadata, size, sizes, checksum, message = ffmpeg.Metadata(), (0, 0), [], 0, ""
    try:
        metadata = ffmpeg.probe(video.path)
        size = ffmpeg.stored_size(*metadata.shown_size, recipe.size)
        sizes, checksum, message = _decode(video.path, recipe, metadata, spool / f"{name}.bin", ffmpeg_path)
    except UserError as error:
        message = str(error)
    status = FAILED if not sizes else PARTIAL if message else OK
    found = {key: value for key, value in asdict(metadata).items() if key in COLUMNS}
    columns = found | {"height": size[0], "width": size[1], "status": status, "message": message, "crc32": checksum}
    entry = {"columns": columns, "file": f"{name}.bin", "sizes": sizes, "status": status}
    write_json(entry_path, entry)
    return entry


def _decode(
    path: str, recipe: ffmpeg.Recipe, metadata: ffmpeg.Metadata, target: Path, ffmpeg_path: str | None
) -> tuple[list[int], int, str]:
    """Write a video's frames to `target`; return their sizes in bytes, their checksum and ffmpeg's complaint."""
    command = ffmpeg.decode_command(path, recipe, metadata, ffmpeg_path)
    height, width = ffmpeg.stored_size(*metadata.shown_size, recipe.size)
    sizes: list[int] = []
    checksum = 0
    with tempfile.TemporaryFile() as errors, atomic_path(target) as temporary, open(temporary, "wb") as file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        try:
            for frame in ffmpeg.split_frames(process.stdout, recipe.codec, height * width * 3):
                file.write(frame)
                sizes.append(len(frame))
                checksum = zlib.crc32(frame, checksum)
            code = process.wait()
        finally:
            process.kill()
            process.stdout.close()
        errors.seek(0)
        message = ffmpeg.complaint(errors.read())
    if code and not message:
        message = f"ffmpeg ended with code {code}"
    return sizes, checksum, message
