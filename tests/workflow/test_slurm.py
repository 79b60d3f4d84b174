"""The workflow on a real Slurm on one machine: the profile, and what can happen to its jobs."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import tiny
from slurm import cluster

from workflow.conftest import copy_project, processes, snakemake, write_config

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.usefixtures("slurm")]
# As docs/cluster.md says that a user does it.
FILLED_IN = {
    "cpu_partition": "cpu",
    "gpu_partition": "gpu",
    "gpu_model": "h100",
    "gpus_at_once": 3,
    "most_cores": 2,
    "most_memory_mb": 4000,
    "seconds_between_looks": 2,
}
TIMES = ("costs", "training_time.json")  # and what is made from them
MADE_FROM_TIMES = ("comparison.csv", "summary.csv", "ladder.csv")
SEEDS = (0, 1)


def fill_in(folder: Path, **values: object) -> None:
    """Write values into the first part of a project's profile, and the status of each look at the queue soon."""
    path = folder / "profiles/slurm/config.yaml"
    text = path.read_text()
    for name, value in (FILLED_IN | values).items():
        text, found = re.subn(rf"(?m)^  {name}: [^#\n]*", f"  {name}: {json.dumps(value)}  ", text)
        assert found == 1, name
    path.write_text(text)
    cluster.accept_missing_gpus(folder)


def snakemake_log(folder: Path) -> str:
    """What Snakemake wrote into its own logs."""
    return "".join(path.read_text() for path in sorted((folder / ".snakemake/log").glob("*.log")))


@contextmanager
def on_slurm(folder: Path, *arguments: str) -> Iterator[subprocess.Popen]:
    """Snakemake with the profile on tiny.yaml, its output in run.log; what is left of it is killed at the end."""
    options = ["--workflow-profile", "profiles/slurm", "--configfile", "tiny.yaml"]
    with open(folder / "run.log", "w") as log:
        process = subprocess.Popen(
            [*cluster.SNAKEMAKE, *arguments, *options],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            cluster.run("scancel", "--user", "root")


def until(done: Callable[[], object], what: str, seconds: float = 300) -> object:
    limit = time.monotonic() + seconds
    while not (found := done()):
        assert time.monotonic() < limit, f"{what} did not happen\n{cluster.tail(cluster.HOME / 'controller.log')}"
        time.sleep(0.1)
    return found


def result_files(folder: Path) -> dict[str, bytes]:
    """All results that have no time in them, and not the project's own folder, as the manifest with suggestions has."""
    left_out = (*TIMES, *MADE_FROM_TIMES, "answers.txt", "corrected.csv")
    kinds = (".csv", ".json", ".h5", ".safetensors")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "results").rglob("*"))
        if path.suffix in kinds and not {*left_out, "tables", "reports"} & {*path.parts}
    }


class Queue(threading.Thread):
    """Watches how many jobs with a GPU are in the queue and how many run, what they ask for, and of which rules."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.done, self.most_running, self.most_there = threading.Event(), 0, 0
        self.devices, self.rules = set(), set()

    def run(self) -> None:
        shown = ("statecompact:5", "tres-per-job:40", "comment:200")
        while not self.done.wait(0.3):
            lines = cluster.run("squeue", "-h", "-t", "R,PD", "-O", ",".join(shown)).stdout.splitlines()
            with_gpu = [line.split() for line in lines if ":gpu:" in line]
            self.devices.update(asked for _, asked, _ in with_gpu)
            self.rules.update(re.match(r"rule_(\w+?)_wildcards", comment)[1] for _, _, comment in with_gpu)
            self.most_there = max(self.most_there, len(with_gpu))
            self.most_running = max(self.most_running, sum(state == "R" for state, _, _ in with_gpu))


def test_the_embedded_default_gives_the_bytes_of_a_local_run(tmp_path: Path) -> None:
    """config/config.yaml with fewer models, videos and epochs: to the report, as on this machine alone."""
    small = {
        "run": {"models": ["cnn3d", "cnn2d_mean", "cnn2d_lstm"], "seeds": [0]},
        "evaluation": {"explained_videos": 1},
        "datasets": {"motion": {"motion": {"train_scenes": 8, "test_scenes": 4}, "training": {"epochs": 2}}},
    }
    folders = [copy_project(tmp_path / name) for name in ("local run", "slurm")]
    for folder in folders:
        write_config(folder, small)
        fill_in(folder, array_jobs="extract_frames")
    local, far = folders
    queue = Queue()
    with on_slurm(far) as process:
        queue.start()
        snakemake(local, env=os.environ)  # beside it: most of the time on Slurm is waiting
        assert process.wait(1200) == 0, (far / "run.log").read_text()[-5000:]
    queue.done.set()
    assert (far / "results/report.html").stat().st_size > 100_000
    assert result_files(local) == result_files(far)
    assert "Submitted array job" in snakemake_log(far)
    said = (far / "run.log").read_text()
    assert re.search(r"to the queue: extracting frames.* \.\.\.$", said, re.MULTILINE)
    assert re.search(r"^[\d:]+  training cnn3d on split 1, seed 0: [\d.]+ % on validation, .*\d s$", said, re.MULTILINE)
    assert queue.devices == {"gres:gpu:h100:1"}
    assert queue.rules == {"train_model", "predict_videos", "measure_cost", "compute_activation_maps"}
    assert queue.most_running == cluster.GPUS * len(cluster.NODES)  # as many as there are, and never more
    assert queue.most_there == FILLED_IN["gpus_at_once"]
    with on_slurm(far) as process:
        assert process.wait(120) == 0
    assert "Nothing to be done" in (far / "run.log").read_text()


def test_a_partition_that_slurm_lacks_is_refused_before_any_job(tmp_path: Path) -> None:
    folder = copy_project(tmp_path)
    write_config(folder, tiny.config(run__models=["cnn3d"], device="auto"))
    fill_in(folder, gpu_partition="gpu,gpus")
    with on_slurm(folder) as process:
        assert process.wait(60) != 0
    assert "error: profile: Slurm has no partition 'gpus', did you mean 'gpu'?" in (folder / "run.log").read_text()
    assert not (folder / "resources/motion").exists()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A project that is ready to train, and the results of undisturbed local trainings."""
    folder = copy_project(tmp_path_factory.mktemp("faults") / "a folder")
    training = tiny.TRAINING | {"epochs": 200, "patience": None, "checkpoint_minutes": 0.001, "workers": 0}
    write_config(
        folder,
        tiny.config(run__models=["cnn3d"], run__seeds=list(SEEDS), device="auto", datasets__motion__training=training),
    )
    fill_in(folder)
    snakemake(folder, "models", env=os.environ)
    expected = {name: content for name, content in result_files(folder).items() if "seed" in name}
    assert len(expected) == 3 * len(SEEDS)
    return folder, expected


def log_of(folder: Path, seed: int) -> Path:
    return folder / f"logs/train_model/motion/split1/cnn3d/seed{seed}.log"


def training_jobs() -> dict[int, str]:
    """Slurm's numbers of the trainings that run, by seed."""
    lines = cluster.run("squeue", "-h", "-t", "R", "-o", "%i %k").stdout.splitlines()
    return {int(line[-1]): line.split()[0] for line in lines if "train_model" in line}


def hold_training(folder: Path, seed: int) -> str:
    """Wait until a training has done some epochs, and stop it, or it might end before it is lost.

    Returns its job's number. The log is of this attempt: the shell empties it before it starts python.
    """

    def epochs_done() -> list[int] | None:
        running = processes(folder, "train_model.py", "--seed", str(seed))
        return running if running and log_of(folder, seed).read_text().count("epoch ") >= 20 else None

    for process in until(epochs_done, f"the training of seed {seed}"):
        os.kill(process, signal.SIGSTOP)
    return until(lambda: training_jobs().get(seed), f"the job of seed {seed}")


def check_results(folder: Path, expected: dict[str, bytes]) -> None:
    found = result_files(folder)
    for name, content in expected.items():
        assert found[name] == content, name
    for seed in SEEDS:
        assert "resuming after" in log_of(folder, seed).read_text()
    assert not list(folder.glob("results/motion/split1/*/*/checkpoint.pt"))


def forget(folder: Path) -> None:
    """Remove the trainings and their logs."""
    for made in ("results/motion/split1", "logs/train_model"):
        shutil.rmtree(folder / made, ignore_errors=True)


def test_cancelled_timed_out_and_too_small_jobs_are_sent_again_and_go_on(project) -> None:
    folder, expected = project
    forget(folder)
    # The first attempt has too little memory for torch, the next has enough.
    with on_slurm(folder, "models", "--set-resources", "train_model:mem_mb=400*4**(attempt-1)") as process:
        cancelled = hold_training(folder, 0)
        timed_out = hold_training(folder, 1)
        cluster.run("scancel", cancelled)
        assert cluster.run("scontrol", "update", f"jobid={timed_out}", "EndTime=now").returncode == 0
        assert process.wait(800) == 0, (folder / "run.log").read_text()[-5000:]
    check_results(folder, expected)
    said = snakemake_log(folder)
    for state, count in {"FAILED": len(SEEDS), "CANCELLED": 1, "TIMEOUT": 1}.items():  # OUT_OF_MEMORY needs cgroups
        assert said.count(f"status is: '{state}'") == count, state
    assert "exceeded memory limit" in "".join(log.read_text() for log in cluster.HOME.glob("node*.log"))


def start_again() -> None:
    """Let requeued jobs start in five seconds: Slurm itself waits for two minutes.

    Not at once: each node refuses or kills a job that starts while it still hears that the job was lost.
    """
    until(lambda: not cluster.run("squeue", "-h", "-t", "R,CG").stdout, "the end of the lost jobs")
    for job in cluster.run("squeue", "-h", "-t", "PD", "-o", "%i").stdout.split():
        cluster.run("scontrol", "update", f"jobid={job}", "StartTime=now+5")


def test_preempted_jobs_then_dead_nodes_then_ctrl_c_then_one_more_command(project) -> None:
    folder, expected = project
    forget(folder)
    with on_slurm(folder, "models") as process:
        for seed in SEEDS:
            hold_training(folder, seed)
        assert cluster.succeeds("srun", "-Q", "-p", "urgent", "-N2", "--exclusive", "true")
        assert not training_jobs()
        start_again()
        for seed in SEEDS:
            hold_training(folder, seed)
            assert "resuming after" in log_of(folder, seed).read_text()
        cluster.kill_nodes()
        until(lambda: not training_jobs(), "the loss of the nodes")
        cluster.revive_nodes()
        start_again()
        for seed in SEEDS:
            hold_training(folder, seed)
            assert "resuming after" in log_of(folder, seed).read_text()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(120) != 0
    until(lambda: not training_jobs(), "the end of the jobs")
    with on_slurm(folder, "models") as process:
        assert process.wait(800) == 0, (folder / "run.log").read_text()[-5000:]
    check_results(folder, expected)
