"""The arithmetic of a plan: what a run consists of, hours, disk."""

import json

import pytest
import tiny

from vidbench import configuration
from vidbench.planning import jobs, table
from vidbench.planning.disk import disk_of
from vidbench.planning.estimate import Capacity, Measured, Work, estimate
from vidbench.planning.inventory import Inventory, Split, measured_models, speed_options, used_part
from vidbench.planning.published import TYPICAL
from vidbench.planning.stopwatch import Spent

ONE, NOTHING = {"seconds": 1.0, "cpu_seconds": 2.0}, {"seconds": 0.0, "cpu_seconds": 0.0}
EXTRACTION = {
    "videos": "generated", "frames_per_video": 8.0, "bytes_per_video": 1000.0, "source_bytes_per_video": 500.0,
    "decode": ONE, "describe": ONE, "fingerprint": ONE, "make": ONE, "start": NOTHING, "figure_start": ONE,
}  # fmt: skip
SPEED = {
    "device": {"type": "cpu", "name": "a CPU"}, "start": NOTHING, "build": NOTHING, "epoch_end": NOTHING,
    "train": {"each": ONE, "first": NOTHING}, "predict": {"each": ONE, "first": NOTHING}, "order": ONE,
    "features": {"each": ONE, "first": NOTHING}, "num_features": 16, "gflops": 2.0, "weights_bytes": 100,
}  # fmt: skip


def inventory(**changes: object) -> Inventory:
    return Inventory(configuration.expand(tiny.config(**changes)))


def measured(found: Inventory, device: str = "cpu", **changes: dict) -> Measured:
    """A second for everything; `changes` of a speed."""
    speed = SPEED | {"device": {"type": device, "name": "a device"}} | changes
    return Measured({data.name: EXTRACTION for data in found.datasets}, dict.fromkeys(measured_models(found), speed))


def work(found: Inventory, rule: str, device: str = "cpu", **speed: dict) -> list[Work]:
    return [
        part
        for part in estimate(found, jobs.count(found), measured(found, device, **speed), Capacity(2, 1))
        if part.rule == rule
    ]


def published(kind: str, **changes: object) -> Inventory:
    entry = {"kind": kind, **{key: tiny.MOTION_ENTRY[key] for key in ("shards", "frames", "clip", "training")}}
    return inventory(datasets__data=entry | changes, run__datasets=["data"])


def test_motion_has_the_videos_that_its_recipe_says() -> None:
    (data,) = inventory().datasets
    assert (data.num_videos, data.num_classes) == (54, 6)
    (split,) = data.splits
    assert (split.clips + split.val, split.test) == (36, 18)


def test_a_published_data_set_has_its_published_sizes() -> None:
    (data,) = published("kinetics400", splits={"validation": 0.02}).datasets
    assert data.splits == [Split("split1", 241603, 4931, 19906)]
    (data,) = published("ucf101", splits={"kind": "folds", "folds": 4, "validation": 0.1}).datasets
    assert data.splits[3] == Split("fold4", 8991, 999, 3330)


def test_a_fraction_takes_as_many_clips_as_the_whole() -> None:
    (data,) = inventory(datasets__motion__splits={"fractions": [0.5]}).datasets
    whole, half = data.splits
    assert (half.name, half.clips, half.test) == ("split1-train50", whole.clips, whole.test)


def test_what_changes_no_speed_is_measured_once() -> None:
    entry = {"architecture": "cnn3d", "width": 4}
    sweep = entry | {"sweep": {"training.learning_rate": [0.1, 0.01], "width": [4, 8]}}
    found = inventory(models__swept=sweep, run__models=["cnn3d", "swept"])
    assert [model for _, model in measured_models(found)] == ["cnn3d", "swept-learning_rate0.1-width8"]


def test_options_of_a_speed_are_complete() -> None:
    (data,) = inventory().datasets
    options = data.options("cnn3d")
    made = speed_options(options | {"weights": "KINETICS400_V1"})
    assert made["weights"] is None
    assert made["training"].keys() == options["training"].keys()
    assert made["training"]["batch_size"] == tiny.TRAINING["batch_size"]
    assert speed_options(made) == made


def test_the_used_part_of_a_large_catalogue_is_small_and_plans_the_same() -> None:
    swept = {"backbone": "cnn2d", "head": "lstm", "sweep": {"training.learning_rate": [0.1, 0.01]}}
    made = tiny.config(models__swept=swept, run__models=["cnn3d", "swept"])
    for kind in ("datasets", "models", "backbones"):
        entry = next(iter(made[kind].values()))
        made[kind] |= {f"unused{number}": entry for number in range(2000)}
    used = used_part(made)
    configuration.check(used)
    assert len(json.dumps(used)) < 5_000 < 128 * 1024 < len(json.dumps(made))
    whole, part = (Inventory(configuration.expand(config)) for config in (made, used))
    assert jobs.count(part) == jobs.count(whole)
    assert measured_models(part) == measured_models(whole)
    for one, other in zip(part.datasets, whole.datasets, strict=True):
        assert [one.options(model) for model in part.trained] == [other.options(model) for model in whole.trained]


def test_a_training_takes_its_clips_and_its_validation() -> None:
    found = inventory(run__seeds=[0, 1])
    split, part = found.datasets[0].splits[0], work(found, "train_model")[0]
    assert part.jobs == 2
    assert part.spent.seconds == 2 * tiny.TRAINING["epochs"] * (split.clips + split.val * tiny.CLIP["views"])
    assert part.spent.cpu_seconds == 2 * part.spent.seconds
    assert part.gpu_hours == 0
    assert work(found, "train_model", "cuda")[0].gpu_hours == pytest.approx(part.spent.seconds / 3600)


@pytest.mark.parametrize(("device", "processes", "cores", "gpus"), [("cpu", 2, 6, 0), ("cuda", 8, 24, 8)])
def test_processes_of_a_training_share_its_clips(device: str, processes: int, cores: int, gpus: int) -> None:
    training = {"threads": 2, "workers": 1}
    found = inventory(training=training, datasets__motion__training=tiny.TRAINING | training)
    several = inventory(datasets__motion__training=tiny.TRAINING | training | {"nodes": 2, "gpus": 4})
    alone, shared = (work(each, "train_model", device)[0] for each in (found, several))
    assert shared.spent.seconds == pytest.approx(alone.spent.seconds / processes)
    assert shared.spent.cpu_seconds == pytest.approx(alone.spent.cpu_seconds)
    assert (shared.cores, shared.gpus) == (cores, gpus)
    assert shared.gpu_hours == pytest.approx(shared.spent.seconds * gpus / 3600)
    more = work(several, "train_model", device, start={"seconds": 10.0, "cpu_seconds": 5.0})[0].spent
    assert more.seconds - shared.spent.seconds == pytest.approx(10)
    assert more.cpu_seconds - shared.spent.cpu_seconds == pytest.approx(5 * processes)


def test_the_motion_test_predicts_the_test_videos_again() -> None:
    found = inventory(evaluation__shuffles=3)
    split = found.datasets[0].splits[0]
    assert work(found, "predict_videos")[0].spent.seconds == split.val + split.test * (1 + 3 + 2)
    without = inventory(evaluation__motion_test=False)
    assert work(without, "predict_videos")[0].spent.seconds == split.val + split.test


def test_frozen_features_are_computed_once_for_all_heads() -> None:
    backbones = {"cnn2d": {"architecture": "cnn2d", "width": 4, "trained_stages": 0}}
    found = inventory(backbones=backbones, run__models=["cnn2d_mean", "cnn2d_lstm"])
    (features,) = work(found, "extract_features")
    assert features.spent.seconds == 54 * 8
    assert features.jobs == 2
    assert disk_of(found, measured(found)).features == 54 * 8 * 16 * 4


def test_disk_of_downloads_that_are_not_kept_is_free_again() -> None:
    kept = published("kinetics400", keep={"archives": True, "videos": True})
    gone = published("kinetics400", keep={"archives": False, "videos": False})
    large, small = (disk_of(found, measured(found)) for found in (kept, gone))
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
    found = inventory(device="auto", run__models=["cnn3d"])
    counted, disk = jobs.count(found), disk_of(found, measured(found))
    capacity = Capacity(2, 1)
    plan = table.summary(estimate(found, counted, measured(found), capacity), counted, disk, capacity, rate=1e9)
    split, epochs = found.datasets[0].splits[0], tiny.TRAINING["epochs"]
    passes = epochs * (3 * split.clips + split.val)
    assert plan["models"][0]["gpu_hours"] == pytest.approx(2 * passes / 3600)
    json.dumps(plan, allow_nan=False)
    notes = table.notes(found, measured(found), disk, capacity, 1e9)
    assert any("No GPU was measured" in note for note in notes)
    assert "training" in table.text(plan, notes)


def test_every_published_data_set_has_an_average_video() -> None:
    assert TYPICAL.keys() == set(configuration.PUBLISHED_KINDS)
    assert TYPICAL["kinetics400"].frames == 300
