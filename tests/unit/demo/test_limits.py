"""Videos that the page does not take."""

from pathlib import Path

import pytest
from made_videos import write_video

from vidbench.demo.limits import MEGABYTE, Limits
from vidbench.errors import UserError


def test_a_video_within_the_limits_is_taken(tmp_path: Path) -> None:
    Limits(1, 2).check(write_video(tmp_path / "a.mp4", [number / 25 for number in range(50)]))


def test_a_video_is_too_long_whatever_its_header_says(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [number / 25 for number in range(60)])
    with pytest.raises(UserError, match="it is too long; at most 1 MB and 2 s"):
        Limits(1, 2).check(path)
    many = write_video(tmp_path / "b.mp4", [number / 500 for number in range(300)])
    with pytest.raises(UserError, match="too long"):
        Limits(1, 1).check(many)


def test_a_file_is_too_large_or_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.touch()
    with pytest.raises(UserError, match="it is empty"):
        Limits().check(path)
    path.write_bytes(b"x" * (2 * MEGABYTE))
    with pytest.raises(UserError, match="it has 2 MB; at most 1 MB and"):
        Limits(1).check(path)


def test_what_is_no_video_is_left_to_the_decoder(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("no video")
    Limits().check(path)
