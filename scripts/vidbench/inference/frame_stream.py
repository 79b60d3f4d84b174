"""The frames of a video or a stream one after another, as they would be stored, while ffmpeg decodes it once.

ffmpeg gets the extraction's own command. Its two outputs, frames and their time stamps, are pipes in place of files.
"""

import os
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from vidbench.errors import UserError
from vidbench.frames import ffmpeg
from vidbench.frames.recipe import Recipe, Source, stored_size
from vidbench.frames.timestamps import TICKS, longest_step_back, usual_step

CHUNK = 1 << 16
MAX_WAITING = 64  # frames that are decoded ahead; of a live stream none may be left unread
PRINT = "metadata=mode=print:"  # the extraction's filter that writes the time stamps


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it would be stored."""

    time: float  # seconds from the first one
    data: bytes  # a JPEG file, or raw RGB
    arrived: float  # on this machine's clock, time.monotonic()


class FrameStream:
    """Iterates over the frames of what an ffmpeg decodes; `message` tells at the end what it complains of."""

    def __init__(self, recipe: Recipe, size: tuple[int, int], usual_fps: float, live: bool) -> None:
        """`size`: (height, width) of the stored frames; `live`: frames that are not asked for in time pile up."""
        self.recipe = recipe
        self.size = size
        self.live = live
        self.message = ""
        self.num_frames = 0  # that have come until now
        self._clock = _Clock(usual_step(usual_fps))
        self._frames: queue.Queue[Frame | None] = queue.Queue(0 if live else MAX_WAITING)
        self._stamps: queue.Queue[float | None] = queue.Queue()
        self._stopped = False

    def __iter__(self) -> Iterator[Frame]:
        while (frame := self._frames.get()) is not None:
            yield frame
        self._frames.put(None)  # whoever asks again is told so again

    def take_waiting(self, timeout: float) -> list[Frame] | None:
        """Return the frames that have come, after at most `timeout` seconds of waiting; None at the end."""
        frames: list[Frame] = []
        with suppress(queue.Empty):
            while (frame := self._frames.get(timeout=0 if frames else timeout)) is not None:
                frames.append(frame)
            self._frames.put(None)
            return frames or None
        return frames

    def stop(self) -> None:
        """Let the reading threads end, also where nobody takes their frames."""
        self._stopped = True
        with suppress(queue.Empty):
            while True:
                self._frames.get_nowait()

    def read_stamps(self, file: IO[bytes]) -> None:
        """Read the time stamps; the body of a thread. With `fps` none is kept, because none is asked for."""
        for line in file:
            if not self.recipe.fps and line.startswith(b"frame:"):
                stamp = line.split(b"pts:", 1)[1].split(maxsplit=1)[0]
                self._stamps.put(None if stamp == b"NOPTS" else int(stamp) / TICKS)
        self._stamps.put(None)

    def read_frames(self, file: IO[bytes]) -> None:
        """Read the frames; the body of a thread."""
        try:
            for number, data in enumerate(self._split(file)):
                seconds = self._time_of(number)
                frame = Frame(seconds, data, time.monotonic())
                self.num_frames = number + 1
                while not self._stopped:
                    with suppress(queue.Full):
                        self._frames.put(frame, timeout=0.1)
                        break
        finally:
            self._end()

    def _end(self) -> None:
        while not self._stopped:
            with suppress(queue.Full):
                self._frames.put(None, timeout=0.1)
                return

    def _time_of(self, number: int) -> float:
        # A stamp is printed before its frame is encoded; with `fps`, stamps are of more or fewer frames.
        return number / self.recipe.fps if self.recipe.fps else self._clock.seconds(self._stamps.get())

    def _split(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield the bytes of each whole frame."""
        raw = self.size[0] * self.size[1] * 3 if self.recipe.codec == "raw" else 0
        rest = b""
        while block := os.read(file.fileno(), CHUNK):
            ends = []
            if raw:
                rest += block
                ends = range(raw, len(rest) + 1, raw)
            else:
                first = max(0, len(rest) - len(ffmpeg.END_OF_JPEG))  # a border may lie between two blocks
                rest += block
                ends = [match.end() for match in ffmpeg.BETWEEN_JPEGS.finditer(rest, first)]
            begin = 0
            for end in ends:
                yield rest[begin:end]
                begin = end
            rest = rest[begin:]
        if not raw and rest.endswith(ffmpeg.END_OF_JPEG):
            yield rest


class _Clock:
    """Makes seconds that rise of the stamps of one frame after another."""

    def __init__(self, step: float) -> None:
        self._step = step  # from a frame to the next, usually
        self._offset: float | None = None
        self._last = 0.0

    def seconds(self, stamp: float | None) -> float:
        """Return the time of the next frame; a step back begins one usual step after the last frame."""
        if stamp is None:
            self._last += self._step if self._offset is not None else 0.0
            return self._last
        if self._offset is None:
            self._offset = stamp - self._last
        if stamp - self._offset < self._last - longest_step_back(self._step):
            self._offset = stamp - self._last - self._step
        self._last = max(self._last, stamp - self._offset)
        return self._last


@contextmanager
def open_frames(
    source: Source,
    recipe: Recipe,
    ffmpeg_path: str | None = None,
    live_input: Sequence[str] | None = None,
    *,
    live: bool = False,
) -> Iterator[FrameStream]:
    """Yield the frames of a video while ffmpeg decodes it; ffmpeg is stopped at the end.

    `source`: as for the extraction, its target in a folder that exists; `live_input`: ffmpeg's arguments that name a
    stream in place of the source's file; `live`: frames that come faster than they are asked for are kept.
    """
    size = stored_size(*source.metadata.shown_size, recipe.size)
    stream = FrameStream(recipe, size, source.metadata.usual_fps, live)
    command = _make_command(source, recipe, ffmpeg_path, live_input)
    with tempfile.TemporaryFile() as errors, _pipes_at(source.target, source.stamps) as (files, writers):
        process = _start(command, writers, errors)
        bodies = zip((stream.read_frames, stream.read_stamps), files, strict=True)
        threads = [threading.Thread(target=body, args=(file,), daemon=True) for body, file in bodies]
        for thread in threads:
            thread.start()
        try:
            yield stream
        finally:
            stopped = process.poll() is None and threads[0].is_alive()
            stream.stop()
            if stopped:
                process.kill()
            code = process.wait()
            for thread in threads:
                thread.join()
            errors.seek(0)
            stream.message = "" if stopped else _explain(code, errors.read(), source)


@contextmanager
def _pipes_at(*links: Path) -> Iterator[tuple[list[IO[bytes]], list[int]]]:
    """Make pipes that a process to which the writing ends are passed finds at `links`; yield both kinds of ends."""
    readers, writers = zip(*(os.pipe() for _ in links), strict=True)
    for link, writer in zip(links, writers, strict=True):
        link.symlink_to(f"/dev/fd/{writer}")  # of the process that opens it: ffmpeg
    files: list[IO[bytes]] = [os.fdopen(reader, "rb") for reader in readers]
    try:
        yield files, list(writers)
    finally:
        for file in files:
            file.close()
        for link in links:
            link.unlink()


def _start(command: list[str], writers: list[int], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start ffmpeg, which alone keeps the `writers` from then on; UserError where it cannot be run."""
    try:
        return subprocess.Popen(command, stderr=errors, pass_fds=writers, start_new_session=True)
    except OSError as error:
        raise UserError(f"ffmpeg: '{command[0]}' cannot be run ({error}); name another one") from error
    finally:
        for writer in writers:
            os.close(writer)


def _make_command(source: Source, recipe: Recipe, path: str | None, live_input: Sequence[str] | None) -> list[str]:
    command = ffmpeg.decode_command([source], recipe, path)
    # By itself ffmpeg writes stamps when it has 32 kB of them: after many frames.
    command = [argument.replace(PRINT, f"{PRINT}direct=1:") for argument in command]
    if live_input is not None:
        place = command.index("-i")
        command[place : place + 2] = live_input
    return command


def _explain(code: int, stderr: bytes, source: Source) -> str:
    """Return what ffmpeg complains of, in one line without folders; "" for nothing."""
    damage, _ = map(ffmpeg.complaint, ffmpeg.split_messages(stderr))
    damage = damage.replace(source.path, Path(source.path).name)
    return damage or (f"ffmpeg ended with code {code}" if code else "")


def refuse_no_frames(stream: FrameStream) -> None:
    """Raise UserError where a video had no frame."""
    if not stream.num_frames:
        raise UserError(stream.message or "holds no frame that can be decoded")
