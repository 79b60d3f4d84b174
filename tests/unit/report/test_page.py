"""The page and the tables for papers, made from planted results: what stands on them, and that they are well-formed."""

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import make_tables
import pytest
from planted import FIGURES, Model, Planted, plant

from vidbench.report.latex import escape, tabular
from vidbench.report.page import describe
from vidbench.report.rendering import FOLDER, content_hash, render
from vidbench.report.table import Cell, Column, Table, column, filled, limits
from vidbench.report.table import text as text_cell
from vidbench.version import VERSION

GESTURES = Planted(
    "gestures",
    [
        Model("X_<b>&", 0.921, ms=6.0, shuffled=0.16),
        Model("Y", 0.91, shuffled=0.3),
        Model("bad", 0.95, status="diverged", shuffled=0.5),
        Model("Z", 0.6, verdict="behind", seeds=(0, 2), shuffled=0.5),
    ],
    rich=True,
)
FEW = Planted("own.set", [Model("x", 0.6, half=None, verdict="unknown")], groups=3)
PARTS = ["Comparison", "Pairs of models", "Detectable differences", "Protocol", "More or fewer clips",
         "Does it use motion?", "Cost", "Errors", "Training", "Models", "Data set", "Provenance"]  # fmt: skip


@dataclass
class Page(HTMLParser):
    """Tags, attributes and headings of a page."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.level = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.level = int(tag[1])
            self.headings.append((self.level, ""))

    def handle_endtag(self, tag: str) -> None:
        self.level = 0 if re.fullmatch("h[1-6]", tag) else self.level

    def handle_data(self, data: str) -> None:
        if self.level:
            self.headings[-1] = (self.level, self.headings[-1][1] + data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    """A page of two data sets, one with all tables, one with the fewest."""
    results = [plant(folder, planted) for planted in (GESTURES, FEW)]
    figures = [path for one in results for path in one.glob("figures/*.svg")]
    described = [describe(one, figures, FOLDER, None) for one in results]
    return render("A < B", described, "run: {}\n", "0123456789ab")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    made = Page()
    made.feed(text)
    return made


def test_the_answer_comes_first_and_all_parts_follow(page: Page) -> None:
    titles = [title for level, title in page.headings if level <= 3]
    steps = ["What to do next on gestures", "What to do next on own.set"]
    assert titles[:5] == ["A < B", "The answer", *steps, "gestures"]
    assert titles[5 : titles.index("own.set")] == PARTS
    assert titles[titles.index("own.set") + 1 :] == [
        "Comparison", "Protocol", "Cost", "Errors", "Training", "Models", "Data set", "Provenance", "This run",
    ]  # fmt: skip


def test_it_says_which_version_made_it(text: str) -> None:
    assert f"VidBench {VERSION}, git commit 0123456789ab" in text


def test_headings_skip_no_level(page: Page) -> None:
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_link_of_the_page_leads_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert not [name for name, count in Counter(ids).items() if count > 1]
    targets = [attributes["href"] for attributes in page.all("a")]
    assert targets
    assert not [target for target in targets if target.startswith("#") and target[1:] not in ids]
    labelled = [attributes["aria-labelledby"] for _, attributes in page.tags if "aria-labelledby" in attributes]
    assert set(labelled) <= set(ids)


def test_nothing_is_fetched_and_nothing_but_its_own_script_runs(text: str, page: Page) -> None:
    policy = next(meta for meta in page.all("meta") if meta.get("http-equiv"))["content"]
    assert policy.startswith("default-src 'none'; img-src data:;")
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    assert {content_hash(script), content_hash(style)} <= set(re.findall("'(sha256-.*?)'", policy))
    assert not [attributes for _, attributes in page.tags if "style" in attributes or "onclick" in attributes]
    assert "http" not in text.replace("http-equiv", "")


def test_names_are_escaped(text: str) -> None:
    assert "X_<wbr>&lt;b&gt;&amp;" in text
    assert "&lt;wbr" not in text
    assert "<b>&" not in text


def test_figures_are_told_from_their_numbers(page: Page) -> None:
    images = page.all("img")
    assert len(images) == 2 * len(FIGURES)
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in images)
    alternatives = [image["alt"] for image in images]
    assert len(set(alternatives)) == len(alternatives)
    assert "X_<b>& 92.1 [88.1, 96.1] %" in alternatives[0].replace("\xa0", " ")
    assert any("6 ms/clip" in words for words in alternatives)
    assert any("hardest down" in words for words in alternatives)


def test_tables_have_captions_and_scopes(page: Page) -> None:
    assert len(page.all("table")) == len(page.all("caption")) > 10
    assert all(heading.get("scope") in ("col", "row") for heading in page.all("th"))
    named = [attributes for attributes in page.all("div") if attributes.get("role") == "region"]
    assert all(attributes["aria-label"] and attributes["tabindex"] == "0" for attributes in named)


def test_a_diverged_model_stands_last_and_says_so(text: str) -> None:
    models = re.findall(r'id="gestures-model-([^"]*)"', text)
    assert models == ["X_&lt;b&gt;&amp;", "Y", "Z", "bad"]
    assert "× diverged" in text
    assert "in 1 of 3 trainings: split1 with seed 2 (numbers of epoch 7)" in text


def test_a_calibration_error_stands_beside_that_of_a_perfect_model(text: str) -> None:
    assert "5.0 [2.0, 8.0] (perfect: 1.0 – 4.0)" in text
    assert "ece null" not in text


def test_a_table_that_a_run_lacks_is_not_there(folder: Path) -> None:
    described = describe(folder / "own.set", [], FOLDER, None)
    there = {name for name, table in described.tables.items() if table}
    assert there == {"splits", "comparison", "cost", "classes", "runs"}
    assert described.errors == []


def test_the_page_says_where_the_machine_was_not(text: str, folder: Path) -> None:
    assert str(folder) not in text
    assert "0123456789ab" in text


def test_tables_for_papers(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = folder / "gestures" / "tables"
    arguments = ["make_tables.py", "--results", str(folder / "gestures"), "--folder", str(target)]
    monkeypatch.setattr("sys.argv", arguments)
    make_tables.main()
    assert sorted(path.name for path in target.iterdir()) == [
        f"{name}.{kind}" for name in ("classes", "comparison", "pairwise") for kind in ("csv", "tex")
    ]
    latex = (target / "comparison.tex").read_text()
    assert r"X\_$<$b$>$\& & 92.1 {\scriptsize [88.1, 96.1]} & $\blacklozenge$ & 6 & 0.47 \\" in latex
    assert latex.count(r"\\") == 5
    rows = list(csv.DictReader((target / "comparison.csv").open()))
    assert [row["verdict"] for row in rows] == ["tied", "tied", "behind", "diverged"]
    assert rows[0]["95 % interval"] == "[88.1, 96.1]"
    assert len(list(csv.reader((target / "pairwise.csv").open()))) == 7
    assert (target / "classes.csv").read_text().startswith("class,videos,groups,X_<b>& (%)")


def test_what_latex_takes_for_a_command_is_escaped() -> None:
    assert escape(r"50%_a&b#{c}~^\d$") == (r"50\%\_a\&b\#\{c\}\textasciitilde{}\textasciicircum{}\textbackslash{}d\$")


def test_a_name_that_begins_with_what_a_row_end_takes_is_no_argument_of_it() -> None:
    rows = [[Cell(name), Cell("90.1 [88.0, 92.0]")] for name in ("[bracket]", "*star")]
    latex = tabular(Table("classes", "All", [Column("class", "text"), Column("x")], rows))
    assert "{}[bracket] & 90.1 {\\scriptsize [88.0, 92.0]}" in latex
    assert "\n{}*star &" in latex


def test_a_long_table_keeps_its_ends_in_latex() -> None:
    table = Table(
        "classes", "All", [Column("class", "text"), Column("x")], [[Cell(f"c{n}"), Cell(str(n))] for n in range(101)]
    )
    latex = tabular(table)
    assert latex.count(r"\midrule") == 2
    assert r"c19 & 19 \\" in latex
    assert r"c20 &" not in latex
    assert r"c100 & 100 \\" in latex
    assert "The first and the last 20 of 101 rows" in latex


def test_cells() -> None:
    assert limits("nan", "nan") == Cell("unknown")
    assert limits(-0.021, 0.04).text == "[−2.1, 4.0]"
    assert limits(-0.0001, 0.0).text == "[0.0, 0.0]"
    assert filled("x", "Nothing", [(Column("model", "text"), []), (Column("top-1"), [])]) is None
    rows = [{"model": "a", "x": ""}, {"model": "b", "x": ""}]
    assert filled("x", "No numbers", [column(rows, "model", "model", text_cell), column(rows, "x", "x")]) is None
