"""Try the statistics of the evaluation on drawn data sets whose truth is known: the tables of docs/evaluation.md.

Example:
    PYTHONPATH=scripts:tests:tests/helpers python tests/reproduce/evaluation.py docs/evaluation.md --data-sets 4000
"""

import argparse
import sys
import time
from pathlib import Path

from simulation import across_checks, checks
from simulation.structures import absent

from vidbench.files import write_text

ONE, SEVERAL = "simulation", "several data sets"  # marks of the page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path, help="Markdown file that has the marks")
    parser.add_argument("--data-sets", type=int, default=4000, help="drawn for each cell (default: %(default)s)")
    parser.add_argument("--only", choices=["one", "several"], help="the tables on one data set, or on several")
    arguments = parser.parse_args()
    if reason := absent():
        sys.exit(f"error: {reason}")
    missed = False
    if arguments.only != "several":
        missed |= simulate_one(arguments.page, arguments.data_sets)
    if arguments.only != "one":
        missed |= simulate_several(arguments.page, arguments.data_sets)
    if missed:
        sys.exit("error: a bound was missed, see the table")


def simulate_one(page: Path, data_sets: int) -> bool:
    """Write the tables on one data set; True where a bound was missed."""
    start = time.monotonic()
    found = {}
    for check in checks.CHECKS:
        found[check] = checks.results(check, data_sets)
        print(f"{check.claim}: {check.row}: {found[check]['method']}", flush=True)
    cells = sum(len(check.worlds) for check in checks.CHECKS)
    made = (
        f"Made by `make reproduce-evaluation` in {(time.monotonic() - start) / 60:.1f} minutes: {cells} cells of"
        f" {data_sets:,} data sets, seed {checks.SEED}."
    )
    tables = [checks.table(claim, found) for claim in checks.TABLES]
    write_between(page, ONE, "\n\n".join([*tables, made]))
    return any(checks.missed(check, result) for check, result in found.items())


def simulate_several(page: Path, runs: int) -> bool:
    """Write the tables on several data sets; True where a bound was missed."""
    start = time.monotonic()
    found = {}
    for check in across_checks.CHECKS:
        found[check] = across_checks.results(check, runs)
        print(f"{check.claim}: {check.row}: {found[check]}", flush=True)
    cells = sum(len(check.designs) for check in across_checks.CHECKS)
    made = (
        f'Made by `make reproduce-evaluation ARGS="--only several --data-sets {runs}"` in'
        f" {(time.monotonic() - start) / 60:.1f} minutes: {cells} cells of {runs:,} runs (the first table), half as"
        f" many (the second and third) and a tenth (the last), seed {across_checks.SEED}."
    )
    tables = [across_checks.table(claim, found) for claim in across_checks.TABLES]
    write_between(page, SEVERAL, "\n\n".join([*tables, made]))
    return any(across_checks.missed(check, result) for check, result in found.items())


def write_between(page: Path, mark: str, text: str) -> None:
    """Put `text` between two marks of a page."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    write_text(page, f"{before}{begin}\n{text}\n{end}{after}")


if __name__ == "__main__":
    main()
