"""Classify videos with a trained model: files, folders, patterns, addresses, a list on standard input.

Example:
    python scripts/classify_videos.py --model results/motion/split1/cnn3d/seed0/weights.safetensors my_videos/

Decoding, sampling, scaling and normalising are those of the workflow's predict step. The probabilities are the mean
over the views, calibrated by the temperature that was fitted on the validation videos. A video that cannot be
classified is named in the output and on the last line and costs no other one; with --strict the exit code is then 1.
docs/classifying.md has more.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from vidbench import cli
from vidbench.errors import UserError
from vidbench.inference.inputs import find_videos, read_list
from vidbench.inference.model_file import ModelFile
from vidbench.inference.output import TERMINAL, CsvWriter, JsonWriter, TableWriter, Tally, Writer, open_output

INTERRUPTED = 130
LIST = "-"  # in place of a video: standard input holds a list


def main() -> None:
    arguments = parse_arguments()
    file = ModelFile.read(arguments.model)
    explain_calibration(file, arguments)
    from vidbench.inference.classifier import Classifier, load  # here: torch takes seconds

    model: Classifier = load(
        arguments.model, device=arguments.device, views=arguments.views, crops=arguments.crops, batch=arguments.batch,
        jobs=arguments.jobs, ffmpeg=arguments.ffmpeg,
    )  # fmt: skip
    if arguments.threshold is not None:
        model = model.with_threshold(arguments.threshold)
    tally = Tally()
    interrupted = False
    with ExitStack() as stack:
        writers = [tally, *open_writers(arguments, model.classes, stack)]
        try:
            for answer in model.classify_inputs(find_videos(list_names(arguments.videos))):
                for writer in writers:
                    writer.write(answer)
        except KeyboardInterrupt:
            interrupted = True
    end(tally, arguments, interrupted)


def parse_arguments() -> argparse.Namespace:
    parser = cli.make_parser(__doc__)
    named = "file, folder, pattern or http(s) address; -: a list of them on standard input, one per line"
    parser.add_argument("videos", nargs="+", metavar="VIDEO", help=named)
    parser.add_argument("--model", type=Path, required=True, help="weights.safetensors of a trained model")
    parser.add_argument("--csv", default=None, metavar="FILE", help="write all probabilities as CSV; -: print them")
    parser.add_argument("--json", default=None, metavar="FILE", help="write one line of JSON per video; -: print them")
    parser.add_argument("--top", type=int, default=3, help="classes per video in the table")
    parser.add_argument("--unknown", action="store_true", help="mark videos below the stored threshold as unknown")
    parser.add_argument("--threshold", type=float, default=None, help="the same, below this probability")
    parser.add_argument("--views", type=int, default=None, help="clips per video; default: as in training")
    parser.add_argument("--crops", type=int, default=None, help="crops per clip; default: as in training")
    parser.add_argument("--batch", type=int, default=None, help="clips per batch; default: as in training")
    parser.add_argument("--device", choices=["auto", "cuda", "cpu"], default="auto")
    parser.add_argument("--jobs", type=int, default=None, help="videos to decode at a time; default: one per core")
    parser.add_argument("--ffmpeg", default=None, help="ffmpeg to use instead of the environment's")
    parser.add_argument("--strict", action="store_true", help="exit code 1 where a video could not be classified")
    arguments = parser.parse_args()
    for name in ("top", "views", "crops", "batch", "jobs"):
        if getattr(arguments, name) is not None and getattr(arguments, name) < 1:
            parser.error(f"--{name}: give at least 1")
    arguments.unknown = arguments.unknown or arguments.threshold is not None
    if arguments.csv == arguments.json == TERMINAL:
        parser.error("--csv - and --json -: only one of them can be printed; name a file for the other")
    return arguments


def explain_calibration(file: ModelFile, arguments: argparse.Namespace) -> None:
    """Say what of the calibration is not known; UserError where a threshold is asked for and there is none."""
    if arguments.unknown and arguments.threshold is None and file.calibration.threshold is None:
        raise UserError(
            f"{file.path}: no threshold for --unknown is known: put the metrics.json of a present run beside it"
            " (snakemake metrics), or give one (--threshold 0.5)"
        )
    warning = file.calibration.warning
    if file.calibration.temperature is None:
        warning = f"not calibrated: {warning or 'there is no metrics.json of this model beside it'}"
    if warning:
        print(f"WARNING: {file.path}: its probabilities: {warning}", file=sys.stderr)


def list_names(names: list[str]) -> Iterator[str]:
    """Yield the names on the command line; those on standard input in place of `-`."""
    for name in names:
        yield from read_list(sys.stdin) if name == LIST else [name]


def open_writers(arguments: argparse.Namespace, classes: tuple[str, ...], stack: ExitStack) -> list[Writer]:
    """Return writers for the files that were asked for, and for the terminal where nothing else is printed there."""
    writers: list[Writer] = []
    if arguments.csv:
        writers.append(CsvWriter(stack.enter_context(open_output(arguments.csv)), classes))
    if arguments.json:
        writers.append(JsonWriter(stack.enter_context(open_output(arguments.json))))
    if TERMINAL not in (arguments.csv, arguments.json):
        writers.append(TableWriter(sys.stdout, classes, arguments.top, arguments.unknown))
    return writers


def end(tally: Tally, arguments: argparse.Namespace, interrupted: bool) -> None:
    """Print the last line, and exit with 1 or 130 where that has to be."""
    printed = TERMINAL in (arguments.csv, arguments.json)
    line = tally.describe(arguments.unknown)
    print(f"interrupted: {line}" if interrupted else line, file=sys.stderr if printed else sys.stdout, flush=True)
    if interrupted:
        sys.exit(INTERRUPTED)
    if arguments.strict and (tally.failed or not tally.classified):
        sys.exit(1)


if __name__ == "__main__":
    cli.run(main)
