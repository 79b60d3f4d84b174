"""What the page says: the class, none of them, notes; names are text, whatever is in them."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from shared_models import plant_models

from vidbench.demo.explanation import Explanation
from vidbench.demo.result_html import (
    NO_BOUND,
    NO_WINDOW,
    STILL_WORDS,
    UNKNOWN,
    describe_calibration,
    describe_problem,
    describe_result,
)
from vidbench.frames.store import PARTIAL
from vidbench.inference.classification import Classification
from vidbench.inference.curve import ProbabilityCurve
from vidbench.inference.model_file import ModelFile
from vidbench.inference.segments import Segment

CLASSES = ("<script>alert(1)</script>", "b & ${alert(2)}", "c", "d", "e", "f", "g")
SHARES = np.array([0.5, 0.2, 0.1, 0.08, 0.05, 0.04, 0.03])


def answer(threshold: float | None = 0.4, max_entropy: float | None = None) -> Classification:
    logits = np.zeros((2, 7), np.float32)
    return Classification("a.mp4", CLASSES, SHARES, logits, threshold=threshold, max_entropy=max_entropy)


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
    assert "has 50.0%: less than the 60.0% that is asked for" in page.text
    assert UNKNOWN not in read(replace(explanation, answer=answer(threshold=None))).text


def test_by_the_entropy_it_is_none_of_these(explanation: Explanation) -> None:
    """That of SHARES is 1.48 nats."""
    page = read(replace(explanation, answer=answer(threshold=0.4, max_entropy=1.2)))
    assert UNKNOWN in page.text
    assert "has 50.0%; the probabilities are too even: their entropy is 1.48 nats, above the 1.20" in page.text
    assert UNKNOWN not in read(replace(explanation, answer=answer(threshold=0.6, max_entropy=1.6))).text


def test_a_model_without_a_bound_says_so(tmp_path: Path) -> None:
    file = ModelFile.read(plant_models(tmp_path) / "split1/cnn3d/seed0")
    assert NO_BOUND not in describe_calibration(file)
    without = replace(file, calibration=replace(file.calibration, threshold=None, max_entropy=None, warning=None))
    assert describe_calibration(without) == NO_BOUND


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
    curve = ProbabilityCurve(len(CLASSES))
    for start, shares in ((0.0, SHARES), (1.0, SHARES[::-1]), (5.0, SHARES)):
        curve.add(start, start + 2.0, shares)
    segments = [Segment(0.0, 1.5, CLASSES[0], 0.9), Segment(1.5, 4.0, CLASSES[6], 0.6)]
    over_time = replace(explanation, seconds=8.0, window=2.0, curve=curve)
    html = describe_result("a.mp4", replace(over_time, segments=segments), "")
    page = Reader(html)
    assert "Over time, in windows of 2.0 s" in page.text
    (line, *others) = re.findall(r'<path class="vb-curve" d="([^"]*)"', html)
    assert len(others) == 4
    assert line.count("M") == 2  # it stops where there is no window
    assert len(line.split("H")) - 1 == 4  # levels: one window, two, one, and the last one's
    assert page.tags.count("rect") == 2
    assert "script" not in page.tags
    assert f"{CLASSES[6]}, 1.5 to 4.0 s, 60%" in page.text
    assert "No class is probable enough" in read(over_time).text


def test_a_long_video_in_which_nothing_moves_has_no_curve(explanation: Explanation) -> None:
    page = read(replace(explanation, window=2.0, curve=ProbabilityCurve(len(CLASSES))))
    assert NO_WINDOW in page.text
    assert "svg" not in page.tags
