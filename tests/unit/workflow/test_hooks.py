"""What is said and done around a run, without Snakemake."""

import json
import logging
import os
from pathlib import Path
from types import SimpleNamespace

import h5py
import pytest
from rule_objects import published_config, rules
from snakemake.logging import logger as snakemake_logger

from vidbench.files import write_json
from vidbench.frames.recipe import Recipe
from vidbench.workflow.hooks import Hooks


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(snakemake_logger, "handlers", [logging.NullHandler()])
    for folder in ("results", "logs"):
        Path(folder).mkdir()


def hooks(config: dict | None = None, touch: bool = False, outputs: tuple[str, ...] = ()) -> Hooks:
    """Around a run in which nothing was to be done; `outputs`: of its jobs."""
    jobs = [SimpleNamespace(output=[path]) for path in outputs]
    dag = SimpleNamespace(finished_jobs=[], jobs=jobs, needrun_jobs=lambda: [], finished=lambda job: False)
    made = rules(config)
    return Hooks(made.run, made.files, SimpleNamespace(dag=dag, touch=touch), lambda: lambda kind: None)


def write_page(began: float) -> None:
    for name in ("report.html", "answers.txt"):
        Path("results", name).write_text("cnn3d is best.\n")
        os.utime(Path("results", name), (began, began))


def test_the_summary_and_the_answers_are_said_at_the_end(capsys: pytest.CaptureFixture) -> None:
    made = hooks()
    made.start()
    assert snakemake_logger.handlers[:2] == [made.events, made.findings]
    write_page(made.began + 1)
    made.end([], succeeded=True)
    said = capsys.readouterr().err
    assert "This run ended well" in said
    assert said.endswith("cnn3d is best.\nThe report: results/report.html\n\n")
    assert Path("logs/runs.txt").read_text().count("\n") == 1


def test_a_page_of_an_earlier_run_is_not_said(capsys: pytest.CaptureFixture) -> None:
    made = hooks()
    write_page(made.began - 100)
    made.end([], succeeded=True)
    assert "The report" not in capsys.readouterr().err


def test_a_run_that_failed_says_no_answers(capsys: pytest.CaptureFixture) -> None:
    made = hooks()
    write_page(made.began + 1)
    made.end([], succeeded=False)
    said = capsys.readouterr().err
    assert "did not end well" in said
    assert "The report" not in said


def test_touching_is_no_run(capsys: pytest.CaptureFixture) -> None:
    made = hooks(touch=True)
    made.start()
    made.end([], succeeded=True)
    assert "This run" not in capsys.readouterr().err
    assert not Path("logs/runs.txt").exists()
    assert len(snakemake_logger.handlers) == 1


def test_what_was_found_before_is_said_at_the_start(capsys: pytest.CaptureFixture) -> None:
    write_json("results/motion/diagnosis.json", {"summary": "54 videos", "warnings": ["few videos"]})
    hooks(outputs=("results/motion/diagnosis.json",)).start()
    assert capsys.readouterr().err == "motion: 54 videos\nWARNING: motion: few videos\n"


def test_what_was_found_with_another_configuration_is_not_said(capsys: pytest.CaptureFixture) -> None:
    """A target such as `plan` does not check whether a diagnosis is of the splits that are set now."""
    write_json("results/motion/diagnosis.json", {"summary": "54 videos", "warnings": ["fold9: few videos"]})
    made = hooks(outputs=("results/plan/speed/motion/cnn3d.json",))
    made.start()
    made.end([], succeeded=True)
    made._say_known()
    assert "fold9" not in capsys.readouterr().err


def test_what_only_says_something_never_makes_a_run_fail(capsys: pytest.CaptureFixture) -> None:
    made = hooks()
    made.workflow.dag.needrun_jobs = None
    made.start()
    made.end([], succeeded=True)
    said = capsys.readouterr().err
    assert "WARNING: the doctor's findings cannot be said" in said
    assert "WARNING: no summary of this run" in said


@pytest.mark.parametrize(("stored", "kept"), [("all by this recipe", False), ("by another", True), ("not all", True)])
def test_videos_are_deleted_when_their_frames_are_stored_by_the_present_recipe(stored: str, kept: bool) -> None:
    made = hooks(published_config("ucf101", keep={"archives": True, "videos": False}))
    (data,) = made.run.datasets
    Path("resources/data/videos").mkdir(parents=True)
    Path("results/data/frames").mkdir(parents=True)
    Path("results/data/videos.csv").touch()
    recipe = Recipe.from_options(data.entry["frames"]).as_dict() | ({"fps": 99} if stored == "by another" else {})
    for shard in range(1 if stored == "not all" else 2):
        with h5py.File(f"results/data/frames/{shard}.h5", "w") as file:
            file.attrs["recipe"] = json.dumps(recipe)
    made.end([], succeeded=True)
    assert Path("resources/data/videos").exists() is kept
