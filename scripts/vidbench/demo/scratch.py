"""A folder for all that the page puts on the disk, which is gone when the page is."""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "vidbench-demo-"
UPLOADS = "uploads"
MAX_AGE = 600.0  # seconds that an upload may wait for its turn
SWEEP = 30.0  # seconds between two looks for older ones
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


class Uploads:
    """The folder of the uploads; what has been there for too long goes: uploads that broke off, or wait for nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._busy = threading.Lock()  # while one is answered, however long that takes, none goes

    @contextmanager
    def in_use(self, video: Path) -> Iterator[None]:
        """Keep an upload while it is answered, and delete it afterwards, with its folder; a file elsewhere stays."""
        with self._busy:
            try:
                yield
            finally:
                video = video.resolve()
                if self.folder in video.parents:
                    _delete(self.folder / video.relative_to(self.folder).parts[0])

    @contextmanager
    def swept(self, seconds: float = SWEEP) -> Iterator[None]:
        """Sweep the folder every few seconds, by a thread that ends with the block."""
        end = threading.Event()

        def sweep() -> None:
            while not end.wait(seconds):
                self.sweep()

        threading.Thread(target=sweep, daemon=True).start()
        try:
            yield
        finally:
            end.set()

    def sweep(self) -> None:
        """Delete what has been there for too long, when none is answered."""
        with self._busy:
            for path in self.folder.glob("*"):
                with suppress(FileNotFoundError):  # a file is renamed when its upload is complete
                    if time.time() - path.stat().st_mtime > MAX_AGE:
                        _delete(path)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
