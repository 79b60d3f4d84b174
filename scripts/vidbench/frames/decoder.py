"""Running ffmpeg on videos, and judging the result: frames, their times, what is damaged, what is merely odd."""

import os
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vidbench.errors import UserError
from vidbench.files import write_errors
from vidbench.frames import ffmpeg, timestamps
from vidbench.frames.ffmpeg import Source
from vidbench.frames.probe import is_cut_off
from vidbench.frames.timestamps import FrameTimes, longest_step

STOPPED = (255,)  # ffmpeg's exit code after a signal that it handles
STOPPING_SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
UNEXPECTED = 0.2  # share of the frames that `fps` should have taken: by more than that it was misled
DECODER_FAILED = re.compile(rb"opening decoder|Operation not permitted")  # the exit code may then be the same
FEW = 0.9  # share of the frames that the header promises: with a smaller one, frames may be missing


@dataclass(frozen=True)
class Decoded:
    """The result of decoding a video, apart from its frames."""

    sizes: tuple[int, ...] = ()  # bytes of each stored frame
    checksum: int = 0
    times: tuple[float, ...] = ()  # seconds of each stored frame, from the first one
    duration: float = 0.0  # seconds; the last frame is shown as long as frames usually are
    source_fps: float = 0.0  # frames per second by the time stamps of the file; 0 with fewer than two frames
    message: str = ""  # what is damaged, mostly in ffmpeg's words
    notes: tuple[str, ...] = ()  # what is odd, but no damage


class Decoder:
    """Runs ffmpeg on one video after another, at most `jobs` at a time, and can be stopped."""

    def __init__(self, recipe: ffmpeg.Recipe, ffmpeg_path: str | None, jobs: int) -> None:
        self.recipe = recipe
        self.ffmpeg_path = ffmpeg_path
        self.slots = threading.Semaphore(jobs)
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
            code, stderr = self._run(sources, self.recipe)
            if code == 0 and not stderr:
                results = [self._measure(source, code, stderr) for source in sources]
                if all(decoded.sizes for decoded in results):
                    return results
            # Which video ffmpeg complains of, and whether the others are complete, is only known of a video alone.
        return [self._decode_alone(source) for source in sources]

    def _decode_alone(self, source: Source) -> Decoded:
        decoded = self._measure(source, *self._run([source], self.recipe))
        if source.start and source.seeks and (decoded.message or _missed_its_start(source)):
            return self._decode_alone(replace(source, seeks=False))
        if self.recipe.fps is not None and not decoded.sizes and len(_read_stamps(source)):
            # Shorter than one period of fps: its first frame is stored.
            first = self._measure(source, *self._run([source], replace(self.recipe, fps=None), limit=1))
            return replace(first, duration=decoded.duration, source_fps=decoded.source_fps, notes=decoded.notes)
        return decoded

    def _run(self, sources: Sequence[Source], recipe: ffmpeg.Recipe, limit: int | None = None) -> tuple[int, bytes]:
        """Return exit code and messages of an ffmpeg that has decoded `sources`."""
        command = ffmpeg.decode_command(sources, recipe, self.ffmpeg_path, limit)
        with self.slots, tempfile.TemporaryFile() as errors:
            if self.stopped:
                raise UserError(f"{sources[0].path}: not decoded, because the extraction was stopped; run again")
            code = self._wait(subprocess.Popen(command, stderr=errors, start_new_session=True))
            errors.seek(0)
            return code, errors.read()

    def _wait(self, process: subprocess.Popen) -> int:
        """Return the process's exit code; it runs in a session of its own, so that Ctrl-C cuts no video short."""
        self.running.add(process)
        try:
            return process.wait()
        finally:
            process.kill()
            process.wait()
            self.running.discard(process)

    def _measure(self, source: Source, code: int, stderr: bytes) -> Decoded:
        """Return the result of an ffmpeg that has ended; UserError where that is no fact about the video."""
        if (code in STOPPED and not DECODER_FAILED.search(stderr)) or -code in STOPPING_SIGNALS:
            raise UserError(f"{source.path}: ffmpeg was stopped while decoding it (code {code}); run again")
        if lacking := ffmpeg.lacking_filter(stderr):
            raise UserError(
                f"{source.path}: the ffmpeg of the config lacks the filter '{lacking}' that it needs; name another one,"
                " or take the environment's (ffmpeg: null)"
            )
        with write_errors(source.target):
            if code and (reason := ffmpeg.output_error(stderr)):
                raise OSError(None, reason)
            source.target.touch()
            height, width = ffmpeg.stored_size(*source.metadata.shown_size, self.recipe.size)
            sizes, checksum = ffmpeg.measure_frames(source.target, self.recipe.codec, height * width * 3)
        damage, odd = map(ffmpeg.complaint, ffmpeg.split_messages(_remove_folders(source, stderr)))
        damage = damage or (f"ffmpeg ended with code {code}" if code and not odd else "")
        return _judge(source, self.recipe, sizes, checksum, damage, odd)


def _judge(
    source: Source, recipe: ffmpeg.Recipe, sizes: Sequence[int], checksum: int, damage: str, odd: str
) -> Decoded:
    """Return the result of a video whose stored frames have `sizes`; `damage` and `odd` are ffmpeg's messages."""
    stamps = _read_stamps(source)
    stored = len(sizes)
    if recipe.fps is None and len(stamps) < stored:  # an ffmpeg that crashed keeps the last ones to itself
        stamps = np.concatenate([stamps, np.full(stored - len(stamps), np.nan)])
    clock = timestamps.repair(stamps, source.metadata.source_fps)
    times = clock.seconds[:stored] if recipe.fps is None else np.arange(stored) / recipe.fps
    missing, promise = ("", []) if damage else _find_missing(source, stored, clock)
    messages = [f"ffmpeg: {odd}"] if odd else []
    notes = [*source.metadata.notes, *clock.notes, *_fps_notes(recipe, clock, stored), *promise, *messages]
    return Decoded(
        sizes=tuple(sizes),
        checksum=checksum,
        times=tuple(map(float, times)),
        duration=round(float(clock.seconds[-1]) + clock.step, 6) if len(clock.seconds) else 0.0,
        source_fps=round(clock.rate, 6) or source.metadata.source_fps,
        message=damage or missing,
        notes=tuple(dict.fromkeys(notes + _piece_notes(source, stamps, clock.step))),
    )


def _read_stamps(source: Source) -> np.ndarray:
    """Read (T,) float64: the times of the decoded frames, in seconds from the beginning of the video or piece."""
    if not source.stamps.exists():
        return np.empty(0)
    stamps = timestamps.read_stamps(source.stamps)
    if not source.is_cut:
        return stamps
    first, end = source.ticks
    ticks = np.rint(stamps * timestamps.TICKS)
    after = np.flatnonzero(ticks >= end) if end is not None else []
    until = after[0] if len(after) else len(stamps)  # ffmpeg stops there
    return stamps[:until][ticks[:until] >= first] - first / timestamps.TICKS


def _missed_its_start(source: Source) -> bool:
    """Return whether ffmpeg, told to seek to a moment before a piece, has come out behind its beginning."""
    if not source.is_cut or not source.start or not source.seeks:
        return False
    stamps = timestamps.read_stamps(source.stamps) if source.stamps.exists() else np.empty(0)
    return not (stamps * timestamps.TICKS <= source.ticks[0] + 0.5).any()


def _find_missing(source: Source, stored: int, clock: FrameTimes) -> tuple[str, list[str]]:
    """Return the damage of a video that ffmpeg does not complain of, and notes on its number of frames."""
    if not stored and not source.is_piece:
        return "holds no frame that can be decoded", []
    if not stored:
        return f"has no frame from {source.start:g} s {f'to {source.end:g} s' if source.end else 'on'}", []
    if source.is_piece or source.images is not None:
        return "", []
    frames = len(clock.seconds)
    seconds = float(clock.seconds[-1]) + clock.step
    if frames < FEW * source.metadata.promised_frames:
        words = f"holds {frames} of the {source.metadata.promised_frames} frames that its header promises"
    elif not clock.notes and seconds < FEW * source.metadata.promised_seconds - clock.step:
        words = f"lasts {seconds:.3g} of the {source.metadata.promised_seconds:.3g} s that its header promises"
    else:
        return "", []
    return (f"is cut off: it {words}", []) if is_cut_off(source.path) else ("", [words])


def _fps_notes(recipe: ffmpeg.Recipe, clock: FrameTimes, stored: int) -> list[str]:
    """Return notes on what is odd about the frames that `fps` has taken."""
    decoded = len(clock.seconds)
    if recipe.fps is None or not decoded:
        return []
    notes = [f"fps: {recipe.fps:g} stores {longest_step(clock.step):g} s of a gap"] if clock.has_gaps else []
    expected = 1 + recipe.fps * float(np.minimum(np.diff(clock.seconds), longest_step(clock.step)).sum())
    if stored < 2 <= decoded or abs(stored - expected) > max(2, UNEXPECTED * expected):
        notes.append(f"fps: {recipe.fps:g} stores {max(stored, 1)} of {decoded} frames")
    return notes


def _piece_notes(source: Source, stamps: np.ndarray, step: float) -> list[str]:
    """Return a note where the file ends before the piece does."""
    if source.end is None or not len(stamps):
        return []
    # The header of a live recording does not say how long it is.
    last = source.metadata.duration or source.start + float(stamps[-1]) + 3 * step
    return [f"the file ends at {last:.4g} s, before the piece does"] if last + step < source.end else []


def _remove_folders(source: Source, stderr: bytes) -> bytes:
    """Remove folders from ffmpeg's messages: the same videos in other folders give the same store."""
    places = [source.path]
    if source.images is not None:
        places = [ffmpeg.image_pattern(source.images), str(source.images), source.path]
    for place in places:
        stderr = stderr.replace(os.fsencode(place), os.fsencode(Path(source.path).name))
    return stderr
