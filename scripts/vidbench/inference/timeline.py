"""Probabilities over time, and the segments that they show; of files, and of live streams."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np

from vidbench.clips.clip_buffer import join_clips
from vidbench.clips.dataset import FrameClips
from vidbench.clips.transforms import Clips
from vidbench.compute.precision import explained_errors
from vidbench.inference.classification import Classification
from vidbench.inference.classifier import REMEDY, Classifier
from vidbench.inference.decoding import temporary_folder
from vidbench.inference.frame_stream import FrameStream, refuse_no_frames
from vidbench.inference.opening import open_live, open_video
from vidbench.inference.windows import Window, WindowCutter, WindowFrames, cut_windows

POLL = 0.2  # seconds between two looks at a live stream


@dataclass(frozen=True)
class WindowAnswer:
    """The answer for the part of a video from `start` to `end`, in seconds."""

    start: float
    end: float
    answer: Classification


@dataclass
class LiveReport:
    """What became of a live stream's windows."""

    dropped: int = 0  # windows that were not classified, because later ones were already there
    latencies: list[float] = field(default_factory=list)  # seconds from a window's last frame to its answer

    def __str__(self) -> str:
        if not self.latencies:
            return "no window"
        count = len(self.latencies)
        return (
            f"{count} window{'s' * (count > 1)}, {self.dropped} dropped, latency {median(self.latencies):.2f} s"
            f" (median), {max(self.latencies):.2f} s at most"
        )


class Timeline:
    """Slides windows over videos, which are decoded once; only the frames of one batch of windows are in memory."""

    def __init__(self, model: Classifier, length: float, stride: float | None = None) -> None:
        """`length` of a window and `stride` from one to the next, in seconds; None: half a window."""
        self.model = model
        self.length = length
        self.stride = stride or length / 2
        self.message = ""  # what ffmpeg complained of in the last video
        WindowCutter(self.length, self.stride)  # refuses what is no length

    def of_file(self, name: str, path: str | Path) -> Iterator[WindowAnswer]:
        """Yield the answers for a file's windows, in order; UserError where it cannot be decoded.

        A window is a video of its own: the model sees as many views of it as of a video.
        """
        self.message = ""
        with temporary_folder() as folder:
            with open_video(str(path), folder, self.model.file.recipe, self.model.ffmpeg) as stream:
                count = 0
                windows = cut_windows(stream, self.length, self.stride)
                while batch := list(islice(windows, self._windows_per_batch())):
                    count += len(batch)
                    yield from self._answer(name, batch, stream)
            refuse_no_frames(stream, count)
            self.message = stream.message

    def of_live(self, address: str, report: LiveReport) -> Iterator[WindowAnswer]:
        """Yield the answers for a live stream's windows until it ends; `report` tells of latency and lost windows.

        Where windows come faster than they are classified, the newest one is taken.
        """
        self.message = ""
        cutter = WindowCutter(self.length, self.stride)
        with temporary_folder() as folder:
            with open_live(address, folder, self.model.file.recipe, self.model.ffmpeg) as stream:
                while (frames := stream.take_waiting(POLL)) is not None:
                    due = [window for frame in frames for window in cutter.add(frame)]
                    if not due:
                        continue
                    report.dropped += len(due) - 1
                    (answer,) = self._answer(address, due[-1:], stream)
                    report.latencies.append(time.monotonic() - due[-1].frames[-1].arrived)
                    yield answer
            if not report.latencies:
                refuse_no_frames(stream, 0)

    def _windows_per_batch(self) -> int:
        clip = self.model.clip
        return max(1, self.model.options.training.batch_size // (clip.views * clip.crops))

    def _answer(self, name: str, windows: list[Window], stream: FrameStream) -> Iterable[WindowAnswer]:
        views = self.model.clip.views
        clips = FrameClips(WindowFrames(windows, self.model.file.recipe, stream.size), self.model.clip)
        items = [clips.test_clip(str(place), view) for place in range(len(windows)) for view in range(views)]
        logits = self._compute(join_clips(items)).reshape(len(windows), -1, len(self.model.classes))
        for window, rows in zip(windows, logits, strict=True):
            yield WindowAnswer(window.start, window.end, self.model.answer(name, rows, "ok", ""))

    def _compute(self, clips: Clips) -> np.ndarray:
        """Return the logits (N * V, K) of N windows' views (B, T, 3, H, W)."""
        with explained_errors(self.model.options.training.batch_size, REMEDY):
            return self.model.compute(clips).numpy()
