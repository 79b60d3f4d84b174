"""Find simpler explanations of what the best model reaches, and what limits the models of a data set.

Example:
    python scripts/explain_scores.py --runs results/motion/split1/*/seed*/predictions.h5 \\
        --videos results/motion/videos.csv --splits results/motion/splits/*.csv \\
        --inspection results/motion/inspection.csv --output results/motion/explanations.json

explanations.json has, of the most accurate sound model: the property of the files that tells most of the classes, the
same model on one frame in place of all, the property that tells its errors, pairs of classes that it cannot tell apart,
what more videos would do for its interval; and of all trained models what their learning curves say. Method:
docs/next_steps.md. Needs no torch.
"""

from pathlib import Path

from vidbench import cli
from vidbench.datasets.fractions import is_variant
from vidbench.evaluation.explaining import Tests, explain
from vidbench.evaluation.file_clues import decoded
from vidbench.evaluation.runs import runs
from vidbench.files import read_csv, write_json
from vidbench.video import read_videos


def main() -> None:
    parser = cli.make_parser(__doc__)
    cli.add_comparison_arguments(parser, "predictions.h5")
    parser.add_argument("--inspection", type=Path, required=True, help="inspection.csv: the files' properties")
    parser.add_argument("--output", type=Path, required=True, help="explanations.json to write")
    arguments = parser.parse_args()
    full = [run for run in runs(arguments.runs) if not is_variant(run.split)]
    tests = Tests(full, read_videos(arguments.videos), arguments.splits, arguments.unreadable)
    found = explain(tests, decoded(read_csv(arguments.inspection)))
    write_json(arguments.output, found.as_dict())


if __name__ == "__main__":
    cli.run(main)
