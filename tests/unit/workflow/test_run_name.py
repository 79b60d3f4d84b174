"""The name of a run's page, and what is said before the first job where another configuration has the same one."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny

from vidbench.errors import UserError
from vidbench.report.run_records import FINISHED, RunRecord
from vidbench.workflow.files import Paths
from vidbench.workflow.run import Run
from vidbench.workflow.run_name import RunName, default_name


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def named(*config_files: str, prefix: str = "", **changes: object) -> RunName:
    """The name of a run of a tiny configuration that these files hold."""
    workflow = SimpleNamespace(overwrite_configfiles=config_files, configfiles=["config/config.yaml"])
    paths = Paths(Path("project"), "scripts", results=f"{prefix}results")
    return RunName.of(Run(tiny.config(**changes)), paths, workflow)


def workflow_that_makes(*outputs: str, touch: bool = False, dryrun: bool = False) -> SimpleNamespace:
    job = SimpleNamespace(output=list(outputs))
    settings = SimpleNamespace(dryrun=dryrun)
    return SimpleNamespace(dag=SimpleNamespace(needrun_jobs=lambda: [job]), touch=touch, output_settings=settings)


def leave_page(name: RunName, date: str = "2026-11-28 10:00") -> None:
    """The page and the record that a run of this name leaves."""
    record = RunRecord(name.name, FINISHED, date, name.config_files, name.configuration, [])
    record.write(name.files.record)
    name.files.page.write_text(f"page of {name.config_files}")


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ([], "config"),
        (["config/config.yaml"], "config"),
        (["config/ucf101.yaml", "/home/me/my gestures (2).yml"], "my_gestures_2"),
        (["жесты.yaml"], "жесты"),
        (["..yaml"], "config"),
        (["a.b.yaml"], "a.b"),
    ],
)
def test_a_run_is_called_after_its_last_configuration_file(files: list[str], name: str) -> None:
    assert default_name(files) == name


def test_the_configuration_names_its_run() -> None:
    assert named("mine.yaml").name == "mine"
    assert named().name == "config"
    assert named("mine.yaml", run__name="second").name == "second"
    with pytest.raises(UserError, match=r"run\.name"):
        named(run__name="a/b")


def test_outputs_are_the_prefixs_business_and_files_have_it() -> None:
    name = named("mine.yaml", prefix="video/")
    assert name.outputs["page"] == "results/reports/mine.html"
    assert name.files.page == Path("video/results/reports/mine.html")


def test_no_data_set_is_called_as_the_folder_of_the_pages() -> None:
    with pytest.raises(UserError, match=r"datasets\.reports: .* choose another name"):
        named(datasets__reports=tiny.MOTION_ENTRY, run__datasets=["reports"])


def test_another_configuration_of_the_same_name_is_refused_before_it_overwrites() -> None:
    Path("a").mkdir()
    Path("a/mine.yaml").touch()
    leave_page(named("a/mine.yaml"))
    other = named("b/mine.yaml", run__seeds=[1])
    with pytest.raises(UserError, match=r"'mine' is there already, results/reports/mine\.html, and is that of a/mine"):
        other.check(workflow_that_makes(other.outputs["page"]))
    other.check(workflow_that_makes("results/motion/diagnosis.json"))  # makes no page
    other.check(workflow_that_makes(other.outputs["page"], touch=True))
    record = other.files.record.read_text()
    other.files.record.write_text("{}")  # of another version
    other.check(workflow_that_makes(other.outputs["page"]))
    other.files.record.write_text(record)
    named("b/mine.yaml").check(workflow_that_makes(other.outputs["page"]))  # says the same
    Path("a/mine.yaml").unlink()  # moved
    other.check(workflow_that_makes(other.outputs["page"]))


def test_a_changed_configuration_says_that_its_page_is_replaced(capsys: pytest.CaptureFixture) -> None:
    leave_page(named("mine.yaml"))
    makes_page = workflow_that_makes("results/reports/mine.html")
    named("mine.yaml").check(makes_page)
    named("mine.yaml", shared="/elsewhere").check(makes_page)  # changes no result
    assert capsys.readouterr().err == ""
    named("mine.yaml", run__seeds=[0, 1]).check(makes_page)
    said = capsys.readouterr().err
    assert said.startswith("The configuration has changed since results/reports/mine.html was made (2026-11-28 10:00)")
    assert said.count("\n") == 1


def test_the_page_of_a_run_that_never_finished_gives_way_to_the_finished_one_of_this_run() -> None:
    name, latest = named("mine.yaml"), Path("results/report.html")
    leave_page(name)
    name.files.unfinished.folder.mkdir()
    name.files.unfinished.page.write_text("unfinished")
    latest.write_text("unfinished")
    name.put_back_page(workflow_that_makes(dryrun=True))
    assert latest.read_text() == "unfinished"
    name.put_back_page(workflow_that_makes())
    assert latest.read_text() == "page of ['mine.yaml']"
    latest.write_text("the page of another finished run")
    os.remove(name.files.unfinished.page)
    name.put_back_page(workflow_that_makes())
    assert latest.read_text() == "the page of another finished run"
