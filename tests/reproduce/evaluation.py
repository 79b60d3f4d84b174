"""Try the statistics of the evaluation on drawn data sets whose truth is known: the tables of docs/evaluation.md.

Example:
    PYTHONPATH=scripts:tests:tests/helpers python tests/reproduce/evaluation.py docs/evaluation.md --data-sets 4000
"""

import argparse
import sys
import time
from pathlib import Path

from simulation import checks
from simulation.structures import absent

from vidbench.files import write_text

BEGIN, END = "<!-- simulation: begin -->", "<!-- simulation: end -->"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path, help="Markdown file that has the two marks")
    parser.add_argument("--data-sets", type=int, default=4000, help="drawn for each cell (default: %(default)s)")
    arguments = parser.parse_args()
    if reason := absent():
        sys.exit(f"error: {reason}")
    start = time.monotonic()
    found = {}
    for check in checks.CHECKS:
        found[check] = checks.results(check, arguments.data_sets)
        print(f"{check.claim}: {check.row}: {found[check]['method']}", flush=True)
    cells = sum(len(check.worlds) for check in checks.CHECKS)
    made = (
        f"Made by `make reproduce-evaluation` in {(time.monotonic() - start) / 60:.1f} minutes: {cells} cells of"
        f" {arguments.data_sets:,} data sets, seed {checks.SEED}."
    )
    tables = [checks.table(claim, found) for claim in checks.TABLES]
    write_between(arguments.page, "\n\n".join([*tables, made]))
    if any(checks.missed(check, result) for check, result in found.items()):
        sys.exit("error: a bound was missed, see the table")


def write_between(page: Path, text: str) -> None:
    """Put `text` between the two marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    write_text(page, f"{before}{BEGIN}\n{text}\n{END}{after}")


if __name__ == "__main__":
    main()
