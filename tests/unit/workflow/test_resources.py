"""What jobs ask for, without Snakemake."""

from pathlib import Path
from types import SimpleNamespace

import fake_driver
import pytest
import tiny
from rule_objects import MOTION, RUN, published_config, rules

from vidbench.clips import loader
from vidbench.workflow import job_resources
from vidbench.workflow.resources import Invocation

TRAINING = tiny.TRAINING | {"threads": 3}


@pytest.mark.parametrize(
    ("device", "sent_off", "gpus"), [("cpu", True, 0), ("cuda", False, 1), ("auto", False, 0), ("auto", True, 1)]
)
def test_a_gpu_is_asked_for_where_there_may_be_one(device: str, sent_off: bool, gpus: int) -> None:
    jobs = rules(tiny.config(device=device), sent_off=sent_off).jobs
    assert jobs.gpus(RUN) == gpus
    assert jobs.device(RUN) == ("gpu" if gpus else "cpu")


@pytest.mark.parametrize(("device", "workers", "readers"), [("cpu", None, 0), ("cuda", None, 1), ("cuda", 2, 2)])
def test_cores_are_those_that_compute_and_those_that_read(device: str, workers: int | None, readers: int) -> None:
    training = TRAINING | ({} if workers is None else {"workers": workers})
    jobs = rules(tiny.config(device=device, datasets__motion__training=training)).jobs
    assert jobs.reading_processes(RUN) == readers
    assert jobs.loading_threads(RUN) == 3 + readers
    assert jobs.loading_arguments(RUN, 5) == (["--cores", 5] if workers is None else ["--workers", workers])


@pytest.mark.parametrize(
    ("cores", "gpus", "sent_off", "readers"),
    [(8, 1, False, 5), (64, 1, False, 16), (16, 4, False, 1), (32, 4, False, 5), (3, 4, False, 1), (16, 4, True, 6)],
)
def test_readers_share_the_cores_among_the_gpus_that_compute_at_once(
    cores: int, gpus: int, sent_off: bool, readers: int
) -> None:
    config = tiny.config(device="cuda", datasets__motion__training=TRAINING)
    jobs = rules(config, cores=cores, gpus_at_once=gpus, sent_off=sent_off).jobs
    assert jobs.reading_processes(RUN) == readers
    if not sent_off and cores > 3 * gpus:
        assert gpus * jobs.loading_threads(RUN) <= cores


def test_no_more_readers_are_planned_than_are_started() -> None:
    assert job_resources.MAX_WORKERS_FOR_GPU <= loader.MAX_WORKERS


def test_memory_and_time_grow_with_videos_and_attempts() -> None:
    jobs = rules(published_config("kinetics400")).jobs
    data = SimpleNamespace(dataset="data")
    assert jobs.scaled(1000, 8)(data, attempt=1) == pytest.approx(1000 + 8 * 266.44, abs=1)
    assert jobs.scaled(1000, 8)(SimpleNamespace(), attempt=1) == jobs.scaled(1000, 8)(data, attempt=1)
    assert jobs.scaled(1000, 0)(data, attempt=3) == 4000
    assert jobs.shard_minutes(data, 1) == pytest.approx(30 + 266440 / 2 / 2, abs=1)
    small = rules().jobs
    assert small.shard_minutes(MOTION, 1) < small.shard_minutes(MOTION, 2) < jobs.shard_minutes(data, 1)


def test_predictions_have_rows_for_views_crops_and_orders() -> None:
    config = tiny.config(models__cnn3d__clip={"views": 2, "crops": 3}, datasets__motion__frames={"size": 40})
    assert rules(config | {"evaluation": {"motion_test": False}}).jobs.test_rows(RUN) == 54 * 2 * 3
    assert rules(config | {"evaluation": {"shuffles": 7}}).jobs.test_rows(RUN) == 54 * 2 * 3 * (1 + 7 + 2)


def test_clips_are_those_of_the_model() -> None:
    clips = rules().jobs.clips(RUN, 7)
    assert (clips.number, clips.frames, clips.size, clips.batch) == (7, 4, (32, 32), 8)


def test_memory_of_steps_that_compute_and_that_read() -> None:
    jobs = rules().jobs
    assert jobs.computing_megabytes(RUN, 2) == pytest.approx(2 * jobs.computing_megabytes(RUN, 1), abs=1)
    assert 1000 < jobs.reading_megabytes(MOTION, 1, 1) < jobs.reading_megabytes(MOTION, 10**7, 1)


def workflow(**changes: object) -> SimpleNamespace:
    """What Invocation looks at of Snakemake's workflow."""
    plain = {"dryrun": False, "local_exec": True, "cores": 4, "nodes": None, "global_resources": {},
             "execution_settings": SimpleNamespace(use_threads=False),
             "deployment_settings": SimpleNamespace(deployment_method=set()),
             "resource_settings": SimpleNamespace(nodes=None)}  # fmt: skip
    return SimpleNamespace(**plain | changes)


def test_how_snakemake_was_called() -> None:
    here = Invocation(workflow())
    assert (here.sent_off, here.cores, here.jobs, here.max_gpus, here.on_slurm) == (False, 4, 1, None, False)
    limits = {"gpu": SimpleNamespace(value=8)}
    cluster = Invocation(workflow(local_exec=False, nodes=100, global_resources=limits,
                                  resource_settings=SimpleNamespace(nodes=100)))  # fmt: skip
    assert (cluster.sent_off, cluster.jobs, cluster.max_gpus, cluster.on_slurm) == (True, 100, 8, True)
    dry = workflow(dryrun=True, execution_settings=SimpleNamespace(use_threads=True))
    assert Invocation(dry).sent_off
    assert not Invocation(workflow(dryrun=True)).sent_off


@pytest.mark.parametrize(
    ("limit", "present", "expected"), [(None, 0, 1), (None, 4, 4), (2, 4, 2), (8, 4, 4), (0, 4, 4), (3, 0, 3)]
)
def test_gpus_at_once_are_those_that_there_are_and_that_were_granted(
    limit: int | None, present: int, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_driver.install(monkeypatch, tmp_path, gpus=(fake_driver.HOPPER,) * present)
    limits = {} if limit is None else {"gpu": SimpleNamespace(value=limit)}
    assert Invocation(workflow(global_resources=limits)).gpus_at_once == expected


def test_software_of_its_own_is_that_of_neither_conda_nor_a_container() -> None:
    assert Invocation(workflow()).own_software
    conda = SimpleNamespace(deployment_method={"conda"})
    assert not Invocation(workflow(deployment_settings=conda)).own_software


def test_how_snakemake_was_called_is_asked_late() -> None:
    """A Snakefile is read before Snakemake knows its executor."""
    asked = workflow()
    invocation = Invocation(asked)
    asked.local_exec = False
    assert invocation.sent_off
