"""What is computed of a video: the model's own answer, frames and map of a clip, segments of a long one."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from made_videos import write_video
from saved_models import save_model

import vidbench
from vidbench.demo.explanation import Explainer, any_kernels
from vidbench.errors import UserError


def test_the_answer_is_the_models_and_frames_and_map_belong_together(tmp_path: Path) -> None:
    save_model(tmp_path, clip={"crops": 2})
    model = vidbench.load(tmp_path, device="cpu")
    video = write_video(tmp_path / "a.mp4", (np.arange(50) / 25).tolist())
    explanation = Explainer(model, window=2.0).explain("a.mp4", video)
    assert explanation.answer.logits.tobytes() == model.classify(video).logits.tobytes()
    assert explanation.frames.shape == (4, 32, 32, 3)
    assert explanation.maps is not None
    assert explanation.maps.shape == (4, 32, 32)
    assert explanation.times.shape == (4,)
    assert explanation.seconds == pytest.approx(1.96)
    assert (explanation.curve, explanation.segments) == (None, [])
    assert not explanation.is_still


def test_a_video_longer_than_a_window_has_the_segments_of_the_classifier(tmp_path: Path) -> None:
    save_model(tmp_path)
    model = vidbench.load(tmp_path, device="cpu").with_threshold(0.26)  # which random weights reach
    video = write_video(tmp_path / "a.mp4", (np.arange(125) / 25).tolist())
    explanation = Explainer(model, window=1.0).explain("a name", video)
    assert explanation.segments
    assert explanation.segments == model.segments(video, 1.0)
    assert explanation.curve is not None
    assert explanation.curve.times[-1] == pytest.approx(5.0, abs=0.1)
    assert explanation.answer.video == "a name"


def test_what_is_no_video_is_an_error_of_one_line(tmp_path: Path) -> None:
    save_model(tmp_path)
    (tmp_path / "a.mp4").write_text("no video")
    with pytest.raises(UserError, match=r"^cannot be opened as a video"):
        Explainer(vidbench.load(tmp_path, device="cpu"), window=1.0).explain("a.mp4", tmp_path / "a.mp4")


def test_a_single_frame_does_not_say_that_nothing_moves(tmp_path: Path) -> None:
    save_model(tmp_path, clip={"frames": 1})
    video = write_video(tmp_path / "a.mp4", (np.arange(50) / 25).tolist())
    explanation = Explainer(vidbench.load(tmp_path, device="cpu"), window=2.0).explain("a.mp4", video)
    assert len(explanation.frames) == 1
    assert not explanation.is_still


def test_a_map_may_use_any_kernels_and_what_was_set_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """By torch's own switch beneath the public one, which imports the compiler for seconds."""
    monkeypatch.setattr(torch, "use_deterministic_algorithms", torch._C._set_deterministic_algorithms)
    for is_set in (True, False):
        torch.use_deterministic_algorithms(is_set)
        try:
            with suppress(KeyError), any_kernels():
                assert not torch.are_deterministic_algorithms_enabled()
                raise KeyError
            assert torch.are_deterministic_algorithms_enabled() == is_set
        finally:
            torch.use_deterministic_algorithms(False)
