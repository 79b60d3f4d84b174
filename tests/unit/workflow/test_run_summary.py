"""The summary of a run: from Snakemake's records, benchmark files and logs."""

import logging
import os
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from vidbench.workflow import run_summary
from vidbench.workflow.failure_reasons import reason
from vidbench.workflow.job_events import Attempt, RunEvents

BENCHMARK = "s\th:m:s\tmax_rss\n1800.0\t0:30:00\t100\n"


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def record(created: float, event: str, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("snakemake", logging.INFO, "", 0, event, None, None)
    made.created = created
    made.__dict__.update(fields, event=event)
    return made


def started(created: float, job: int, rule: str = "train_model", **fields: object) -> logging.LogRecord:
    usual = {
        "jobid": job,
        "rule_name": rule,
        "wildcards": {"model": f"m{job}"},
        "threads": 4,
        "resources": {"gpu": 2, "mem_mb": 100},
        "local": True,
        "log": [f"{rule}{job}.log"],
        "benchmark": f"{rule}{job}.tsv",
        "shellcmd": "python script.py",
    }
    return record(created, "job_info", **usual | fields)


def failed(created: float, job: int, message: str = "", more: tuple[str, ...] = ()) -> logging.LogRecord:
    return record(created, "job_error", jobid=job, rule_msg=message, log=[f"train_model{job}.log", *more])


def ended(created: float, job: int) -> logging.LogRecord:
    return record(created, "job_finished", job_id=job)


def run(*records: logging.LogRecord, succeeded: bool = True, left: dict[str, int] | None = None) -> run_summary.Run:
    events = RunEvents()
    for made in records:
        events.handle(made)
    return run_summary.Run(events, succeeded, 0, 7200, left or {}, "snakemake --cores all", ".snakemake/log/x.log")


def hours(made: run_summary.Run) -> tuple[float, float, float]:
    total = made.hours(made.events.attempts)
    return total.wall, total.gpu, total.core


def test_hours_come_from_the_benchmark_file() -> None:
    Path("train_model1.tsv").write_text(BENCHMARK)
    assert hours(run(started(0, 1), ended(7200, 1))) == (0.5, 1, 2)


def test_a_job_on_several_machines_holds_its_cores_on_each() -> None:
    on_two = started(0, 1, resources={"gpu": 2, "nodes": 2})
    assert hours(run(on_two, ended(3600, 1))) == (1, 2, 8)


def test_without_a_benchmark_file_a_job_here_is_timed_and_one_in_a_queue_is_not() -> None:
    assert hours(run(started(0, 1), ended(3600, 1))) == (1, 2, 4)
    on_cluster = run(started(0, 1, local=False), ended(3600, 1))
    assert hours(on_cluster) == (0, 0, 0)
    assert "not counted: 1 on the cluster" in run_summary.summary(on_cluster)


def test_a_failed_attempt_on_a_cluster_counts_from_its_last_start_on_a_node_to_its_last_word() -> None:
    lines = [f"[{time.asctime(time.localtime(second))}]\nrule train_model:\n    threads: 4\n" for second in (600, 1800)]
    Path("7.log").write_text(f"SNAKEMAKE\n{''.join(lines)}[{time.asctime()}]\nlocalrule train_model:\n")
    os.utime("7.log", (5400, 5400))
    seen_late = failed(6000, 1, more=("7.log",))
    assert hours(run(started(0, 1, local=False), seen_late)) == (1, 2, 4)
    Path("train_model1.log").touch()  # of a later attempt
    assert hours(run(started(0, 1, local=False), seen_late, started(6000, 1), ended(9600, 1))) == pytest.approx(
        (4200 / 3600 + 1, 13 / 3, 26 / 3)
    )


def test_jobs_that_snakemake_knows_as_finished_are_done_though_no_record_says_so() -> None:
    Path("train_model1.tsv").write_text(BENCHMARK)
    for name, second in (("old", 1800), ("new", 3600)):
        Path(name).touch()
        os.utime(name, (second, second))
    made = run(started(0, 1), started(0, 2), started(0, 3), started(0, 4), failed(3600, 4))
    made.events.take_finished({1: ["new"], 2: ["old", "new"], 9: ["new"]})
    assert [attempt.job for attempt in made.events.finished()] == [1, 2]
    assert "2 jobs done, 1 failed, 1 stopped" in run_summary.summary(made)
    assert made.seconds == {
        id(attempt): seconds for attempt, seconds in zip(made.events.attempts, (1800, 3600, 7200, 3600), strict=True)
    }


@pytest.mark.parametrize("content", ["", "s\n", "s\nabc\n", "x\ty\n1\t2\n"])
def test_a_damaged_benchmark_file_disturbs_nothing(content: str) -> None:
    Path("train_model1.tsv").write_text(content)
    run_summary.summary(run(started(0, 1), ended(3600, 1)))


def test_every_attempt_costs_and_the_last_one_counts() -> None:
    made = run(started(0, 1), failed(3600, 1), started(3600, 1), ended(7200, 1))
    assert hours(made) == (2, 4, 8)
    text = run_summary.summary(made)
    assert "1 job done, 1 failed attempt repeated" in text
    assert "Failed:" not in text


def test_a_run_that_failed_says_what_why_where_and_how_to_go_on() -> None:
    Path("train_model1.log").write_text("epoch 1\nerror: datasets.x: no such video; correct it\n")
    Path(".snakemake/slurm_logs").mkdir(parents=True)
    Path(".snakemake/slurm_logs/1.log").write_text("a node\n")
    made = run(
        started(0, 1),
        started(0, 2),
        failed(60, 1, more=(str(Path.cwd() / ".snakemake/slurm_logs/1.log"),)),
        succeeded=False,
        left={"predict_videos": 2},
    )
    text = run_summary.summary(made)
    for words in (
        "did not end well after 2 h 0 min: 0 jobs done, 1 failed, 1 stopped, 2 not started.\n",
        "train_model model=m1\n    error: datasets.x: no such video; correct it\n    log: train_model1.log\n"
        "    log: .snakemake/slurm_logs/1.log\n",
        "Stopped while they ran: 1 training\n",
        "Not started: 2 predictions\n",
        "\n  snakemake --cores all\n",
    ):
        assert words in text


def said(created: float, message: str) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": message, "created": created})


CTRL_C = "Terminating processes on user request, this might take some time."


def test_a_run_that_was_stopped_and_in_which_nothing_failed_has_nothing_to_mend() -> None:
    Path("train_model1.log").write_text("KeyboardInterrupt\n")
    records = [started(0, 1), started(0, 2, local=False), said(3600, CTRL_C), failed(3600, 1)]
    made = run(*records, succeeded=False, left={"predict_videos": 2})
    text = run_summary.summary(made)
    assert text.startswith("This run was stopped after 2 h 0 min: 0 jobs done, 2 stopped, 2 not started.\n")
    assert "Failed:" not in text
    assert text.endswith(
        "Not started: 2 predictions\nTo continue, run the same command again:\n  snakemake --cores all\n"
    )
    assert run_summary.line(made).split("\t")[1:3] == ["stopped", "0 done, 0 failed"]
    assert hours(made) == (1, 2, 4)


@pytest.mark.parametrize(
    "records",
    [
        [failed(60, 1), said(3600, CTRL_C)],
        [said(60, "Will exit after finishing currently running jobs (scheduler)."), failed(3600, 1)],
        [],
    ],
)
def test_a_run_in_which_something_failed_was_not_just_stopped(records: list[logging.LogRecord]) -> None:
    made = run(started(0, 1), *records, succeeded=False)
    assert "did not end well" in run_summary.summary(made)
    assert "fix what failed" in run_summary.summary(made)
    assert run_summary.line(made).split("\t")[1] == "failed"


def test_no_log_is_named_that_holds_nothing() -> None:
    Path("train_model1.log").touch()
    text = run_summary.summary(run(started(0, 1), failed(60, 1, more=("missing.log",)), succeeded=False))
    assert "Failed:\n  train_model model=m1\n" in text
    assert "log:" not in text


def test_a_group_that_failed_has_the_log_of_its_scheduler() -> None:
    Path("slurm.log").write_text("a node is lost\n")
    made = run(
        started(0, 1, local=False),
        record(5, "group_error", groupid="g", aux_logs=["slurm.log"], job_error_info=[{"jobid": 1}]),
        failed(5, 1),
        succeeded=False,
    )
    assert "log: slurm.log" in run_summary.summary(made)


def test_targets_and_unknown_jobs_and_odd_records_are_left_out() -> None:
    made = run(started(0, 1, "all", shellcmd=None), ended(1, 1), ended(1, 9), failed(1, 9), record(1, "job_info"))
    assert made.events.attempts == []
    assert "0 jobs done" in run_summary.summary(made)


def test_most_expensive_rules_come_first_and_the_rest_together() -> None:
    records = [started(0, number, f"rule{number}", resources={"gpu": number % 3}) for number in range(12)]
    text = run_summary.summary(run(*records, *(ended(60 * (1 + number), number) for number in range(12))))
    rows = [row.split()[0] for row in text.splitlines() if row.startswith("  rule") or row.startswith("  4 other")]
    assert rows[:4] == ["rule", "rule11", "rule8", "rule5"]
    assert "  4 other rules" in text


def test_one_rule_left_is_one_rule() -> None:
    records = [started(0, number, f"rule{number}") for number in range(9)]
    assert "  1 other rule " in run_summary.summary(run(*records, *(ended(3600, number) for number in range(9))))


def test_a_run_that_failed_has_no_rows_of_zeros() -> None:
    short = [started(0, 1), ended(1, 1), started(0, 2, "measure_cost"), failed(1, 2)]
    assert "GPU-hours" not in run_summary.summary(run(*short, succeeded=False))
    text = run_summary.summary(run(*short, started(0, 3, "predict_videos"), ended(3600, 3), succeeded=False))
    assert "\n  predict_videos" in text
    assert re.search(r"\n  together +3 +1 h 0 min +2\.00 +4\.00\n", text)
    assert "\n  train_model  " not in text
    assert "other rule" not in text
    assert "\n  train_model  " in run_summary.summary(run(*short))


def test_what_was_not_started_is_one_short_line_by_steps() -> None:
    left = {
        "plot_cost": 3,
        "train_model": 12,
        "build_report": 1,
        "extract_frames": 1,
        "score_predictions": 2,
        "plot_a": 1,
    }
    text = run_summary.summary(run(started(0, 1), failed(60, 1), succeeded=False, left=left))
    assert "\nNot started: 1 frame extraction, 12 trainings, 2 scores, 4 figures and 1 more\n" in text


def test_a_failure_that_stands_just_above_is_not_said_again() -> None:
    Path("train_model1.log").write_text("error: a shard is of no use\n")
    Path("train_model2.log").write_text("error: a label is wrong\n")
    made = run(started(0, 1), started(0, 2), failed(60, 1), failed(60, 2), succeeded=False)
    text = run_summary.summary(replace(made, in_sight={1}))
    assert "2 failed" in text
    assert "error: a label is wrong" in text
    assert "of no use" not in text
    assert "Failed:" not in run_summary.summary(replace(made, in_sight={1, 2}))


def test_a_line_a_run() -> None:
    made = run(started(0, 1), ended(3600, 1))
    for _ in range(2):
        run_summary.append_line(made, Path("runs.txt"))
    lines = Path("runs.txt").read_text().splitlines()
    assert len(lines) == 2
    assert lines[0].split("\t")[1:5] == ["ended well", "1 done, 0 failed", "2 h 0 min", "2.00 GPU-hours"]


def attempt(message: str = "") -> Attempt:
    return Attempt(1, "train_model", {}, 1, 0, True, ["job.log"], None, 0, ended=1, message=message)


REFUSED = """SLURM sbatch failed. The error message was 'sbatch: error: {}'.
    sbatch call:
        sbatch --parsable --job-name 1 -p cpus
"""
INVALID = "sbatch: error: invalid partition: cpus; see the top of the Slurm profile"
CHILD_FAILED = "torch.distributed.elastic.multiprocessing.errors.ChildFailedError:"
SLURM = "SLURM-job '7' failed, SLURM status is: '{}'. Reason: Unknown.For further error details see the cluster"


@pytest.mark.parametrize(
    ("log", "message", "expected"),
    [
        ("epoch 1\nerror: no space; free some\n", "", "error: no space; free some"),
        ("train_model.py: error: argument --seed: wrong\n", "", "train_model.py: error: argument --seed: wrong"),
        ("Traceback:\n  x\ntorch.OutOfMemoryError: CUDA\n", "", "torch.OutOfMemoryError: CUDA"),
        (
            f"[rank1]: Traceback:\n[rank1]: RuntimeError: no block\nW1126 Sending 7\n{CHILD_FAILED} \n====\n",
            "",
            "RuntimeError: no block",
        ),
        (f"[rank0]: error: a label; correct it\n{CHILD_FAILED}\n", "", "error: a label; correct it"),
        ("ValueError: 3\nTraceback:\nKeyboardInterrupt\n", "", "ValueError: 3"),
        ("Traceback:\nAssertionError\n", "", "AssertionError"),
        (f"Traceback:\nAssertionError\nTraceback:\n{CHILD_FAILED}\n====\n", "", "AssertionError"),
        (f"Traceback:\n{CHILD_FAILED}\n====\n", "", CHILD_FAILED),
        ("10%\r20%\repoch 1\n\n", "", "ended without a reason, killed?; its log ends with: epoch 1"),
        ("epoch 1\ninterrupted: saved\n", "", "interrupted: saved"),
        (None, "", "ended without a reason, killed?"),
        ("error: over\n", SLURM.format("TIMEOUT"), "over its time limit (Slurm: TIMEOUT)"),
        ("epoch 3\n", SLURM.format("OUT_OF_MEMORY"), "over its memory (Slurm: OUT_OF_MEMORY)"),
        ("error: a label\n", SLURM.format("FAILED"), "error: a label"),
        (None, SLURM.format("FAILED"), "failed (Slurm: FAILED)"),
        (None, REFUSED.format("invalid partition: cpus\nsbatch: error: Batch job failed: Invalid"), INVALID),
        (None, " ".join(REFUSED.format("invalid partition: cpus\nsbatch: error: Batch job").split()), INVALID),
        ("error: of old\n", REFUSED.format("invalid partition: cpus"), INVALID),
        (
            None,
            "SLURM sbatch failed. The error message was 'no'.\n",
            "SLURM sbatch failed. The error message was 'no'.",
        ),
    ],
)
def test_reason(log: str | None, message: str, expected: str) -> None:
    if log is not None:
        Path("job.log").write_text(log)
    assert reason(attempt(message)) == expected


def test_the_reason_in_a_huge_log_of_odd_bytes_is_short() -> None:
    Path("job.log").write_bytes(b"\xff" * 300_000 + b"\nerror: " + b"x" * 5000 + b" put it into a.pth\n")
    found = reason(attempt())
    assert found.startswith("error: xxx")
    assert found.endswith("x put it into a.pth")
    assert len(found) == 300
