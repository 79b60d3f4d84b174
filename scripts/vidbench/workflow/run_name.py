"""The name of a run, which its page has, and what is said where another configuration has the same one."""

import filecmp
import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidbench.errors import UserError
from vidbench.files import atomic_path, digest
from vidbench.report.run_records import RunFiles, RunRecord, read_record
from vidbench.workflow.files import Paths
from vidbench.workflow.resources import Invocation
from vidbench.workflow.run import Run, used_part

REPORTS = "reports"  # folder of the pages in results/, so no data set's name
# Sections that change neither a result nor the page.
WITHOUT_EFFECT = ("shared", "ffmpeg", "container", "weights_download")


def default_name(config_files: Sequence[str]) -> str:
    """Return the name of the last configuration file, without what a file's name should not hold."""
    stem = Path(config_files[-1]).stem if config_files else ""
    return re.sub(r"[^\w.-]+", "_", stem).strip("_.-") or "config"


@dataclass(frozen=True)
class RunName:
    """The name of a run, and the configuration that it is given to."""

    name: str
    config_files: list[str]
    configuration: str  # digest
    folder: Path  # results/reports, with a module's prefix

    @classmethod
    def of(cls, run: Run, paths: Paths, workflow: Any) -> "RunName":
        """Return the name of the workflow's run; UserError where a data set's folder would be that of the pages."""
        if REPORTS in [data.name for data in run.datasets]:
            raise UserError(f"config: datasets.{REPORTS}: results/{REPORTS}/ holds the pages; choose another name")
        config_files = [os.path.relpath(path) for path in workflow.overwrite_configfiles or workflow.configfiles]
        used = {key: value for key, value in used_part(run.config).items() if key not in WITHOUT_EFFECT}
        name = run.general["run"]["name"] or default_name(config_files)
        return cls(name, config_files, digest(used), Path(paths.results, REPORTS))

    @property
    def files(self) -> RunFiles:
        """The files of the run's page."""
        return RunFiles(self.folder, self.name)

    @property
    def outputs(self) -> dict[str, str]:
        """Files that build_report makes, by name, for Snakemake to put a module's prefix before."""
        return {
            "page": f"results/{REPORTS}/{self.name}.html",
            "record": f"results/{REPORTS}/{self.name}.json",
            "latest": "results/report.html",
            "index": "results/index.html",
            "answers": "results/answers.txt",
        }

    def check(self, workflow: Any) -> None:
        """Before the first job of a run that makes the page: whose page it will replace.

        UserError where it is that of another configuration file; where this one has changed, a line says so.
        """
        outputs = {str(path) for job in workflow.dag.needrun_jobs() for path in job.output}
        if workflow.touch or self.outputs["page"] not in outputs:
            return
        for files in (self.files, self.files.unfinished):
            if files.page.exists() and (record := read_record(files.record)):
                self._compare(record, files.page)

    def put_back_page(self, workflow: Any) -> None:
        """Where results/report.html is the page of a run that never finished, put back the finished page of this one.

        Snakemake takes the file for that page, and may have nothing to do.
        """
        latest = self.folder.parent / "report.html"
        if Invocation(workflow).is_dry or not (latest.exists() and self.files.page.exists()):
            return
        unfinished = self.files.unfinished.folder.glob("*.html")
        if any(filecmp.cmp(latest, page, shallow=False) for page in unfinished):
            with atomic_path(latest) as temporary:
                shutil.copyfile(self.files.page, temporary)

    def _compare(self, record: RunRecord, page: Path) -> None:
        if record.configuration == self.configuration:
            return
        other = record.config_files[-1] if record.config_files else ""
        if record.config_files != self.config_files and os.path.exists(other):
            raise UserError(
                f"config: run.name: the page of a run '{self.name}' is there already, {page}, and is that of {other};"
                " name this run in its configuration, e.g. run: {name: second}, or move that page to another folder"
            )
        if page == self.files.page:
            print(
                f"The configuration has changed since {page} was made ({record.date}): this run replaces that page."
                " To keep both: run: {name: ...}",
                file=sys.stderr,
            )
