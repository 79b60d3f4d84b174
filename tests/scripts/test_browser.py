"""The page in a real browser, headless Chromium: nothing fetched, figures seen, tables sorted, on a phone, on paper."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import run_script
from planted import Model, Planted, plant

from vidbench.report.page import describe
from vidbench.report.publishing import publish_unfinished
from vidbench.report.rendering import FOLDER, fill, render
from vidbench.report.run_records import RUNNING, DatasetProgress, DatasetRecord, RunFiles, RunRecord
from vidbench.report.unfinished import describe_unfinished

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: set CHROMIUM, or run tests/tools/install_chromium.sh"),
]
MODELS = [
    Model("a_model_with_a_name_that_goes_on_and_on_and_on_for_long", 0.921, ms=10.5, shuffled=0.2),
    Model("b", 0.91, ms=2.25, shuffled=0.3),
    Model("c", 0.9, ms=100.0, shuffled=0.3, verdict="tied"),
    Model("d", 0.6, ms=9.75, verdict="behind", shuffled=0.5, seeds=(0, 2)),
    Model("bad", 0.95, status="diverged", shuffled=0.5),
]
MANY = [Model(f"model_{number:02d}", 0.9 - number / 200, ms=20 - number * 0.9) for number in range(20)]
CLASSES = tuple(f"class number {number}" for number in range(60))
BYTES = 10_000_000


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of a small data set with all tables, and of one with many models and classes."""
    folder = tmp_path_factory.mktemp("results")
    few = plant(folder, Planted("gestures", MODELS, rich=True))
    many = plant(folder, Planted("many", MANY, groups=300, videos=1200, classes=CLASSES, rich=True))
    run_script("make_tables.py", "--results", few, "--folder", few / "tables", cwd=folder)
    figures = [path for results in (few, many) for path in results.glob("figures/*.svg")]
    described = [describe(results, figures, FOLDER, None) for results in (few, many)]
    path = folder / "report.html"
    path.write_text(render("Report", described, "run: {}\n", ""), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pages_of_runs(page_file: Path) -> list[Path]:
    """The page of a run that is not finished, and the index that lists it."""
    results, name = page_file.parent, MODELS[0].name
    scored = [("split1", model.name, seed) for model in MODELS[:3] for seed in model.seeds]
    names = [model.name for model in MODELS]
    progress = DatasetProgress("gestures", True, ["split1"], names, [0, 1, 2], scored, [])
    sets = [DatasetRecord("gestures", len(MODELS), name, 0.921, 0.881, 0.961, names[1:4])]
    when, configs = "2026-11-30 04:10", ["config/a.yaml"]
    record = RunRecord("a_run_with_a_long_name", RUNNING, when, configs, "", sets, 15, 9, [progress])
    files = RunFiles(results / "reports", record.name).unfinished
    record.write(files.record)
    described = [describe_unfinished(results / "gestures", progress, FOLDER)]
    more = {"settings": "run: {}\n", "commit": "", "evaluated_with": ""}
    html = fill("unfinished.html.j2", title="Report", run=record, datasets=described, **more)
    publish_unfinished(html, files.page, files.record, None, results / "index.html")
    return [files.page, results / "index.html"]


@pytest.fixture(scope="module")
def browser() -> Iterator:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser, page_file: Path) -> Iterator:
    """Open the page in a window of a size; what it complains of, or asks the network for, fails the test."""
    complaints, contexts = [], []

    def open_page(width: int = 1280, height: int = 900, file: Path = page_file):
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/*", lambda route: check(route))
        page.goto(file.as_uri())
        return page

    def check(route) -> None:
        if not route.request.url.startswith(("file:", "data:")):
            complaints.append(route.request.url)
        route.continue_()

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def column(table, place: int) -> list[str]:
    """Texts of a column, from the top."""
    return table.locator("tbody tr").evaluate_all(f"rows => rows.map(row => row.cells[{place}].textContent.trim())")


def test_the_page_is_small_and_every_figure_is_seen(opened, page_file: Path) -> None:
    assert page_file.stat().st_size < BYTES
    page = opened()
    images = page.locator("figure img")
    assert images.count() == 12
    for place in range(images.count()):
        image = images.nth(place)
        image.scroll_into_view_if_needed()
        assert image.is_visible()
        assert image.evaluate("image => image.complete && image.naturalWidth") > 0
        assert image.bounding_box()["width"] > 300


def test_tables_for_papers_are_downloaded_from_the_page_itself(opened, page_file: Path) -> None:
    page = opened()
    with page.expect_download() as download:
        page.locator("#gestures").get_by_role("link", name="comparison.csv").click()
    assert download.value.suggested_filename == "gestures-comparison.csv"
    assert download.value.path().read_bytes() == (page_file.parent / "gestures/tables/comparison.csv").read_bytes()


def test_what_the_policy_forbids_does_not_happen(browser, page_file: Path, tmp_path: Path) -> None:
    """The same page with a picture and a script of others' put in: neither is asked for."""
    bad = tmp_path / "bad.html"
    more = '<img src="http://127.0.0.1:9/x.png"><script src="http://127.0.0.1:9/x.js"></script></body>'
    bad.write_text(page_file.read_text(encoding="utf-8").replace("</body>", more), encoding="utf-8")
    page, asked, refused = browser.new_page(), [], []
    page.on("console", lambda message: refused.append(message.text))
    page.on("response", lambda response: asked.append(response.url))
    page.goto(bad.as_uri())
    page.wait_for_load_state()
    page.close()
    assert [url for url in asked if url.startswith("http")] == []
    assert sum("Content Security Policy" in text for text in refused) == 2


def test_every_heading_sorts_its_table(opened) -> None:
    page = opened()
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    tables = page.locator("table.sortable")
    assert tables.count() > 15
    sorted_columns = 0
    for place in range(tables.count()):
        table = tables.nth(place)
        for heading in table.locator("thead th:has(button)").all():
            sorted_columns += check_sorting(table, heading)
    assert sorted_columns > 60


def check_sorting(table, heading) -> bool:
    """A click sorts upwards, another downwards; numbers as numbers, what is unknown at the end."""
    place, kind = heading.evaluate("th => [th.cellIndex, th.dataset.kind]")
    values = f"""rows => rows.map(row => {{ const cell = row.cells[{place}];
        return {
        "'value' in cell.dataset ? parseFloat(cell.dataset.value) : null"
        if kind == "number"
        else "cell.textContent.trim() === '–' ? null : cell.textContent.trim()"
    } }})"""
    before = table.locator("tbody tr").evaluate_all(values)
    for direction in ("ascending", "descending"):
        heading.evaluate("(th, other) => th.setAttribute('aria-sort', other)",
                         "descending" if direction == "ascending" else "ascending")  # fmt: skip
        heading.locator("button").evaluate("button => button.click()")
        assert heading.get_attribute("aria-sort") == direction
        after = table.locator("tbody tr").evaluate_all(values)
        there = [value for value in after if value is not None]
        assert after == there + [None] * (len(after) - len(there))
        assert sorted(map(str, after)) == sorted(map(str, before))
        if kind == "number":
            assert there == sorted(there, reverse=direction == "descending")
    return len(set(map(str, before))) > 1


def test_a_click_sorts_numbers_by_their_size_and_keeps_ties_in_order(opened) -> None:
    page = opened()
    table = page.locator("#gestures table[data-name=comparison]")
    titles = table.locator("thead th").all_text_contents()
    names, times = column(table, 0), titles.index("ms/clip")
    assert [name[:3] for name in names] == ["a_m", "b", "c", "d", "bad"]
    table.get_by_role("button", name="ms/clip").click()
    assert column(table, times) == ["2", "2.25", "9.75", "10.5", "100"]
    table.get_by_role("button", name="ms/clip").click()
    assert column(table, times) == ["100", "10.5", "9.75", "2.25", "2"]
    by_time = column(table, 0)
    table.get_by_role("button", name="spread over seeds").click()  # all alike
    assert column(table, 0) == by_time


def test_the_keyboard_sorts_and_skips_to_the_content(opened) -> None:
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    button = page.locator("#gestures table[data-name=comparison]").get_by_role("button", name="top-1 (%)")
    heading = button.locator("xpath=..")
    for key, direction in (("Enter", "ascending"), ("Space", "descending")):
        button.focus()
        page.keyboard.press(key)
        assert heading.get_attribute("aria-sort") == direction
    assert button.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_sticks_out_at_the_side(opened, width: int) -> None:
    page = opened(width)
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_sticks_out_of_the_pages_of_runs(opened, pages_of_runs: list[Path], width: int) -> None:
    for file in pages_of_runs:
        page = opened(width, file=file)
        page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [words for words, ratio in page.evaluate(CONTRASTS) if ratio < 4.5] == []


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_names_in_the_answer_break_at_underscores_only(opened, width: int) -> None:
    """Short ones not at all; the lines of a long one end behind an underscore."""
    page = opened(width, 844)
    short = page.locator(".answer .whole")
    assert short.count() > 2
    assert short.evaluate_all("all => all.map(name => name.getClientRects().length)") == [1] * short.count()
    headline = page.locator(".answer .headline", has_text=MODELS[0].name).first
    parts = headline.evaluate(PARTS_OF_LINES)
    assert len(parts) == 1 + headline.evaluate("line => line.querySelectorAll('wbr').length")
    assert {lines for lines in parts} == {1}


PARTS_OF_LINES = """(headline) => [...headline.childNodes].filter((node) => node.nodeType === 3).map((node) => {
  const text = node.textContent, start = text.search(/[^\\s_]*_$|[^\\s_]+$/), range = document.createRange();
  range.setStart(node, Math.max(start, 0));
  range.setEnd(node, text.length);
  return new Set([...range.getClientRects()].map((box) => box.top)).size;
})"""


def test_the_contents_are_folded_on_a_phone_only(opened) -> None:
    phone, desk = opened(390, 844), opened()
    assert not phone.locator("#contents").evaluate("part => part.open")
    phone.locator("#contents summary").click()
    phone.locator("#contents a", has_text="Cost").first.click()
    assert phone.evaluate("location.hash") == "#gestures-part-cost"
    assert desk.locator("#contents a").first.is_visible()
    desk.locator("#gestures-models").scroll_into_view_if_needed()
    desk.mouse.wheel(0, 400)
    desk.wait_for_function("document.querySelector('#contents [aria-current]').hash !== '#answers'")


def test_what_is_read_out_has_names(opened) -> None:
    page = opened()
    assert page.locator("main").count() == page.locator("h1").count() == page.locator("header").count() == 1
    assert page.locator("nav[aria-label]").count() == 1
    for element in page.locator("button, a, summary").all():
        assert element.text_content().strip()
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    assert page.evaluate("document.documentElement.lang") == "en"


def test_colours_can_be_told_from_their_background(opened) -> None:
    """WCAG AA: 4.5 to 1 for text; every text's own colour against the nearest background that is not see-through."""
    page = opened()
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    found = page.evaluate(CONTRASTS)
    assert len(found) > 300
    assert [(text, ratio) for text, ratio in found if ratio < 4.5] == []


CONTRASTS = """() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = channels(color).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let part = element; part; part = part.parentElement) {
      const color = getComputedStyle(part).backgroundColor;
      if (channels(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
    if (!text || element.closest("script, style, svg, .skip")) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    found.push([text.slice(0, 40), (a + 0.05) / (b + 0.05)]);
  }
  return found;
}"""


def test_paper_shows_what_is_folded_and_no_contents(opened, tmp_path: Path) -> None:
    page = opened()
    pdf = page.pdf(path=str(tmp_path / "page.pdf"), format="A4", print_background=True)
    assert pdf[:5] == b"%PDF-"
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    folded = page.locator("details:not([open])")
    assert folded.count() > 5
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("main details:not([open])").count() == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert folded.count() > 5
