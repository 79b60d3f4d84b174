"""A folder for all that the page puts on the disk, which is gone when the page is."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "vidbench-demo-"
UPLOADS = "uploads"
MAX_AGE = 600.0  # seconds that an upload may wait for its turn
PATIENCE = 5.0  # seconds in which what is still written is deleted, again and again


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder that all temporary files of this process and its children lie in; it is deleted at the end.

    Uploads are in a folder of their own within it.
    """
    folder = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    (folder / UPLOADS).mkdir()
    before = tempfile.tempdir
    tempfile.tempdir = str(folder)
    os.environ["TMPDIR"] = str(folder)
    os.environ["GRADIO_TEMP_DIR"] = str(folder / UPLOADS)
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        delete_folder(folder)


def delete_folder(folder: Path) -> None:
    """Delete a folder that a program which is just ending may still write into."""
    end = time.monotonic() + PATIENCE
    while folder.exists() and time.monotonic() < end:
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            time.sleep(0.05)


def delete_upload(uploads: Path, video: Path) -> None:
    """Delete an uploaded file with its folder, and what has been there for too long: uploads that broke off."""
    video = video.resolve()
    if uploads.resolve() in video.parents:
        _delete(uploads / video.relative_to(uploads.resolve()).parts[0])
    for path in uploads.iterdir():
        if time.time() - path.stat().st_mtime > MAX_AGE:
            _delete(path)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
