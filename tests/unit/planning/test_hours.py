"""The arithmetic of a plan: what a run consists of, hours, disk."""

import json

import pytest
import tiny

from vidbench.config import schema
from vidbench.planning import jobs, text
from vidbench.planning.disk import estimate_disk
from vidbench.planning.hours import Capacity, Measured, Work, estimate_work
from vidbench.planning.stopwatch import Spent
from vidbench.planning.typical_videos import TYPICAL
from vidbench.workflow.run import Run

ONE, NOTHING = {"seconds": 1.0, "cpu_seconds": 2.0}, {"seconds": 0.0, "cpu_seconds": 0.0}
EXTRACTION = {
    "videos": "generated", "frames_per_video": 8.0, "bytes_per_video": 1000.0, "source_bytes_per_video": 500.0,
    "decode": ONE, "describe": ONE, "fingerprint": ONE, "make": ONE, "start": NOTHING, "figure_start": ONE,
}  # fmt: skip
SPEED = {
    "device": {"type": "cpu", "name": "a CPU"}, "start": NOTHING, "build": NOTHING, "epoch_end": NOTHING,
    "train": {"each": ONE, "first": NOTHING}, "predict": {"each": ONE, "first": NOTHING}, "order": ONE,
    "features": {"each": ONE, "first": NOTHING}, "num_features": 16, "row_bytes": 64, "gflops": 2.0,
    "weights_bytes": 100,
}  # fmt: skip


def make_run(**changes: object) -> Run:
    return Run(tiny.config(**changes))


def measured(run: Run, device: str = "cpu", **changes: dict) -> Measured:
    """A second for everything; `changes` of a speed."""
    speed = SPEED | {"device": {"type": device, "name": "a device"}} | changes
    trained = [(data.name, model) for data in run.datasets for model in run.trained]
    return Measured({data.name: EXTRACTION for data in run.datasets}, dict.fromkeys(trained, speed))


def work(run: Run, rule: str, device: str = "cpu", **speed: dict) -> list[Work]:
    return [
        part
        for part in estimate_work(run, jobs.count_jobs(run), measured(run, device, **speed), Capacity(2, 1))
        if part.rule == rule
    ]


def published(kind: str, **changes: object) -> Run:
    entry = {"kind": kind, **{key: tiny.MOTION_ENTRY[key] for key in ("shards", "frames", "clip", "training")}}
    return make_run(datasets__data=entry | changes, run__datasets=["data"])


def test_a_training_takes_its_clips_and_its_validation() -> None:
    run = make_run(run__seeds=[0, 1])
    split, part = run.datasets[0].splits[0], work(run, "train_model")[0]
    assert part.jobs == 2
    again = split.clips / 3  # a forward pass for batch norm's statistics, as the training is short
    assert part.spent.seconds == 2 * tiny.TRAINING["epochs"] * (split.clips + again + split.val * tiny.CLIP["views"])
    assert part.spent.cpu_seconds == 2 * part.spent.seconds
    assert part.gpu_hours == 0
    assert work(run, "train_model", "cuda")[0].gpu_hours == pytest.approx(part.spent.seconds / 3600)


def test_a_refit_takes_its_clips_again() -> None:
    plain = {"precise_batch_norm": False}
    once, twice = (make_run(training=plain | {"refit": refit}) for refit in (False, True))
    split = once.datasets[0].splits[0]
    seconds = [work(run, "train_model")[0].spent.seconds for run in (once, twice)]
    assert seconds[1] - seconds[0] == tiny.TRAINING["epochs"] * split.clips


@pytest.mark.parametrize(("device", "processes", "cores", "gpus"), [("cpu", 2, 6, 0), ("cuda", 8, 24, 8)])
def test_processes_of_a_training_share_its_clips(device: str, processes: int, cores: int, gpus: int) -> None:
    training = {"threads": 2, "workers": 1}
    run = make_run(training=training, datasets__motion__training=tiny.TRAINING | training)
    several = make_run(datasets__motion__training=tiny.TRAINING | training | {"nodes": 2, "gpus": 4})
    alone, shared = (work(each, "train_model", device)[0] for each in (run, several))
    assert shared.spent.seconds == pytest.approx(alone.spent.seconds / processes)
    assert shared.spent.cpu_seconds == pytest.approx(alone.spent.cpu_seconds)
    assert (shared.cores, shared.gpus) == (cores, gpus)
    assert shared.gpu_hours == pytest.approx(shared.spent.seconds * gpus / 3600)
    more = work(several, "train_model", device, start={"seconds": 10.0, "cpu_seconds": 5.0})[0].spent
    assert more.seconds - shared.spent.seconds == pytest.approx(10)
    assert more.cpu_seconds - shared.spent.cpu_seconds == pytest.approx(5 * processes)


def test_the_motion_test_predicts_the_test_videos_again() -> None:
    run = make_run(evaluation__shuffles=5)
    split = run.datasets[0].splits[0]
    assert work(run, "predict_videos")[0].spent.seconds == split.val + split.test * (1 + 5 + 2)
    without = make_run(evaluation__motion_test=False)
    assert work(without, "predict_videos")[0].spent.seconds == split.val + split.test


def test_frozen_features_are_computed_once_for_all_heads() -> None:
    backbones = {"cnn2d": {"architecture": "cnn2d", "width": 4, "trained_stages": 0}}
    training = tiny.TRAINING | {"threads": None}
    run = make_run(backbones=backbones, run__models=["cnn2d_mean", "cnn2d_lstm"], datasets__motion__training=training)
    (features,) = work(run, "extract_features")
    assert features.spent.seconds == 54 * 8
    assert features.jobs == 2
    # A head is trained with one thread, so two at once; the features are computed with two, the data set's.
    assert (features.cores, work(run, "train_model")[0].cores) == (2, 1)
    assert features.hours(Capacity(2, 1)) == features.spent.seconds / 3600
    assert estimate_disk(run, measured(run)).features == 54 * 8 * 16 * 4


def test_the_cost_of_a_head_is_that_of_its_backbone_too() -> None:
    backbones = {"cnn2d": {"architecture": "cnn2d", "width": 4, "trained_stages": 0}}
    cached = make_run(backbones=backbones, run__models=["cnn2d_mean"], evaluation__explained_videos=2)
    quick = {"predict": {"each": {"seconds": 0.01, "cpu_seconds": 0.01}, "first": NOTHING}}
    slow, fast = (
        work(cached, rule, **quick | changes)[0].spent.seconds
        for rule in ("measure_cost",)
        for changes in ({}, {"features": {"each": {"seconds": 0.001, "cpu_seconds": 0.001}, "first": NOTHING}})
    )
    assert slow > 2 * fast
    maps = work(cached, "compute_activation_maps", **quick)[0].spent.seconds
    views = 2 * tiny.CLIP["views"]
    assert maps == pytest.approx(3 * views * (0.01 + tiny.CLIP["frames"]))  # a second per frame


def test_disk_of_downloads_that_are_not_kept_is_free_again() -> None:
    kept = published("kinetics400", keep={"archives": True, "videos": True})
    gone = published("kinetics400", keep={"archives": False, "videos": False})
    large, small = (estimate_disk(run, measured(run)) for run in (kept, gone))
    assert (large.downloads, small.downloads) == (2 * 400e9, 0)
    assert small.passing == pytest.approx(400e9, rel=0.01)
    assert small.frames == 266440 * 1000


def test_as_many_jobs_run_at_once_as_there_is_room_for() -> None:
    part = Work("train_model", "motion", 6, Spent(3600 * 6, 0), cores=2, gpus=1)
    assert part.hours(Capacity(cores=8, gpus=2)) == 3
    assert part.hours(Capacity(cores=2, gpus=4)) == 6
    assert part.hours(Capacity(cores=1, gpus=0)) == 6
    assert part.hours(Capacity(cores=1, gpus=3, jobs=100)) == 2


def test_gpu_hours_without_a_gpu_are_arithmetic() -> None:
    run = make_run(device="auto", run__models=["cnn3d"])
    counted, disk = jobs.count_jobs(run), estimate_disk(run, measured(run))
    capacity = Capacity(2, 1)
    plan = text.make_plan(estimate_work(run, counted, measured(run), capacity), counted, disk, capacity, rate=1e9)
    split, epochs = run.datasets[0].splits[0], tiny.TRAINING["epochs"]
    passes = epochs * (3 * split.clips + split.clips + split.val)  # the second for batch norm's statistics
    assert plan["models"][0]["gpu_hours"] == pytest.approx(2 * passes / 3600)
    json.dumps(plan, allow_nan=False)
    notes = text.make_notes(run, measured(run), disk, capacity, 1e9)
    assert any("No GPU was measured" in note for note in notes)
    assert "training" in text.format_plan(plan, notes)


def test_every_published_data_set_has_an_average_video() -> None:
    assert TYPICAL.keys() == set(schema.PUBLISHED_KINDS)
    assert TYPICAL["kinetics400"].frames == 300
