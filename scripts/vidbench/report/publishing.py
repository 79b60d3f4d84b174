"""Putting a page where it is found: under its run's name, as the folder's last one, and into the index.

An unfinished page is written beside the run. So a lock is held, and such a page is dropped where the finished one was
written in the meantime: that removes the unfinished page's record.
"""

import shutil
from pathlib import Path

from vidbench.files import atomic_path, exclusive, write_text
from vidbench.report.index import index_entries
from vidbench.report.rendering import fill
from vidbench.report.run_records import RunFiles, RunRecord

INDEX_TITLE = "VidBench runs"


def publish(html: str, page: Path, record: RunRecord | None, latest: Path | None, index: Path | None) -> None:
    """Write the page of a finished run, `latest` as its copy, and the index; its unfinished page is removed."""
    files = RunFiles(page.parent, page.stem)
    with exclusive(page.parent / ".lock"):
        write_text(page, html)
        if record:
            record.write(files.record)
            files.unfinished.page.unlink(missing_ok=True)
            files.unfinished.record.unlink(missing_ok=True)
        _announce(page, latest, index, page.parent)


def publish_unfinished(html: str, page: Path, record_path: Path, latest: Path | None, index: Path | None) -> None:
    """Write the page of a run that is not finished, as long as its record is there."""
    with exclusive(page.parents[1] / ".lock"):
        if record_path.exists():
            write_text(page, html)
            _announce(page, latest, index, page.parents[1])


def _announce(page: Path, latest: Path | None, index: Path | None, reports: Path) -> None:
    if latest:
        with atomic_path(latest) as temporary:
            shutil.copyfile(page, temporary)
    if index:
        write_text(index, fill("index.html.j2", title=INDEX_TITLE, runs=index_entries(reports)))
