"""How far a run is: jobs done, jobs running, and the time that is left."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from vidbench.workflow.failure_reasons import last_lines
from vidbench.workflow.job_events import Attempt

EPOCH = re.compile(r"epoch +(\d+)/(\d+) .*at most (\d+) s left")  # what a training says in its log
LOGS_READ = 8  # of trainings that run, each time that the time left is asked for


class Kind(NamedTuple):
    """Jobs that take about as long as each other; names are "" where they do not apply."""

    rule: str
    dataset: str = ""
    model: str = ""


class PlannedTime(NamedTuple):
    """What a job takes by a plan, or by a table of small steps that was measured elsewhere."""

    seconds: float
    is_small: bool = False


PlannedTimes = Callable[[Kind], PlannedTime | None]


class Epoch(NamedTuple):
    """Where a training is."""

    number: int
    of: int
    seconds_left: float  # at most


class TimeLeft(NamedTuple):
    """Seconds until the end of the run; without jobs whose time nobody knows, if not `complete`."""

    seconds: float
    complete: bool


@dataclass(frozen=True)
class Capacity:
    """What jobs share; None where there is no limit, or none is known."""

    cores: int | None = None
    gpus: int | None = None
    jobs: int | None = None  # that a cluster takes at once


@dataclass
class Tally:
    """Jobs of a kind."""

    total: int = 0
    running: dict[int, Attempt] = field(default_factory=dict)  # by job
    done: int = 0
    failed: int = 0
    seconds: float = 0.0  # of those done whose time is known
    timed: int = 0
    cores: int = 1
    gpus: int = 0

    @property
    def waiting(self) -> int:
        """Jobs that have not started."""
        return max(0, self.total - self.done - self.failed - len(self.running))


class Progress:
    """Counts jobs by kind; nothing here takes longer with more jobs, only with more kinds."""

    def __init__(self, kinds: Iterable[Kind], planned: PlannedTimes, capacity: Capacity) -> None:
        """`kinds`: one for each job that is to run."""
        self.tallies: dict[Kind, Tally] = {}
        for kind in kinds:
            self._tally(kind).total += 1
        self.total = sum(tally.total for tally in self.tallies.values())
        self.done = 0
        self._planned = planned
        self._capacity = capacity

    def start(self, attempt: Attempt) -> None:
        """A job starts, or is sent to the cluster."""
        tally = self._tally(kind_of(attempt))
        tally.cores = max(1, attempt.cores)
        tally.gpus = attempt.gpus
        tally.running[attempt.job] = attempt

    def finish(self, attempt: Attempt, seconds: float | None) -> None:
        """A job has ended well, after that many seconds."""
        tally = self._end(attempt)
        tally.done += 1
        self.done += 1
        if seconds is not None:
            tally.seconds += seconds
            tally.timed += 1

    def fail(self, attempt: Attempt) -> None:
        """A job has failed."""
        self._end(attempt).failed += 1

    def retry(self, attempt: Attempt) -> None:
        """A job that has failed is to start again."""
        self._tally(kind_of(attempt)).failed -= 1

    def running(self) -> list[Attempt]:
        """Return the jobs that run, the first ones first."""
        attempts = [attempt for tally in self.tallies.values() for attempt in tally.running.values()]
        return sorted(attempts, key=lambda attempt: attempt.started)

    def time_left(self, now: float) -> TimeLeft:
        """Return what is left if jobs pack well: the most that one of the shared things is needed for."""
        cores, gpus, jobs, longest, complete = 0.0, 0.0, 0.0, 0.0, True
        epochs = self._epochs()
        for kind, tally in self.tallies.items():
            if not tally.waiting and not tally.running:
                continue
            mean = self._seconds(kind, tally, epochs, now)
            remaining = [_rest(attempt, mean, epochs, now) for attempt in tally.running.values()]
            complete = complete and mean is not None and None not in remaining
            seconds = tally.waiting * (mean or 0.0) + sum(left or 0.0 for left in remaining)
            cores, gpus, jobs = cores + seconds * tally.cores, gpus + seconds * tally.gpus, jobs + seconds
            longest = max(longest, *(left or 0.0 for left in remaining), (mean or 0.0) if tally.waiting else 0.0, 0.0)
        limits = ((cores, self._capacity.cores), (gpus, self._capacity.gpus), (jobs, self._capacity.jobs))
        return TimeLeft(max([longest, *(needed / limit for needed, limit in limits if limit)]), complete)

    def planned_seconds(self, kinds: Iterable[Kind]) -> float | None:
        """Return what all jobs of some kinds take one after another; None where a kind's time is not known."""
        times = [(self._seconds(kind, self.tallies[kind], {}, 0.0), self.tallies[kind].total) for kind in kinds]
        return None if any(each is None for each, _ in times) else sum((each or 0.0) * total for each, total in times)

    def _seconds(self, kind: Kind, tally: Tally, epochs: dict[int, Epoch], now: float) -> float | None:
        """Return what a job of a kind takes: as those before it, as the plan says, as those like it."""
        if tally.timed:
            return tally.seconds / tally.timed
        expected = [
            now - attempt.started + epochs[job].seconds_left
            for job, attempt in tally.running.items()
            if job in epochs and attempt.local  # on a cluster a job has waited, too
        ]
        if expected:
            return max(expected)
        planned = self._planned(kind)
        if planned is None:
            return self._seconds_of_rule(kind.rule)
        return planned.seconds * self._slowness(planned.is_small)

    def _slowness(self, small: bool) -> float:
        """Return how much longer the jobs done so far took than planned: the machine may be busy, or another one."""
        planned_seconds, real_seconds = 0.0, 0.0
        for kind, tally in self.tallies.items():
            planned = self._planned(kind) if tally.timed else None
            if planned is not None and planned.is_small == small:
                planned_seconds += planned.seconds * tally.timed
                real_seconds += tally.seconds
        return real_seconds / planned_seconds if planned_seconds else 1.0

    def _seconds_of_rule(self, rule: str) -> float | None:
        alike = [tally for kind, tally in self.tallies.items() if kind.rule == rule and tally.timed]
        return sum(tally.seconds for tally in alike) / sum(tally.timed for tally in alike) if alike else None

    def _epochs(self) -> dict[int, Epoch]:
        """Return where the trainings are that started first, by job."""
        trainings = [attempt for attempt in self.running() if attempt.rule.endswith("train_model")]
        epochs = {attempt.job: epoch_of(attempt) for attempt in trainings[:LOGS_READ]}
        return {job: epoch for job, epoch in epochs.items() if epoch is not None}

    def _end(self, attempt: Attempt) -> Tally:
        tally = self._tally(kind_of(attempt))
        tally.running.pop(attempt.job, None)
        return tally

    def _tally(self, kind: Kind) -> Tally:
        return self.tallies.setdefault(kind, Tally())


def kind_of(attempt: Attempt) -> Kind:
    """Return the kind of a job that has started."""
    return make_kind(attempt.rule, attempt.wildcards)


def make_kind(rule: str, wildcards: dict[str, str]) -> Kind:
    """Return the kind of a rule's job with these wildcards."""
    model = wildcards.get("model") or wildcards.get("backbone") or ""
    return Kind(rule, wildcards.get("dataset") or wildcards.get("source") or "", model)


def epoch_of(attempt: Attempt) -> Epoch | None:
    """Return where a training is, by its log; None where it does not say."""
    lines = [line for log in attempt.logs for line in last_lines(log)]
    epoch = next((match for line in reversed(lines) if (match := EPOCH.match(line))), None)
    return Epoch(int(epoch[1]), int(epoch[2]), float(epoch[3])) if epoch else None


def _rest(attempt: Attempt, each: float | None, epochs: dict[int, Epoch], now: float) -> float | None:
    """Return the seconds that a running job still takes, of `each` in all."""
    if attempt.job in epochs:
        return epochs[attempt.job].seconds_left
    if each is None or not attempt.local:  # on a cluster nobody says when it began
        return each
    return max(0.0, each - (now - attempt.started))
