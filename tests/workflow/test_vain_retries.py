"""With --retries Snakemake repeats a failed job, but not one that would fail again for a GPU's memory."""

from pathlib import Path

import pytest
import tiny

from workflow.conftest import copy_project, snakemake, write_config

FAILING = "import sys\nopen('attempts', 'a').write('x')\nsys.exit(\"error: {}\")\n"


@pytest.mark.parametrize(
    ("error", "attempts"),
    [("the GPU's memory (8.0 GB) is too small for batches of 16 clips: lower", 1), ("main memory is too small", 3)],
)
def test_a_job_that_a_larger_request_does_not_help_runs_once(error: str, attempts: int, tmp_path: Path) -> None:
    """The first job of all stands for any: its log is looked at, as that of a training is."""
    folder = copy_project(tmp_path)
    write_config(folder, tiny.config())
    (folder / "scripts/download_data.py").write_text(FAILING.format(error))
    done = snakemake(folder, "--retries", "2", check=False)
    assert done.returncode != 0
    assert (folder / "attempts").read_text() == "x" * attempts, done.stdout[-3000:]
    assert error in done.stdout
