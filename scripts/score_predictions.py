"""Scores of one trained model from its cached logits; needs no GPU and no torch.

Example:
    python scripts/score_predictions.py --predictions results/motion/split1/cnn3d/seed0/predictions.h5 \\
        --videos results/motion/videos.csv --split results/motion/splits/split1.csv \\
        --output results/motion/split1/cnn3d/seed0/metrics.json

Test videos that could not be decoded count as wrong, or are left out with --unreadable leave_out; scores of
probabilities leave them out in either case. The temperature is fitted on the validation videos.
With --record options.json, `status` is that of the training.
"""

from pathlib import Path

import numpy as np

from vidbench import cli
from vidbench.datasets.video import read_videos
from vidbench.errors import UserError
from vidbench.evaluation import view_ladder
from vidbench.evaluation.calibration import calibration, confidences
from vidbench.evaluation.class_metrics import class_summary
from vidbench.evaluation.metrics import Scored, scored, summary, top_k
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.selective import selective_accuracy, thinned
from vidbench.files import read_csv, read_json, write_json


def main() -> None:
    parser = cli.parser(__doc__)
    parser.add_argument("--predictions", type=Path, required=True, help="what predict_videos.py wrote")
    parser.add_argument("--videos", type=Path, required=True, help="videos.csv")
    parser.add_argument("--split", type=Path, required=True, help="CSV with the columns video and subset")
    parser.add_argument("--record", type=Path, default=None, help="options.json, which says whether training went well")
    cli.add_unreadable_argument(parser)
    parser.add_argument("--output", type=Path, required=True, help="metrics.json to write")
    arguments = parser.parse_args()
    predictions = Predictions.read(arguments.predictions)
    videos = {video.video: video for video in read_videos(arguments.videos)}
    labels = {name: video.label for name, video in videos.items()}
    members: dict[str, list[str]] = {"val": [], "test": []}
    for row in read_csv(arguments.split):
        members.setdefault(row["subset"], []).append(row["video"])
    options = {"labels": labels, "unreadable": arguments.unreadable}
    validation = scored(predictions, "val", members["val"], **options)
    test = scored(predictions, "test", members["test"], **options)
    if not test.videos:
        raise UserError(f"{arguments.split}: none of its test videos could be decoded; see inspection.csv")
    groups = np.array([videos[video].group for video in test.videos])
    rungs = [
        (rung, scored(predictions, "test", members["test"], views=rung.views, **options))
        for rung in view_ladder.rungs(predictions.view)
    ]
    metrics = {
        "status": read_json(arguments.record)["status"] if arguments.record else "ok",
        **summary(test),
        "val_top1": top_k(validation, 1) if validation.videos else None,
        **calibration(validation, test),
        **class_summary(test, groups),
        "selective": selective(test),
        "ladder": [{"clips": rung.clips, "crops": rung.crops, "top1": top_k(result, 1)} for rung, result in rungs],
    }
    write_json(arguments.output, metrics)


def selective(test: Scored) -> dict[str, list[float]] | None:
    """Accuracy of the surest test videos against their share."""
    tested = test.has_probabilities
    if not tested.any():
        return None
    curve = selective_accuracy(confidences(test.log_probabilities[tested]), test.correct[tested])
    return dict(zip(("coverage", "accuracy"), thinned(*curve), strict=True))


if __name__ == "__main__":
    cli.run(main)
