"""Turning videos into a shard of the frame store: decode each to a spool, then assemble."""

import json
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, replace
from pathlib import Path

from vidbench import ffmpeg
from vidbench.datasets.video import Video
from vidbench.errors import UserError
from vidbench.files import atomic_path, digest, make_folder, read_json, write_errors, write_json
from vidbench.frames import COLUMNS, FAILED, OK, PARTIAL
from vidbench.shard_writer import ShardWriter

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
    waiting = list(names)[recovered:]
    # One thread more than ffmpegs: it probes the next video or measures the last one while they decode.
    with ThreadPoolExecutor(jobs + 1) as pool:
        tasks = {pool.submit(_spooled, video, decoder, spool / names[video]): video for video in waiting}
        try:
            finished = set()
            for task in as_completed(tasks):
                progress(tasks[task], task.result())
                finished.add(tasks[task])
                with write_errors(output):
                    while waiting and waiting[0] in finished:
                        writer.append(names[waiting.pop(0)])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            decoder.stop()
            raise
    with write_errors(output):
        writer.finish(output, {"recipe": json.dumps(recipe.as_dict()), "ffmpeg_version": version})


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

    def decode(self, path: str, metadata: ffmpeg.Metadata, target: Path) -> tuple[list[int], int, str]:
        """Write a video's frames to `target`; return their sizes in bytes, their checksum and ffmpeg's complaint."""
        found = self._run(path, metadata, target, self.recipe, None)
        if self.recipe.fps is not None and not found[0] and not found[2]:
            # Shorter than one period of fps: its first frame stands for it.
            return self._run(path, metadata, target, replace(self.recipe, fps=None), 1)
        return found

    def _run(
        self, path: str, metadata: ffmpeg.Metadata, target: Path, recipe: ffmpeg.Recipe, limit: int | None
    ) -> tuple[list[int], int, str]:
        command = ffmpeg.decode_command(path, recipe, metadata, self.ffmpeg_path, limit)
        height, width = ffmpeg.stored_size(*metadata.shown_size, recipe.size)
        with tempfile.TemporaryFile() as errors, atomic_path(target) as temporary:
            # ffmpeg writes the file itself: through a pipe, raw frames would be copied twice more.
            with self.free, open(temporary, "wb") as file:
                if self.stopped:
                    raise UserError(f"{path}: not decoded, because the extraction was stopped; run again")
                code = self._wait(subprocess.Popen(command, stdout=file, stderr=errors, start_new_session=True))
            errors.seek(0)
            written = errors.read()
            if code in STOPPED or -code in STOPPING_SIGNALS:
                raise UserError(f"{path}: ffmpeg was stopped while decoding it (code {code}); run again")
            if code and (reason := ffmpeg.output_error(written)):
                raise OSError(None, reason)
            sizes, checksum = ffmpeg.measure_frames(temporary, recipe.codec, height * width * 3)
        # Without the folder: a data set that lies elsewhere gives the same store.
        message = ffmpeg.complaint(written).replace(path, Path(path).name)
        return sizes, checksum, message or (f"ffmpeg ended with code {code}" if code else "")

    def _wait(self, process: subprocess.Popen) -> int:
        """The process's exit code; it runs in a session of its own, so that Ctrl-C cuts no video short."""
        self.running.add(process)
        try:
            return process.wait()
        finally:
            process.kill()
            process.wait()
            self.running.discard(process)


def _spool_name(video: Video, recipe: ffmpeg.Recipe, version: str) -> str:
    """Name of a video's files in the spool: another one where the video's file or the recipe has changed."""
    file = Path(video.path)
    stat = file.stat() if file.exists() else None
    state = (stat.st_size, stat.st_mtime_ns) if stat else None
    return digest([video.video, video.path, state, recipe.as_dict(), version])[:32]


def _spooled(video: Video, decoder: Decoder, target: Path) -> str:
    """Decode one video into the spool, or find it there; return its status.

    Only what is wrong with the video itself ends in its status; a full disk or a killed ffmpeg is an error.
    """
    entry_path, frames = target.with_suffix(".json"), target.with_suffix(".bin")
    if entry_path.exists() and (frames.exists() or not read_json(entry_path)["sizes"]):
        return read_json(entry_path)["columns"]["status"]
    metadata, size, sizes, checksum = ffmpeg.Metadata(), (0, 0), [], 0
    try:
        metadata = ffmpeg.probe(video.path)
        size = ffmpeg.stored_size(*metadata.shown_size, decoder.recipe.size)
        sizes, checksum, message = decoder.decode(video.path, metadata, frames)
    except ffmpeg.VideoError as error:
        message = str(error)
    status = FAILED if not sizes else PARTIAL if message else OK
    found = {key: value for key, value in asdict(metadata).items() if key in COLUMNS} | {"id": video.video}
    columns = found | {"height": size[0], "width": size[1], "status": status, "message": message, "crc32": checksum}
    write_json(entry_path, {"columns": columns, "sizes": sizes})
    return status
