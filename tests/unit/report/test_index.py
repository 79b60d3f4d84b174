"""The index of a folder: its runs, read from their records."""

import re
from pathlib import Path

import pytest
from planted import Model, Planted, plant

from vidbench.report.index import index_entries
from vidbench.report.page import describe
from vidbench.report.publishing import publish, publish_unfinished
from vidbench.report.rendering import FOLDER
from vidbench.report.run_records import (
    FINISHED,
    RUNNING,
    STOPPED,
    DatasetRecord,
    RunFiles,
    RunRecord,
    end_lost_runs,
)

MOTION = DatasetRecord("motion", 3, "cnn3d", 0.921, 0.88, 0.954, ["cnn2d_tcn", "cnn2d_lstm"])
OWN = DatasetRecord("own", 3, "x_y", 0.6)


def record_of(name: str, date: str, state: str = FINISHED, datasets: list[DatasetRecord] | None = None) -> RunRecord:
    files = [f"config/{name}.yaml"]
    return RunRecord(
        name, state, f"2026-11-{date}", files, "digest", datasets or [MOTION, OWN], trainings=40, trained=12
    )


def finish(results: Path, record: RunRecord) -> RunFiles:
    """Publish the page of a finished run."""
    files = RunFiles(results / "reports", record.name)
    publish(f"page of {record.name}", files.page, record, results / "report.html", results / "index.html")
    return files


def test_a_finished_run_is_listed_with_its_best_models(tmp_path: Path) -> None:
    finish(tmp_path, record_of("first", "28 10:00"))
    (entry,) = index_entries(tmp_path / "reports")
    assert (entry.name, entry.address, entry.source) == ("first", "reports/first.html", "config/first.yaml")
    assert (entry.date, entry.finished) == ("2026-11-28 10:00", True)
    first, second = entry.datasets
    assert (first.models, first.best, first.accuracy) == (3, "cnn3d", "92.1 [88.0, 95.4]")
    assert first.tied == "tied: cnn2d_tcn and cnn2d_lstm"
    assert (second.accuracy, second.tied) == ("60.0 [unknown]", "")


def test_the_latest_comes_first_and_the_last_page_is_report_html(tmp_path: Path) -> None:
    finish(tmp_path, record_of("first", "28 10:00"))
    finish(tmp_path, record_of("second", "29 10:00"))
    assert [entry.name for entry in index_entries(tmp_path / "reports")] == ["second", "first"]
    assert (tmp_path / "report.html").read_text() == "page of second"
    assert (tmp_path / "reports/first.html").read_text() == "page of first"
    html = (tmp_path / "index.html").read_text()
    assert html.index('href="reports/second.html"') < html.index('href="reports/first.html"')
    assert "x_<wbr>y" in html
    ids = re.findall(' id="(.*?)"', html)
    assert len(ids) == len(set(ids))
    assert {target for target in re.findall('href="#(.*?)"', html)} <= set(ids)


def test_an_unfinished_page_stands_beside_the_finished_one_of_its_run_until_that_is_made(tmp_path: Path) -> None:
    files = finish(tmp_path, record_of("first", "28 10:00"))
    unfinished = record_of("first", "29 10:00", STOPPED, [DatasetRecord("motion", 3)])
    unfinished.write(files.unfinished.record)
    latest, index = tmp_path / "report.html", tmp_path / "index.html"
    publish_unfinished("unfinished", files.unfinished.page, files.unfinished.record, latest, index)
    assert latest.read_text() == "unfinished"
    assert files.page.read_text() == "page of first"
    entry, before = index_entries(tmp_path / "reports")
    assert (entry.state, entry.datasets[0].best) == ("unfinished: stopped, 12 of 40 trainings", "–")
    assert before.finished
    assert "unfinished: stopped, 12 of 40 trainings" in index.read_text()
    finish(tmp_path, record_of("first", "30 10:00"))
    assert [entry.finished for entry in index_entries(tmp_path / "reports")] == [True]
    assert list((tmp_path / "reports/unfinished").iterdir()) == []


def test_a_run_is_running_at_the_time_of_its_last_page_and_stopped_once_another_starts(tmp_path: Path) -> None:
    files = RunFiles(tmp_path / "reports", "first").unfinished
    record = record_of("first", "28 10:00", RUNNING, [DatasetRecord("motion", 3)])
    record.write(files.record)
    publish_unfinished("unfinished", files.page, files.record, None, None)
    (entry,) = index_entries(tmp_path / "reports")
    assert entry.state == "unfinished: running at 2026-11-28 10:00, 12 of 40 trainings"
    end_lost_runs(tmp_path / "reports")
    (entry,) = index_entries(tmp_path / "reports")
    assert (entry.state, entry.date) == ("unfinished: stopped, 12 of 40 trainings", "2026-11-28 10:00")


def test_what_cannot_be_read_or_has_no_page_is_left_out(tmp_path: Path) -> None:
    files = finish(tmp_path, record_of("first", "28 10:00"))
    finish(tmp_path, record_of("gone", "28 11:00")).page.unlink()
    (files.folder / "old.json").write_text("{}")
    (files.folder / "old.html").touch()
    assert [entry.name for entry in index_entries(files.folder)] == ["first"]


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    record = record_of("first", "28 10:00")
    record.write(tmp_path / "first.json")
    assert RunRecord.read(tmp_path / "first.json") == record


def test_the_record_of_a_page_names_its_best_model_and_those_tied_with_it(tmp_path: Path) -> None:
    models = [
        Model("bad", 0.95, status="diverged"),
        Model("a", 0.9),
        Model("b", 0.88),
        Model("c", 0.5, verdict="behind"),
    ]
    folder = plant(tmp_path, Planted("gestures", models))
    page = describe(folder, [], FOLDER, None)
    assert (page.record.models, page.record.best, page.record.tied) == (4, "a", ["b"])
    assert (page.record.top1, page.record.top1_low) == (0.9, pytest.approx(0.86))
    assert page.trainings == 12
