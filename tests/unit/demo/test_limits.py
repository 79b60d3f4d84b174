"""Videos that the page does not take."""

from pathlib import Path

import pytest
from made_videos import write_video
from PIL import Image

from vidbench.demo.limits import LISTS_OTHERS, MEGABYTE, Limits
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


def test_what_is_no_video_does_not_reach_the_decoder(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("no video")
    with pytest.raises(UserError, match=r"^cannot be opened as a video: Invalid data"):
        Limits().check(path)


def test_a_damaged_video_is_left_to_the_decoder(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", [number / 25 for number in range(50)])
    path.write_bytes(path.read_bytes()[:-500])
    Limits().check(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.m3u8", "#EXTM3U\n#EXTINF:1,\nfile:{}\n#EXT-X-ENDLIST\n"),
        ("a.mp4", "#EXTM3U\n#EXTINF:1,\nfile:{}\n#EXT-X-ENDLIST\n"),
        ("a.mp4", "ffconcat version 1.0\nfile {}\n"),
        ("a.xml", "<?xml version='1.0'?><MPD profiles='urn:mpeg:dash:profile:isoff-main:2011'>{}</MPD>"),
        ("a.xml", "<CompositionPlaylist xmlns='http://www.smpte-ra.org/schemas/2067-3/2016'>{}</CompositionPlaylist>"),
        ("a.mp4", "v=0\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n"),
        ("a.mp4", "# VobSub index file, v7\n{}"),
    ],
)
def test_a_list_of_other_files_is_refused(name: str, text: str, tmp_path: Path) -> None:
    other = write_video(tmp_path / "private.ts", [number / 25 for number in range(50)])
    path = tmp_path / name
    path.write_text(text.format(other))
    with pytest.raises(UserError, match=f"^{LISTS_OTHERS}"):
        Limits().check(path)


@pytest.mark.parametrize(("suffix", "is_taken"), [("mkv", True), ("avi", True), ("ts", True), ("m3u8", False)])
def test_formats_are_told_by_content_and_name(suffix: str, is_taken: bool, tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", [number / 25 for number in range(50)])
    path = path.rename(path.with_suffix(f".{suffix}"))
    if is_taken:
        Limits().check(path)
    else:
        with pytest.raises(UserError, match=f"^{LISTS_OTHERS}"):
            Limits().check(path)


def test_a_demuxer_that_opens_other_files_is_none_of_the_formats(tmp_path: Path) -> None:
    """PyAV takes it for a picture of a numbered series, image2, which reads a folder."""
    path = tmp_path / "a.png"
    Image.new("RGB", (64, 48)).save(path)
    with pytest.raises(UserError, match="it has no format that is taken here"):
        Limits().check(path)
