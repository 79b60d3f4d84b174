"""A trained model that classifies videos.

>>> import vidbench
>>> model = vidbench.load("results/motion/split1/cnn3d/seed0/weights.safetensors")
>>> model.classify("video.mp4").top(3)  # [("left", 0.97), ("right", 0.02), ("up", 0.01)]
"""

import math
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import redirect_stdout
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from vidbench.clips.dataset import FrameClips, TestClips
from vidbench.clips.loader import Loader
from vidbench.clips.transforms import Clips
from vidbench.compute import device as devices
from vidbench.compute.precision import Precision, explained_errors
from vidbench.errors import UserError
from vidbench.frames.store import FAILED, FrameStore
from vidbench.inference.classification import Classification, classify_logits, fail
from vidbench.inference.decoding import DecodedShard, DecodedVideo, VideoDecoder, temporary_folder
from vidbench.inference.inputs import Input, find_videos
from vidbench.inference.label_answer import classify_labels
from vidbench.inference.model_file import ModelFile
from vidbench.models.build import build
from vidbench.models.classifier import classifier_name
from vidbench.models.options import ClipOptions, ModelOptions, TrainingOptions
from vidbench.models.weights_file import load_weights
from vidbench.prediction.orders import split_model
from vidbench.prediction.predict import predict

if TYPE_CHECKING:
    from vidbench.inference.actions import WindowAnswer
    from vidbench.inference.segments import Segment

REMEDY = "lower --batch or --crops, or take a larger GPU"  # where memory is too small


def load(
    path: Path | str,
    *,
    device: str = "auto",
    views: int | None = None,
    crops: int | None = None,
    batch: int | None = None,
    jobs: int | None = None,
    ffmpeg: str | None = None,
) -> "Classifier":
    """Load a trained model by its weights.safetensors, or by the folder that holds it.

    `device`: auto, cuda or cpu; `views`, `crops`: per video, None for those of its training; `batch`: clips per batch,
    None for that of its training; `jobs`: videos that are decoded at a time, None for one per core; `ffmpeg`: the
    program to decode with, None for the environment's. It computes with as many threads as in training (of a head on
    cached features with those that its backbone needs), which is set for the whole process: with another number, sums
    are rounded otherwise. UserError where there is no such model.
    """
    file = ModelFile.read(path)
    options = _change_views(file.options, views, crops)
    training = replace(options.training, compile=False, batch_size=batch or options.training.batch_size)
    options = replace(options, training=training)
    with redirect_stdout(sys.stderr):  # standard output may be a program's input
        torch_device = devices.set_up(device, None, _choose_threads(options), training.deterministic)
    model = build(options, len(file.classes))
    load_weights(file.path, model)
    precision = Precision.of(training, torch_device, takes_frames=options.takes_frames)
    return Classifier(file, options, model.eval(), precision, jobs=jobs, ffmpeg=ffmpeg)


def _choose_threads(options: ModelOptions) -> int:
    """Return the compute threads: here a backbone computes, too, whose features were cached in the training."""
    threads = options.training.threads
    return max(threads, TrainingOptions.threads) if options.caches_features else threads


def _change_views(options: ModelOptions, views: int | None, crops: int | None) -> ModelOptions:
    """Return options with other numbers of views and crops; None keeps them."""
    clip = options.clip
    for name, number in (("views", views), ("crops", crops)):
        if number is not None and number < 1:
            raise UserError(f"{name}: {number}; give at least 1")
    return replace(options, clip=replace(clip, views=views or clip.views, crops=crops or clip.crops))


class Classifier:
    """A trained model; vidbench.load() makes it."""

    def __init__(
        self,
        file: ModelFile,
        options: ModelOptions,
        network: nn.Module,
        precision: Precision,
        *,
        jobs: int | None = None,
        ffmpeg: str | None = None,
    ) -> None:
        """`network`: with its weights, in eval mode; `options`: with the views, crops and batch size to be used."""
        self.file = file
        self.options = options
        self.network = network
        self.precision = precision
        self.jobs = jobs
        self.ffmpeg = ffmpeg
        self._before, self._after = split_model(network, options, precision, cached=False)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the K classes."""
        return self.file.classes

    @property
    def threshold(self) -> float | None:
        """The probability from which a segment begins, and by which older files say what is of no class; or None."""
        return self.file.calibration.threshold

    @property
    def temperature(self) -> float | None:
        """The temperature that calibrates the probabilities; None where it is not known."""
        return self.file.calibration.temperature

    @property
    def clip(self) -> ClipOptions:
        """Which frames of a video the model sees."""
        return self.options.clip

    def with_threshold(self, threshold: float) -> "Classifier":
        """Return this model with a probability below which a video is of no class; UserError where it is none."""
        self.file.refuse_multi("a threshold for videos of no class")
        if not 0 <= threshold <= 1:
            raise UserError(f"threshold: {threshold} is no probability; give one from 0 to 1")
        calibration = replace(self.file.calibration, threshold=threshold, kept=None, max_entropy=None)
        changed = copy(self)
        changed.file = replace(self.file, calibration=calibration)
        return changed

    def classify(self, video: str | Path) -> Classification:
        """Classify one video: a file, a folder of images or an http(s) address. UserError where that fails."""
        answers = list(self.classify_all([video]))
        if len(answers) != 1:
            raise UserError(f"{video}: holds {len(answers)} videos, not one; use classify_all()")
        if not answers[0].is_classified:
            raise UserError(f"{answers[0].video}: {answers[0].message}")
        return answers[0]

    def classify_all(self, videos: Iterable[str | Path]) -> Iterator[Classification]:
        """Classify videos, folders of them, patterns and http(s) addresses; yield the answers in their order.

        A video that cannot be read or decoded costs no other one: its answer says why (`status`, `message`). While the
        model computes, the next videos are decoded; there are never more than some dozens on the disk.
        """
        yield from self.classify_inputs(find_videos(map(str, videos)))

    def classify_inputs(self, inputs: Iterator[Input]) -> Iterator[Classification]:
        """Yield the answers for inputs, in their order, as classify_all() does."""
        with temporary_folder() as folder, ThreadPoolExecutor(1) as computing:
            decoder = VideoDecoder(self.file.recipe, folder, self.jobs, self.ffmpeg)
            job: Future[list[Classification]] | None = None
            # ffmpeg is waited for in this thread, the network computes in another: so Ctrl-C stops ffmpeg at once.
            for shards in self._whole_batches(decoder.decode(inputs)):
                waiting = job
                job = computing.submit(self.classify_shards, *shards)
                yield from waiting.result() if waiting else ()
            yield from job.result() if job else ()

    def _whole_batches(
        self, shards: Iterator[DecodedShard]
    ) -> Iterator[tuple[list[DecodedVideo], list[DecodedShard], list[DecodedShard]]]:
        """Yield videos whose clips fill whole batches, with the shards that hold them, and those that end with them.

        So the clips of a list of videos are in the same batches, whatever the sizes of the shards: on a CPU the last
        digits of a result may depend on the other clips of its batch.
        """
        unit = self._videos_per_unit()
        videos: list[DecodedVideo] = []
        held: list[DecodedShard] = []
        for shard in shards:
            videos += shard.videos
            held.append(shard)
            end = _end_of_whole(videos, unit)
            if end:
                done = held if end == len(videos) else held[:-1]
                yield videos[:end], held, done
                videos = videos[end:]
                held = [each for each in held if each not in done]
        if videos:
            yield videos, held, held

    def _videos_per_unit(self) -> int:
        """Return the smallest number of videos whose views fill whole batches."""
        clips = max(1, self.options.training.batch_size // self.clip.crops)
        return math.lcm(self.clip.views, clips) // self.clip.views

    def classify_shards(
        self, videos: list[DecodedVideo], shards: list[DecodedShard], done: list[DecodedShard]
    ) -> list[Classification]:
        """Return the answers for videos of some shards; those that are `done` are deleted."""
        readable = [video for video in videos if video.status != FAILED]
        paths = [path for shard in shards for path in shard.paths]
        logits = iter(self._predict(FrameStore(paths), [video.id for video in readable]) if readable else ())
        for shard in done:
            shard.delete()
        answers = []
        for video in videos:
            if video.status == FAILED:
                answers.append(fail(video.name, self.classes, video.message))
            else:
                answers.append(self.answer(video.name, next(logits), video.status, video.message))
        return answers

    def answer(self, name: str, logits: np.ndarray, status: str, message: str) -> Classification:
        """Return the answer that logits (V, K) give."""
        if self.file.multi:
            thresholds = self.file.label_thresholds
            return classify_labels(name, logits, thresholds, self.file.calibration, status, message)
        return classify_logits(name, logits, self.classes, self.file.calibration, status, message)

    def _predict(self, store: FrameStore, videos: list[str]) -> np.ndarray:
        """Return the logits (N, V, K) of stored videos, by the loop of the workflow's predict step."""
        data = TestClips(FrameClips(store, self.clip), videos)
        batches = Loader(self.precision.device).views(data, self.clip, self.options.training.batch_size)
        with explained_errors(self.options.training.batch_size, REMEDY):
            return predict(self._before, self._after, batches, self.precision, self.clip)[0].numpy()

    @torch.inference_mode()
    def compute(self, clips: Clips) -> torch.Tensor:
        """Return the logits (B * crops, K) float32 on the CPU of clips (B, T, 3, H, W) uint8, in any size."""
        with self.precision.autocast():
            return self._after(self._before(clips)).float().cpu()

    def windows(self, video: str | Path, window: float, stride: float | None = None) -> "Iterator[WindowAnswer]":
        """Yield an answer for each window of `window` seconds, a `stride` apart (None: half a window), in order.

        The video is decoded once, and memory does not grow with its length. UserError where it cannot be decoded.
        """
        from vidbench.inference.timeline import Timeline  # which needs this module

        return Timeline(self, window, stride).of_file(str(video), video)

    def segments(self, video: str | Path, window: float, stride: float | None = None) -> "list[Segment]":
        """Return what happens when in a long video, by windows of `window` seconds that keep to its stretches.

        A segment begins at the threshold, at half where there is none, and lasts half a stride at least.
        """
        from vidbench.inference.actions import ActionFinder, find_actions
        from vidbench.inference.segments import Hysteresis
        from vidbench.inference.timeline import Timeline  # which needs this module

        timeline = Timeline(self, window, stride, by_stretches=True)
        rule = Hysteresis.of_threshold(self.threshold, timeline.min_length)
        return find_actions(timeline.of_file(str(video), video), ActionFinder(self.classes, rule, window))

    def features(self, video: str | Path) -> np.ndarray:
        """Return what enters the network's last layer for one video: (V, D) float32, a row per view and crop.

        Where there are places or frames left at that layer, the mean over them. UserError where the video fails.
        """
        rows: list[torch.Tensor] = []
        layer = self.network.get_submodule(classifier_name(self.network))
        hook = layer.register_forward_pre_hook(lambda _, inputs: rows.append(_pool(layer, inputs[0])))
        try:
            self.classify(video)
        finally:
            hook.remove()
        return torch.cat(rows).float().cpu().numpy()


def _end_of_whole(videos: list[DecodedVideo], unit: int) -> int:
    """Return how many of the first videos have a multiple of `unit` readable ones among them, the most."""
    readable = [place for place, video in enumerate(videos) if video.status != FAILED]
    whole = len(readable) - len(readable) % unit
    return readable[whole - 1] + 1 if whole else 0


def _pool(layer: nn.Module, inputs: torch.Tensor) -> torch.Tensor:
    """Average (B, ..., D) of a linear layer, or (B, D, ...) of a convolution, to (B, D)."""
    if isinstance(layer, nn.Linear):
        return inputs.flatten(1, -2).mean(1) if inputs.ndim > 2 else inputs
    return inputs.flatten(2).mean(2)
