"""What is computed for the page, by a model with random weights."""

from pathlib import Path

import numpy as np
import pytest
from made_videos import write_video
from saved_models import save_model

import vidbench
from vidbench.demo.explanation import Explainer

WINDOW = 1.0  # seconds
FPS = 25


@pytest.fixture
def explainer(tmp_path: Path) -> Explainer:
    save_model(tmp_path / "model")
    model = vidbench.load(tmp_path / "model", device="cpu").with_threshold(0.26)  # which random weights reach
    return Explainer(model, WINDOW)


def test_segments_are_those_of_the_classifier(explainer: Explainer, tmp_path: Path) -> None:
    video = write_video(tmp_path / "long.mp4", (np.arange(5 * FPS) / FPS).tolist())
    explanation = explainer.explain("a name", video)
    assert explanation.segments
    assert explanation.segments == explainer.model.segments(video, WINDOW)
    assert explanation.curve is not None
    assert explanation.curve.times[-1] == pytest.approx(5.0, abs=0.1)
    assert explanation.answer.video == "a name"


def test_a_video_of_one_window_has_no_curve(explainer: Explainer, tmp_path: Path) -> None:
    video = write_video(tmp_path / "short.mp4", (np.arange(FPS) / FPS).tolist())
    explanation = explainer.explain("short.mp4", video)
    assert (explanation.curve, explanation.segments) == (None, [])
    assert len(explanation.frames) == len(explanation.times) == 4
