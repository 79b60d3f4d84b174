"""The index of a folder of results: its runs, the latest first, read from their records."""

from dataclasses import dataclass
from pathlib import Path

from vidbench.report.phrases import limits_of, several
from vidbench.report.run_records import FINISHED, STOPPED, DatasetRecord, RunFiles, RunRecord, read_record


@dataclass(frozen=True)
class DatasetRow:
    """A line of the index, in words."""

    name: str
    models: int
    best: str
    accuracy: str
    tied: str


@dataclass(frozen=True)
class IndexEntry:
    """A run as the index shows it; `address`: of its page, from where the index is."""

    id: str
    name: str
    address: str
    source: str
    date: str
    finished: bool
    state: str
    datasets: list[DatasetRow]


def index_entries(reports: Path) -> list[IndexEntry]:
    """Return the runs with a page in results/reports/, the latest first; a run may have an unfinished page besides."""
    files = [RunFiles(reports, path.stem) for path in sorted(reports.glob("*.json"))]
    files += [RunFiles(path.parent, path.stem) for path in sorted((reports / "unfinished").glob("*.json"))]
    read = [(where, record) for where in files if where.page.exists() and (record := read_record(where.record))]
    read.sort(key=lambda pair: pair[1].date, reverse=True)
    return [_entry(where, record, reports.parent) for where, record in read]


def _entry(files: RunFiles, record: RunRecord, beside: Path) -> IndexEntry:
    finished = record.state == FINISHED
    return IndexEntry(
        id=f"run-{record.name}{'' if finished else '-unfinished'}",
        name=record.name,
        address=files.page.relative_to(beside).as_posix(),
        source=", ".join(record.config_files),
        date=record.date,
        finished=finished,
        state="finished" if finished else _unfinished_state(record),
        datasets=[_row(dataset) for dataset in record.datasets],
    )


def _unfinished_state(record: RunRecord) -> str:
    state = "stopped" if record.state == STOPPED else f"running at {record.date}"  # who is killed cannot say so
    return f"unfinished: {state}, {record.trained} of {record.trainings} trainings"


def _row(dataset: DatasetRecord) -> DatasetRow:
    if dataset.top1 is None:
        return DatasetRow(dataset.name, dataset.models, best="–", accuracy="–", tied="")
    return DatasetRow(
        name=dataset.name,
        models=dataset.models,
        best=dataset.best,
        accuracy=f"{100 * dataset.top1:.1f} {limits_of(dataset.top1_low, dataset.top1_high)}",
        tied=f"tied: {several(dataset.tied)}" if dataset.tied else "",
    )
