"""Decoding videos for a model, some at a time, into shards of a frame store that are deleted when they are done with.

A video's frames are made by the workflow's own extraction, so they are those that the model was trained on.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

from vidbench.compute.machine import usable_cores
from vidbench.errors import UserError
from vidbench.frames import ffmpeg as ffmpeg_program
from vidbench.frames.extract import extract_shard
from vidbench.frames.recipe import Recipe
from vidbench.frames.store import FAILED, FrameStore
from vidbench.inference.fetching import fetch
from vidbench.inference.inputs import Input
from vidbench.video import Video

VIDEOS_PER_SHARD = 32  # decoded before the model gets them: four per ffmpeg on two cores, little to wait for


@dataclass(frozen=True)
class DecodedVideo:
    """A video of a shard: where its frames are, or why there are none."""

    id: str  # in the shard
    name: str  # as the person gave it
    status: str
    message: str = ""


@dataclass(frozen=True)
class DecodedShard:
    """Some decoded videos, in the order in which they were named."""

    videos: list[DecodedVideo]
    paths: list[Path] = field(default_factory=list)  # of the frames

    def delete(self) -> None:
        """Free the disk."""
        for path in self.paths:
            path.unlink(missing_ok=True)


class VideoDecoder:
    """Decodes videos into a temporary folder, by as many ffmpeg processes at a time as there are cores."""

    def __init__(self, recipe: Recipe, folder: Path, jobs: int | None = None, ffmpeg: str | None = None) -> None:
        """`jobs`: None for the cores that this process may use; `ffmpeg`: None for that of the environment.

        UserError where ffmpeg cannot be run: that is wrong with no video.
        """
        ffmpeg_program.version(ffmpeg)
        self.recipe = recipe
        self.folder = folder
        self.jobs = jobs or usable_cores()
        self.ffmpeg = ffmpeg
        self._numbers = count()

    def decode(self, inputs: Iterator[Input]) -> Iterator[DecodedShard]:
        """Yield the videos of `inputs`, VIDEOS_PER_SHARD at a time."""
        while batch := list(islice(inputs, VIDEOS_PER_SHARD)):
            yield self._decode_batch(batch)

    def _decode_batch(self, inputs: Sequence[Input]) -> DecodedShard:
        number = next(self._numbers)
        names = {f"{number:08d}-{place:02d}": each for place, each in enumerate(inputs)}
        problems = {id: each.problem for id, each in names.items() if each.problem}
        videos: list[Video] = []
        for id, each in names.items():
            if id in problems:
                continue
            try:
                videos.append(Video(id, self._bring(each, id), label="", group=""))
            except UserError as error:
                problems[id] = _shorten(error, each.path)
        paths = self._extract(videos, f"{number:08d}", problems)
        self._forget_fetched(videos)
        stored = FrameStore(paths).videos if paths else {}
        decoded = []
        for id, each in names.items():
            if id in stored:
                decoded.append(DecodedVideo(id, each.name, stored[id]["status"], stored[id]["message"]))
            else:
                decoded.append(DecodedVideo(id, each.name, FAILED, problems[id]))
        return DecodedShard(decoded, paths)

    def _extract(self, videos: Sequence[Video], name: str, problems: dict[str, str]) -> list[Path]:
        """Write shards with these videos, and return their paths; why one is in none of them is added to `problems`.

        The workflow stops where a file cannot be read or changes meanwhile. Here such a file costs no other video: all
        are decoded by themselves, then.
        """
        if not videos:
            return []
        path = self.folder / f"{name}.h5"
        try:
            self._extract_shard(videos, path)
        except UserError as error:
            if len(videos) == 1:
                problems[videos[0].id] = _shorten(error, videos[0].path)
                return []
            singles = [self._extract([video], f"{name}-{place}", problems) for place, video in enumerate(videos)]
            return [path for paths in singles for path in paths]
        return [path]

    def _extract_shard(self, videos: Sequence[Video], path: Path) -> None:
        spool = path.with_suffix(".spool")
        try:
            extract_shard(videos, self.recipe, path, spool, self.jobs, self.ffmpeg, lambda video, status: None)
        finally:
            shutil.rmtree(spool, ignore_errors=True)

    def _bring(self, each: Input, id: str) -> str:
        """Return the path of a video's file, which is fetched first where it is at an address."""
        if each.is_live:
            raise UserError(f"{each.path}: is a camera or a stream without an end; give --window SECONDS")
        return str(fetch(each.path, self.folder / f"{id}.fetched")) if each.is_address else each.path

    def _forget_fetched(self, videos: Sequence[Video]) -> None:
        for video in videos:
            if video.path.endswith(".fetched"):
                Path(video.path).unlink(missing_ok=True)


def _shorten(error: UserError, path: str) -> str:
    return str(error).removeprefix(f"{path}: ").removeprefix(f"{path!r}: ")  # repr() where it is not in UTF-8


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a folder for frames, which is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="vidbench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
