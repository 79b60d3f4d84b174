"""Find labels that may be wrong, by models that were not trained on their videos.

Example:
    python scripts/find_label_issues.py --runs results/motion/split1/*/seed*/predictions.h5 \\
        --videos results/motion/videos.csv --splits results/motion/splits/split1.csv --folder results/motion

Writes into the folder (docs/label_errors.md has the method)
    label_issues.csv   the suspicious labels, first the most suspicious: the more likely class, how sure, who agrees
    label_issues.json  which models judged, and how many wrong labels and false alarms to expect
    corrected.csv      a manifest of all videos with a column `suggested`, to look through and use (kind: csv)
Only runs of full splits count.
"""

from dataclasses import asdict
from pathlib import Path

from vidbench import cli
from vidbench.datasets.corrected_manifest import write_corrected
from vidbench.datasets.fractions import is_variant
from vidbench.errors import UserError
from vidbench.evaluation.label_issues import LabelIssue, review_labels
from vidbench.evaluation.runs import runs
from vidbench.evaluation.tables import columns
from vidbench.evaluation.test_results import TestResults
from vidbench.files import write_csv, write_json
from vidbench.video import read_videos


def main() -> None:
    parser = cli.make_parser(__doc__)
    cli.add_comparison_arguments(parser, "predictions.h5")
    parser.add_argument("--folder", type=Path, required=True, help="where the three files go")
    arguments = parser.parse_args()
    videos = read_videos(arguments.videos)
    full = [run for run in runs(arguments.runs) if not is_variant(run.split)]
    if not full:
        raise UserError("--runs: none is of a full split; name predictions.h5 of at least one")
    results = TestResults.read(full, videos, arguments.splits, unreadable=arguments.unreadable)
    if not results.videos:
        raise UserError("--splits: none of their test videos could be decoded; see inspection.csv")
    review = review_labels(results)
    suggestions = {issue.video: issue.suggested for issue in review.issues}
    write_csv(arguments.folder / "label_issues.csv", map(asdict, review.issues), columns(LabelIssue))
    write_json(arguments.folder / "label_issues.json", {"videos": len(videos), **review.as_dict()})
    write_corrected(arguments.folder / "corrected.csv", videos, suggestions)


if __name__ == "__main__":
    cli.run(main)
