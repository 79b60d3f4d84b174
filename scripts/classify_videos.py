"""Classify videos with a trained model: files, folders, patterns, addresses, a list on standard input; also over time.

Example:
    python scripts/classify_videos.py --model results/motion/split1/cnn3d/seed0/weights.safetensors my_videos/

Decoding, sampling, scaling and normalising are those of the workflow's predict step. The probabilities are the mean
over the views, calibrated by the temperature that was fitted on the validation videos. A video that cannot be
classified is named in the output and on the last line and costs no other one; with --strict the exit code is then 1.
With --window, long videos, cameras (/dev/video0) and streams (rtsp://...) are classified window by window, and what is
found is joined to segments. docs/classifying.md has more.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from vidbench import cli
from vidbench.compute.allocator import keep_freed_memory
from vidbench.errors import UserError
from vidbench.inference.illustrations import Illustrations
from vidbench.inference.inputs import Input, find_videos, read_list
from vidbench.inference.model_file import ModelFile
from vidbench.inference.output import TERMINAL, CsvWriter, JsonWriter, TableWriter, Tally, Writer, open_output
from vidbench.inference.segments import Hysteresis

if TYPE_CHECKING:
    from vidbench.inference.classifier import Classifier

INTERRUPTED = 130
LIST = "-"  # in place of a video: standard input holds a list
OF_WINDOWS = ("stride", "segments", "min_length", "plain_windows", "plot", "annotate")  # arguments that need --window


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    line: str  # the last one
    num_classified: int
    num_failed: int
    interrupted: bool


def main() -> None:
    accept_any_text()
    arguments = parse_arguments()
    file = ModelFile.read(arguments.model)
    inputs = Illustrations(arguments.plot, arguments.annotate).check(find_videos(list_names(arguments.videos)))
    refuse_for_labels(file, arguments)
    explain_calibration(file, arguments)
    from vidbench.inference.classifier import load  # here: torch takes seconds

    keep_freed_memory()
    model = load(
        arguments.model, device=arguments.device, views=arguments.views, crops=arguments.crops, batch=arguments.batch,
        jobs=arguments.jobs, ffmpeg=arguments.ffmpeg,
    )  # fmt: skip
    if arguments.threshold is not None:
        model = model.with_threshold(arguments.threshold)
    classify = classify_windows if arguments.window else classify_whole
    end(classify(model, inputs, arguments), arguments)


def accept_any_text() -> None:
    """Let names and classes be in any script, and names be any bytes, whatever the terminal takes."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, TextIOWrapper):  # None where it is closed
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")


def parse_arguments() -> argparse.Namespace:
    parser = cli.make_parser(__doc__)
    named = "file, folder, pattern or http(s) address; -: a list of them on standard input, one per line"
    parser.add_argument("videos", nargs="+", metavar="VIDEO", help=named)
    parser.add_argument("--model", type=Path, required=True, help="weights.safetensors of a trained model")
    parser.add_argument("--csv", metavar="FILE", help="write all probabilities as CSV; -: print them")
    parser.add_argument("--json", metavar="FILE", help="write one line of JSON per video; -: print them")
    parser.add_argument("--top", type=int, default=3, help="classes per video in the table")
    parser.add_argument(
        "--unknown", action="store_true", help="mark videos of none of the classes, by the stored bound of the entropy"
    )
    parser.add_argument("--threshold", type=float, help="the same, where no class has this probability")
    parser.add_argument("--views", type=int, help="clips per video; default: as in training")
    parser.add_argument("--crops", type=int, help="crops per clip; default: as in training")
    parser.add_argument("--batch", type=int, help="clips per batch; default: as in training")
    parser.add_argument("--window", type=float, metavar="SECONDS", help="slide a window of this length over each video")
    parser.add_argument("--stride", type=float, metavar="SECONDS", help="from one window to the next; default: half")
    across = "let windows reach over cuts and rests, and find segments where nothing moves, too"
    parser.add_argument("--plain-windows", action="store_true", default=None, help=across)
    parser.add_argument("--segments", metavar="FILE", help="write the segments that the windows show as CSV")
    parser.add_argument("--plot", metavar="FILE", help="draw probabilities and segments over time: png, svg or pdf")
    parser.add_argument(
        "--annotate", metavar="FILE.mp4", help="write a copy of the video with what is found drawn on it"
    )
    parser.add_argument(
        "--min-length", type=float, metavar="SECONDS", help="drop shorter segments; default: half a stride"
    )
    parser.add_argument("--device", choices=["auto", "cuda", "mps", "cpu"], default="auto")
    parser.add_argument("--jobs", type=int, help="videos to decode at a time; default: one per core")
    parser.add_argument("--ffmpeg", help="ffmpeg to use instead of the environment's")
    parser.add_argument("--strict", action="store_true", help="exit code 1 where a video could not be classified")
    arguments = parser.parse_args()
    check_arguments(parser, arguments)
    arguments.unknown = arguments.unknown or arguments.threshold is not None
    return arguments


def check_arguments(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """End with a line on numbers that make no sense, and on arguments that exclude each other."""
    for name in ("top", "views", "crops", "batch", "jobs"):
        if getattr(arguments, name) is not None and getattr(arguments, name) < 1:
            parser.error(f"--{name}: give at least 1")
    for name in ("window", "stride"):
        if getattr(arguments, name) is not None and not 0 < getattr(arguments, name) < float("inf"):
            parser.error(f"--{name}: give seconds above 0")
    if arguments.window is None and (given := [name for name in OF_WINDOWS if getattr(arguments, name) is not None]):
        parser.error(f"--{given[0].replace('_', '-')} needs --window")
    outputs = [arguments.csv, arguments.json, arguments.segments]
    if outputs.count(TERMINAL) > 1:
        parser.error("only one output can be printed (-); name a file for the other")
    files = [os.path.realpath(name) for name in outputs if name and name not in (TERMINAL, os.devnull)]
    if len(set(files)) < len(files):
        parser.error("two outputs have one name; name another file")


def classify_whole(model: "Classifier", inputs: Iterator[Input], arguments: argparse.Namespace) -> Outcome:
    """Classify each video as a whole."""
    tally = Tally()
    interrupted = False
    with ExitStack() as stack:
        writers = [tally, *open_writers(arguments, model.classes, stack, model.file.multi)]
        try:
            for answer in model.classify_inputs(inputs):
                for writer in writers:
                    writer.write(answer)
        except KeyboardInterrupt:
            interrupted = True
    return Outcome(tally.describe(arguments.unknown), tally.classified, len(tally.failed), interrupted)


def classify_windows(model: "Classifier", inputs: Iterator[Input], arguments: argparse.Namespace) -> Outcome:
    """Classify each video, or stream, window by window."""
    from vidbench.inference.timeline import Timeline
    from vidbench.inference.timeline_output import TimelineFiles, TimelineWriter

    timeline = Timeline(model, arguments.window, arguments.stride, by_stretches=not arguments.plain_windows)
    min_length = timeline.min_length if arguments.min_length is None else arguments.min_length
    rule = Hysteresis.of_threshold(model.threshold, min_length)
    files = TimelineFiles(arguments.csv, arguments.segments, arguments.json)
    interrupted = False
    with ExitStack() as stack:
        pictures = Illustrations(arguments.plot, arguments.annotate)
        writer = TimelineWriter(timeline, rule, files, stack, pictures)
        try:
            for each in inputs:
                writer.write(each)
        except KeyboardInterrupt:
            interrupted = True
    if writer.unwritten:
        raise writer.unwritten
    failed = len(writer.failed)
    return Outcome(writer.describe(), writer.num_videos - failed, failed, interrupted)


def refuse_for_labels(file: ModelFile, arguments: argparse.Namespace) -> None:
    """Raise UserError for what has no meaning, or no code, for a model of several labels per video."""
    if arguments.window:
        file.refuse_multi("--window")
    if arguments.unknown:
        file.refuse_multi("--unknown")


def explain_calibration(file: ModelFile, arguments: argparse.Namespace) -> None:
    """Say what of the calibration is not known; UserError where a threshold is asked for and there is none."""
    if arguments.unknown and arguments.threshold is None and file.calibration.threshold is None:
        remedy = "put the metrics.json of a present run beside it (snakemake metrics), or give one"
        if file.calibration.lacks_videos:
            remedy = "its run had too few validation videos for one; give one"
        raise UserError(f"{file.path}: no threshold for --unknown is known: {remedy} (--threshold 0.5)")
    warning = file.calibration.warning
    if file.calibration.temperature is None:
        warning = f"not calibrated: {warning or 'there is no metrics.json of this model beside it'}"
    if warning:
        print(f"WARNING: {file.path}: the calibration of its probabilities may be wrong: {warning}", file=sys.stderr)


def list_names(names: list[str]) -> Iterator[str]:
    """Yield the names on the command line; those on standard input in place of `-`."""
    for name in names:
        yield from read_list(sys.stdin or ()) if name == LIST else [name]


def open_writers(
    arguments: argparse.Namespace, classes: tuple[str, ...], stack: ExitStack, multi: bool = False
) -> list[Writer]:
    """Return writers for the files that were asked for, and for the terminal where nothing else is printed there.

    `multi`: a video may have several labels.
    """
    writers: list[Writer] = []
    if arguments.csv:
        writers.append(CsvWriter(stack.enter_context(open_output(arguments.csv)), classes))
    if arguments.json:
        writers.append(JsonWriter(stack.enter_context(open_output(arguments.json))))
    if TERMINAL not in (arguments.csv, arguments.json):
        writers.append(TableWriter(sys.stdout, classes, arguments.top, arguments.unknown, multi=multi))
    return writers


def end(outcome: Outcome, arguments: argparse.Namespace) -> None:
    """Print the last line, and exit with 1 or 130 where that has to be."""
    printed = TERMINAL in (arguments.csv, arguments.json, arguments.segments)
    line = f"interrupted: {outcome.line}" if outcome.interrupted else outcome.line
    print(line, file=sys.stderr if printed else sys.stdout, flush=True)
    if outcome.interrupted:
        sys.exit(INTERRUPTED)
    if arguments.strict and (outcome.num_failed or not outcome.num_classified):
        sys.exit(1)


def stop_quietly(work: Callable[[], None]) -> None:
    """Run, and end without a word where nobody reads what is printed any more, as `| head` does."""
    try:
        work()
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end
        sys.exit(1)


if __name__ == "__main__":
    cli.run(lambda: stop_quietly(main))
