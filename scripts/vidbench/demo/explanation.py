"""All that the page shows of a video: the answer, the frames that the model saw, its activation map, its timeline."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from vidbench.clips.dataset import FrameClips
from vidbench.clips.transforms import prepare, views
from vidbench.compute.precision import explained_errors
from vidbench.errors import UserError
from vidbench.frames.store import FrameStore
from vidbench.inference.actions import ActionFinder
from vidbench.inference.classification import Classification
from vidbench.inference.classifier import REMEDY, Classifier
from vidbench.inference.curve import ProbabilityCurve
from vidbench.inference.decoding import VideoDecoder, temporary_folder
from vidbench.inference.inputs import Input
from vidbench.inference.segments import Hysteresis, Segment
from vidbench.inference.timeline import Timeline
from vidbench.prediction.grad_cam import activation_map, fit_map, last_map

STILL = 3  # grey levels by which a picture that stands still changes at most


@dataclass(frozen=True)
class Explanation:
    """What a model makes of one video; `frames` and `maps` are of one of its clips."""

    answer: Classification
    seconds: float  # of the whole video, to its last frame
    view: int  # number of that clip, from 0
    num_views: int
    frames: np.ndarray  # (T, h, w, 3) uint8, RGB: scaled and cropped as the model gets them
    times: np.ndarray  # (T,) seconds
    maps: np.ndarray | None  # (T, h, w) in [0, 1], all 0 where nothing speaks for the class; None: it has no map
    curve: ProbabilityCurve | None = None  # over time; None for a video of one window
    segments: list[Segment] = field(default_factory=list)
    window: float = 0.0  # seconds of a window of the curve

    @property
    def is_still(self) -> bool:
        """Whether nothing moves in the frames; of a single one that is not known."""
        if len(self.frames) < 2:
            return False
        changes = np.abs(self.frames.astype(np.int16) - self.frames[:1])
        return bool(changes.max() <= STILL)


class Explainer:
    """Explains videos, one after another, with a trained model."""

    def __init__(self, model: Classifier, window: float) -> None:
        """`window`: seconds of a window of the timeline. The model's weights are made to need no gradient."""
        self.model = model
        self.window = window
        model.network.requires_grad_(False)

    def explain(self, name: str, video: Path) -> Explanation:
        """Return all about a video, named as the person named it; UserError where it cannot be classified."""
        with temporary_folder() as folder:
            decoder = VideoDecoder(self.model.file.recipe, folder, self.model.jobs, self.model.ffmpeg)
            (shard,) = decoder.decode(iter([Input(name, str(video))]))
            (answer,) = self.model.classify_shards(shard.videos, [shard], [])
            if not answer.is_classified:
                raise UserError(answer.message)
            explanation = self._explain_clip(answer, FrameStore(shard.paths), shard.videos[0].id)
        return self._add_timeline(explanation, name, video)

    def _explain_clip(self, answer: Classification, store: FrameStore, video: str) -> Explanation:
        """Return the frames of the middle view, and their activation map for the most probable class."""
        clip = replace(self.model.clip, crops=1)
        clips = FrameClips(store, clip)
        view = clip.views // 2
        indices = clips.view_indices(video, view)
        stored = clips.read(video, indices)[None]  # (1, T, 3, H, W) uint8
        times = store.times(video)
        return Explanation(
            answer=answer,
            seconds=float(times[-1]),
            view=view,
            num_views=clip.views,
            frames=views(stored, clip)[0].permute(0, 2, 3, 1).numpy(),
            times=times[indices],
            maps=self._map(stored, answer.classes.index(answer.label)),
        )

    def _map(self, stored: torch.Tensor, target: int) -> np.ndarray | None:
        """Return a class's map (T, h, w) on a clip (1, T, 3, H, W), in float32; None where the network has none."""
        clip = replace(self.model.clip, crops=1)
        network = self.model.network
        with explained_errors(remedy=REMEDY):
            inputs = prepare(stored.to(self.model.precision.device), clip)
            try:
                place = last_map(network, self.model.options.network.architecture, inputs)
            except UserError:
                return None
            with any_kernels():
                heat = activation_map(network, place, inputs, target)
            return fit_map(heat, (inputs.shape[2], *clip.size)).cpu().numpy()

    def _add_timeline(self, explanation: Explanation, name: str, video: Path) -> Explanation:
        """Return the explanation with its curve and segments, where the video is longer than a window.

        They are those of classify_videos.py --window.
        """
        timeline = Timeline(self.model, self.window, by_stretches=True)
        if explanation.seconds <= self.window + timeline.stride / 2:
            return explanation
        rule = Hysteresis.of_threshold(self.model.threshold, timeline.min_length)
        finder = ActionFinder(self.model.classes, rule, self.window)
        curve = ProbabilityCurve(len(self.model.classes))
        segments: list[Segment] = []
        for window in timeline.of_file(name, video):
            if window.answer.is_classified:
                curve.add(window.start, window.end, window.answer.probabilities, alone=finder.decides(window))
            segments += finder.add(window)
        return replace(explanation, curve=curve, segments=[*segments, *finder.finish()], window=self.window)


@contextmanager
def any_kernels() -> Iterator[None]:
    """Let torch use kernels that are not deterministic: some networks have no other backward pass on a GPU.

    Maps need not be the same to the byte; the classification, outside, keeps what its model was set up with.
    """
    if not torch.are_deterministic_algorithms_enabled():
        yield
        return
    torch.use_deterministic_algorithms(False)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(True)
