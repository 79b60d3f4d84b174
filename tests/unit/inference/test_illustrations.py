"""Pictures that were asked for and cannot be made."""

from pathlib import Path

import pytest

from vidbench.errors import UserError
from vidbench.inference.illustrations import Illustrations
from vidbench.inference.inputs import Input


def test_a_copy_that_cannot_be_made_is_refused_before_anything_is_classified(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "x.mp4").mkdir()
    (tmp_path / "a.mp4").touch()
    video, images = (Input(name, str(tmp_path / name)) for name in ("a.mp4", "images"))
    for each, copy, words in (
        (video, "x.mp4", "is a folder; name a file"),
        (video, "a.mp4", "is the video itself"),
        (images, "b.mp4", "is a folder of images"),
    ):
        with pytest.raises(UserError, match=words):
            Illustrations(copy=str(tmp_path / copy)).check([each])
    assert list(Illustrations(copy=str(tmp_path / "b.mp4")).check([video])) == [video]
