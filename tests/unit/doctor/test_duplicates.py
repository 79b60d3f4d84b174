"""Copies of a recording find each other; other recordings before the same background do not."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import find_duplicates
import numpy as np
import pytest
import still_scenes
from hypothesis import given, settings
from hypothesis import strategies as st

from vidbench.doctor.duplicates import candidates
from vidbench.doctor.duplicates.alignment import Track, match
from vidbench.doctor.duplicates.fingerprints import Fingerprints, compute_fingerprints, save_fingerprints
from vidbench.doctor.duplicates.pairs import FLAT, SHORT, Pair, clusters, read_pairs, write_pairs
from vidbench.doctor.duplicates.tiny_images import SIDE, shrink
from vidbench.errors import UserError

FPS = 15.0
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1, max_size=8)


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search in this process; tests/scripts/test_find_duplicates.py does it in several."""
    for module in (candidates, find_duplicates):
        monkeypatch.setattr(module, "process_pool", lambda jobs, **share: ThreadPoolExecutor(1, **share))


def recording(seed: int, seconds: float = 4.0, fps: float = FPS, start: float = 0.0, room: int = 0) -> np.ndarray:
    """(T, 48, 64, 3): two shapes that wander through a `room`, from the second `start` on."""
    random, walls = np.random.default_rng((1, seed)), np.random.default_rng((2, room))
    clock = start + np.arange(round(seconds * fps))[:, None, None] / fps
    y, x = np.mgrid[0:48, 0:64]
    image = 120 + 25 * np.sin(y / walls.uniform(3, 9) + walls.uniform(0, 6)) + 25 * np.cos(x / walls.uniform(3, 9))
    frames = np.repeat(image[None], len(clock), axis=0)
    for _ in range(2):
        speed, phase = random.uniform(0.5, 3, 2), random.uniform(0, 6, 2)
        at_y, at_x = 24 + 18 * np.sin(speed[0] * clock + phase[0]), 32 + 24 * np.sin(speed[1] * clock + phase[1])
        inside = np.hypot(y - at_y, x - at_x) < 8
        frames[inside] = random.uniform(0, 255)
    return np.repeat(frames[..., None], 3, axis=3).clip(0, 255).astype(np.uint8)


def store(folder: Path, videos: dict[str, np.ndarray], fps: dict[str, float] | None = None) -> Fingerprints:
    """Fingerprints as of a store with these frames at a regular rate."""
    times = {name: np.arange(len(frames)) / (fps or {}).get(name, FPS) for name, frames in videos.items()}
    return store_at(folder, videos, times)


def store_at(folder: Path, videos: dict[str, np.ndarray], times: dict[str, np.ndarray]) -> Fingerprints:
    """Fingerprints as of a store with these frames at these times."""
    prints = (
        (name, compute_fingerprints(times[name].astype(np.float32), frames.__getitem__))
        for name, frames in videos.items()
    )
    return save_fingerprints(prints, folder / "prints")


def noisy(frames: np.ndarray, amount: float = 6) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, amount, frames.shape)
    return (frames + noise).clip(0, 255).astype(np.uint8)


def test_copies_are_found_and_other_takes_are_not(tmp_path: Path) -> None:
    takes = {f"take{seed}": recording(seed) for seed in range(12)}
    copies = {
        "noisy": noisy(takes["take0"]),
        "brighter": np.rint(takes["take1"] * 0.7 + 60).astype(np.uint8),
        "cut": recording(2, 2.5, start=0.5),
        "mirrored": noisy(takes["take3"])[:, :, ::-1],
        "half": takes["take4"][::2],
        "all": noisy(recording(5, 2.4, start=1.0))[::2, ::2, ::-1],
    }
    pairs = find_duplicates.find_pairs(store(tmp_path, takes | copies, {"half": FPS / 2, "all": FPS / 2}), 1)
    assert {(pair.video_a, pair.video_b, pair.mirrored) for pair in pairs} == {
        ("noisy", "take0", False), ("brighter", "take1", False), ("cut", "take2", False),
        ("mirrored", "take3", True), ("half", "take4", False), ("all", "take5", True),
    }  # fmt: skip
    offsets = {pair.video_a: (pair.offset, pair.overlap) for pair in pairs}
    # The originals come second by name: they start earlier than what was cut.
    assert offsets["cut"] == (pytest.approx(-0.5, abs=0.05), pytest.approx(2.5, abs=0.1))
    assert offsets["all"] == (pytest.approx(-1.0, abs=0.05), pytest.approx(2.4, abs=0.15))
    assert offsets["noisy"] == (pytest.approx(0, abs=0.05), pytest.approx(4.0, abs=0.1))


def test_a_movement_to_the_left_is_no_mirrored_movement_to_the_right(tmp_path: Path) -> None:
    """Before a background that is almost its own mirror image."""
    y, x = np.mgrid[0:48, 0:64]
    background = 120 + 30 * np.sin(y / 5) + 0.15 * x
    videos = {}
    for name, direction in (("left", -1), ("right", 1)):
        at = 32 + direction * (np.arange(45)[:, None, None] - 22)
        frames = np.where(np.hypot(y - 24, x - at) < 9, 230, background)
        videos[name] = np.repeat(frames[..., None], 3, axis=3).astype(np.uint8)
    assert find_duplicates.find_pairs(store(tmp_path, videos), 1) == []
    (pair,) = find_duplicates.find_pairs(store(tmp_path, videos | {"copy": videos["left"][:, :, ::-1]}), 1)
    assert (pair.video_a, pair.video_b, pair.mirrored) == ("copy", "left", True)


def test_the_order_of_names_in_a_store_does_not_matter(tmp_path: Path) -> None:
    videos = {"b": recording(0), "a": recording(0, 3.0, start=1.0)}
    for named in (videos, dict(reversed(videos.items()))):
        (pair,) = find_duplicates.find_pairs(store(tmp_path, named), 1)
        assert (pair.video_a, pair.video_b) == ("a", "b")
        assert pair.offset == pytest.approx(-1.0, abs=0.05)


def test_a_copy_is_found_among_very_many_takes_in_one_room(tmp_path: Path) -> None:
    """More than a moment may name as partners."""
    count = 3 * candidates.PARTNERS
    takes = {f"take{seed:02d}": recording(seed, 2.5) for seed in range(count)}
    pairs = find_duplicates.find_pairs(store(tmp_path, takes | {"copy": noisy(takes["take07"])}), 1)
    assert [(pair.video_a, pair.video_b) for pair in pairs] == [("copy", "take07")]


def test_what_stands_still_is_told_apart_by_its_picture(tmp_path: Path) -> None:
    still = {f"room{room}": np.repeat(recording(0, 0.1, room=room)[:1], 30, axis=0) for room in range(8)}
    videos = {name: noisy(frames, 2) for name, frames in still.items()} | {"copy": still["room3"]}
    pairs = find_duplicates.find_pairs(store(tmp_path, videos), 1)
    assert [(pair.video_a, pair.video_b, pair.mirrored) for pair in pairs] == [("copy", "room3", False)]


def test_videos_that_show_nothing_are_no_copies_and_are_named(tmp_path: Path) -> None:
    black = {f"black{number}": np.zeros((40, 48, 64, 3), np.uint8) for number in range(3)}
    gray = {f"gray{number}": noisy(np.full((40, 96, 128, 3), 90, np.uint8)) for number in range(3)}
    prints = store(tmp_path, black | gray | {"short": recording(0)[:3], "seen": recording(1)})
    assert find_duplicates.find_pairs(prints, 1) == []
    assert prints.videos == ["seen"]
    assert dict(prints.not_compared) == dict.fromkeys([*black, *gray], FLAT) | {"short": SHORT}


@pytest.mark.parametrize(("dark", "bright"), [((130, 60, 130), (60, 98, 54)), ((90, 100, 60), (90, 88, 190))])
def test_colors_of_one_brightness_are_compared(tmp_path: Path, dark: tuple, bright: tuple) -> None:
    def colored(seed: int) -> np.ndarray:
        share = (recording(seed)[..., :1] > 128).astype(np.float32)
        return np.rint(np.array(dark) * (1 - share) + np.array(bright) * share).astype(np.uint8)

    videos = {f"take{seed}": colored(seed) for seed in range(4)}
    prints = store(tmp_path, videos | {"copy": noisy(videos["take2"])[:, :, ::-1]})
    assert set(prints.videos) == {*videos, "copy"}
    pairs = find_duplicates.find_pairs(prints, 1)
    assert [(pair.video_a, pair.video_b, pair.mirrored) for pair in pairs] == [("copy", "take2", True)]


def at(seed: int, times: np.ndarray) -> np.ndarray:
    """Frames of a recording at any times, to a hundredth of a second."""
    return recording(seed, 4.2, 100)[np.rint(100 * times).astype(int)]


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_copies_with_uneven_times_are_found(tmp_path: Path, fps: float) -> None:
    jitter = np.random.default_rng(1).uniform(-0.02, 0.02, 120)
    phone = np.sort(np.arange(120) / 30 + jitter)
    phone -= phone[0]
    times = {f"take{seed}": phone for seed in range(5)} | {"copy": np.arange(0, 3.9, 1 / fps)}
    videos = {name: at(3 if name == "copy" else int(name[-1]), moments) for name, moments in times.items()}
    pairs = find_duplicates.find_pairs(store_at(tmp_path, videos, times), 1)
    assert [(pair.video_a, pair.video_b) for pair in pairs] == [("copy", "take3")]
    assert pairs[0].offset == pytest.approx(0, abs=0.07)


@pytest.mark.parametrize(("a", "b", "rate"), [(1000, 90_000, 25), (25, 90_000, 25), (30, 1000, 30), (60, 1000, 60)])
def test_copies_whose_times_are_wrong_are_found(tmp_path: Path, a: float, b: float, rate: float) -> None:
    """Of two files one or both say that their frames follow each other at an absurd rate."""
    takes = {f"take{seed}": recording(seed, fps=rate) for seed in range(5)}
    copy = noisy(takes["take2"])[:, :, ::-1]
    fps = dict.fromkeys(takes, a) | {"copy": b}
    pairs = find_duplicates.find_pairs(store(tmp_path, takes | {"copy": copy}, fps), 1)
    assert [(pair.video_a, pair.video_b, pair.mirrored) for pair in pairs] == [("copy", "take2", True)]


def test_copies_with_a_gap_of_minutes_are_found(tmp_path: Path) -> None:
    gap = np.where(np.arange(60) < 40, 0, 600)
    takes = {f"take{seed}": recording(seed) for seed in range(4)}
    times = dict.fromkeys(takes, np.arange(60) / FPS) | {"take1": np.arange(60) / FPS + gap}
    times["copy"] = times["take1"][::2]
    pairs = find_duplicates.find_pairs(store_at(tmp_path, takes | {"copy": noisy(takes["take1"])[::2]}, times), 1)
    assert [(pair.video_a, pair.video_b) for pair in pairs] == [("copy", "take1")]


def test_somebody_who_sits_elsewhere_is_no_copy(tmp_path: Path) -> None:
    """Little moves: the positions of things decide."""
    room = still_scenes.room(1)
    takes = {f"take{number}": still_scenes.take(room, number, number, 3.0)[:, ::2, ::2] for number in range(3)}
    copy = noisy(takes["take1"][5:])[:, :, ::-1]
    times = {name: np.arange(len(frames)) / still_scenes.FPS for name, frames in (takes | {"copy": copy}).items()}
    prints = store_at(tmp_path, takes | {"copy": copy}, times)
    assert all(len(prints.pieces(number)) for number in range(4))  # all are nearly still
    pairs = find_duplicates.find_pairs(prints, 1)
    assert [(pair.video_a, pair.video_b, pair.mirrored) for pair in pairs] == [("copy", "take1", True)]


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_videos_of_few_frames_are_no_copies_and_do_no_harm(tmp_path: Path, frames: int) -> None:
    long, short = recording(0), recording(0)[:frames]
    videos = {"long": long, "short": short, "same": short, "copy": noisy(long)}
    pairs = find_duplicates.find_pairs(store(tmp_path, videos), 1)
    assert [(pair.video_a, pair.video_b) for pair in pairs] == [("copy", "long")]


def test_no_video_at_all(tmp_path: Path) -> None:
    assert find_duplicates.find_pairs(Fingerprints(tmp_path / "none", [], np.zeros(1, np.int64), np.empty(0)), 1) == []


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 50), st.floats(0, 1.5), st.floats(-0.15, 0.15), st.sampled_from([7.5, 12.5, 15.0, 25.0]))
def test_alignment_finds_the_offset(seed: int, start: float, error: float, fps: float) -> None:
    whole = Track.of(shrink(recording(seed)), 1 / FPS)
    cut = Track.of(shrink(recording(seed, 2.5, fps, start)), 1 / fps)
    for first, second, offset in ((whole, cut, start), (cut, whole, -start)):
        matched = match(first, second, offset + error)
        assert matched is not None
        assert matched.offset == pytest.approx(offset, abs=0.06)
        assert matched.overlap == pytest.approx(2.5, abs=0.3)
        assert match(first, Track.of(shrink(recording(seed + 1000, 2.5, fps, start)), 1 / fps), offset) is None


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 99))
def test_fingerprints_are_means_over_areas(height: int, width: int, seed: int) -> None:
    frames = np.random.default_rng(seed).integers(0, 256, (2, height, width, 3), np.uint8)
    gray = frames @ np.array([0.299, 0.587, 0.114])
    fine = gray.repeat(SIDE, axis=1).repeat(SIDE, axis=2)
    expected = fine.reshape(2, SIDE, height, SIDE, width).mean(axis=(2, 4))
    assert np.abs(shrink(frames).reshape(2, SIDE, SIDE) - expected).max() <= 0.51


PAIRS = st.builds(Pair, NAMES, NAMES, st.booleans(), st.floats(-99, 99), st.floats(0, 99), st.floats(0, 1))


@settings(deadline=None)
@given(st.lists(PAIRS, max_size=6, unique_by=lambda pair: (pair.video_a, pair.video_b)))
def test_the_table_comes_back(tmp_path_factory: pytest.TempPathFactory, pairs: list[Pair]) -> None:
    path = tmp_path_factory.mktemp("table") / "duplicates.csv"
    write_pairs(path, pairs)
    pairs_read = read_pairs(path)
    assert [pair.similarity for pair in pairs_read] == sorted((pair.similarity for pair in pairs_read), reverse=True)

    known = {(pair.video_a, pair.video_b): pair for pair in pairs}
    assert len(pairs_read) == len(known)
    for pair in pairs_read:
        expected = known[pair.video_a, pair.video_b]
        assert pair.mirrored == expected.mirrored
        for name in ("offset", "overlap", "similarity"):
            assert getattr(pair, name) == pytest.approx(getattr(expected, name), abs=1e-4)
    write_pairs(path.with_suffix(".again"), reversed(pairs_read))
    assert path.with_suffix(".again").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("video,subset\na,train\n", "wants the columns video_a"),
        ("video_a,video_b,mirrored,offset,overlap,similarity\na,b,maybe,0,1,1\n", "neither True nor False"),
        ("video_a,video_b,mirrored,offset,overlap,similarity\na,b,True,x,1,1\n", "could not convert"),
        ("video_a,video_b,mirrored,offset,overlap,similarity\na,b\n", "mirrored is 'None'"),
    ],
)
def test_another_table_is_refused_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "wrong.csv").write_text(text)
    with pytest.raises(UserError) as caught:
        read_pairs(tmp_path / "wrong.csv")
    assert words in str(caught.value)
    assert "wrong.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=12))
def test_clusters_are_what_pairs_connect(edges: list[tuple[int, int]]) -> None:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    sets = clusters(Pair(f"{a:02d}", f"{b:02d}", False, 0, 1, 1) for a, b in edges)
    ends = np.array(edges, int).reshape(-1, 2).T
    _, component = connected_components(coo_array((np.ones(len(edges)), tuple(ends)), (13, 13)), directed=False)
    expected = [{f"{a:02d}" for a in set(ends.flat) if component[a] == number} for number in set(component[ends.flat])]
    assert sets == sorted(expected, key=min)
