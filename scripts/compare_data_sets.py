"""Compare all models over several data sets: which is better on each, on their mean, and on data sets like these.

Example:
    python scripts/compare_data_sets.py --datasets results/gestures results/motion --folder results/across

comparison.csv of each data set says which runs count: those of full splits. Writes into the folder
    models.csv       one row per model: mean accuracy, wins, ties and losses, ranks, probability of being the best
    pairs.csv        one row per pair of models: mean difference, interval, p values, wins of each
    accuracies.csv   one row per data set and model: accuracy, rank, wins and losses there
    summary.json     which data sets count and which do not, and the critical difference of mean ranks
What each column means: docs/evaluation.md, "Several data sets".
"""

from pathlib import Path

from vidbench import cli
from vidbench.datasets.fractions import is_variant
from vidbench.errors import UserError
from vidbench.evaluation import across_rows
from vidbench.evaluation.across_data_sets import Across
from vidbench.evaluation.across_measures import DataSetMeasures, measure
from vidbench.evaluation.across_tables import AcrossModel, AcrossPair, ModelOnDataSet
from vidbench.evaluation.runs import Run
from vidbench.evaluation.tables import write_table
from vidbench.evaluation.test_results import TestResults
from vidbench.files import read_csv, write_json
from vidbench.video import read_videos


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--datasets", type=Path, nargs="+", required=True, help="two folders results/{dataset} or more")
    cli.add_unreadable_argument(parser)
    parser.add_argument("--folder", type=Path, required=True, help="where the tables go")
    arguments = parser.parse_args()
    if len({folder.name for folder in arguments.datasets}) < max(2, len(arguments.datasets)):
        raise UserError("--datasets: name two or more folders results/{dataset}, each once")
    folders = enumerate(arguments.datasets)
    across = Across.of([read_data_set(folder, arguments.unreadable, draw) for draw, folder in folders])
    pairs = across_rows.pair_rows(across)
    write_table(arguments.folder / "models.csv", across_rows.model_rows(across, pairs), AcrossModel)
    write_table(arguments.folder / "pairs.csv", pairs, AcrossPair)
    write_table(arguments.folder / "accuracies.csv", across_rows.accuracy_rows(across), ModelOnDataSet)
    write_json(arguments.folder / "summary.json", across_rows.summary(across))


def read_data_set(folder: Path, unreadable: str, draw: int) -> DataSetMeasures:
    """Measure the models of a data set, from the predictions of its full splits; `draw`: of random numbers."""
    rows = [row for row in read_csv(folder / "comparison.csv") if not is_variant(row["split"])]
    if not rows:
        raise UserError(f"{folder / 'comparison.csv'}: has no run of a full split; train at least one model")
    runs = [Run(folder / row["split"] / row["model"] / f"seed{row['seed']}") for row in rows]
    splits = [folder / "splits" / f"{split}.csv" for split in dict.fromkeys(row["split"] for row in rows)]
    results = TestResults.read(runs, read_videos(folder / "videos.csv"), splits, unreadable=unreadable)
    if not results.videos:
        raise UserError(f"{folder}: none of its test videos could be decoded; see inspection.csv")
    bad = [row["model"] for row in rows if row["status"] != "ok"]
    return measure(folder.name, results, {model: bad.count(model) for model in results.models}, draw)


if __name__ == "__main__":
    cli.run(main)
