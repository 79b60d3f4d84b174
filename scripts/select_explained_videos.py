"""Select the test videos whose activation maps are computed: the same ones for all models.

Example:
    python scripts/select_explained_videos.py --predictions results/motion/split1/*/seed0/predictions.h5 \\
        --videos results/motion/videos.csv --number 6 --output results/motion/examples.csv

Half of them are the most confident errors, by the mean over models of the probability of a wrong predicted class; half
are the most confident correct predictions. Each is of another class as long as there are classes left.
examples.csv: video, label, kind (error or right), models_wrong, num_models, confidence (that mean).
"""

from dataclasses import asdict
from pathlib import Path

from vidbench import cli
from vidbench.evaluation.examples import EXAMPLES, read_examples, select_examples
from vidbench.files import write_csv
from vidbench.video import read_videos


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--predictions", type=Path, nargs="+", required=True, help="predictions.h5 of each model")
    parser.add_argument("--videos", type=Path, required=True, help="videos.csv")
    parser.add_argument("--number", type=int, required=True, help="videos to select")
    parser.add_argument("--output", type=Path, required=True, help="CSV file to write")
    arguments = parser.parse_args()
    labels = {video.id: video.label for video in read_videos(arguments.videos)}
    rows = select_examples(read_examples(arguments.predictions, labels), arguments.number)
    write_csv(arguments.output, (asdict(row) for row in rows), EXAMPLES)


if __name__ == "__main__":
    cli.run(main)
