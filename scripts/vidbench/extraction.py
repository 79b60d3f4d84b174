"""Turning videos into a shard of the frame store: decode each to a spool, then assemble."""

import json
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, replace
from pathlib import Path

from vidbench import ffmpeg
from vidbench.datasets.video import Video
from vidbench.errors import UserError
from vidbench.files import atomic_path, digest, make_folder, read_json, write_json
from vidbench.frames import COLUMNS, FAILED, OK, PARTIAL, write_shard

STOPPED = (255,)  # what ffmpeg ends with after a signal


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
    decoder = Decoder(recipe, ffmpeg_path)
    with ThreadPoolExecutor(jobs) as pool:
        tasks = {pool.submit(_spooled, video, decoder, spool, version): video for video in videos}
        try:
            for task in as_completed(tasks):
                progress(tasks[task], task.result()["columns"]["status"])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            decoder.stop()
            raise
    finished = {video.video: task.result() for task, video in tasks.items()}
    rows = []
    for video in sorted(videos, key=lambda video: video.video):
        entry = finished[video.video]
        rows.append(({"id": video.video, **entry["columns"]}, spool / entry["file"], entry["sizes"]))
    write_shard(output, rows, {"recipe": json.dumps(recipe.as_dict()), "ffmpeg_version": version})


class Decoder:
    """Runs ffmpeg on one video after another, in several threads, and can be stopped."""

    def __init__(self, recipe: ffmpeg.Recipe, ffmpeg_path: str | None) -> None:
        self.recipe, self.ffmpeg_path = recipe, ffmpeg_path
        self.running: set[subprocess.Popen] = set()

    def stop(self) -> None:
        """Kill what is running; the videos concerned get no entry."""
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
        sizes: list[int] = []
        checksum = 0
        with tempfile.TemporaryFile() as errors, atomic_path(target) as temporary, open(temporary, "wb") as file:
            # A session of its own: Ctrl-C must not cut a video short.
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, start_new_session=True)
            self.running.add(process)
            try:
                for frame in ffmpeg.split_frames(process.stdout, recipe.codec, height * width * 3):
                    file.write(frame)
                    sizes.append(len(frame))
                    checksum = zlib.crc32(frame, checksum)
                code = process.wait()
            finally:
                process.kill()
                process.wait()
                process.stdout.close()
                self.running.discard(process)
            errors.seek(0)
            message = ffmpeg.complaint(errors.read())
            if code in STOPPED or code < 0:
                raise UserError(f"{path}: ffmpeg was stopped while decoding it (code {code}); run again")
        return sizes, checksum, message or (f"ffmpeg ended with code {code}" if code else "")


def _spooled(video: Video, decoder: Decoder, spool: Path, version: str) -> dict:
    """Decode one video into the spool, or find it there; return its entry.

    Only what is wrong with the video itself ends in its status; a full disk or a killed ffmpeg is an error.
    """
    file, recipe = Path(video.path), decoder.recipe
    stat = file.stat() if file.exists() else None
    state = (stat.st_size, stat.st_mtime_ns) if stat else None
    name = digest([video.video, video.path, state, recipe.as_dict(), version])[:32]
    entry_path = spool / f"{name}.json"
    if entry_path.exists():
        return read_json(entry_path)
    metadata, size, sizes, checksum = ffmpeg.Metadata(), (0, 0), [], 0
    try:
        metadata = ffmpeg.probe(video.path)
        size = ffmpeg.stored_size(*metadata.shown_size, recipe.size)
        sizes, checksum, message = decoder.decode(video.path, metadata, spool / f"{name}.bin")
    except ffmpeg.VideoError as error:
        message = str(error)
    status = FAILED if not sizes else PARTIAL if message else OK
    found = {key: value for key, value in asdict(metadata).items() if key in COLUMNS}
    columns = found | {"height": size[0], "width": size[1], "status": status, "message": message, "crc32": checksum}
    entry = {"columns": columns, "file": f"{name}.bin", "sizes": sizes}
    write_json(entry_path, entry)
    return entry
