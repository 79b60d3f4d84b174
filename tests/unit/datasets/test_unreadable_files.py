"""A file that the system does not let us read is no fact about a video: the step ends, and the next run continues."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_videos import write_video
from odd_cases import run

from vidbench import files
from vidbench.errors import UserError
from vidbench.frames import ffmpeg, image_folder
from vidbench.frames.decoder import Decoder
from vidbench.frames.extract import extract_shard
from vidbench.frames.probe import probe
from vidbench.frames.store import FrameStore
from vidbench.video import Video

RECIPE = ffmpeg.Recipe((24, 32), None, "jpeg", 2)


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """A folder with six videos."""
    (tmp_path / "drive").mkdir()
    for number in range(6):
        write_video(tmp_path / "drive" / f"{number}.mp4", np.arange(8) / 25)
    return tmp_path / "drive"


def videos(drive: Path) -> list[Video]:
    return [Video(f"{number}.mp4", str(drive / f"{number}.mp4"), "label", str(number)) for number in range(6)]


def extract(drive: Path) -> FrameStore:
    output, spool = drive.parent / "0.h5", drive.parent / "spool"
    extract_shard(videos(drive), RECIPE, output, spool, 1, None, lambda *_: None)
    return FrameStore(output)


def refuse(drive: Path, words: str) -> None:
    """The step ends with one line, and no shard."""
    with pytest.raises(UserError) as caught:
        extract(drive)
    assert words in str(caught.value)
    assert str(drive) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (drive.parent / "0.h5").exists()


def before_and_after(
    monkeypatch: pytest.MonkeyPatch, at: str, before: Callable, after: Callable = lambda: None
) -> None:
    """Call `before` when ffmpeg is about to decode the video named `at`, and `after` when it has."""
    run = Decoder._run

    def watched(self: Decoder, sources: list, *arguments: Any) -> tuple[int, bytes]:
        mine = any(source.path.endswith(at) for source in sources)
        if mine:
            before()
        result = run(self, sources, *arguments)
        if mine:
            after()
        return result

    monkeypatch.setattr(Decoder, "_run", watched)


@pytest.mark.parametrize("moment", ["before", "while"])
def test_a_drive_that_goes_away_and_comes_back(drive: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    away = drive.with_name("away")
    if moment == "before":
        drive.rename(away)
    else:
        before_and_after(monkeypatch, "3.mp4", lambda: drive.exists() and drive.rename(away))
    refuse(drive, "cannot be read: No such file or directory")
    monkeypatch.undo()
    away.rename(drive)
    assert {stored["status"] for stored in extract(drive).videos.values()} == {"ok"}


def test_what_was_decoded_before_a_drive_went_is_not_decoded_again(
    drive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_away() -> None:
        """Take the last video away when the others are decoded: two threads may come to theirs in either order."""
        until = time.monotonic() + 60
        while len(list((drive.parent / "spool").glob("*.json"))) < 5 and time.monotonic() < until:
            time.sleep(0.01)
        (drive / "5.mp4").rename(drive / "away")

    before_and_after(monkeypatch, "5.mp4", take_away)
    refuse(drive, "5.mp4")
    monkeypatch.undo()
    (drive / "away").rename(drive / "5.mp4")
    started: list[str] = []
    run = Decoder._run
    monkeypatch.setattr(Decoder, "_run", lambda self, sources, *more: (
        started.extend(source.path for source in sources) or run(self, sources, *more)))  # fmt: skip
    extract(drive)
    assert [os.path.basename(path) for path in started] == ["5.mp4"]


def test_a_file_that_is_still_being_written(drive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the system while a file is read is no fact about the video."""
    whole = (drive / "2.mp4").read_bytes()
    before_and_after(monkeypatch, "2.mp4", lambda: None, lambda: (drive / "2.mp4").write_bytes(whole + bytes(9)))
    refuse(drive, "2.mp4: has changed while it was decoded")
    monkeypatch.undo()
    assert extract(drive).videos["2.mp4"]["status"] == "ok"


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.EMFILE, errno.EACCES])
def test_an_error_of_the_system_while_a_damaged_file_is_read(
    drive: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Looks damaged to ffmpeg, and then cannot be read as a whole either."""
    content = (drive / "1.mp4").read_bytes()
    (drive / "1.mp4").write_bytes(content[: len(content) - 900])
    real = open

    def failing(path: Any, *arguments: Any, **more: Any) -> Any:
        if str(path).endswith("1.mp4"):
            raise OSError(code, os.strerror(code), str(path))
        return real(path, *arguments, **more)

    monkeypatch.setattr(files, "open", failing, raising=False)
    refuse(drive, f"1.mp4: cannot be read: {os.strerror(code)}")
    monkeypatch.undo()
    store = extract(drive)
    assert store.videos["1.mp4"]["status"] in ("partial", "failed")
    assert store.videos["0.mp4"]["status"] == "ok"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read a file")
def test_a_file_that_may_not_be_read(drive: Path) -> None:
    for folder in (drive.parent, *drive.parent.parents[:3]):
        folder.chmod(0o755)
    (drive / "3.mp4").chmod(0)
    os.seteuid(65534)
    try:
        probe(str(drive / "0.mp4"))
        with pytest.raises(UserError, match=r"3\.mp4: cannot be read: Permission denied"):
            probe(str(drive / "3.mp4"))
    finally:
        os.seteuid(0)


def test_an_image_folder_that_goes_away(tmp_path: Path) -> None:
    video = Video("v", str(tmp_path / "gone"), "l", "g")
    with pytest.raises(UserError, match=r"cannot be read: No such file"):
        extract_shard([video], RECIPE, tmp_path / "0.h5", tmp_path / "s", 1, None, lambda *_: None)


def test_images_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "images").mkdir()
    run("-f", "lavfi", "-i", "testsrc=s=32x24:r=5:d=1", tmp_path / "images" / "%d.png")
    real = open

    def failing(path: Any, *arguments: Any, **more: Any) -> Any:
        if str(path).endswith(".png"):
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return real(path, *arguments, **more)

    monkeypatch.setattr(files, "open", failing, raising=False)
    monkeypatch.setattr(image_folder, "open", failing, raising=False)
    video = Video("v", str(tmp_path / "images"), "l", "g")
    with pytest.raises(UserError, match=r"1.png: cannot be read: Input/output error"):
        extract_shard([video], RECIPE, tmp_path / "0.h5", tmp_path / "s", 1, None, lambda *_: None)


def test_an_ffmpeg_without_a_filter_is_no_fact_about_a_video(drive: Path, tmp_path: Path) -> None:
    own = tmp_path / "ffmpeg"
    real = f'exec "{ffmpeg.executable()}" "$@"'
    complaint = "[AVFilterGraph] No such filter: 'zscale'"
    own.write_text(f'#!/bin/sh\n[ "$1" = -version ] && {real}\necho "{complaint}" >&2\nexit 8\n')
    own.chmod(0o755)
    with pytest.raises(UserError, match="lacks the filter 'zscale'"):
        extract_shard(videos(drive), RECIPE, tmp_path / "0.h5", tmp_path / "s", 1, str(own), lambda *_: None)


def test_a_listed_video_that_no_archive_holds_is_a_fact(drive: Path) -> None:
    absent = Video("absent.avi", str(drive / "absent.avi"), "label", "g")
    output = drive.parent / "0.h5"
    extract_shard([*videos(drive), absent], RECIPE, output, drive.parent / "s", 1, None, lambda *_: None, {absent})
    stored = FrameStore(output).videos["absent.avi"]
    assert (stored["status"], stored["message"]) == ("failed", "no such file")
