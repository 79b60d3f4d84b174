"""Two configurations in one folder: each has a page of its own, which is there while its run lasts."""

import json
from pathlib import Path

import pytest
import tiny
import yaml

from vidbench.files import read_csv, read_json
from workflow.conftest import copy_project, edited, planned, snakemake

pytestmark = pytest.mark.slow
MODELS = {"tiny": ["cnn3d"], "second": ["cnn3d", "cnn2d_mean"]}
PAGES = "results/reports"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two configurations; the run of the first one has failed at a figure."""
    folder = copy_project(tmp_path_factory.mktemp("pages"))
    for name, models in MODELS.items():
        changes = {
            "evaluation__motion_test": False,
            "datasets__motion__leak_check": False,
            "report": {"refresh_seconds": 1},
        }
        config = tiny.config(run__models=models, **changes)
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(config))
    with edited(folder / "scripts/plot_cost.py", "raise SystemExit('broken')\n"):
        done = snakemake(folder, *configured("tiny"), "--keep-going", check=False)
    assert done.returncode == 1
    return folder


def configured(name: str) -> tuple[str, str]:
    return "--configfile", f"{name}.yaml"


def test_a_run_that_failed_leaves_a_page_that_says_so(folder: Path) -> None:
    page = (folder / "results/report.html").read_text(encoding="utf-8")
    assert page == (folder / PAGES / "unfinished/tiny.html").read_text(encoding="utf-8")
    assert not (folder / PAGES / "tiny.html").exists()
    assert "This run is not finished" in page
    assert "tiny: 1 of 1 trainings are done" in page
    assert "The answer" not in page
    top1 = read_json(folder / "results/motion/split1/cnn3d/seed0/metrics.json")["top1"]
    assert f"<span>{100 * top1:.1f}\xa0%</span>" in page
    assert "unfinished: stopped, 1 of 1 trainings" in (folder / "results/index.html").read_text(encoding="utf-8")


def test_each_configuration_has_its_own_page_and_the_last_one_is_report_html(folder: Path) -> None:
    snakemake(folder, *configured("tiny"))
    first = (folder / PAGES / "tiny.html").read_bytes()
    assert (folder / "results/report.html").read_bytes() == first
    assert list((folder / PAGES / "unfinished").iterdir()) == []
    (row,) = read_csv(folder / "results/motion/summary.csv")
    assert f"{100 * float(row['top1']):.1f}\xa0%" in first.decode()

    snakemake(folder, *configured("second"))
    assert (folder / PAGES / "tiny.html").read_bytes() == first
    assert (folder / "results/report.html").read_bytes() == (folder / PAGES / "second.html").read_bytes() != first
    records = {path.stem: json.loads(path.read_text()) for path in (folder / PAGES).glob("*.json")}
    assert {name: record["datasets"][0]["models"] for name, record in records.items()} == {"tiny": 1, "second": 2}
    index = (folder / "results/index.html").read_text(encoding="utf-8")
    assert 'href="reports/tiny.html"' in index
    assert 'href="reports/second.html"' in index
    assert "Nothing to be done" in snakemake(folder, *configured("second")).stdout
    assert "train_model" not in planned(folder, *configured("tiny"))


def test_another_name_makes_only_the_page_again(folder: Path) -> None:
    config = yaml.safe_load((folder / "second.yaml").read_text())
    config["run"]["name"] = "renamed"
    with edited(folder / "second.yaml", yaml.safe_dump(config)):
        assert planned(folder, *configured("second")) == {"build_report": 1}


def test_another_configuration_of_a_name_that_is_taken_is_refused(folder: Path) -> None:
    (folder / "other").mkdir()
    config = yaml.safe_load((folder / "second.yaml").read_text())
    (folder / "other/second.yaml").write_text(yaml.safe_dump(config | {"run": config["run"] | {"models": ["cnn3d"]}}))
    before = (folder / PAGES / "second.html").read_bytes()
    done = snakemake(folder, *configured("other/second"), check=False)
    assert done.returncode != 0
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
    assert "run.name" in line
    assert "is that of second.yaml" in line
    assert (folder / PAGES / "second.html").read_bytes() == before
    assert not (folder / PAGES / "unfinished/second.json").exists()
