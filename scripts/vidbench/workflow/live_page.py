"""The page of a run while it lasts: written now and then by a process in the background, marked as unfinished.

It reads which jobs are done from Snakemake's plan, so it needs no record of theirs. It never makes a run fail.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from vidbench.report.run_records import (
    RUNNING,
    STOPPED,
    DatasetProgress,
    DatasetRecord,
    RunRecord,
    end_lost_runs,
    now,
)
from vidbench.workflow.figures import FigureRules
from vidbench.workflow.report import ReportRules
from vidbench.workflow.run import DataSet

POLL_SECONDS = 5.0
PAUSE = 50  # times the processor time of a page: so pages take at most 2 % of one core
PATIENCE = 20  # signals, 0.1 s apart, before a process is killed
MAX_LAST_SECONDS = 60.0  # for the page of a run that was stopped


class PendingFiles:
    """The outputs that the jobs of a run have still to make."""

    def __init__(self, dag: Any) -> None:
        self._dag = dag
        self._outputs = [(job, [str(path) for path in job.output]) for job in dag.needrun_jobs()]

    def update(self) -> set[str]:
        """Return the outputs of the jobs that are not finished."""
        self._outputs = [(job, paths) for job, paths in self._outputs if not self._dag.finished(job)]
        return {path for _, paths in self._outputs for path in paths}


class LivePage:
    """One per Snakefile that is read; its thread starts with the first job and ends with the last but the page's."""

    def __init__(self, rules: ReportRules, figures: FigureRules, workflow: Any) -> None:
        self._rules, self._figures, self._workflow = rules, figures, workflow
        self._name, self._run = rules.name, rules.run
        self.seconds = self._run.general["report"]["refresh_seconds"]
        self._log = Path(rules.files.paths.logs, "unfinished_report.log")
        self._ended = threading.Event()
        self._began = time.monotonic()
        self.thread: threading.Thread | None = None
        self._pending: PendingFiles | None = None

    def start(self) -> None:
        """Begin to write pages, where this run makes one. Snakemake's lock is held, so no earlier run goes on here."""
        with self._noting_failure():
            end_lost_runs(self._name.folder)
            pending = PendingFiles(self._workflow.dag)
            if self.seconds is None or self._workflow.touch or self._name.outputs["page"] not in pending.update():
                return
            self._began, self._pending = time.monotonic(), pending
            self.thread = threading.Thread(target=self._watch, args=(pending,), daemon=True)
            self.thread.start()

    def end(self, succeeded: bool) -> None:
        """Write no more pages; after a run that did not succeed, a last one."""
        self._ended.set()
        if self.thread is None or self._pending is None:
            return
        self.thread.join()
        if not succeeded and time.monotonic() - self._began >= self.seconds:
            deadline = time.monotonic() + MAX_LAST_SECONDS
            with self._noting_failure():
                self._write(self.record(self._pending.update(), STOPPED), lambda: time.monotonic() > deadline)

    def _watch(self, pending: PendingFiles) -> None:
        """Write a page when something is new, with a pause after each one."""
        with self._noting_failure():
            shown, pause = None, float(self.seconds)
            while not self._ended.wait(pause):
                files = pending.update()
                if self._only_page_is_left(files):
                    return
                record = self.record(files, RUNNING)
                pause = min(POLL_SECONDS, self.seconds)
                if _is_worth_showing(record) and replace(record, date="") != shown:
                    shown = replace(record, date="")
                    cost = self._write(record, lambda: self._is_over(pending))
                    pause = max(self.seconds, PAUSE * cost)

    @contextmanager
    def _noting_failure(self) -> Iterator[None]:
        """Write what goes wrong into the log: it must not disturb the run."""
        try:
            yield
        except Exception as error:
            with suppress(OSError):
                self._log.write_text(f"no page while this run lasts: {error!r}\n", encoding="utf-8")

    def _is_over(self, pending: PendingFiles) -> bool:
        return self._ended.wait(0.1) or self._only_page_is_left(pending.update())

    def _only_page_is_left(self, files: set[str]) -> bool:
        return files <= set(self._name.outputs.values())

    def record(self, pending: set[str], state: str) -> RunRecord:
        """Return how far the run is; `pending`: files that are still to be made."""
        datasets = [self._progress(data, pending) for data in self._run.datasets]
        weights = [path for data in self._run.datasets for path in self._trained_weights(data)]
        models = len(self._run.models) + len(self._run.baselines)
        return RunRecord(
            name=self._name.name,
            state=state,
            date=now(),
            config_files=self._name.config_files,
            configuration=self._name.configuration,
            datasets=[DatasetRecord(data.name, models) for data in self._run.datasets],
            trainings=len(weights),
            trained=sum(path not in pending for path in weights),
            progress=datasets,
        )

    def _trained_weights(self, data: DataSet) -> list[str]:
        """The weights of all trainings on a data set, those of trials and of fractions of the videos included."""
        return [
            f"results/{data.name}/{split}/{model}/seed{seed}/weights.safetensors"
            for split in data.split_names
            for model in [*self._run.trained, *chain.from_iterable(map(self._run.later_rungs, self._run.models))]
            if model not in self._run.zero_shot
            for seed in self._run.seeds
        ]

    def _progress(self, data: DataSet, pending: set[str]) -> DatasetProgress:
        def is_made(path: str) -> bool:
            return path not in pending and os.path.exists(path)

        folder = f"results/{data.name}"
        wildcards = SimpleNamespace(dataset=data.name)
        scored = [
            (split, model, seed)
            for split in data.full_splits
            for model, seed in self._run.tested
            if is_made(f"{folder}/{split}/{model}/seed{seed}/metrics.json")
        ]
        return DatasetProgress(
            name=data.name,
            diagnosed=is_made(f"{folder}/diagnosis.json"),
            splits=data.full_splits,
            models=[*self._run.models, *self._run.baselines],
            seeds=self._run.seeds,
            scored=scored,
            figures=list(filter(is_made, self._figures.data_files(wildcards))),
            once=[*self._run.zero_shot, *self._run.baselines],
        )

    def _write(self, record: RunRecord, is_over: Callable[[], bool]) -> float:
        """Run the page's script; return its processor time in seconds. It is killed when the run is over."""
        record.write(self._name.files.unfinished.record)
        nice = ["nice", "-n", "19"] if shutil.which("nice") else []
        with open(self._log, "w", encoding="utf-8") as output:
            process = subprocess.Popen(
                [*nice, sys.executable, *self._command()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
                start_new_session=True,  # Ctrl-C is for the run
            )
            return wait_for_process(process, is_over)

    def _command(self) -> list[str]:
        rules, unfinished, outputs = self._rules, self._name.files.unfinished, self._name.outputs
        return [
            rules.files.paths.script("build_report.py"),
            *("--unfinished", str(unfinished.record)),
            *("--options", rules.options(None)),
            *("--settings", rules.settings(None)),
            *("--datasets", *rules.folders(None)),
            *("--output", str(unfinished.page)),
            *("--latest", outputs["latest"]),
            *("--index", outputs["index"]),
            *rules.commit_argument(None, 1),
        ]


def _is_worth_showing(record: RunRecord) -> bool:
    return any(dataset.diagnosed for dataset in record.progress)


def wait_for_process(process: subprocess.Popen, is_over: Callable[[], bool]) -> float:
    """Wait for a process, or end it when the run is over; return the processor time that it took, in seconds.

    Popen's own methods would wait for it, too, and then its processor time were lost.
    """
    signals = chain([signal.SIGTERM] * PATIENCE, repeat(signal.SIGKILL))
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime
        if is_over():
            os.kill(process.pid, next(signals))
        time.sleep(0.1)
