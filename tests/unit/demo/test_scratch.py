"""Nothing of the page is left on the disk."""

import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from vidbench.demo.scratch import MAX_AGE, delete_upload, scratch_folder


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
    delete_upload(uploads, uploads / "a" / "video.mp4")
    assert [path.name for path in uploads.iterdir()] == ["b"]


def test_a_file_elsewhere_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    other = tmp_path / "precious.mp4"
    other.touch()
    delete_upload(tmp_path / "uploads", other)
    delete_upload(tmp_path / "uploads", tmp_path / "uploads" / ".." / "precious.mp4")
    assert other.exists()
