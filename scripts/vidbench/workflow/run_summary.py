"""What a run did, for the terminal at its end and as a line of logs/runs.txt."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from vidbench.formatting import counted, duration
from vidbench.workflow import job_words
from vidbench.workflow.failure_reasons import reason
from vidbench.workflow.job_events import Attempt, RunEvents

RULES_SHOWN = 8
FAILURES_SHOWN = 20
STEPS_NAMED = 4
MIN_HOURS = 0.005  # fewer are shown as 0.00


@dataclass(frozen=True)
class Hours:
    """Hours that jobs computed, and the same times the GPUs and cores that they held."""

    wall: float = 0
    gpu: float = 0
    core: float = 0

    @property
    def is_nothing(self) -> bool:
        """Whether the GPUs and cores were held so shortly that a table has zeros."""
        return max(self.gpu, self.core) < MIN_HOURS

    def __add__(self, other: "Hours") -> "Hours":
        return Hours(self.wall + other.wall, self.gpu + other.gpu, self.core + other.core)


@dataclass(frozen=True)
class Run:
    """A run that has ended; times are seconds since the epoch.

    `left` counts the jobs it never started, by rule; `in_sight`: jobs whose failure stands a few lines above.
    """

    events: RunEvents
    succeeded: bool
    started: float
    ended: float
    left: dict[str, int]
    command: str
    log: str  # Snakemake's own
    in_sight: Collection[int] = ()

    @cached_property
    def seconds(self) -> dict[int, float | None]:
        """How long each attempt computed, by its id(): read once, for there may be many thousands of files."""
        return {id(attempt): attempt.seconds(self.ended) for attempt in self.events.attempts}

    def hours(self, attempts: Iterable[Attempt]) -> Hours:
        """What these attempts cost, as far as it is known."""
        total = Hours()
        for attempt in attempts:
            wall = (self.seconds[id(attempt)] or 0) / 3600
            total += Hours(wall, wall * attempt.gpus, wall * attempt.cores)
        return total

    @property
    def stopped(self) -> bool:
        """Whether it ended because a person wanted it to, and nothing failed before."""
        return not self.succeeded and self.events.asked_to_stop and not self.events.failed()

    def uncounted(self) -> int:
        """Attempts of which nobody knows how long they computed."""
        return sum(seconds is None for seconds in self.seconds.values())


def summary(run: Run) -> str:
    """The summary, for the terminal."""
    lines = [_headline(run), *_costs(run), *_failures(run), *_unfinished(run)]
    return "\n".join(lines) + "\n"


def line(run: Run) -> str:
    """A run in one line, its parts separated by tabs: when, how it ended, jobs, time, hours, command."""
    hours = run.hours(run.events.attempts)
    columns = (
        f"{datetime.fromtimestamp(run.started):%Y-%m-%d %H:%M:%S}",
        "ended well" if run.succeeded else "stopped" if run.stopped else "failed",
        f"{len(run.events.finished())} done, {len(run.events.failed())} failed",
        duration(run.ended - run.started),
        f"{hours.gpu:.2f} GPU-hours",
        f"{hours.core:.2f} CPU-hours",
        run.command,
        run.log,
    )
    return "\t".join(" ".join(column.split()) for column in columns) + "\n"


def append_line(run: Run, path: Path) -> None:
    """Add the run's line to a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(line(run))


def _headline(run: Run) -> str:
    events = run.events
    repeated = len(events.repeated())
    counts = [
        f"{len(events.finished())} job{'s' * (len(events.finished()) != 1)} done",
        *([f"{len(events.failed())} failed"] if events.failed() else []),
        *([f"{len(events.stopped())} stopped"] if events.stopped() else []),
        *([f"{sum(run.left.values())} not started"] if run.left else []),
        *([f"{repeated} failed attempt{'s' * (repeated > 1)} repeated"] if repeated else []),
    ]
    how = "ended well" if run.succeeded else "was stopped" if run.stopped else "did not end well"
    return f"This run {how} after {duration(run.ended - run.started)}: {', '.join(counts)}."


def _costs(run: Run) -> list[str]:
    by_rule: dict[str, list[Attempt]] = {}
    for attempt in run.events.attempts:
        by_rule.setdefault(attempt.rule, []).append(attempt)
    hours = {rule: run.hours(attempts) for rule, attempts in by_rule.items()}
    if not run.succeeded:  # what matters then is why
        hours = {rule: cost for rule, cost in hours.items() if not cost.is_nothing}
    if not hours:
        return []
    order = sorted(hours, key=lambda rule: (hours[rule].gpu, hours[rule].core), reverse=True)
    total = run.hours(run.events.attempts)
    rows = [(rule, len(by_rule[rule]), hours[rule]) for rule in order[:RULES_SHOWN]]
    if other_rules := order[RULES_SHOWN:]:
        other_attempts = [attempt for rule in other_rules for attempt in by_rule[rule]]
        rows.append((counted(len(other_rules), "other rule"), len(other_attempts), run.hours(other_attempts)))
    rows.append(("together", len(run.events.attempts), total))
    return [
        f"  {'rule':<24}{'starts':>6}{'time':>13}{'GPU-hours':>11}{'CPU-hours':>11}",
        *(
            f"  {name:<24}{jobs:>6}{duration(cost.wall * 3600):>13}{cost.gpu:>11.2f}{cost.core:>11.2f}"
            for name, jobs, cost in rows
        ),
        "  time: of the jobs as they ran, without a queue; hours: that, times the GPUs or cores that they held",
        *([f"  not counted: {run.uncounted()} on the cluster of which no time is known"] if run.uncounted() else []),
    ]


def _failures(run: Run) -> list[str]:
    failed = [attempt for attempt in run.events.failed() if attempt.job not in run.in_sight]
    lines = ["Failed:"] if failed else []
    for attempt in failed[:FAILURES_SHOWN]:
        wildcards = "".join(f" {name}={value}" for name, value in attempt.wildcards.items())
        lines += [f"  {attempt.rule}{wildcards}", f"    {reason(attempt)}"]
        lines += [f"    log: {log}" for log in (*attempt.logs, *attempt.more_logs) if _holds_something(log)]
    if more := failed[FAILURES_SHOWN:]:
        lines.append(f"  and {len(more)} more, in {run.log}")
    return lines


def _holds_something(log: str) -> bool:
    path = Path(log)
    return path.is_file() and path.stat().st_size > 0


def _unfinished(run: Run) -> list[str]:
    if run.succeeded:
        return []
    stopped = Counter(attempt.rule for attempt in run.events.stopped())
    return [
        *([f"Stopped while they ran: {_counted(stopped)}"] if stopped else []),
        *([f"Not started: {_counted(run.left)}"] if run.left else []),
        *([f"To continue, run the same command again:\n  {run.command}"] if run.stopped else _advice(run)),
    ]


def _advice(run: Run) -> list[str]:
    return [
        "To continue, fix what failed and run the same command again; what is done stays done, and a training resumes",
        f"from its checkpoint:\n  {run.command}",
    ]


def _counted(rules: dict[str, int]) -> str:
    """Return a number of jobs by their steps, in the order of a run."""
    steps: Counter[job_words.Step] = Counter()
    for rule, number in rules.items():
        steps[job_words.words_of(rule).step] += number
    order = sorted(steps, key=job_words.place_of)
    named = ", ".join(job_words.count_words(step, steps[step]) for step in order[:STEPS_NAMED])
    more = sum(steps[step] for step in order[STEPS_NAMED:])
    return f"{named} and {more:,} more" if more else named
