"""What a run says on the terminal, while it runs and at its end, and in logs/runs.txt."""

import re
from pathlib import Path

import pytest
import tiny

from workflow.conftest import copy_project, edited, snakemake, write_config

pytestmark = pytest.mark.slow
FRAMES_ONLY = "results/motion/inspection.csv"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which nothing has run."""
    made = copy_project(tmp_path_factory.mktemp("summary"))
    write_config(made, tiny.config(run__models=["cnn3d"]))
    return made


def test_dry_runs_failures_and_good_runs(folder: Path) -> None:
    runs = folder / "logs/runs.txt"
    assert "This run" not in snakemake(folder, "--dry-run", FRAMES_ONLY).stdout
    assert not runs.exists()

    script = folder / "scripts/inspect_videos.py"
    with edited(script, "import sys\nsys.exit('error: the doctor is ill; call another one')\n"):
        said = snakemake(folder, FRAMES_ONLY, check=False)
    assert said.returncode == 1
    assert re.search(r"This run did not end well after \d+ s: \d+ jobs done, 1 failed\.", said.stdout)
    log = "logs/inspect_videos/motion.log"
    during, _ = said.stdout.split("This run did not end well")
    assert re.search(
        rf"^[\d:]+  FAILED after \d+ s: inspecting the videos on motion\n +error: the doctor is ill; call another one\n"
        rf" +log: {log}\n",
        during,
        re.MULTILINE,
    )
    assert "CalledProcessError" not in said.stdout
    assert said.stdout.count("the doctor is ill") == 1  # it stands just above the summary
    assert "Failed:" not in said.stdout
    assert "GPU-hours" not in said.stdout
    assert "error: the doctor is ill" in (folder / log).read_text()  # a failed job's log stays until its next attempt
    assert "\n  snakemake --configfile tiny.yaml" in said.stdout

    plain = snakemake(folder, FRAMES_ONLY).stdout
    assert "This run has 1 job; about " in plain
    assert re.search(r"^[\d:]+  inspecting the videos on motion: \d+ s$", plain, re.MULTILINE)
    assert "rule " not in plain.split("This run ended well")[0]
    assert max(map(len, plain.splitlines())) <= 120
    assert len(plain) < 2000
    own_log = re.search(r"Snakemake's own lines: (\S+)", plain)[1]
    assert "localrule inspect_videos:" in (folder / own_log).read_text()
    assert re.search(r"This run ended well after \d+ s: \d+ jobs? done\.", plain)
    assert re.search(r"\n  inspect_videos +1 +\d+ s +0\.00 +\d\.\d\d\n", plain)
    lines = [line.split("\t")[1] for line in runs.read_text().splitlines()]
    assert lines == ["failed", "ended well"]

    touched = snakemake(folder, FRAMES_ONLY, "--touch", "--forceall").stdout
    assert "This run" not in touched
    assert "no summary" not in touched
    assert len(runs.read_text().splitlines()) == 2


def test_with_the_rich_logger_and_when_it_cannot_be_written(folder: Path) -> None:
    said = snakemake(folder, FRAMES_ONLY, "--logger", "rich", "--forcerun", "inspect_videos").stdout
    assert "This run ended well" in said
    assert "inspecting the videos" not in said
    said = snakemake(folder, FRAMES_ONLY, "--printshellcmds", "--forcerun", "inspect_videos").stdout
    assert "localrule inspect_videos:" in said
    assert "inspecting the videos" not in said
    said = snakemake(folder, FRAMES_ONLY, "--no-hooks", "--forcerun", "inspect_videos").stdout
    assert "localrule inspect_videos:" in said
    said = snakemake(folder, FRAMES_ONLY, "--quiet", "progress", "--forcerun", "inspect_videos").stdout
    assert "This run has" not in said
    assert re.search(r"This run ended well after \d+ s: 1 job done\.", said)
    runs = folder / "logs/runs.txt"
    runs.unlink()
    runs.mkdir()
    said = snakemake(folder, FRAMES_ONLY, "--forcerun", "inspect_videos").stdout
    assert "WARNING: no summary of this run: IsADirectoryError" in said
