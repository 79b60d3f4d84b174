"""The one main of all plot_*.py: a flag per input, each read by its reader; then the figure is drawn and saved."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from vidbench import cli
from vidbench.errors import UserError
from vidbench.files import read_csv, reason_of
from vidbench.plotting import style

NAMES = ("model", "model_a", "model_b", "class")  # columns of names, of which none means an empty cell


@dataclass(frozen=True)
class Reader:
    """How what a flag names becomes an argument of `draw`."""

    read: Callable[..., object]  # of one path; of a list of paths where `nargs` says that there are several
    nargs: str | None = None  # argparse's: "+" for one or more files, "*" for any number
    help: str = ""  # "": a table of the flag's own name


def plot(description: str | None, draw: Callable[..., Figure], **inputs: Reader) -> None:
    """Run the script of the figure that `draw` makes of `inputs`: their names are its parameters and its flags."""
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
    """A CSV file that compare_models.py or compare_scores.py wrote; a model may be called NA, a class 1."""
    try:
        columns = pd.read_csv(path, nrows=0).columns
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read as a table: {reason_of(error)}") from error
    unknown = {column: ["", "nan"] for column in columns if column not in NAMES}
    text = {column: str for column in columns if column in NAMES}
    return pd.read_csv(path, dtype=text, keep_default_na=False, na_values=unknown)


TABLE = Reader(read_table)  # a DataFrame
ROWS = Reader(read_csv)  # dictionaries of text
