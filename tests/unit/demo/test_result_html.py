"""What the page says: the class, none of them, notes; names are text, whatever is in them."""

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from vidbench.demo.explanation import Explanation
from vidbench.demo.result_html import STILL_WORDS, UNKNOWN, describe_problem, describe_result
from vidbench.frames.store import PARTIAL
from vidbench.inference.classification import Classification
from vidbench.inference.segments import Segment
from vidbench.inference.timeline import WindowAnswer

CLASSES = ("<script>alert(1)</script>", "b & ${alert(2)}", "c", "d", "e", "f", "g")
SHARES = np.array([0.5, 0.2, 0.1, 0.08, 0.05, 0.04, 0.03])


def answer(shares: np.ndarray = SHARES, threshold: float | None = 0.4) -> Classification:
    return Classification("a.mp4", CLASSES, shares, np.zeros((2, 7), np.float32), threshold=threshold)


@pytest.fixture
def explanation() -> Explanation:
    random = np.random.default_rng(0)
    frames = random.integers(0, 255, (12, 8, 10, 3), np.uint8)
    maps = random.random((12, 8, 10))
    return Explanation(answer(), 2.5, 1, 3, frames, np.arange(12) / 5, maps)


class Reader(HTMLParser):
    """Collects tags, text and pictures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.text = " ".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(explanation: Explanation, name: str = "a.mp4", calibration: str = "") -> Reader:
    return Reader(describe_result(name, explanation, calibration))


def test_it_says_the_class_its_probability_and_what_the_others_have(explanation: Explanation) -> None:
    page = read(explanation)
    assert f"{CLASSES[0]}  50.0%" in page.text
    assert "2 more classes have 7.0% together." in page.text
    assert "Frames that the model saw, 8 of 12 (clip 2 of 3)" in page.text
    assert page.tags.count("img") == 16
    assert page.tags.count("li") == 5
    assert "svg" not in page.tags


def test_names_are_text(explanation: Explanation) -> None:
    page = read(explanation, "<img src=x onerror=alert(1)>.mp4")
    assert "script" not in page.tags
    assert page.tags.count("img") == 16
    assert Reader(describe_problem("<b>", "<i>")).tags.count("b") == 1


def test_below_the_threshold_it_is_none_of_these(explanation: Explanation) -> None:
    page = read(replace(explanation, answer=answer(threshold=0.6)))
    assert UNKNOWN in page.text
    assert "has 50.0%: less than the 60.0% that this model asks for" in page.text
    assert UNKNOWN not in read(replace(explanation, answer=answer(threshold=None))).text


def test_notes_tell_what_is_odd(explanation: Explanation) -> None:
    still = replace(
        explanation, frames=np.full((4, 8, 8, 3), 7, np.uint8), times=np.arange(4.0), maps=np.zeros((4, 8, 8))
    )
    page = read(still, calibration="not calibrated")
    assert STILL_WORDS in page.text
    assert "not calibrated" in page.text
    assert "Nothing in these frames speaks for" in page.text
    partial = replace(explanation, answer=replace(answer(), status=PARTIAL, message="cut off"), maps=None)
    page = read(partial)
    assert "Only a part of this video can be decoded: cut off." in page.text
    assert "This network has no map" in page.text


def test_a_timeline_has_its_curves_and_segments(explanation: Explanation) -> None:
    shares = [SHARES, SHARES[::-1], SHARES]
    windows = [WindowAnswer(start, start + 2.0, answer(share)) for start, share in zip((0, 1, 2), shares, strict=True)]
    segments = [Segment(0.0, 1.5, CLASSES[0], 0.9), Segment(1.5, 4.0, CLASSES[6], 0.6)]
    html = describe_result("a.mp4", replace(explanation, windows=windows, segments=segments), "")
    page = Reader(html)
    assert page.tags.count("polyline") == 5
    assert page.tags.count("rect") == 2
    assert "script" not in page.tags
    assert f"{CLASSES[6]}, 1.5 to 4.0 s, 60%" in page.text
    none = read(replace(explanation, windows=windows))
    assert "No class is probable enough" in none.text
