"""What a person sees of a run, from Snakemake's records made by hand."""

import io
import itertools
import logging
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from records import failed, finished, record, started

from vidbench.workflow import narrator
from vidbench.workflow.job_events import RunEvents
from vidbench.workflow.progress import Capacity, PlannedTime
from vidbench.workflow.screen import WIDTH, Screen
from vidbench.workflow.terminal import Terminal

CNN3D = {"dataset": "motion", "split": "fold2", "model": "cnn3d", "seed": "1"}
LSTM = CNN3D | {"model": "cnn2d_lstm"}
KINDS = {"mine": "folder", "listed": "csv", "motion": "motion", "ucf101": "ucf101"}
SHARDS = [{"dataset": "motion", "shard": str(number)} for number in range(2)]


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(time, "strftime", lambda *_: "12:00:00")
    # Jobs end in the time of their records.
    monkeypatch.setattr(narrator.time, "time", lambda: 1000.0)


class Run:
    """A terminal, and the events that hear of records before it."""

    def __init__(self, jobs: list[tuple[str, dict[str, str]]], planned: object = None, progress: bool = True) -> None:
        self.stream = io.StringIO()
        self.events = RunEvents()
        self.terminal = Terminal(self.events)
        self.terminal.attach(Screen(self.stream), lambda: ["doctor", "plan"])
        self.terminal.replace()
        named = [SimpleNamespace(rule=SimpleNamespace(name=rule), wildcards_dict=names) for rule, names in jobs]
        self.terminal.begin(named, planned or (lambda kind: None), Capacity(cores=2), progress, [], KINDS)
        self.preamble = self.lines()

    def lines(self) -> list[str]:
        """What was said since the last call."""
        said = self.stream.getvalue().splitlines()
        self.stream.seek(0)
        self.stream.truncate()
        assert all(len(line) <= WIDTH for line in said)
        return said

    def hear(self, *records: logging.LogRecord) -> list[str]:
        for made in records:
            self.events.handle(made)
            assert not self.terminal.filter(made)
        return self.lines()


@pytest.fixture
def run():
    made = []

    def start(*args: object, **kwargs: object) -> Run:
        made.append(Run(*args, **kwargs))
        return made[-1]

    yield start
    for each in made:
        each.terminal.end()


def test_what_will_run_is_said_in_the_order_of_the_data(run) -> None:
    jobs = [("train_model", CNN3D), ("train_model", LSTM), ("plot_cost", {"dataset": "motion"}), ("new_step", {})]
    jobs += [("extract_frames", names) for names in SHARDS]
    assert run(jobs).preamble == [
        "This run has 6 jobs; `snakemake plan` measures how long they take",
        "  2 frame extractions",
        "  2 trainings of cnn2d_lstm, cnn3d",
        "  1 figure",
        "  1 job: new step",
        "",
    ]


def test_nothing_is_said_to_be_downloaded_that_is_made_or_lies_here(run) -> None:
    made = run([("download_data", {"source": name}) for name in KINDS])
    assert made.preamble[1:4] == ["  1 data set to make", "  2 checks of files", "  1 download"]
    said = []
    for number, name in enumerate(KINDS):
        said += made.hear(started(number, "download_data", {"source": name}), finished(number, 2.0))
    assert [line for line in said if "jobs done" not in line] == [
        "12:00:00  checking the files of mine: 2 s",
        "12:00:00  checking the files of listed: 2 s",
        "12:00:00  making the videos of motion ...",
        "12:00:00  making the videos of motion: 2 s",
        "12:00:00  downloading ucf101 ...",
        "12:00:00  downloading ucf101: 2 s",
    ]
    failing = run([("download_data", {"source": "mine"})])
    failing.hear(started(1, "download_data", {"source": "mine"}))
    assert "FAILED after 2 s: checking the files of mine" in failing.hear(failed(1, 2.0))[0]


def test_the_time_is_said_where_a_plan_knows_it(run) -> None:
    jobs = [("train_model", CNN3D), ("train_model", LSTM)]
    assert run(jobs, planned=lambda kind: PlannedTime(300.0)).preamble[:2] == [
        "This run has 2 jobs; about 5 min",
        "  2 trainings of cnn2d_lstm, cnn3d, 10 min 0 s",
    ]


def test_a_training_has_a_line_when_it_starts_and_one_with_its_accuracy_when_it_ends(run) -> None:
    made = run([("train_model", CNN3D)])
    assert made.hear(started(1, "train_model", CNN3D)) == ["12:00:00  training cnn3d on fold 2, seed 1 ..."]
    Path("results/train_model1").mkdir(parents=True)
    Path("results/train_model1/history.csv").write_text("epoch,val_top1\n1,0.5\n2,0.923\n3,0.9\n")
    assert made.hear(finished(1, 45.0)) == ["12:00:00  training cnn3d on fold 2, seed 1: 92.3 % on validation, 45 s"]


def test_a_training_without_a_history_and_on_a_cluster(run) -> None:
    made = run([("train_model", CNN3D)])
    assert made.hear(started(1, "train_model", CNN3D, local=False)) == [
        "12:00:00  to the queue: training cnn3d on fold 2, seed 1 ..."
    ]
    assert made.hear(finished(1, 45.0)) == ["12:00:00  training cnn3d on fold 2, seed 1: done"]


def test_small_steps_of_a_kind_are_one_line(run) -> None:
    made = run([("extract_frames", names) for names in SHARDS] + [("score_predictions", LSTM), ("train_model", LSTM)])
    assert made.hear(*(started(number, "extract_frames", names) for number, names in enumerate(SHARDS))) == [
        "12:00:00  extracting frames, 2 jobs ..."
    ]
    assert made.hear(finished(0, 3.0))[1:] == []  # but for progress
    assert made.hear(finished(1, 5.0))[0] == "12:00:00  extracting frames, 2 jobs: 8 s together"
    assert made.hear(started(2, "score_predictions", LSTM)) == []
    assert made.hear(finished(2, 2.0))[0] == "12:00:00  scoring cnn2d_lstm on fold 2, seed 1: 2 s"


def test_a_long_job_of_a_model_has_its_own_line(run) -> None:
    made = run([("predict_videos", CNN3D), ("predict_videos", LSTM)])
    made.hear(started(1, "predict_videos", CNN3D), started(2, "predict_videos", LSTM))
    assert made.hear(finished(1, 600.0))[0] == "12:00:00  predicting with cnn3d on fold 2, seed 1: 10 min 0 s"


def test_data_sets_are_named_where_there_are_several(run) -> None:
    made = run([("train_model", CNN3D), ("train_model", CNN3D | {"dataset": "own"})])
    assert made.hear(started(1, "train_model", CNN3D)) == ["12:00:00  training cnn3d on motion, fold 2, seed 1 ..."]


def test_a_failure_is_said_with_its_reason_and_its_log_at_once(run) -> None:
    made = run([("train_model", CNN3D)])
    made.hear(started(1, "train_model", CNN3D))
    Path("train_model1.log").write_text("epoch 1\nerror: shard 3 is of no use; extract it again\n")
    assert made.hear(failed(1, 45.0)) == [
        "12:00:00  FAILED after 45 s: training cnn3d on fold 2, seed 1",
        "          error: shard 3 is of no use; extract it again",
        "          log: train_model1.log",
    ]
    assert made.terminal.failures_in_sight() == {1}
    for _ in range(narrator.LINES_IN_SIGHT):
        assert made.terminal.failures_in_sight() == {1}
        made.terminal.say("another step")
    made.terminal.say("another step")
    assert made.terminal.failures_in_sight() == frozenset()
    made.lines()
    assert made.hear(record(46, "", text="Trying to restart job 1.")) == [
        "12:00:00  is tried again: training cnn3d on fold 2, seed 1"
    ]
    assert made.hear(started(1, "train_model", CNN3D, 50.0))[0].endswith("seed 1 ...")
    assert made.terminal._narrator.progress.running()[0].started == 50.0


@pytest.mark.parametrize("status", ["returned non-zero exit status 137.", "died with <Signals.SIGKILL: 9>."])
def test_a_killed_job_is_said_to_have_had_no_memory(status: str, run) -> None:
    made = run([("train_model", CNN3D)])
    made.hear(started(1, "train_model", CNN3D))
    Path("train_model1.log").write_text("epoch 1/3\n")
    text = f"RuleException:\nCalledProcessError in file \"x.smk\", line 1:\nCommand 'a > train_model1.log' {status}"
    assert made.hear(record(44, "error", logging.ERROR, text)) == []
    assert made.hear(failed(1, 45.0))[1].startswith(
        "          killed, most often because the machine had no memory left"
    )


def test_snakemakes_chatter_is_left_out_and_what_a_person_needs_is_not(run) -> None:
    made = run([("train_model", CNN3D)])
    chatter = ("Select jobs to execute...", "Job 3 has been submitted with SLURM jobid 7", "Complete log(s): x")
    assert made.hear(*(record(0, "", text=line) for line in chatter)) == []
    assert made.hear(*(record(0, event) for event in ("progress", "shellcmd", "job_started", "group_info"))) == []
    for line in (
        "Nothing to be done (all requested files are present).",
        "Creating conda environment envs/data.yaml...",
    ):
        assert made.terminal.filter(record(0, "", text=line))
    assert made.hear(record(0, "", text="Terminating processes on user request, this might take some time.")) == [
        "stopping; trainings save where they are ..."
    ]


def test_where_nothing_is_to_be_done_what_is_known_is_said_again(run) -> None:
    made = run([("train_model", CNN3D)])
    made.terminal.remind(lambda: made.terminal.say("WARNING: motion: known before"))
    assert made.terminal.filter(record(0, "", text="Building DAG of jobs..."))
    assert made.lines() == []
    made.terminal.filter(record(0, "", text="Nothing to be done (all requested files are present)."))
    assert made.lines() == ["WARNING: motion: known before"]


def test_a_warning_is_said_once_and_wrapped(run) -> None:
    made = run([("train_model", CNN3D)])
    warning = record(0, "", logging.WARNING, "No wall time information given. " * 6)
    said = made.hear(warning, warning)
    assert said[0].startswith("WARNING: No wall time")
    assert len(said) == 2
    assert said[1].startswith("  ")


def test_that_the_live_page_is_there_already_is_no_warning(run) -> None:
    made = run([("train_model", CNN3D)])
    text = "Warning: the following output files of rule {} were not present when the DAG was created:\n{'x'}"
    assert made.hear(record(0, "", logging.WARNING, text.replace("{}", "vidbench_build_report", 1))) == []
    assert made.hear(record(0, "", logging.WARNING, text.replace("{}", "plot_cost", 1)))


def test_progress_is_said_at_each_tenth_without_a_terminal(run, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(1000.0, 10.0)  # several looks a job
    monkeypatch.setattr(narrator.time, "time", lambda: next(clock))
    jobs = [("score_predictions", CNN3D | {"seed": str(seed)}) for seed in range(100)]
    made = run(jobs, planned=lambda kind: PlannedTime(30.0))
    said = []
    for number, (rule, names) in enumerate(jobs):
        said += made.hear(started(number, rule, names), finished(number, 60.0))
    assert said[0] == "12:00:00  10 of 100 jobs done, about 1 h 30 min left"
    assert len(said) == 10
    assert said[-1] == "12:00:00  scoring, 100 jobs: 1 h 40 min together"


def test_progress_of_a_short_run_is_not_said_each_second(run) -> None:
    jobs = [("score_predictions", CNN3D | {"seed": str(seed)}) for seed in range(10)]
    made, said = run(jobs), []
    for number, (rule, names) in enumerate(jobs):
        said += made.hear(started(number, rule, names), finished(number, 1.0))
    assert said == ["12:00:00  scoring, 10 jobs: 10 s together"]


@pytest.mark.parametrize(
    "odd",
    [
        record(0, "job_info"),  # without a job
        record(0, "job_finished", job_id=99),
        record(0, "job_error", logging.ERROR, jobid=None),
        record(0, "job_error", logging.ERROR),
        record(0, "a_new_event"),
        record(0, "", text=None),
    ],
)
def test_odd_records_disturb_nothing(odd: logging.LogRecord, run) -> None:
    made = run([("train_model", CNN3D)])
    made.events.handle(odd)
    made.terminal.filter(odd)
    assert made.hear(started(1, "train_model", CNN3D))[0].endswith("seed 1 ...")


def test_what_cannot_be_said_in_words_snakemake_says(run, monkeypatch: pytest.MonkeyPatch) -> None:
    made = run([("train_model", CNN3D)])
    monkeypatch.setattr(made.terminal, "_narrator", SimpleNamespace(start=lambda attempt: 1 / 0))
    begun = started(1, "train_model", CNN3D)
    made.events.handle(begun)
    assert made.terminal.filter(begun)


def test_before_a_run_and_without_one_all_passes() -> None:
    terminal = Terminal(RunEvents())
    terminal.attach(Screen(io.StringIO()), tuple)
    terminal.replace()
    for line in ("Unlocked working directory.", "Congratulations, your workflow is in a good condition!"):
        assert terminal.filter(record(0, "", text=line))
    assert not terminal.filter(record(0, "workflow_started"))  # a run
    assert not terminal.filter(record(0, "run_info"))
    # Nobody has begun it, for --no-hooks: Snakemake says all.
    assert terminal.filter(started(1, "train_model", CNN3D))
    assert terminal.filter(record(0, "", text="Select jobs to execute..."))


def test_where_nothing_is_replaced_all_but_errors_with_a_remedy_passes() -> None:
    terminal, stream = Terminal(RunEvents()), io.StringIO()
    terminal.attach(Screen(stream), lambda: ["doctor"])
    for event in ("workflow_started", "run_info", "job_info", "progress"):
        assert terminal.filter(record(0, event))
    missing = "MissingRuleException:\nNo rule to produce docter (if you use input functions make sure ...)."
    assert not terminal.filter(record(0, "error", logging.ERROR, missing))
    assert stream.getvalue() == "error: 'docter': no such target; did you mean 'doctor'? There are: doctor\n"


def test_without_progress_nothing_is_said_of_what_will_run(run) -> None:
    made = run([("train_model", CNN3D)], progress=False)
    assert made.preamble == []
    assert made.hear(started(1, "train_model", CNN3D)) == ["12:00:00  training cnn3d on fold 2, seed 1 ..."]


def test_very_many_jobs_take_no_longer_each(run) -> None:
    jobs = [("extract_frames", {"dataset": "motion", "shard": str(number)}) for number in range(20_000)]
    begin = time.perf_counter()
    made = run(jobs)
    for number, (rule, names) in enumerate(jobs):
        for each in (started(number, rule, names), finished(number, 1.0)):
            made.events.handle(each)
            made.terminal.filter(each)
    assert time.perf_counter() - begin < 20
    assert len(made.lines()) < 20
