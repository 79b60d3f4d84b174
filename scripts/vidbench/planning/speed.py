"""How fast a network trains and predicts on this machine, from some steps of the real loop on the sample's frames."""

import itertools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from vidbench.clips.frame_orders import NORMAL, conditions
from vidbench.clips.split_data import SplitData
from vidbench.compute.precision import Precision, explained_errors
from vidbench.errors import UserError
from vidbench.features.extract import compute_features
from vidbench.features.spec import FeatureSpec
from vidbench.frames.store import FrameStore
from vidbench.models.build import build_backbone
from vidbench.models.options import ModelOptions
from vidbench.planning.random_features import RandomFeatures
from vidbench.planning.stopwatch import Spent, now
from vidbench.prediction.orders import PredictionJob, predict_orders, sees_frames_singly, split_model
from vidbench.training.checkpoint import Checkpoint
from vidbench.training.loop import train_one_epoch
from vidbench.training.setup import TrainingJob, begin, make_batches, make_context, make_model
from vidbench.training.state import Training

SECONDS = 6  # to measure each thing for, after a first step that does not count
MAX_UPDATES = 300
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


def make_job(
    options: ModelOptions,
    frames: Path,
    classes: int,
    precision: Precision,
    workers: int | None = None,
    cores: int | None = None,
) -> TrainingJob:
    """Make a training as train_model.py would; `workers`, `cores`: see TrainingJob."""
    data, features = sample_split(frames, classes), None
    if options.caches_features:
        num_features = build_backbone(options.network, options.clip).num_features
        features = RandomFeatures(data.store, options, num_features)
    return TrainingJob(options, 0, data, precision, features, workers=workers, cores=cores)


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


def time_training(job: TrainingJob, model: nn.Module, seconds: float = SECONDS) -> tuple[Rate, Training]:
    """Return seconds per clip of training, and the training, a few updates old."""
    training = begin(job, model)
    marks = [(now(), 0)]

    def after_update() -> None:
        marks.append((now(), training.progress.clips))
        done = len(marks) - 2
        if done >= 1 and (done >= MAX_UPDATES or marks[-1][0].seconds - marks[1][0].seconds > seconds):
            raise Enough

    context, batches = make_context(job, training), make_batches(job)
    with suppress(Enough), explained_errors():
        train_one_epoch(training, context, batches.train, batches.sampler, after_update)
    return rate(marks), training


def fitting_batch(job: TrainingJob) -> int:
    """Return the batch to measure with: the model's own, on a CPU fewer clips where a step would take long."""
    batch_size = job.options.training.batch_size
    if job.precision.device.type != "cpu" or batch_size <= 2:
        return batch_size
    few = with_batch(job, 2)
    measured, _ = time_training(few, make_model(few)[0], seconds=0)
    return max(2, min(batch_size, int(SLOW_STEP / measured.each.seconds)))


def with_batch(job: TrainingJob, batch: int) -> TrainingJob:
    """Return the job with so many clips per step."""
    training = replace(job.options.training, batch_size=batch, accumulate=1)
    return replace(job, options=replace(job.options, training=training))


def time_epoch_end(training: Training, folder: Path) -> Spent:
    """What an epoch takes beside its clips: keeping the best weights and saving the checkpoint."""
    checkpoint = Checkpoint(folder / "checkpoint.pt", "", 10)
    begin = now()
    checkpoint.keep_best(training.eval_model)
    checkpoint.save(training)
    return now() - begin


def time_prediction(job: TrainingJob, model: nn.Module) -> tuple[Rate, Spent]:
    """Return seconds per view with all its crops, and those that each further order of its frames takes."""
    cached = job.features is not None
    parts = split_model(model.eval(), job.options, job.precision, cached)
    normal = _time_views(job, model, parts, [NORMAL])
    if not cached and not sees_frames_singly(job.options):
        return normal, normal.each
    if cached and job.options.network.takes_clips:
        return normal, Spent(0, 0)  # other orders need the frames, as time_features has them
    more = _time_views(job, model, parts, [NORMAL, *conditions(1)]).each - normal.each
    return normal, Spent(max(0, more.seconds), max(0, more.cpu_seconds)) / len(conditions(1))


def _time_views(job: TrainingJob, model: nn.Module, parts: tuple[Callable, Callable], orders: list[str]) -> Rate:
    """Return seconds per view in all these orders of frames."""
    clip, gpu = job.options.clip, job.precision.device.type == "cuda"
    videos, passes, taken = job.data.video_ids["test"], [], [1, 1] if gpu else [1]
    while len(passes) < (4 if gpu else 2):
        number = taken[len(passes)] if len(passes) < len(taken) else _as_many(passes, len(videos))
        data = replace(job.data, video_ids={"test": videos[:number]})
        predicted = PredictionJob(job.options, data, model, job.precision, job.make_loader(), job.features)
        start = now()
        predict_orders(*parts, predicted.batches("test"), job.precision, clip, orders)
        passes.append((now() - start, number * clip.views))
    each = passes[-1][0] / passes[-1][1]
    return Rate(each, _beyond(each, passes[:-1]))


def _as_many(passes: list[tuple[Spent, int]], most: int) -> int:
    """Videos that take SECONDS / 2, by the last pass over one."""
    return max(1, min(most, int(SECONDS / 2 / passes[-1][0].seconds)))


def time_features(job: TrainingJob, backbone: nn.Module) -> Rate:
    """Return seconds per row of features: a stored frame, or a view of a network that takes clips."""
    marks, done = [(now(), 0)], 0
    videos, spec = job.data.video_ids["test"], FeatureSpec.of(job.options)
    for rows in compute_features(backbone, job.data.store, videos, spec, job.make_loader()):
        done += len(rows)
        marks.append((now(), done))
        if len(marks) > 2 and marks[-1][0].seconds - marks[1][0].seconds > SECONDS:
            break
    return rate(marks)
