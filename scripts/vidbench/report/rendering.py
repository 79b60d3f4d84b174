"""Templates, filled in: pages that are one file, with their only style and script named by hashes."""

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from vidbench.formatting import known, number, percent
from vidbench.report.across_section import AcrossPage
from vidbench.report.label_page import LabelPage
from vidbench.report.page import OF_PARTS, DatasetPage
from vidbench.report.provenance import evaluated_with
from vidbench.version import VERSION

FOLDER = Path(__file__).resolve().parents[3] / "report"
NAME = re.compile(r"[^\s_]*_\S*")  # in a sentence: what has an underscore
WHOLE = 20  # letters that fit on a line of the answer on a telephone, in its largest type


def render(
    title: str,
    datasets: Sequence[DatasetPage | LabelPage],
    settings: str,
    commit: str,
    across: AcrossPage | None = None,
) -> str:
    """Return the page of a finished run as HTML; `datasets`: see page.describe; `across`: of two or more of them."""
    return fill(
        "page.html.j2",
        title=title,
        datasets=datasets,
        across=across,
        settings=settings,
        commit=commit,
        evaluated_with=evaluated_with(),
        table_of=OF_PARTS,
    )


def fill(template: str, **values: object) -> str:
    """Return a template of report/page/ as HTML; nothing but its own style and script is allowed to it."""
    loader = jinja2.FileSystemLoader(FOLDER / "page")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "breakable": breakable,
        "breakable_names": breakable_names,
        "percent": percent,
        "number": number,
        "known": known,
    }
    style, script = ((FOLDER / "page" / name).read_text(encoding="utf-8") for name in ("style.css", "page.js"))
    return environment.get_template(template).render(
        style=Markup(style),
        script=Markup(script),
        style_hash=content_hash(style),
        script_hash=content_hash(script),
        version=VERSION,
        **values,
    )


def unbroken(value: object) -> object:
    """Keep a number and its percent sign on one line."""
    return value.replace(" %", "\xa0%") if isinstance(value, str) else value


def breakable(name: str) -> Markup:
    """Let a name break behind its underscores."""
    return Markup(str(escape(unbroken(name))).replace("_", "_<wbr>"))


def breakable_names(sentence: str) -> Markup:
    """Let long names in a sentence break behind their underscores, and short ones, which fit on a line, not at all."""
    return Markup(NAME.sub(_long_or_whole, str(escape(unbroken(sentence)))))


def _long_or_whole(match: re.Match[str]) -> str:
    name = match[0]  # escaped already
    return name.replace("_", "_<wbr>") if len(name) > WHOLE else f'<span class="whole">{name}</span>'


def content_hash(text: str) -> str:
    """Return a hash as a content security policy names what it allows."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
