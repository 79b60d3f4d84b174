"""The page of a run that is not finished, from a folder of results that is half filled."""

import re
from dataclasses import replace
from pathlib import Path

import build_report
import pytest
from planted import Model, Planted, plant

from vidbench.files import read_json, write_json
from vidbench.report.rendering import FOLDER
from vidbench.report.run_records import RUNNING, STOPPED, DatasetProgress, DatasetRecord, RunRecord
from vidbench.report.unfinished import Training, describe_unfinished, pooled

MODELS = [Model("done", 0.9, seeds=(0, 1)), Model("half", 0.8, seeds=(0, 1)), Model("none", 0.7, seeds=(0, 1))]
PROGRESS = DatasetProgress(
    name="gestures",
    diagnosed=True,
    splits=["split1"],
    models=["none", "half", "done"],
    seeds=[0, 1],
    scored=[("split1", "half", 1), ("split1", "done", 0), ("split1", "done", 1)],
    figures=[],
)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A data set's folder without what is made at the end of a run."""
    folder = plant(tmp_path / "results", Planted("gestures", MODELS))
    for name in ("comparison.csv", "summary.csv", "pairwise.csv"):
        (folder / name).unlink()
    return folder


def page_of(results: Path, progress: DatasetProgress, monkeypatch: pytest.MonkeyPatch, state: str = RUNNING) -> str:
    """The page that build_report.py makes of a record."""
    folder = results.parent / "reports" / "unfinished"
    sets = [DatasetRecord("gestures", 3)]
    record = RunRecord("mine", state, "2026-11-30 04:10", ["config/mine.yaml"], "digest", sets, 6, 3, [progress])
    record.write(folder / "mine.json")
    monkeypatch.setattr("sys.argv", [
        "build_report.py", "--options", '{"title": "A < B"}', "--settings", "{}", "--datasets", str(results),
        "--unfinished", str(folder / "mine.json"), "--output", str(folder / "mine.html"),
        "--latest", str(results.parent / "report.html"), "--index", str(results.parent / "index.html"),
    ])  # fmt: skip
    build_report.main()
    assert (results.parent / "report.html").read_bytes() == (folder / "mine.html").read_bytes()
    return (folder / "mine.html").read_text(encoding="utf-8").replace("\xa0", " ")


def rows_of(page: str, table: str) -> list[list[str]]:
    """Texts of a table's rows."""
    body = re.search(rf'data-name="{table}">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert body
    return [[re.sub("<.*?>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
            for row in body[1].split("</tr>")[:-1]]  # fmt: skip


def test_it_says_what_is_known_and_no_more(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of(results, PROGRESS, monkeypatch)
    assert '<h2 id="state-title">This run is not finished</h2>' in page
    assert 'mine: 3 of 6 trainings are done, as of <span class="date">2026-11-30 04:10</span>.' in page
    assert page.index("96 videos of 4 classes") < page.index(">Models so far</h3>")
    assert rows_of(page, "progress") == [
        ["none", "0 of 2", "–", "–", "–", "–", "not tested yet"],
        ["half", "1 of 2", "–", "–", "–", "1 min 0 s", "in progress"],
        ["done", "2 of 2", "90.0", "90.0 – 90.0", "90.0", "1 min 0 s", "all tested"],
    ]
    assert [row[:5] for row in rows_of(page, "runs")] == [
        ["half", "split1", "1", "ok", "80.0"],
        ["done", "split1", "0", "ok", "90.0"],
        ["done", "split1", "1", "ok", "90.0"],
    ]
    assert "The answer" not in page
    assert re.findall(r'id="gestures-model-(\w+)"', page) == ["done"]


def test_a_model_in_which_nothing_is_random_is_tested_once(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of(results, replace(PROGRESS, once=["half"]), monkeypatch)
    assert [row[:3] + row[-1:] for row in rows_of(page, "progress")][1] == ["half", "1 of 1", "80.0", "all tested"]


def test_before_the_diagnosis_nothing_of_the_data_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "results" / "gestures"
    page = page_of(folder, replace(PROGRESS, diagnosed=False, scored=[]), monkeypatch)
    assert "there is no diagnosis yet" in page


def test_a_run_that_was_stopped_says_how_it_continues(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Started again with the same command" in page_of(results, PROGRESS, monkeypatch, STOPPED)
    assert "reload it" in page_of(results, PROGRESS, monkeypatch, RUNNING)


def test_a_training_that_diverged_is_named(results: Path) -> None:
    path = results / "split1" / "done" / "seed1" / "metrics.json"
    write_json(path, read_json(path) | {"status": "diverged"})
    described = describe_unfinished(results, PROGRESS, FOLDER)
    assert described["models"][0]["warnings"] == ["Diverged in 1 of 2 trainings."]
    assert described["progress"].rows[-1][-1].text == "1 diverged"


def test_accuracy_counts_test_videos_as_the_finished_page_does(results: Path) -> None:
    path = results / "split1" / "done" / "seed1" / "metrics.json"
    write_json(path, read_json(path) | {"num_videos": 48, "top1": 0.6})
    trainings = [Training.read(results / "split1" / "done" / f"seed{seed}") for seed in (0, 1)]
    assert pooled(trainings, "top1") == pytest.approx((96 * 0.9 + 48 * 0.6) / 144)


def test_a_page_is_dropped_where_the_run_has_finished_meanwhile(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The finished page's script removes the record while this one reads."""
    latest, record = results.parent / "report.html", results.parent / "reports/unfinished/mine.json"
    monkeypatch.setattr(
        build_report, "describe_unfinished", lambda *_: record.unlink() or {"name": "x", "diagnosed": 0}
    )
    with pytest.raises(FileNotFoundError):
        page_of(results, PROGRESS, monkeypatch)
    assert not latest.exists()
    assert not record.with_suffix(".html").exists()
