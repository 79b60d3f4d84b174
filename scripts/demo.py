"""Show a trained model: a page on this machine that a video is dropped on, or recorded for.

Example:
    python scripts/demo.py --model results/motion/split1/cnn3d/seed0

The page shows the probabilities of the classes, the frames that the model saw, where and when they speak for its
answer, and, of a video that is longer than a window, a timeline. Without --model it is the best model of the newest run
in results/. The page is for this machine alone (127.0.0.1), asks no other one, and deletes a video when it has been
classified. `make demo` installs what it needs on first use. docs/taking_away.md has more.
"""

import argparse
import math
from pathlib import Path

from vidbench import cli
from vidbench.demo.find_model import choose_window, find_best_model
from vidbench.demo.limits import Limits
from vidbench.demo.packages import find_packages
from vidbench.demo.scratch import UPLOADS, Uploads, scratch_folder
from vidbench.demo.server import end_with_terminal, open_socket, serve, set_up_libraries
from vidbench.inference.model_file import ModelFile

RESULTS = Path("results")
PORT = 7860


def main() -> None:
    arguments = parse_arguments()
    find_packages()
    set_up_libraries()
    file = ModelFile.read(arguments.model or find_best_model(RESULTS))
    file.refuse_multi("this page")
    weights = file.path
    limits = Limits(arguments.max_mb, arguments.max_seconds)
    end_with_terminal()
    with open_socket(arguments.port) as listener, scratch_folder() as folder:
        print(f"{weights}: is loaded", flush=True)
        from vidbench.demo.explanation import Explainer  # here: torch takes seconds
        from vidbench.demo.page import Answerer, make_app, make_page
        from vidbench.inference.classifier import load

        model = load(weights, device=arguments.device, ffmpeg=arguments.ffmpeg)
        if arguments.threshold is not None:
            model = model.with_threshold(arguments.threshold)
        explainer = Explainer(model, arguments.window or choose_window(weights))
        uploads = Uploads(folder / UPLOADS)
        page = make_page(Answerer(explainer, limits, uploads))
        with uploads.swept():
            serve(make_app(page, limits.max_bytes), listener, limits.max_bytes, uploads.folder, announce)


def announce(address: str) -> None:
    print(f"{address} in a browser on this machine; Ctrl-C ends it", flush=True)


def parse_arguments() -> argparse.Namespace:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--model", type=Path, help="weights.safetensors of a trained model, or its folder")
    parser.add_argument("--port", type=int, default=PORT, help=f"of 127.0.0.1; 0: any free one; default: {PORT}")
    parser.add_argument("--max-mb", type=positive, default=Limits.max_megabytes, help="size of the largest video")
    parser.add_argument("--max-seconds", type=positive, default=Limits.max_seconds, help="length of the longest one")
    window = "of the timeline, in seconds; default: that of the run's videos, or 3"
    parser.add_argument("--window", type=positive, help=window)
    parser.add_argument("--threshold", type=float, help="probability below which a video is of none of the classes")
    parser.add_argument("--device", choices=["auto", "cuda", "mps", "cpu"], default="auto")
    parser.add_argument("--ffmpeg", help="ffmpeg to use instead of the environment's")
    return parser.parse_args()


def positive(text: str) -> float:
    """Return a number above 0; argparse says so of another one."""
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError("give a number above 0")
    return value


if __name__ == "__main__":
    cli.run(main)
