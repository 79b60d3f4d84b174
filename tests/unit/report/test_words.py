"""What explains the page: its words, which docs/reading_the_report.md has as well, and the meaning of columns."""

import re

import build_report
import pytest
from conftest import PROJECT
from planted import Model, Planted, plant

from vidbench.report.page import describe

ITEM = re.compile(r"<dt>(.*?)</dt><dd>(.*?)</dd>")
ROW = re.compile(r"^\| (.*?) \| (.*) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    models = [Model("X", 0.92, shuffled=0.16), Model("Y", 0.9, shuffled=0.5)]
    folder = plant(tmp_path_factory.mktemp("results"), Planted("gestures", models, rich=True))
    return build_report.render("Title", [describe(folder, [], build_report.FOLDER, None)], "run: {}\n", "")


def test_page_and_document_explain_the_same_words() -> None:
    on_page = ITEM.findall((PROJECT / "report/page/words.html.j2").read_text(encoding="utf-8"))
    document = (PROJECT / "docs/reading_the_report.md").read_text(encoding="utf-8")
    in_document = ROW.findall(document.split("\n## Words\n")[1].split("\n## ")[0])[2:]
    assert len(on_page) >= 10
    assert on_page == in_document


def test_the_words_are_under_the_answer(text: str) -> None:
    assert text.index('class="answer"') < text.index("Words on this page") < text.index('id="gestures"')


def test_columns_are_explained_where_no_pointer_can_rest(text: str) -> None:
    """On a phone, in print and for a keyboard the `title` of a heading is not to be seen."""
    explained = text[text.index("What the columns mean") :]
    assert "<dt>top-1 (%)</dt><dd>share of the test videos whose most probable class is right</dd>" in explained


def test_rarely_used_scores_are_folded(text: str) -> None:
    before = text[: text.index('data-name="scores"')]
    assert before.rindex("<details>") > before.rindex("</details>")
