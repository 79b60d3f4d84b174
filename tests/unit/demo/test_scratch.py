"""Nothing of the page is left on the disk."""

import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from vidbench.demo.scratch import MAX_AGE, Uploads, scratch_folder


def test_all_temporary_files_are_in_one_folder_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "")
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    before = tempfile.gettempdir()
    with suppress(KeyboardInterrupt), scratch_folder() as folder:
        assert Path(tempfile.mkdtemp()).parent == folder == Path(os.environ["TMPDIR"])
        assert Path(os.environ["GRADIO_TEMP_DIR"]).parent == folder
        raise KeyboardInterrupt
    assert not folder.exists()
    assert tempfile.gettempdir() == before


def test_an_upload_goes_with_its_folder_and_what_has_been_there_for_too_long(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    for name in ("a/video.mp4", "b/waits.mp4"):
        (uploads / name).parent.mkdir(parents=True)
        (uploads / name).touch()
    (uploads / "broken_off").touch()
    old = time.time() - MAX_AGE - 1
    os.utime(uploads / "broken_off", (old, old))
    with Uploads(uploads).in_use(uploads / "a" / "video.mp4"):
        assert (uploads / "a" / "video.mp4").exists()
    assert sorted(path.name for path in uploads.iterdir()) == ["b", "broken_off"]
    Uploads(uploads).sweep()
    assert [path.name for path in uploads.iterdir()] == ["b"]


def test_an_old_upload_goes_by_itself_but_not_while_one_is_answered(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    video, waits = tmp_path / "a" / "video.mp4", tmp_path / "broken_off"
    video.parent.mkdir()
    old = time.time() - MAX_AGE - 1
    for path in (video, waits):
        path.touch()
    for path in (video.parent, waits):
        os.utime(path, (old, old))
    with uploads.in_use(video), uploads.swept(seconds=0.01):
        time.sleep(0.1)
        assert video.exists()
    with uploads.swept(seconds=0.01):
        end = time.monotonic() + 10
        while waits.exists() and time.monotonic() < end:
            time.sleep(0.01)
    assert not list(tmp_path.iterdir())


def test_what_is_renamed_in_the_meantime_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "glob", lambda *_: [tmp_path / "renamed"])
    Uploads(tmp_path).sweep()


def test_a_file_elsewhere_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    other = tmp_path / "precious.mp4"
    other.touch()
    for path in (other, tmp_path / "uploads" / ".." / "precious.mp4"):
        with Uploads(tmp_path / "uploads").in_use(path):
            pass
    assert other.exists()
