"""Write the report: one HTML page that needs no network, and its answers as plain text.

Example:
    python scripts/build_report.py --options '{"title": "VidBench report", "formats": []}' \\
        --settings config/config.yaml --datasets results/motion \\
        --figures results/motion/figures/*.svg --output results/report.html --answers results/answers.txt

Everything on the page is read from what the steps wrote into the data sets' folders: comparison.csv
says which runs are shown.
"""

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2
import yaml
from markupsafe import Markup, escape

from vidbench import cli
from vidbench.files import write_text
from vidbench.formatting import known, number, percent
from vidbench.report.page import OF_PARTS, describe
from vidbench.report.provenance import evaluated_with

FOLDER = Path(__file__).resolve().parents[1] / "report"


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--options", type=cli.read_options, required=True, help="complete `report` section")
    parser.add_argument("--settings", type=cli.read_options, required=True, help="configuration to show unchanged")
    parser.add_argument("--datasets", type=Path, nargs="+", required=True, help="folders results/{dataset}")
    parser.add_argument("--output", type=Path, required=True, help="HTML file to write")
    parser.add_argument("--figures", type=Path, nargs="*", default=None, help="their figures, SVG files (default: all)")
    parser.add_argument("--splits", type=cli.read_options, default={}, help="all splits of each data set, run or not")
    parser.add_argument("--commit", default="", help="git commit of the workflow")
    parser.add_argument("--answers", type=Path, default=None, help="text file to write: one line per data set")
    arguments = parser.parse_args()
    figures = arguments.figures or [path for folder in arguments.datasets for path in folder.glob("figures/*.svg")]
    datasets: list[dict[str, Any]] = [
        describe(folder, figures, FOLDER, arguments.splits.get(folder.name)) for folder in arguments.datasets
    ]
    settings = yaml.safe_dump(arguments.settings, sort_keys=False, allow_unicode=True)
    write_text(arguments.output, render(arguments.options["title"], datasets, settings, arguments.commit))
    if arguments.answers:
        write_text(arguments.answers, "".join(f"{' '.join(dataset['answer'])}\n" for dataset in datasets))


def render(title: str, datasets: list[dict[str, Any]], settings: str, commit: str) -> str:
    """Return the page as HTML. Its content security policy allows only its own style and script, by their hashes."""
    loader = jinja2.FileSystemLoader(FOLDER / "page")
    page = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=keep_percent_together,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page.filters |= {"breakable": breakable, "percent": percent, "number": number, "known": known}
    style, script = ((FOLDER / "page" / name).read_text(encoding="utf-8") for name in ("style.css", "page.js"))
    return page.get_template("page.html.j2").render(
        title=title,
        datasets=datasets,
        settings=settings,
        commit=commit,
        evaluated_with=evaluated_with(),
        table_of=OF_PARTS,
        style=Markup(style),
        script=Markup(script),
        style_hash=content_hash(style),
        script_hash=content_hash(script),
    )


def keep_percent_together(value: object) -> object:
    """Forbid a line break between a number and its percent sign."""
    return value.replace(" %", "\xa0%") if isinstance(value, str) else value


def breakable(name: str) -> Markup:
    """Allow line breaks after a name's underscores."""
    return Markup(str(escape(keep_percent_together(name))).replace("_", "_<wbr>"))


def content_hash(text: str) -> str:
    """Return a text's hash as a content security policy writes it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


if __name__ == "__main__":
    cli.run(main)
