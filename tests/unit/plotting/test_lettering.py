"""Letters in figures: those of a font that is here, or a transcription with a note, and never an empty box."""

import sys
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from matplotlib import font_manager

from vidbench.plotting import lettering, style

NAMES = ["手机 丹 turn left.mp4", "走る", "걷다", "สวัสดี", "عربي", "😀 smile", "naïve – Ж"]


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with no fonts but matplotlib's own."""
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    forget()


@pytest.fixture(autouse=True)
def _as_before():
    yield
    forget()
    plt.rcParams["font.family"] = [lettering.FONT]


def forget() -> None:
    for cached in (lettering._fonts, lettering._add_fonts_for):
        cached.cache_clear()
    lettering.transcribed.clear()


def drawn(path: Path) -> list[str]:
    """The texts of a figure with a name in each place that has some."""
    style.apply()
    figure, axes = plt.subplots()
    axes.bar(NAMES, range(len(NAMES)), label=NAMES[0])
    axes.set_title(NAMES[1])
    axes.set_yticks(range(3), NAMES[:3])
    axes.legend()
    figure.suptitle(NAMES[2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of each letter that it draws as a box
        style.save(figure, [path.with_suffix(f".{kind}") for kind in style.FORMATS])
    return [text.get_text() for text in figure.findobj(plt.Text)]


def test_without_a_font_names_are_transcribed_with_a_note(
    no_fonts: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = drawn(tmp_path / "a.svg")
    assert lettering.NOTE in texts
    assert not any(letter in text for text in texts for letter in "手走걷ส")
    for kept in ("عربي", "naïve – Ж"):
        assert kept in texts  # DejaVu Sans has these
    assert "WARNING: no font here has all letters of" in capsys.readouterr().out


def test_a_name_is_transcribed_as_it_is_read_where_the_package_is_here(no_fonts: None) -> None:
    pytest.importorskip("anyascii")
    assert lettering.make_drawable(NAMES[0]) == "ShouJi Dan turn left.mp4"


def test_without_the_package_letters_are_numbers(no_fonts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anyascii", None)
    assert lettering.make_drawable("手 a") == "[U+624B] a"


def test_figures_with_usual_names_are_as_they_were(tmp_path: Path) -> None:
    style.apply()
    figure, axes = plt.subplots()
    axes.set_title("naïve – Ж")
    style.save(figure, [tmp_path / "a.svg"])
    assert lettering.NOTE not in [text.get_text() for text in figure.findobj(plt.Text)]
    assert plt.rcParams["font.family"] == [lettering.FONT]


def test_a_font_that_is_here_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """DejaVu Sans Mono has no more letters, so another of matplotlib's own stands for one that has: STIX."""
    stix = font_manager.findfont("STIXGeneral")  # upright: its italics have fewer letters
    wanted = next(iter(sorted(lettering._letters("STIXGeneral") - lettering._letters(lettering.FONT))))
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [stix])
    monkeypatch.setattr(lettering, "KNOWN", ("stix",))
    forget()
    style.apply()
    figure, axes = plt.subplots()
    title = axes.set_title(f"a{wanted}b")
    style.save(figure, [tmp_path / f"a.{kind}" for kind in style.FORMATS])
    assert title.get_text() == f"a{wanted}b"
    assert title.get_fontfamily() == [lettering.FONT, "STIXGeneral"]
    assert not lettering.transcribed
