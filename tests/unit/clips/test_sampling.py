"""Clips at a rate: equal durations whatever the video's own rate, and no luck in roundings."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest
import tiny
import torch
from hypothesis import given
from hypothesis import strategies as st

from vidbench.clips.dataset import FrameClips, TestClips, TrainingClips
from vidbench.clips.sampling import (
    dense_indices,
    random_for,
    timed_indices,
    training_indices,
    view_indices,
    with_spacing,
)
from vidbench.config import checks, schema
from vidbench.errors import UserError
from vidbench.features.dataset import FrameFeatureClips
from vidbench.features.spec import FeatureSpec
from vidbench.models.options import ClipOptions
from vidbench.report.model_words import spacing

LENGTHS, POSITIONS, SEEDS = st.integers(1, 40), st.floats(0, 1), st.integers(0, 2**32)
PHONES = (24, 24000 / 1001, 25, 30, 30000 / 1001, 60)


def steady(fps: float, frames: int) -> np.ndarray:
    """(frames,) float32, as a store holds them."""
    return (np.arange(frames) / fps).astype(np.float32)


@st.composite
def variable(draw: st.DrawFn) -> np.ndarray:
    """Times of a video whose frames come as they like, with still pieces and bursts."""
    random = np.random.default_rng(draw(SEEDS))
    gaps = random.choice([0.001, 1 / 240, 1 / 60, 1 / 30, 0.1, 2.0], draw(st.integers(0, 120)))
    return np.concatenate([[0.0], np.cumsum(gaps)]).astype(np.float32)


@given(variable(), LENGTHS, st.floats(0.1, 500), POSITIONS)
def test_indices_lie_in_the_video_and_never_fall(times: np.ndarray, length: int, rate: float, at: float) -> None:
    indices = timed_indices(times, length, rate, at)
    assert (indices.shape, indices.dtype) == ((length,), np.int64)
    assert indices.min() >= 0
    assert indices.max() < len(times)
    assert (np.diff(indices) >= 0).all()


@given(st.sampled_from(PHONES), st.integers(2, 32), st.floats(1, 30), POSITIONS)
def test_clips_last_equally_long_at_every_frame_rate(fps: float, length: int, rate: float, at: float) -> None:
    wanted = (length - 1) / rate
    times = steady(fps, round(fps * (wanted + 2)))
    indices = timed_indices(times, length, rate, at)
    assert times[indices[-1]] - times[indices[0]] == pytest.approx(wanted, abs=1 / fps)
    at_the_first, at_the_last = (times[indices] - np.arange(length) / rate - times[indices[end]] for end in (0, -1))
    at_the_last += wanted
    assert min(np.abs(at_the_first).max(), np.abs(at_the_last).max()) <= 0.56 / fps + 1e-3


@given(SEEDS, st.integers(2, 32), st.floats(5, 30), POSITIONS)
def test_of_a_variable_rate_each_moment_has_its_frame(seed: int, length: int, rate: float, at: float) -> None:
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(1 / 60, 1 / 15, 800)).astype(np.float32)
    times -= times[0]
    shown = times[timed_indices(times, length, rate, at)]
    largest = float(np.diff(times).max())
    assert np.abs(np.diff(shown) - 1 / rate).max() <= 1.2 * largest
    assert shown[-1] - shown[0] == pytest.approx((length - 1) / rate, abs=1.2 * largest)


@given(st.sampled_from((*PHONES, 12.5, 240, 1000)), LENGTHS, POSITIONS, st.integers(0, 3 * 3600))
def test_at_its_own_rate_a_video_gives_neighbouring_frames(fps: float, length: int, at: float, hours: int) -> None:
    """Also where float32 is coarse, far from the beginning."""
    frames = min(hours * 20, 100_000) + length + 5
    indices = timed_indices(steady(fps, frames), length, fps, at)
    assert (np.diff(indices) == 1).all()


@given(SEEDS, st.sampled_from((24, 30, 60)), POSITIONS)
def test_jitter_neither_repeats_a_frame_nor_leaves_one_out(seed: int, fps: int, at: float) -> None:
    jitter = np.random.default_rng(seed).uniform(-0.19, 0.19, 200) / fps
    times = np.arange(200) / fps + jitter
    times = (times - times[0]).astype(np.float32)
    indices = timed_indices(times, 32, fps, at)
    assert (np.diff(indices) == 1).all()


@given(st.sampled_from((24, 25, 30, 50, 60)), st.integers(1, 6), st.integers(1, 200), LENGTHS, POSITIONS)
def test_a_whole_part_of_the_rate_gives_what_a_step_gives(
    fps: int, step: int, frames: int, length: int, at: float
) -> None:
    by_time = timed_indices(steady(fps, frames), length, fps / step, at)
    by_number = dense_indices(frames, length, step, at)
    if (length - 1) * step < frames:
        assert abs(by_time[0] - by_number[0]) <= 1  # their starts are rounded
        assert (np.diff(by_time) == step).all()
    else:
        assert by_time[0] == by_number[0] == 0
        assert by_time.tolist() == by_number.tolist()


@pytest.mark.parametrize("unit", [1e-6, 1e-3])
@pytest.mark.parametrize(
    ("fps", "rate", "pattern"),
    [
        (30, 20, (0, 1, 3, 4, 6, 7)),
        (25, 10, (0, 2, 5, 7, 10, 12)),
        (30, 12, (0, 2, 5, 7, 10, 12)),
        (30, 60, (0, 0, 1, 1, 2, 2)),
    ],
)
def test_of_two_frames_that_are_equally_near_the_earlier_one_is_taken(fps, rate, pattern, unit: float) -> None:
    """The frames are the same for exact times and for whole milliseconds, as in Matroska."""
    times = (np.round(np.arange(100) / fps / unit) * unit).astype(np.float32)
    for start in range(20):
        room = times[-1] - 5 / rate
        indices = timed_indices(times, 6, rate, float(times[start] / room))
        assert (indices - indices[0]).tolist() == list(pattern)


def test_a_clip_longer_than_its_video_repeats_the_last_frame() -> None:
    for at in (0.0, 0.5, 1.0):
        assert timed_indices(steady(30, 4), 6, 15, at).tolist() == [0, 2, 3, 3, 3, 3]
        assert timed_indices(steady(30, 1), 3, 15, at).tolist() == [0, 0, 0]
    assert timed_indices(steady(10, 4), 6, 30, 0.0).tolist() == [0, 0, 0, 1, 1, 1]


def test_a_still_screen_repeats_its_frame() -> None:
    """A screen recording: nothing for ten seconds, then ten frames."""
    times = np.concatenate([[0.0], 10 + np.arange(10) / 10]).astype(np.float32)
    assert timed_indices(times, 8, 2, 0.5).tolist() == [0] * 8
    assert timed_indices(times, 8, 2, 0.9).tolist() == [0] * 6 + [1, 3]
    assert timed_indices(times, 8, 10, 1.0).tolist() == [3, 4, 5, 6, 7, 8, 9, 10]
    assert timed_indices(times, 4, 20, 1.0).tolist() == [8, 8, 9, 9]


@given(variable(), st.integers(1, 16), st.floats(1, 60), POSITIONS)
def test_no_frame_is_taken_long_before_it_is_shown(times: np.ndarray, length: int, rate: float, at: float) -> None:
    indices = timed_indices(times, length, rate, at)
    start = max(at * max(float(times[-1]) - (length - 1) / rate, 0), times[indices[0]])
    assert (times[indices] <= start + (np.arange(length) + 1.6) / rate).all()


CLIP = ClipOptions(frames=8, sampling="dense", rate=15.0, views=3)


def test_training_and_test_views_go_by_time() -> None:
    times = steady(60, 600)
    starts = []
    for view in range(3):
        indices = view_indices(600, CLIP, view, times)
        assert (np.diff(indices) == 4).all()
        starts.append(int(indices[0]))
    assert starts == pytest.approx([(599 - 28) * part for part in (1 / 6, 1 / 2, 5 / 6)], abs=1)
    drawn = {int(training_indices(600, CLIP, random_for(0, epoch, "a"), times)[0]) for epoch in range(200)}
    assert min(drawn) < 30 < 540 < max(drawn)


class Store:
    """Videos of several rates, whose frames hold their number."""

    def __init__(self, **rates: float) -> None:
        self.rates = rates
        self.videos = {name: SimpleNamespace(num_frames=round(4 * fps), readable=True) for name, fps in rates.items()}

    def read(self, video: str, indices: np.ndarray) -> np.ndarray:
        """(T, 1, 1, 3) uint8."""
        return np.asarray(indices, np.uint8)[:, None, None, None].repeat(3, 3)

    def times(self, video: str) -> np.ndarray:
        return steady(self.rates[video], self.videos[video].num_frames)


def test_a_data_set_of_phones_gives_clips_of_equal_duration() -> None:
    rates = {"old": 24, "usual": 30, "new": 60}
    clips = FrameClips(Store(**rates), ClipOptions(sampling="dense", frames=9, rate=10))
    data = TrainingClips(clips, sorted(rates), [0, 1, 2], seed=1)
    for epoch in range(5):
        for index, video in enumerate(data.videos):
            frames = data[epoch, index][0][:, 0, 0, 0].numpy().astype(int)
            assert (frames[-1] - frames[0]) / rates[video] == pytest.approx(0.8, abs=1 / rates[video])


def test_without_a_rate_no_times_are_read() -> None:
    store = Store(a=30)
    del store.rates["a"]
    data = TestClips(FrameClips(store, ClipOptions(sampling="dense", step=3, frames=4)))
    assert np.diff(data[0][0][:, 0, 0, 0].numpy().astype(int)).tolist() == [3, 3, 3]
    with pytest.raises(KeyError):
        TestClips(FrameClips(store, ClipOptions(sampling="dense", rate=10, frames=4)))[0]


def test_a_dataset_at_a_rate_can_be_handed_to_workers() -> None:
    clips = FrameClips(Store(a=30), ClipOptions(sampling="dense", rate=10, frames=4))
    data = TrainingClips(clips, ["a"], [0], seed=3)
    assert torch.equal(pickle.loads(pickle.dumps(data))[2, 0][0], data[2, 0][0])


def test_features_are_sampled_by_the_times_of_their_frames() -> None:
    frames = Store(a=24, b=60)
    rows = {name: SimpleNamespace(num_rows=video.num_frames) for name, video in frames.videos.items()}
    features = SimpleNamespace(videos=rows, read=lambda video, indices: np.asarray(indices, np.float32)[:, None])
    clip = ClipOptions(frames=6, sampling="dense", rate=12)
    sources = (FrameFeatureClips(features, clip, frames), FrameClips(frames, clip))
    data, pixels = (TrainingClips(source, ["a", "b"], [0, 1], seed=4) for source in sources)
    for epoch in range(4):
        for index in range(2):
            assert data[epoch, index][0][:, 0].tolist() == pixels[epoch, index][0][:, 0, 0, 0].tolist()
    with pytest.raises(UserError, match="the features have no times; give the frames that they are of as `frames`"):
        FrameFeatureClips(features, clip)


def test_a_step_is_two_where_nothing_is_said() -> None:
    assert with_spacing({"frames": 4, "step": None, "rate": None}) == {"frames": 4, "step": 2}
    assert with_spacing({"sampling": "dense", "rate": 5, "step": None}) == {"sampling": "dense", "rate": 5}
    assert FrameClips(Store(a=30), ClipOptions(frames=4)).clip.step == 2


@pytest.mark.parametrize(
    ("clip", "words"),
    [
        ({"sampling": "dense", "rate": 15, "step": 2}, "rate: 15.*step: 2.*keep one of them"),
        ({"rate": 15}, "means nothing with `sampling: uniform`.*set sampling: dense"),
        ({"sampling": "uniform", "rate": 7.5}, r"clip\.rate: 7\.5 means nothing"),
    ],
)
def test_rate_and_step_and_uniform_sampling_exclude_each_other(clip: dict, words: str) -> None:
    with pytest.raises(UserError, match=words):
        FrameClips(Store(a=30), ClipOptions(frames=4, **clip))
    with pytest.raises(UserError, match=f"config: model cnn3d on motion: .*{words}"):
        options(clip)


def options(shared: dict, own: dict | None = None, **changes: object) -> dict:
    """Complete `clip` section of cnn3d, with its `own` one."""
    config = tiny.config(datasets__motion__clip=tiny.CLIP | shared, models__cnn3d__clip=own or {}, **changes)
    schema.check(config)
    return schema.model_options(config, "motion", "cnn3d")["clip"]


def test_options_hold_either_a_step_or_a_rate() -> None:
    assert (options({})["step"], "rate" in options({})) == (2, False)
    chosen = options({"sampling": "dense", "rate": 12.5})
    assert (chosen["rate"], "step" in chosen) == (12.5, False)


def test_a_models_own_clip_replaces_the_data_sets() -> None:
    by_time = {"sampling": "dense", "rate": 15}
    assert options(by_time, {"step": 3})["step"] == 3
    assert options(by_time, {"sampling": "uniform"})["step"] == 2
    assert options(by_time, {"rate": 5})["rate"] == 5
    assert options({"sampling": "dense", "step": 4}, {"rate": 5})["rate"] == 5
    assert options({"step": 4}, by_time)["rate"] == 15
    assert options(by_time, {"rate": None, "frames": 8})["rate"] == 15  # null says nothing
    with pytest.raises(UserError, match="keep one of them"):
        options({"sampling": "dense"}, {"rate": 5, "step": 1})


@pytest.mark.parametrize(
    ("value", "words"), [(0, ["clip.rate", "0"]), (-3, ["clip.rate"]), ("fast", ["clip.rate", "fast"])]
)
def test_a_rate_is_a_number_above_zero(value: object, words: list[str]) -> None:
    tiny.refused({"datasets__motion__clip": {"sampling": "dense", "rate": value}}, words)


def test_a_rate_can_be_swept() -> None:
    config = tiny.config(datasets__motion__clip=tiny.CLIP | {"sampling": "dense"})
    config["models"]["cnn3d"]["sweep"] = {"clip.rate": [5, 12.5]}
    schema.check(config)
    expanded = schema.expand(config)
    for name, rate in (("cnn3d-rate5", 5), ("cnn3d-rate12.5", 12.5)):
        assert schema.model_options(expanded, "motion", name)["clip"]["rate"] == rate


def test_more_frames_than_are_stored_are_said_before_any_job() -> None:
    clip = tiny.CLIP | {"sampling": "dense", "rate": 30}
    config = tiny.config(datasets__motion__clip=clip, datasets__motion__frames={"size": [32, 32], "fps": 10})
    assert checks.rate_warnings(config, "motion") == [
        "clip.rate: 30 frames per second, but datasets.motion.frames.fps stores 10: frames repeat in the clips of"
        " cnn3d, cnn2d_mean; lower the rate, or raise frames.fps"
    ]
    for fps in (None, 30, 60):
        config["datasets"]["motion"]["frames"]["fps"] = fps
        assert checks.rate_warnings(config, "motion") == []


def test_features_of_a_clip_network_depend_on_the_rate_and_those_of_frames_do_not() -> None:
    for architecture, depends in (("cnn3d", True), ("cnn2d", False)):
        made = []
        for clip in ({"step": 2}, {"rate": 10}, {"rate": 12}):
            config = tiny.config(
                backbones__frozen={"architecture": architecture, "width": 4, "trained_stages": 0},
                models__x={"backbone": "frozen", "head": "mean"},
                datasets__motion__clip=tiny.CLIP | {"sampling": "dense"} | clip,
            )
            made.append(FeatureSpec.of(schema.typed_options(config, "motion", "x")))
        assert made[0].difference(made[1]) == ("clip.rate" if depends else None)
        assert made[1].difference(made[2]) == ("clip.rate" if depends else None)


@pytest.mark.parametrize(
    ("clip", "words"),
    [
        ({"sampling": "uniform", "step": 2}, ""),
        ({"sampling": "dense", "step": 1}, "every stored frame"),
        ({"sampling": "dense", "step": 2}, "every 2nd stored frame"),
        ({"sampling": "dense", "step": 12}, "every 12th stored frame"),
        ({"sampling": "dense", "rate": 15.0}, "15 per second of video time"),
        ({"sampling": "dense", "rate": 12.5}, "12.5 per second of video time"),
    ],
)
def test_how_far_frames_lie_apart_in_words(clip: dict, words: str) -> None:
    assert spacing(ClipOptions(**clip)) == words
