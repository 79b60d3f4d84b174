"""Write the tables of a data set for papers and spreadsheets: LaTeX (booktabs), and CSV with rounded numbers.

Example:
    python scripts/make_tables.py --results results/motion --folder results/motion/tables --kind motion

Writes comparison, pairwise and classes, each as .tex and .csv. All digits are in the data set's own CSV files.
Where models start from pretrained weights, comparison names the data and the licence of these.
"""

import csv
import io
from dataclasses import replace
from pathlib import Path

from vidbench import cli
from vidbench.evaluation.verdicts import SIGNS
from vidbench.files import write_text
from vidbench.report import protocol
from vidbench.report.comparison_tables import class_rows, classes, comparison, pairwise
from vidbench.report.dataset_results import read_record, read_results
from vidbench.report.latex import tabular
from vidbench.report.paper_tables import for_paper
from vidbench.report.table import Table
from vidbench.report.weights_columns import add_weights
from vidbench.video import read_videos

NAMES = ("comparison", "pairwise", "classes")


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--results", type=Path, required=True, help="folder results/{dataset}")
    parser.add_argument("--folder", type=Path, required=True, help="where the tables go")
    parser.add_argument("--kind", default="", help="kind of the data set, e.g. ucf101, to tell what weights have seen")
    arguments = parser.parse_args()
    results = read_results(arguments.results, read_videos(arguments.results / "videos.csv"))
    records = [read_record(arguments.results, row) for row in results.runs]
    results = replace(results, overlaps=protocol.overlaps(arguments.kind, records))
    networks = protocol.networks(records)
    scores = class_rows(arguments.results, results)
    tables = {
        "comparison": add_weights(comparison(results), networks),
        "pairwise": pairwise(results),
        "classes": classes(results, scores),
    }
    paper = for_paper(results, scores, networks)
    for name in NAMES:
        write_text(arguments.folder / f"{name}.csv", as_csv(tables[name]))
        write_text(arguments.folder / f"{name}.tex", tabular(table) if (table := paper[name]) else NO_ROWS)


NO_ROWS = "% Nothing to compare: this run has one model.\n"


def as_csv(table: Table | None) -> str:
    """Return the table with the page's headings and rounded numbers, an ASCII minus sign, and "" for a dash."""
    if table is None:
        return ""
    shown = [place for place, column in enumerate(table.columns) if column.kind != "drawn"]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([table.columns[place].title for place in shown])
    plain = {"−": "-"} | {f"{sign} ": "" for sign in SIGNS}
    for row in table.rows:
        cells = ["" if row[place].text == "–" else row[place].text for place in shown]
        for sign, instead in plain.items():
            cells = [cell.replace(sign, instead) for cell in cells]
        writer.writerow(cells)
    return file.getvalue()


if __name__ == "__main__":
    cli.run(main)
