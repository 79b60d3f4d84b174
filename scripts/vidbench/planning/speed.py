"""How fast a network trains and predicts on this machine, from some steps of the real loop on the sample's frames."""

import itertools
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from vidbench import models
from vidbench.errors import UserError
from vidbench.features import options as feature_options
from vidbench.features.extraction import computed
from vidbench.frame_orders import NORMAL, conditions
from vidbench.frames import FrameStore
from vidbench.motion_test import predict_orders, sees_frames_singly, stages
from vidbench.planning.random_features import RandomFeatures
from vidbench.planning.stopwatch import Spent, now
from vidbench.subsets import SplitData
from vidbench.training import job as training_job
from vidbench.training.checkpoint import Checkpoint
from vidbench.training.computing import Computing
from vidbench.training.engine import Training, batches_of_views
from vidbench.training.job import Job

SECONDS = 6  # to measure each thing for, after a first step that does not count
MOST_UPDATES = 300
SLOW_STEP = 4  # seconds on a CPU: of a slower step fewer clips are measured
EPOCH = 50_000  # clips: it never ends
NAMES = ("seconds", "cpu_seconds")


@dataclass(frozen=True)
class Rate:
    """What each clip (view, row) takes, and how much more the first step took than it should."""

    each: Spent
    first: Spent

    def as_dict(self) -> dict[str, dict[str, float]]:
        """For JSON."""
        return {"each": self.each.as_dict(), "first": self.first.as_dict()}


class Enough(Exception):
    """Ends a training that was only to be timed."""


def sample_split(frames: Path, classes: int) -> SplitData:
    """All videos of the sample in each subset; `classes`: of the data set."""
    store = FrameStore(frames)
    names = [name for name, video in store.videos.items() if video.readable]
    if not names:
        raise UserError(
            f"{frames}: holds no video that could be decoded; scripts/inspect_videos.py says what was wrong"
        )
    labels = [f"{number:05d}" for number in range(classes)]
    of_video = dict(zip(names, itertools.cycle(labels), strict=False))
    return SplitData(store, labels, of_video, dict.fromkeys(("train", "val", "test"), names), EPOCH)


def make_job(options: dict, frames: Path, classes: int, computing: Computing, loading: Namespace) -> Job:
    """A training as train_model.py would do it; `loading`: workers and cores."""
    data = sample_split(frames, classes)
    arguments = Namespace(
        options=options, seed=0, weights=None, tensorboard=None, workers=loading.workers, cores=loading.cores
    )
    features = None
    if feature_options.is_cached(options):
        features = RandomFeatures(data.store, options, models.build_backbone(options).num_features)
    return Job(arguments, data, computing, features)


def rate(marks: list[tuple[Spent, int]]) -> Rate:
    """From the moments at which so many clips were done; the first is the start, the second ends the first step.

    Of a single step, as of features of one short video, nothing tells how much more it took: it counts as any other.
    """
    (start, _), (first, clips), *others = marks
    if not others:
        return Rate((first - start) / clips, Spent(0, 0))
    last, all_clips = others[-1]
    each = (last - first) / (all_clips - clips)
    return Rate(each, _beyond(each, [(first - start, clips)]))


def _beyond(each: Spent, passes: list[tuple[Spent, int]]) -> Spent:
    """What passes over so many clips took more than these should."""
    more = [sum(getattr(spent, name) - getattr(each, name) * clips for spent, clips in passes) for name in NAMES]
    return Spent(*(max(0.0, part) for part in more))


def time_training(job: Job, model: nn.Module, seconds: float = SECONDS) -> tuple[Rate, Training]:
    """Seconds a clip of training, and the training, a few updates old."""
    training = training_job.begin(job, model)
    marks = [(now(), 0)]

    def after_update() -> None:
        marks.append((now(), training.progress.clips))
        done = len(marks) - 2
        if done >= 1 and (done >= MOST_UPDATES or marks[-1][0].seconds - marks[1][0].seconds > seconds):
            raise Enough

    with suppress(Enough):
        training_job.run(job, training, after_update, lambda improved: None)
    return rate(marks), training


def fitting_batch(job: Job) -> int:
    """The batch to measure with: the model's own, on a CPU fewer clips where a step would take long."""
    wanted = job.options["training"]["batch_size"]
    if job.computing.device.type != "cpu" or wanted <= 2:
        return wanted
    few = with_batch(job, 2)
    measured, _ = time_training(few, training_job.make_model(few)[0], seconds=0)
    return max(2, min(wanted, int(SLOW_STEP / measured.each.seconds)))


def with_batch(job: Job, batch: int) -> Job:
    """A job that takes so many clips a step."""
    training = job.options["training"] | {"batch_size": batch, "accumulate": 1}
    options = job.options | {"training": training}
    return replace(job, arguments=Namespace(**vars(job.arguments) | {"options": options}))


def time_epoch_end(training: Training, folder: Path) -> Spent:
    """What an epoch takes beside its clips: keeping the best weights and saving the checkpoint."""
    checkpoint = Checkpoint(folder / "checkpoint.pt", "", 10)
    begin = now()
    checkpoint.keep_best(training.judged)
    checkpoint.save(training)
    return now() - begin


def time_prediction(job: Job, model: nn.Module) -> tuple[Rate, Spent]:
    """Seconds a view with all its crops, and those that each further order of its frames takes."""
    cached = job.features is not None
    parts = stages(model.eval(), job.options, job.computing, cached)
    normal = _time_views(job, parts, [NORMAL])
    if not cached and not sees_frames_singly(job.options):
        return normal, normal.each
    if cached and feature_options.takes_clips(job.options):
        return normal, Spent(0, 0)  # other orders need the frames, as time_features has them
    more = _time_views(job, parts, [NORMAL, *conditions(1)]).each - normal.each
    return normal, Spent(max(0, more.seconds), max(0, more.cpu_seconds)) / len(conditions(1))


def _time_views(job: Job, parts: tuple[Callable, Callable], names: list[str]) -> Rate:
    """Seconds a view in all these orders of frames."""
    clip, gpu = job.options["clip"], job.computing.device.type == "cuda"
    videos, passes, taken = job.data.members["test"], [], [1, 1] if gpu else [1]
    while len(passes) < (4 if gpu else 2):
        number = taken[len(passes)] if len(passes) < len(taken) else _as_many(passes, len(videos))
        data = replace(job.data, members={"test": videos[:number]}).clips("test", clip, features=job.features)
        begin = now()
        predict_orders(*parts, batches_of_views(data, job.options, job.loader()), job.computing, clip, names)
        passes.append((now() - begin, number * clip["views"]))
    each = passes[-1][0] / passes[-1][1]
    return Rate(each, _beyond(each, passes[:-1]))


def _as_many(passes: list[tuple[Spent, int]], most: int) -> int:
    """Videos that take SECONDS / 2, by the last pass over one."""
    return max(1, min(most, int(SECONDS / 2 / passes[-1][0].seconds)))


def time_features(job: Job, backbone: nn.Module) -> Rate:
    """Seconds a row of features: a stored frame, or a view of a network that takes clips."""
    marks, done = [(now(), 0)], 0
    rows = computed(backbone, job.data.store, job.data.members["test"], feature_options.of(job.options), job.loader())
    for features, _ in rows:
        done += len(features)
        marks.append((now(), done))
        if len(marks) > 2 and marks[-1][0].seconds - marks[1][0].seconds > SECONDS:
            break
    return rate(marks)
