"""Speed of training and prediction on this machine, from some steps of the real loop on the sample's frames."""

import itertools
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn

from vidbench.clips.frame_orders import NORMAL, conditions
from vidbench.clips.split_data import SplitData
from vidbench.compute import compilation
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
from vidbench.training.epoch import train_one_epoch
from vidbench.training.setup import TrainingJob, begin, make_batches, make_context, make_model
from vidbench.training.state import Training

SECONDS = 6  # of each measurement, after a first step that does not count
MAX_UPDATES = 300
MAX_STEP_SECONDS = 4  # on a CPU: slower steps are measured with fewer clips
EPOCH = 50_000  # clips, more than are ever reached
NAMES = ("seconds", "cpu_seconds")


@dataclass(frozen=True)
class Rate:
    """Time per clip (or view, or row), and the additional time of the first step."""

    each: Spent
    first: Spent

    def as_dict(self) -> dict[str, dict[str, float]]:
        """Return it as it is in JSON."""
        return {"each": self.each.as_dict(), "first": self.first.as_dict()}


class Enough(Exception):
    """Ends a training that is only timed."""


def sample_split(frames: Path, classes: int) -> SplitData:
    """Return all videos of the sample as each subset; `classes`: number of the data set's classes."""
    store = FrameStore(frames)
    names = [name for name, video in store.videos.items() if video.readable]
    if not names:
        raise UserError(
            f"{frames}: holds no video that could be decoded; scripts/inspect_videos.py says what was wrong"
        )
    labels = [f"{number:05d}" for number in range(classes)]
    video_labels = dict(zip(names, itertools.cycle(labels), strict=False))
    return SplitData(store, labels, video_labels, dict.fromkeys(("train", "val", "test"), names), EPOCH)


def make_job(
    options: ModelOptions,
    frames: Path,
    classes: int,
    precision: Precision,
    workers: int | None = None,
    cores: int | None = None,
) -> TrainingJob:
    """Make the job that train_model.py would make; `workers`, `cores`: see TrainingJob."""
    data = sample_split(frames, classes)
    features = None
    if options.caches_features:
        features = RandomFeatures(data.store, options, count_row_values(options))
    return TrainingJob(options, 0, data, precision, features, workers=workers, cores=cores)


def count_row_values(options: ModelOptions) -> int:
    """Return the values per row that a head takes from the cache: features, or tokens of all cells."""
    backbone: Any = build_backbone(options.network, options.clip, options.takes_tokens)
    return backbone.num_channels * math.prod(backbone.cells) if options.takes_tokens else backbone.num_features


def compute_rate(marks: list[tuple[Spent, int]]) -> Rate:
    """Compute a rate from (time, clips done until then): at the start, after the first step, and after later steps.

    Without later steps, as for the features of one short video, the first step counts like any other.
    """
    (start, _), (first, clips), *later = marks
    if not later:
        return Rate((first - start) / clips, Spent(0, 0))
    last, all_clips = later[-1]
    each = (last - first) / (all_clips - clips)
    return Rate(each, _additional_time(each, [(first - start, clips)]))


def _additional_time(each: Spent, passes: list[tuple[Spent, int]]) -> Spent:
    """Return the time of passes (time, clips) beyond `each` per clip; 0 where there is none."""
    additional = [sum(getattr(spent, name) - getattr(each, name) * clips for spent, clips in passes) for name in NAMES]
    return Spent(*(max(0.0, part) for part in additional))


def time_training(job: TrainingJob, model: nn.Module, seconds: float = SECONDS) -> tuple[Rate, Training]:
    """Measure seconds per clip of training, and return the training after these updates, too."""
    if job.precision.compile:
        compilation.reset()
    training = begin(job, model)
    marks = [(now(), 0)]

    def after_update() -> None:
        marks.append((now(), training.progress.clips))
        done = len(marks) - 2
        if done >= 1 and (done >= MAX_UPDATES or marks[-1][0].seconds - marks[1][0].seconds > seconds):
            raise Enough

    context = make_context(job, training)
    batches = make_batches(job)
    with suppress(Enough), explained_errors(job.options.training.batch_size):
        train_one_epoch(training, context, batches.train, batches.sampler, after_update)
    return compute_rate(marks), training


def choose_batch_size(job: TrainingJob) -> int:
    """Return the clips per batch to measure with: the model's, on a CPU fewer where a step would take long."""
    batch_size = job.options.training.batch_size
    if job.precision.device.type != "cpu" or batch_size <= 2:
        return batch_size
    small_job = set_batch_size(job, 2)
    rate, _ = time_training(small_job, make_model(small_job)[0], seconds=0)
    return max(2, min(batch_size, int(MAX_STEP_SECONDS / rate.each.seconds)))


def set_batch_size(job: TrainingJob, batch_size: int) -> TrainingJob:
    """Return the job with `batch_size` clips per update."""
    training = replace(job.options.training, batch_size=batch_size, accumulate=1)
    return replace(job, options=replace(job.options, training=training))


def time_epoch_end(training: Training) -> Spent:
    """Measure the fixed time of an epoch: copying the best weights. Checkpoints take about 1 % of the time at most."""
    checkpoint = Checkpoint(Path(), "", 10)
    begin = now()
    checkpoint.keep_best(training.eval_model)
    return now() - begin


def time_prediction(job: TrainingJob, model: nn.Module) -> tuple[Rate, Spent]:
    """Measure seconds per view with all its crops, and the additional ones of each other order of its frames."""
    if job.precision.compile:
        compilation.reset()
    cached = job.features is not None
    forward = split_model(model.eval(), job.options, job.precision, cached)
    normal = _time_views(job, model, forward, [NORMAL])
    if not cached and not sees_frames_singly(job.options):
        return normal, normal.each
    if cached and job.options.network.takes_clips:
        return normal, Spent(0, 0)  # other orders are computed from frames, as in time_features()
    other_orders = _time_views(job, model, forward, [NORMAL, *conditions(1)]).each - normal.each
    return normal, Spent(max(0, other_orders.seconds), max(0, other_orders.cpu_seconds)) / len(conditions(1))


def _time_views(job: TrainingJob, model: nn.Module, parts: tuple[Callable, Callable], orders: list[str]) -> Rate:
    """Measure seconds per view in all these orders of frames.

    The first pass is over one video, the last over as many as take SECONDS / 2. A GPU has two passes of each kind, as
    its first one of a shape compiles.
    """
    clip = job.options.clip
    videos = job.data.video_ids["test"]
    repeats = 2 if job.precision.device.type == "cuda" else 1
    passes: list[tuple[Spent, int]] = []  # (time, views)
    while len(passes) < 2 * repeats:
        number = 1
        if len(passes) >= repeats:
            number = max(1, min(len(videos), int(SECONDS / 2 / passes[-1][0].seconds)))
        data = replace(job.data, video_ids={"test": videos[:number]})
        prediction = PredictionJob(job.options, data, model, job.precision, job.make_loader(), job.features)
        start = now()
        predict_orders(*parts, prediction.batches("test"), job.precision, clip, orders)
        passes.append((now() - start, number * clip.views))
    each = passes[-1][0] / passes[-1][1]
    return Rate(each, _additional_time(each, passes[:-1]))


def time_features(job: TrainingJob, backbone: nn.Module) -> Rate:
    """Measure seconds per row of features: a stored frame, or a view of a network that takes clips."""
    marks, done = [(now(), 0)], 0
    videos = job.data.video_ids["test"]
    spec = FeatureSpec.of(job.options)
    for rows in compute_features(backbone, job.data.store, videos, spec, job.make_loader()):
        done += len(rows)
        marks.append((now(), done))
        if len(marks) > 2 and marks[-1][0].seconds - marks[1][0].seconds > SECONDS:
            break
    return compute_rate(marks)
