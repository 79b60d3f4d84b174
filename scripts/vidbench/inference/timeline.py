"""Probabilities over time, and the segments that they show; of files, and of live streams."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from vidbench.clips.clip_buffer import join_clips
from vidbench.clips.dataset import FrameClips
from vidbench.clips.transforms import Clips
from vidbench.compute.precision import explained_errors
from vidbench.frames import ffmpeg as ffmpeg_program
from vidbench.inference.actions import WindowAnswer
from vidbench.inference.classifier import REMEDY, Classifier
from vidbench.inference.decoding import temporary_folder
from vidbench.inference.frame_stream import FrameStream, refuse_no_frames
from vidbench.inference.motion import MotionMeter
from vidbench.inference.opening import TIMEOUT, open_live, open_video
from vidbench.inference.stretches import LONGEST, StretchCutter
from vidbench.inference.windows import Cutter, Window, WindowCutter, WindowFrames, cut

RECENT = 1000  # windows of a live stream, of whose latencies the median is told
POLL = 0.2  # seconds between two looks at a live stream


@dataclass
class LiveReport:
    """What became of a live stream's windows."""

    dropped: int = 0  # windows that were not classified, because later ones were already there
    classified: int = 0  # windows
    longest: float = 0.0  # seconds of latency
    # Seconds from a window's last frame to its answer, of the last windows: a stream may have no end.
    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))

    def add(self, latency: float) -> None:
        """Count a window that was classified."""
        self.classified += 1
        self.longest = max(self.longest, latency)
        self.latencies.append(latency)

    def __str__(self) -> str:
        if not self.latencies:
            return "no window"
        count = self.classified
        return (
            f"{count} window{'s' * (count > 1)}, {self.dropped} dropped, latency {median(self.latencies):.2f} s"
            f" (median), {self.longest:.2f} s at most"
        )


class Timeline:
    """Slides windows over videos, which are decoded once; only the frames of some windows are in memory."""

    def __init__(
        self, model: Classifier, length: float, stride: float | None = None, *, by_stretches: bool = False
    ) -> None:
        """`length` of a window and `stride` from one to the next, in seconds; None: half a window.

        `by_stretches`: windows keep to what lies between two cuts or rests, and where nothing moves there are none.
        """
        model.file.refuse_multi("a timeline")
        self.model = model
        self.length = length
        self.stride = stride or length / 2
        self.min_length = self.stride / 2  # of a segment
        self.by_stretches = by_stretches
        self.message = ""  # what ffmpeg complained of in the last video
        WindowCutter(self.length, self.stride)  # refuses what is no length
        ffmpeg_program.version(model.ffmpeg)  # refuses what cannot be run

    def of_file(self, name: str, path: str | Path) -> Iterator[WindowAnswer]:
        """Yield the answers for a file's windows, in order; UserError where it cannot be decoded.

        A window is a video of its own: the model sees as many views of it as of a video.
        """
        self.message = ""
        with temporary_folder() as folder:
            with open_video(str(path), folder, self.model.file.recipe, self.model.ffmpeg) as stream:
                for batch in self._batch(cut(self._make_cutter(stream), stream)):
                    yield from self._answer(name, batch, stream)
            refuse_no_frames(stream)
            self.message = stream.message

    def of_live(self, address: str, report: LiveReport) -> Iterator[WindowAnswer]:
        """Yield the answers for a live stream's windows until it ends; `report` tells of latency and lost windows.

        Where windows come faster than they are classified, the newest one is taken, of whole stretches before others.
        A stream that stalls for TIMEOUT seconds ends with that: `message` says so. UserError where it has no picture.
        """
        self.message = ""
        stalled = ""
        with temporary_folder() as folder:
            with open_live(address, folder, self.model.file.recipe, self.model.ffmpeg) as stream:
                cutter = self._make_cutter(stream)
                came = time.monotonic()
                while (frames := stream.take_waiting(POLL)) is not None:
                    if frames:
                        due = [window for frame in frames for window in cutter.add(frame)]
                        yield from self._answer_due(address, due, stream, report)
                        came = time.monotonic()
                    elif time.monotonic() - came > TIMEOUT:
                        stalled = f"no picture has come for {TIMEOUT:g} s: the stream has stalled or ended"
                        break
                yield from self._answer_due(address, cutter.finish(), stream, report)
            self.message = stream.message = stalled or stream.message
            refuse_no_frames(stream)

    def _answer_due(
        self, address: str, due: list[Window], stream: FrameStream, report: LiveReport
    ) -> Iterator[WindowAnswer]:
        """Yield the answers for windows that have come; of those of a live stream for the newest one."""
        if stream.live and due:
            report.dropped += len(due) - 1
            due = [window for window in due if window.whole][-1:] or due[-1:]
        for window in due:
            (answer,) = self._answer(address, [window], stream)
            report.add(time.monotonic() - window.frames[-1].arrived)
            yield answer

    def _make_cutter(self, stream: FrameStream) -> Cutter:
        if not self.by_stretches:
            return WindowCutter(self.length, self.stride)
        meter = MotionMeter(self.model.file.recipe, stream.size)
        return StretchCutter(self.length, self.stride, meter)

    def _batch(self, windows: Iterable[Window]) -> Iterator[list[Window]]:
        """Yield windows in batches, of no more time than two of the longest windows take: that bounds the memory."""
        clip = self.model.clip
        size = max(1, self.model.options.training.batch_size // (clip.views * clip.crops))
        batch: list[Window] = []
        for window in windows:
            if batch and (len(batch) == size or window.end - batch[0].start > 2 * LONGEST * self.length):
                yield batch
                batch = []
            batch.append(window)
        if batch:
            yield batch

    def _answer(self, name: str, windows: list[Window], stream: FrameStream) -> Iterable[WindowAnswer]:
        views = self.model.clip.views
        clips = FrameClips(WindowFrames(windows, self.model.file.recipe, stream.size), self.model.clip)
        items = [clips.test_clip(str(place), view) for place in range(len(windows)) for view in range(views)]
        logits = self._compute(join_clips(items)).reshape(len(windows), -1, len(self.model.classes))
        for window, rows in zip(windows, logits, strict=True):
            answer = self.model.answer(name, rows, "ok", "")
            yield WindowAnswer(window.start, window.end, answer, window.stretch, window.whole)

    def _compute(self, clips: Clips) -> np.ndarray:
        """Return the logits (N * V, K) of N windows' views (B, T, 3, H, W)."""
        with explained_errors(self.model.options.training.batch_size, REMEDY):
            return self.model.compute(clips).numpy()
