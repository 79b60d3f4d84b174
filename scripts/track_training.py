"""Write a training into experiment trackers: TensorBoard, trackio, MLflow, Weights & Biases.

Example:
    python scripts/track_training.py --trackers mlflow trackio --folder results/motion/split1/cnn3d/seed0

A finished training gets its history and its scores into the trackers, as far as its runs there lack them; one without a
run gets one. With --follow a training sends its epochs itself, a JSON object per line; train_model.py does that. All is
local, in logs/{tracker}, unless the trackers' own variables say otherwise (docs/watching.md). A tracker that fails is
one warning.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from vidbench import cli
from vidbench.files import make_folder, read_json
from vidbench.tracking import packages
from vidbench.tracking.finished_training import read_history, read_scores, run_path
from vidbench.tracking.run_state import RunState
from vidbench.tracking.session import Session, TrackedTraining, scores_digest


def main() -> None:
    arguments = parse_arguments()
    sys.path[:] = packages.search_path()
    os.environ.setdefault("DO_NOT_TRACK", "true")  # trackers' reports on how they are used
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    if arguments.follow:
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, signal.SIG_IGN)  # the training ends this process, when it has been saved
        follow(arguments, sys.stdin)
    else:
        complete(arguments)


def parse_arguments() -> argparse.Namespace:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--trackers", nargs="+", choices=packages.TRACKERS, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="results/{dataset}/{split}/{model}/seed{seed}")
    parser.add_argument("--logs", type=Path, default=Path("logs"), help="where the trackers' folders are")
    parser.add_argument("--follow", action="store_true", help="read a training's epochs while it runs")
    return parser.parse_args()


def follow(arguments: argparse.Namespace, lines: Iterable[str]) -> None:
    """Write epochs as they come; the first line has the training's fingerprint and settings."""
    messages = map(json.loads, lines)
    start = next(messages, None)
    if start is None:
        return
    training = describe(arguments, start["config"])
    state = RunState.read(training.files.with_suffix(".json"))
    state.begin(start["fingerprint"])
    session = Session(training, state, take_output(training))
    session.open()
    finished = False
    for message in messages:
        if "end" in message:
            finished = message["end"]
            break
        session.log(
            {name: value for name, value in message["values"].items() if name != "epoch"}, message["values"]["epoch"]
        )
    session.close(finished)


def complete(arguments: argparse.Namespace) -> None:
    """Write what a finished training's runs lack: epochs, scores on the test videos."""
    record, history = read_json(arguments.folder / "options.json"), read_history(arguments.folder)
    training = describe(arguments, record)
    state = RunState.read(training.files.with_suffix(".json"))
    if not state.number or not state.is_of(history):
        state.finished = True
        state.begin("")
    scores = read_scores(arguments.folder) if (arguments.folder / "metrics.json").exists() else None
    lacking = state.lacking(training.trackers, len(history), scores_digest(*scores) if scores else "")
    if not lacking:
        return
    training = replace(training, trackers=lacking)
    session = Session(training, state, take_output(training))
    session.open()
    for row in history:
        session.log({name: value for name, value in row.items() if name != "epoch"}, int(row["epoch"]))
    if scores:
        session.log_scores(*scores, epoch=len(history))
    session.close(finished=True)


def describe(arguments: argparse.Namespace, record: dict) -> TrackedTraining:
    """Return the training that is tracked; `record`: of its options.json."""
    return TrackedTraining(arguments.trackers, arguments.logs, run_path(arguments.folder, record), record)


def take_output(training: TrackedTraining) -> TextIO:
    """Send what the trackers' packages print to a file of its own; return where warnings go."""
    said = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    path = training.files.with_suffix(".log")
    make_folder(path.parent)
    with open(path, "ab") as log:
        for number in (sys.stdout.fileno(), sys.stderr.fileno()):
            os.dup2(log.fileno(), number)
    return said


if __name__ == "__main__":
    cli.run(main)
