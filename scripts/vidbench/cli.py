"""The command line of the step scripts: their common arguments, and errors as one line."""

import argparse
import errno
import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from vidbench.errors import UserError, explain_worker_death

# Otherwise threads that wait for work spin, which slows 2-thread torch about tenfold beside any other busy process.
# torch reads this when it is imported; every script imports this module first.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# `device: mps`: operations that torch has no kernel of Apple's for run on the CPU.
os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")

# Imports make very many objects, none of them garbage: looking for it takes a tenth of torch's import. run() ends this.
USUAL_COLLECTIONS = gc.get_threshold()
gc.set_threshold(100_000, *USUAL_COLLECTIONS[1:])

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


def make_parser(description: str | None) -> argparse.ArgumentParser:
    """Return an argument parser whose --help shows the script's docstring unchanged."""
    return argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of steps that read a split's clips: videos, split and frames."""
    parser.add_argument("--videos", type=Path, required=True, help="videos.csv")
    parser.add_argument("--split", type=Path, required=True, help="CSV with the columns video and subset")
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="the frame store's shards")


def add_feature_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument of steps that can read a frozen backbone's features from the cache."""
    parser.add_argument("--features", type=Path, nargs="+", help="cached features of the frozen backbone: shards")


def add_device_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of steps that compute with a model: device and number of GPUs granted."""
    parser.add_argument("--device", choices=["auto", "cuda", "mps", "cpu"], default="auto")
    parser.add_argument("--gpus", type=int, default=None, help="GPUs granted; 0 means CPU; default: what there is")


def add_loader_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of steps that read clips: the number of reading processes, which changes no result."""
    parser.add_argument("--workers", type=int, default=None, help="processes that read clips; default: from --cores")
    parser.add_argument("--cores", type=int, default=None, help="cores granted; default: all that this process may use")


def add_tracker_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --trackers and --logs; track_training.py says what they are."""
    parser.add_argument("--trackers", nargs="*", default=[], help="experiment trackers, such as tensorboard")
    parser.add_argument("--logs", type=Path, default=Path("logs"), help="where the trackers' folders are")


def add_comparison_arguments(parser: argparse.ArgumentParser, file: str, flag: str = "--runs") -> None:
    """Add the arguments of steps that compare a data set's runs: `file` of each run, videos, splits, unreadable."""
    parser.add_argument(flag, type=Path, nargs="+", required=True, help=f"{file} of every run")
    parser.add_argument("--videos", type=Path, required=True, help="videos.csv")
    parser.add_argument("--splits", type=Path, nargs="+", required=True, help="the splits' CSV files")
    add_unreadable_argument(parser)


def add_unreadable_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument of steps that compute an accuracy: how test videos that could not be decoded count."""
    parser.add_argument("--unreadable", choices=["wrong", "leave_out"], default="wrong", help="videos without a clip")


def read_options(text: str) -> dict:
    """Return the value of an --options argument: JSON text, or the path of a YAML or JSON file."""
    try:
        content = text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8")
        value = _parse(content)
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise argparse.ArgumentTypeError(f"neither JSON nor a readable file: {reason}") from error
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError("must hold keys and values")
    return value


def _parse(content: str) -> object:
    """Parse JSON, else YAML. JSON comes first because YAML 1.1 reads JSON's 1e-06 as text."""
    try:
        return json.loads(content)
    except ValueError:
        return yaml.safe_load(content)


def run(main: Callable[[], None]) -> None:
    """Run a script's main function; bad input ends it with one line and exit code 1."""
    gc.set_threshold(*USUAL_COLLECTIONS)
    gc.freeze()  # what the imports made stays: looking through it again, and at the end, takes 0.3 s where torch is
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        main()
    except UserError as error:
        # The message of one that a DataLoader's worker raised begins with that process's traceback.
        sys.exit(f"error: {str(error).rpartition('vidbench.errors.UserError: ')[2].rstrip()}")
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        sys.exit(f"error: {error.filename or 'output'}: {error.strerror}; fix this and run again")
    except RuntimeError as error:
        reason = explain_worker_death(str(error))
        if reason is None:
            raise
        sys.exit(f"error: {reason}")
    except KeyboardInterrupt:
        sys.exit(130)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
