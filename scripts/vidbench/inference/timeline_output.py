"""What is found over time, on the terminal, as CSV and as JSON with one line per video."""

import csv
import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TextIO

from vidbench.errors import UserError
from vidbench.formatting import counted, percent
from vidbench.inference.actions import ActionFinder, WindowAnswer
from vidbench.inference.annotation import Findings, annotate
from vidbench.inference.curve import ProbabilityCurve
from vidbench.inference.decoding import temporary_folder
from vidbench.inference.fetching import fetch
from vidbench.inference.illustrations import Illustrations
from vidbench.inference.inputs import Input
from vidbench.inference.output import TERMINAL, make_printable, make_writable, open_output
from vidbench.inference.segments import Hysteresis, Segment
from vidbench.inference.stretch_answers import StretchAnswers
from vidbench.inference.timecode import format_time
from vidbench.inference.timeline import LiveReport, Timeline
from vidbench.inference.timeline_figure import save_timeline

NO_PICTURES = Illustrations()
WINDOWS = ("video", "start", "end", "kind", "class", "probability", "unknown")
SEGMENTS = ("video", "start", "end", "class", "score")


@dataclass(frozen=True)
class TimelineFiles:
    """What is to be written; None for what is not."""

    windows: str | None = None  # CSV: the probabilities of each window
    segments: str | None = None  # CSV
    json: str | None = None

    @property
    def prints(self) -> bool:
        """Whether one of them is standard output."""
        return TERMINAL in (self.windows, self.segments, self.json)


@dataclass
class _Found:
    """What is found in a video."""

    curve: ProbabilityCurve
    segments: list[Segment]
    report: LiveReport
    stretches: StretchAnswers
    problem: str  # why nothing, or no more, is found; "" for no reason
    remark: str = ""  # what was wrong with a part of it
    interrupted: bool = False


class TimelineWriter:
    """Finds segments in each video, and writes windows and segments as they come."""

    def __init__(
        self,
        timeline: Timeline,
        rule: Hysteresis,
        files: TimelineFiles,
        stack: ExitStack,
        illustrations: Illustrations = NO_PICTURES,
    ) -> None:
        """`stack`: closes the files, which get their names then."""
        self.illustrations = illustrations
        self.unwritten: UserError | None = None  # why a picture that was asked for is not there
        self.timeline = timeline
        self.rule = rule
        classes = timeline.model.classes
        self._windows = self._open_csv(files.windows, [*WINDOWS, *(f"p({name})" for name in classes)], stack)
        self._segments = self._open_csv(files.segments, [*SEGMENTS], stack)
        self._json = stack.enter_context(open_output(files.json)) if files.json else None
        self._terminal = None if files.prints else sys.stdout
        self._width = max(map(len, classes))
        self.failed: list[tuple[str, str]] = []  # names and reasons
        self.num_videos = 0
        self.num_segments = 0

    def write(self, each: Input) -> None:
        """Answer a video's windows; what is wrong with it is written, and costs no other video.

        Ctrl-C ends it with what was found: KeyboardInterrupt is raised again after that is written.
        """
        curve = ProbabilityCurve(len(self.timeline.model.classes))
        found = _Found(curve, [], LiveReport(), StretchAnswers(), each.problem)
        self.timeline.message = ""  # of the video before
        interrupt = None
        with temporary_folder() as folder:
            path = each.path
            try:
                if not found.problem:
                    path = str(fetch(path, folder / "fetched")) if each.is_address else path
                    self._find(each, path, found)
            except UserError as error:
                found.problem = str(error).removeprefix(f"{each.path}: ").removeprefix(f"{path}: ")
            except KeyboardInterrupt as error:
                interrupt = error
                found.interrupted = True
            self._finish(each, found)
            if not found.problem:
                self._illustrate(each, path, found)
        if interrupt:
            raise interrupt

    def describe(self) -> str:
        """Return the last line: the numbers, and the videos without an answer with the reasons."""
        words = f"{counted(self.num_videos, 'video')}: {counted(self.num_segments, 'segment')}"
        names = "; ".join(f"{name} ({reason})" for name, reason in self.failed)
        return make_printable(f"{words}, {len(self.failed)} not classified: {names}" if self.failed else words)

    def _find(self, each: Input, path: str, found: "_Found") -> None:
        """Write windows and segments as they come, until the end, Ctrl-C or an error."""
        finder = ActionFinder(self.timeline.model.classes, self.rule, self.timeline.length)
        windows = self.timeline.of_live(path, found.report) if each.is_live else self.timeline.of_file(each.name, path)
        try:
            for window in windows:
                self._write_window(each.name, window)
                self._remember(window, finder, found)
                found.segments += self._write_segments(each.name, finder.add(window))
        finally:
            found.segments += self._write_segments(each.name, finder.finish())
        if found.remark and not len(found.curve.times):
            raise UserError(found.remark)

    def _remember(self, window: WindowAnswer, finder: ActionFinder, found: "_Found") -> None:
        """Keep what pictures need of a window's answer."""
        if not window.answer.is_classified:
            found.remark = window.answer.message
            return
        decides = finder.decides(window)
        found.curve.add(window.start, window.end, window.answer.probabilities, alone=decides)
        if self.illustrations.copy:
            found.stretches.add(window, decides=decides)

    def _illustrate(self, each: Input, path: str, found: "_Found") -> None:
        """Make the pictures that are asked for; what of them cannot be written is kept in `unwritten`."""
        classes = self.timeline.model.classes
        try:
            if plot := self.illustrations.plot:
                save_timeline(plot, each.name, found.curve, found.segments, classes, self.rule.enter)
            if (copy := self.illustrations.copy) and not found.interrupted:
                findings = Findings(found.curve, found.segments, classes, found.stretches)
                annotate(path, copy, findings, self.timeline.model.ffmpeg)
        except UserError as error:
            self.unwritten = UserError(str(error).replace(path, each.name)) if each.is_address else error

    def _write_window(self, name: str, window: WindowAnswer) -> None:
        if not self._windows:
            return
        answer = window.answer
        unknown = "" if answer.threshold is None else answer.is_unknown
        kind = "stretch" if window.whole else "window"
        row = [f"{window.start:.3f}", f"{window.end:.3f}", kind]
        answers = [answer.label, answer.probability, unknown, *answer.probabilities.tolist()]
        answers = answers if answer.is_classified else [""] * len(answers)
        self._write_row(self._windows, [name, *row, *answers])

    def _write_segments(self, name: str, segments: list[Segment]) -> list[Segment]:
        for each in segments:
            if self._segments:
                row = [name, f"{each.start:.3f}", f"{each.end:.3f}", each.label, f"{each.score:.6g}"]
                self._write_row(self._segments, row)
            if self._terminal:
                times = f"{format_time(each.start):>11} - {format_time(each.end):<11}"
                line = f"{times} {each.label:<{self._width}} {percent(each.score):>7}  {name}"
                print(make_printable(line), file=self._terminal, flush=True)
        return segments

    def _finish(self, each: Input, found: "_Found") -> None:
        segments, failed = found.segments, bool(found.problem)
        message = found.problem or self.timeline.message or found.remark
        self.num_videos += 1
        self.num_segments += len(segments)
        if failed:
            self.failed.append((each.name, message))
        if self._terminal and message:
            words = "not classified" if failed and not segments else "in part"
            print(make_printable(f"{each.name}: {words}: {message}"), file=self._terminal, flush=True)
        if not failed and not found.interrupted and not len(found.curve.times):
            words = "no window: nothing moves in it for long enough; --plain-windows looks at what stands still, too"
            print(make_printable(f"{each.name}: {words}"), file=self._terminal or sys.stderr, flush=True)
        if each.is_live and not failed:
            print(make_printable(f"{each.name}: {found.report}"), file=self._terminal or sys.stderr, flush=True)
        if self._json:
            status = "failed" if failed else "partial" if message else "ok"
            rows = [
                {"start": round(s.start, 3), "end": round(s.end, 3), "class": s.label, "score": s.score}
                for s in segments
            ]
            row = {"video": each.name, "status": status, "message": message, "segments": rows}
            self._json.write(make_writable(json.dumps(row, ensure_ascii=False, allow_nan=False)) + "\n")
            self._json.flush()

    @staticmethod
    def _open_csv(path: str | None, columns: list[str], stack: ExitStack) -> TextIO | None:
        if not path:
            return None
        file = stack.enter_context(open_output(path))
        TimelineWriter._write_row(file, columns)
        return file

    @staticmethod
    def _write_row(file: TextIO, row: list) -> None:
        csv.writer(file, lineterminator="\n").writerow([make_writable(cell) for cell in row])
        file.flush()
