"""The lines about a run's jobs: what will run, what starts and ends, what failed and why, how far it is."""

import csv
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vidbench.formatting import duration, percent
from vidbench.workflow import job_words
from vidbench.workflow.failure_reasons import reason
from vidbench.workflow.job_events import Attempt
from vidbench.workflow.job_words import Step
from vidbench.workflow.progress import Capacity, PlannedTimes, Progress, epoch_of, make_kind
from vidbench.workflow.screen import RED, YELLOW, Screen

LONG = 120.0  # seconds from which on a job has a line of its own even where its kind is joined in one
# Where there is no bar: parts of a run that are worth a line on progress; seconds without one, at least and at most.
REPORT_PARTS, MIN_REPORT_SECONDS, MAX_REPORT_SECONDS = 10, 30.0, 600.0
MODELS_NAMED = 5
LINES_IN_SIGHT = 12


@dataclass
class StepState:
    """A step on one data set."""

    total: int = 0  # jobs
    done: int = 0
    seconds: float = 0.0  # of those done
    started: bool = False


class Narrator:
    """Says what becomes of the jobs of a run."""

    def __init__(
        self,
        screen: Screen,
        jobs: list[tuple[str, dict[str, str]]],
        planned: PlannedTimes,
        capacity: Capacity,
        kinds: Mapping[str, str],
    ) -> None:
        """`jobs`: rule and wildcards of each that is to run; `kinds`: of data sets, by their source."""
        self.screen = screen
        self._kinds = kinds
        self.progress = Progress((make_kind(*job) for job in jobs), planned, capacity)
        datasets = {names.get("dataset") or names.get("source") for _, names in jobs} - {None}
        self._several = len(datasets) > 1
        self._steps: dict[tuple[Step, str], StepState] = {}
        for rule, names in jobs:
            self._state(rule, names).total += 1
        self._failed_at: dict[int, int] = {}  # line of the screen, by job
        self._reported_jobs = 0  # done, at the last line on progress
        self._reported_at = time.time()

    def say_what_will_run(self) -> None:
        """Say how many jobs of which steps there are, and how long they take."""
        progress = self.progress
        left = progress.time_left(time.time())
        takes = "; `snakemake plan` measures how long they take"
        if left.complete:
            takes = f"; about {_rounded(left.seconds)}"
        elif any(kind.rule in ("plan", "machine") for kind in progress.tallies):
            takes = ""
        self.screen.say(f"This run has {progress.total:,} job{'s' * (progress.total != 1)}{takes}")
        counts: Counter[Step] = Counter()
        for (step, _), state in self._steps.items():
            counts[step] += state.total
        for step, number in sorted(counts.items(), key=lambda item: job_words.place_of(item[0])):
            self.screen.say(f"  {self._line_of_step(step, number, left.complete)}")

    def _line_of_step(self, step: Step, jobs: int, with_time: bool) -> str:
        kinds = [kind for kind in self.progress.tallies if self._words_of(kind.rule, kind.dataset).step == step]
        models = sorted({kind.model for kind in kinds if kind.model}) if step.reports_each_job else []
        seconds = self.progress.planned_seconds(kinds) if with_time else None
        of_models = f" of {_listed(models)}" if models else ""
        time_of_step = f", {duration(seconds)}" if seconds and seconds >= 1 else ""
        return f"{job_words.count_words(step, jobs)}{of_models}{time_of_step}"

    def start(self, attempt: Attempt) -> None:
        """A job starts, or is sent to a cluster's queue."""
        self.progress.start(attempt)
        state = self._state(attempt.rule, attempt.wildcards)
        to_queue = "" if attempt.local else "to the queue: "
        if self._step(attempt).reports_each_job:
            self._say(f"{to_queue}{self.words(attempt)} ...")
        elif self._step(attempt).is_long and not state.started:
            self._say(f"{to_queue}{self._step_words(attempt)} ...")
        state.started = True

    def finish(self, attempt: Attempt) -> None:
        """A job has ended well."""
        seconds = attempt.seconds(time.time())
        self.progress.finish(attempt, seconds)
        state = self._state(attempt.rule, attempt.wildcards)
        state.done += 1
        state.seconds += seconds or 0.0
        is_long = state.total > 1 and "model" in attempt.wildcards and (seconds or 0.0) >= LONG
        if self._step(attempt).reports_each_job or is_long:
            self._say(f"{self.words(attempt)}: {', '.join(_results(attempt, seconds))}")
        elif state.done == state.total:
            together = " together" if state.total > 1 else ""
            self._say(f"{self._step_words(attempt)}: {duration(state.seconds)}{together}")
        self.report_progress()

    def fail(self, attempt: Attempt) -> None:
        """A job has failed: why, and which logs tell more."""
        if attempt.stopped:
            return
        self.progress.fail(attempt)
        seconds = attempt.seconds(time.time())
        after = f" after {duration(seconds)}" if seconds is not None else ""
        self._say(f"FAILED{after}: {self.words(attempt)}", RED)
        self.screen.say(f"          {reason(attempt)}", RED)
        for log in (*attempt.logs, *attempt.more_logs):
            self.screen.say(f"          log: {log}")
        self._failed_at[attempt.job] = self.screen.lines

    def failures_in_sight(self) -> frozenset[int]:
        """Return the jobs whose failure stands among the last lines."""
        return frozenset(job for job, line in self._failed_at.items() if self.screen.lines - line <= LINES_IN_SIGHT)

    def restart(self, attempt: Attempt) -> None:
        """A job that has failed is tried again."""
        self.progress.retry(attempt)
        self._say(f"is tried again: {self.words(attempt)}", YELLOW)

    def report_progress(self) -> None:
        """Where there is no bar: a line for each tenth of the jobs but not often, and where none was said for long."""
        if self.screen.is_terminal:
            return
        done, total, now = self.progress.done, self.progress.total, time.time()
        before, after = (REPORT_PARTS * jobs // max(1, total) for jobs in (self._reported_jobs, done))
        is_due = now - self._reported_at >= (MIN_REPORT_SECONDS if before < after else MAX_REPORT_SECONDS)
        if done < total and is_due:
            self._reported_jobs, self._reported_at = done, now
            self._say(f"{done:,} of {total:,} jobs done{self._left_words()}{self._epoch_words()}")

    def draw_bar(self) -> None:
        """Draw the bar again: jobs, time left, what runs."""
        self.screen.draw_bar(self.progress.done, f"{self._left_words()}{self._running_words()}")

    def words(self, attempt: Attempt) -> str:
        """Return what a job does."""
        return job_words.job_words(
            attempt.rule, attempt.wildcards, self._several, self._kinds.get(attempt.wildcards.get("source", ""), "")
        )

    def _say(self, text: str, colour: int | None = None) -> None:
        self.screen.say(f"{time.strftime('%H:%M:%S')}  {text}", colour)

    def _left_words(self) -> str:
        left = self.progress.time_left(time.time())
        if not left.complete and left.seconds < LONG:
            return ""
        return f", {'about' if left.complete else 'at least'} {_rounded(left.seconds)} left"

    def _running_words(self) -> str:
        running = self.progress.running()
        if not running:
            return ""
        first = next((attempt for attempt in running if self._step(attempt).reports_each_job), running[0])
        more = f" and {len(running) - 1} more" if len(running) > 1 else ""
        return f"; {self.words(first)}{_epoch_in_words(first)}{more}"

    def _epoch_words(self) -> str:
        """Return where the first training is that runs."""
        trainings = (attempt for attempt in self.progress.running() if self._step(attempt).reports_each_job)
        first = next(trainings, None)
        return f"; {self.words(first)}{_epoch_in_words(first)}" if first and epoch_of(first) else ""

    def _step_words(self, attempt: Attempt) -> str:
        dataset = self._key(attempt.rule, attempt.wildcards)[1]
        total = self._state(attempt.rule, attempt.wildcards).total
        return self.words(attempt) if total == 1 else job_words.step_words(self._step(attempt), dataset, total)

    def _state(self, rule: str, wildcards: dict[str, str]) -> StepState:
        return self._steps.setdefault(self._key(rule, wildcards), StepState())

    def _step(self, attempt: Attempt) -> Step:
        return self._key(attempt.rule, attempt.wildcards)[0]

    def _key(self, rule: str, wildcards: dict[str, str]) -> tuple[Step, str]:
        dataset = wildcards.get("dataset") or wildcards.get("source") or ""
        return self._words_of(rule, dataset).step, dataset if self._several else ""

    def _words_of(self, rule: str, source: str) -> job_words.RuleWords:
        return job_words.words_of(rule, self._kinds.get(source, ""))


def _epoch_in_words(attempt: Attempt) -> str:
    epoch = epoch_of(attempt) if job_words.words_of(attempt.rule).step.reports_each_job else None
    return f" (epoch {epoch.number} of {epoch.of} done)" if epoch else ""


def _results(attempt: Attempt, seconds: float | None) -> list[str]:
    """Return what a job's line ends with: a training's accuracy, and the time."""
    accuracy = _best_validation(attempt.outputs)
    with_accuracy = [f"{percent(accuracy)} on validation"] if accuracy is not None else []
    return with_accuracy + ([duration(seconds)] if seconds is not None else ["done"])


def _best_validation(outputs: Iterable[str]) -> float | None:
    """Return the best accuracy on validation that a training reached, by its history; None for other jobs."""
    histories = [path for path in outputs if path.endswith("history.csv")]
    try:
        with Path(histories[0]).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
            score = next(name for name in ("val_top1", "val_mean_average_precision") if name in rows[0])
            return max(float(row[score]) for row in rows)
    except (OSError, ValueError, KeyError, IndexError, TypeError, StopIteration):
        return None


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MODELS_NAMED} more" if len(names) > MODELS_NAMED else ""
    return ", ".join(names[:MODELS_NAMED]) + more


def _rounded(seconds: float) -> str:
    """Return an estimated time, no more precise than it is."""
    step = 5 if seconds < 60 else 30 if seconds < 600 else 60 if seconds < 3600 else 600
    return duration(max(step, round(seconds / step) * step)).removesuffix(" 0 s").removesuffix(" 0 min")
