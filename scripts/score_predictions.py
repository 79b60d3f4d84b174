"""Score one trained model from its stored logits; needs no GPU and no torch.

Example:
    python scripts/score_predictions.py --predictions results/motion/split1/cnn3d/seed0/predictions.h5 \\
        --videos results/motion/videos.csv --split results/motion/splits/split1.csv \\
        --output results/motion/split1/cnn3d/seed0/metrics.json

Test videos that could not be decoded count as wrong, or are left out with --unreadable leave_out; scores of
probabilities leave them out in either case. The temperature is fitted on the validation videos.
With --record options.json, `status` says whether the training diverged. With --trackers the scores go to them, too.
"""

from pathlib import Path

from vidbench import cli
from vidbench.errors import UserError
from vidbench.evaluation.label_metrics import label_run_metrics
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.run_metrics import run_metrics
from vidbench.files import read_csv, read_json, write_json
from vidbench.tracking import process
from vidbench.video import read_videos


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--predictions", type=Path, required=True, help="what predict_videos.py wrote")
    parser.add_argument("--videos", type=Path, required=True, help="videos.csv")
    parser.add_argument("--split", type=Path, required=True, help="CSV with the columns video and subset")
    parser.add_argument("--record", type=Path, default=None, help="options.json, which says whether training went well")
    cli.add_unreadable_argument(parser)
    cli.add_tracker_arguments(parser)
    parser.add_argument("--output", type=Path, required=True, help="metrics.json to write")
    arguments = parser.parse_args()
    videos = {video.id: video for video in read_videos(arguments.videos)}
    video_ids: dict[str, list[str]] = {"val": [], "test": []}  # by subset
    for row in read_csv(arguments.split):
        video_ids.setdefault(row["subset"], []).append(row["video"])
    score = label_run_metrics if any(video.multi for video in videos.values()) else run_metrics
    metrics = score(Predictions.read(arguments.predictions), videos, video_ids, arguments.unreadable)
    if metrics is None:
        raise UserError(f"{arguments.split}: none of its test videos could be decoded; see inspection.csv")
    status = read_json(arguments.record)["status"] if arguments.record else "ok"
    write_json(arguments.output, {"status": status, **metrics})
    if arguments.trackers:
        process.complete(arguments.trackers, arguments.logs, arguments.output.parent)


if __name__ == "__main__":
    cli.run(main)
