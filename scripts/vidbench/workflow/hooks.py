"""What is said and done when the first job starts and after the last one."""

import json
import os
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snakemake.logging import logger as snakemake_logger

from vidbench.datasets.source_folder import remove_videos, stored_recipe
from vidbench.frames.recipe import Recipe
from vidbench.workflow import run_summary
from vidbench.workflow.files import Files
from vidbench.workflow.findings import Findings
from vidbench.workflow.job_events import RunEvents
from vidbench.workflow.progress import PlannedTimes
from vidbench.workflow.run import DataSet, Run
from vidbench.workflow.terminal import Terminal
from vidbench.workflow.terminal_setup import begin, make_terminal
from vidbench.workflow.vain_retries import VainRetries


class Hooks:
    """One per Snakefile that is read: it remembers what becomes of the jobs."""

    def __init__(self, run: Run, files: Files, workflow: Any, read_times: Callable[[], PlannedTimes]) -> None:
        """`read_times`: reads what is known of the times of jobs before they run."""
        self.run, self.files, self.workflow = run, files, workflow
        self.results = files.paths.results
        self.began = time.time()
        self.events = RunEvents()
        self.read_times = read_times
        self.terminal = Terminal(self.events)
        self.findings = Findings(self.terminal.say)
        self.vain_retries = VainRetries()

    def take_terminal(self) -> None:
        """Before jobs are settled: let the run be said in words, where nobody asked for Snakemake's own lines."""
        quietly("what happens", make_terminal, self.terminal, self.workflow)
        self.terminal.remind(self._say_known)

    def start(self, log: list[str] | None = None) -> None:
        """From here on, remember what becomes of the jobs, and say what the doctor finds before a training starts."""
        if self.workflow.touch:
            return
        # Before the terminal's: it asks the events, and a training's start should stand below the findings.
        snakemake_logger.handlers[:0] = [self.events, self.findings, self.vain_retries]
        self.vain_retries.watch(self.workflow.dag)
        quietly("what will run", begin, self.terminal, self.workflow, self.read_times, log or [], self._kinds())
        quietly("the doctor's findings", self.findings.watch, self.workflow.dag, self._diagnosed())

    def end(self, log: list[str], succeeded: bool) -> None:
        """After the last job; `log`: Snakemake's own."""
        self.terminal.end()
        quietly("the doctor's findings", self.findings.say_rest, self.workflow.dag, self._diagnosed())
        self._say_summary(log, succeeded)
        if succeeded:
            self._say_answers()
            self._remove_unkept_videos()

    def _kinds(self) -> dict[str, str]:
        """The kinds of data sets, by their sources."""
        return {source: self.run.config["datasets"][name]["kind"] for source, name in self.run.sources.items()}

    def _diagnosed(self) -> list[Path]:
        """Where the results of the run's data sets lie."""
        return [Path(self.results, data.name) for data in self.run.datasets]

    def _say_known(self) -> None:
        """Where nothing is to be done: what was found before, and where the page is."""
        quietly("the doctor's findings", self.findings.say_rest, self.workflow.dag, self._diagnosed())
        page = Path(self.results, "report.html")
        if page.exists():
            self.terminal.say(f"The report of the last run: {page}\n")

    def _say_summary(self, log: list[str], succeeded: bool) -> None:
        """On the terminal and in logs/runs.txt: what the run did, what failed and why. It never makes a run fail."""
        try:
            ended = self._ended(log, succeeded)
            if not self.workflow.touch:
                self.terminal.say(f"\n{run_summary.summary(ended).rstrip()}")
                run_summary.append_line(ended, Path(self.files.paths.logs, "runs.txt"))
        except Exception as error:
            print(f"WARNING: no summary of this run: {error!r}", file=sys.stderr)

    def _ended(self, log: list[str], succeeded: bool) -> run_summary.Run:
        dag = self.workflow.dag
        self.events.take_finished({job.jobid: job.output for job in dag.finished_jobs})
        started = {attempt.job for attempt in self.events.attempts}
        left = [job.rule.name for job in dag.needrun_jobs() if job.rule.shellcmd and job.jobid not in started]
        return run_summary.Run(
            events=self.events,
            succeeded=succeeded,
            started=self.began,
            ended=time.time(),
            left=Counter(left),
            command=shlex.join(["snakemake", *sys.argv[1:]]),
            log=os.path.relpath(log[-1]) if log else "",
            in_sight=self.terminal.failures_in_sight(),
        )

    def _say_answers(self) -> None:
        """Where the page was made in this run: its answers, and where it is."""
        page, text = Path(self.results, "report.html"), Path(self.results, "answers.txt")
        if page.exists() and text.exists() and page.stat().st_mtime >= self.began:
            self.terminal.say(f"\n{text.read_text(encoding='utf-8')}The report: {page}\n")

    def _remove_unkept_videos(self) -> None:
        """Delete the videos that need not be kept (keep.videos), where all their frames are stored."""
        for folder in {data.folder for data in self.run.datasets if not data.entry["keep"]["videos"]}:
            users = [data for data in self.run.datasets if data.folder == folder]
            if all(self.files.has_frames(data) for data in users) and all(map(self._has_present_recipe, users)):
                remove_videos(Path(folder))

    def _has_present_recipe(self, data: DataSet) -> bool:
        """Whether a data set's frames are stored by the recipe that the config now asks for."""
        recipe = json.loads(json.dumps(Recipe.from_options(data.entry["frames"]).as_dict()))  # tuples become lists
        return all(stored_recipe(shard) == recipe for shard in self.files.stored_shards(data))


def quietly(what: str, function: Callable, *arguments: object) -> None:
    """Call what only says something: its failure is a warning, and no failure of the run."""
    try:
        function(*arguments)
    except Exception as error:
        print(f"WARNING: {what} cannot be said: {error!r}", file=sys.stderr)
