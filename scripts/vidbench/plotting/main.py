"""The main function of all plot_*.py: one flag per input, each read by its reader; the figure is drawn and saved."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from vidbench import cli
from vidbench.errors import UserError
from vidbench.files import read_csv, reason_of
from vidbench.plotting import style

NAMES = ("model", "model_a", "model_b", "class")  # columns of names: here "NA" is a name, not an empty cell


@dataclass(frozen=True)
class Reader:
    """How the path or paths of a flag become an argument of `draw`."""

    read: Callable[..., object]  # called with one path, or with a list of paths if `nargs` is set
    nargs: str | None = None  # of argparse: "+" for one or more files, "*" for any number
    help: str = ""  # "": a table with the flag's name


def plot(description: str | None, draw: Callable[..., Figure], **inputs: Reader) -> None:
    """Run the script of a figure: `draw` makes it, the names of `inputs` are its parameters and the script's flags."""
    cli.run(lambda: _plot(description or "", draw, inputs))


def _plot(description: str, draw: Callable[..., Figure], inputs: dict[str, Reader]) -> None:
    parser = cli.make_parser(description)
    for name, reader in inputs.items():
        optional = reader.nargs == "*"
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=Path, nargs=reader.nargs, required=not optional,
            default=[] if optional else None, help=reader.help or f"{name}.csv",
        )  # fmt: skip
    parser.add_argument("--output", type=Path, nargs="+", required=True, help="figure, one file per format")
    arguments = vars(parser.parse_args())
    values = {name: reader.read(arguments[name]) for name, reader in inputs.items()}
    style.apply()
    style.save(draw(**values), arguments["output"])


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV file that one of the steps wrote; names stay text: a model may be called NA, a class 1."""
    try:
        columns = pd.read_csv(path, nrows=0).columns
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read as a table: {reason_of(error)}") from error
    unknown = {column: ["", "nan"] for column in columns if column not in NAMES}
    text = {column: str for column in columns if column in NAMES}
    return pd.read_csv(path, dtype=text, keep_default_na=False, na_values=unknown)


TABLE = Reader(read_table)  # a DataFrame
ROWS = Reader(read_csv)  # a list of dictionaries of text
