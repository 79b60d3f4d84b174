"""Odd and damaged videos made here: frames, status and note as promised, and frames as another decoder has them."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import PROJECT
from describe_odd_videos import START, table
from made_videos import HEIGHT, WIDTH, decoded, write_video
from odd_cases import CASES, STEADY, Case, run

from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import FrameStore
from vidbench.video import Video

BY_NAME = {case.name: case for case in CASES}
FPS_CASES = {"steady.mp4": 8, "gap.webm": 33, "jitter.mp4": 8, "late.mkv": 33, "back.mkv": 8, "rate1000.mkv": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    for case in CASES:
        case.make(folder / case.name)
    return folder


def extract(folder: Path, names: list[str], recipe: ffmpeg.Recipe, place: Path) -> FrameStore:
    videos = [Video(name, str(folder / name), "label", name) for name in names]
    extract_shard(videos, recipe, place / "0.h5", place / "spool", 2, None, lambda *_: None)
    return FrameStore(place)


@pytest.fixture(scope="module", params=["jpeg", "raw"])
def store(request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> FrameStore:
    recipe = ffmpeg.Recipe((HEIGHT, WIDTH), None, request.param, 2)
    return extract(folder, list(BY_NAME), recipe, tmp_path_factory.mktemp(request.param))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_video_is_stored_as_promised(store: FrameStore, case: Case) -> None:
    video = store.videos[case.name]
    assert (video.num_frames, video["status"]) == (case.frames, case.status), video["message"]
    said = video["notes"] if case.status == "ok" else video["message"]
    assert case.words in said
    assert bool(said) == bool(case.words)
    assert bool(video["message"]) == (case.status != "ok")


@pytest.mark.parametrize("case", [case for case in CASES if case.frames], ids=lambda case: case.name)
def test_times_rise_and_fit_the_duration(store: FrameStore, case: Case) -> None:
    times = store.times(case.name)
    assert len(times) == case.frames
    assert times[0] == 0
    assert (np.diff(times) > 0).all()
    assert store.videos[case.name]["duration"] >= times[-1]


@pytest.mark.parametrize("case", [case for case in CASES if case.alike and case.frames], ids=lambda case: case.name)
def test_frames_and_times_are_those_of_another_decoder(store: FrameStore, folder: Path, case: Case) -> None:
    frames, times = decoded(folder / case.name)
    assert difference(frames, store.read(case.name)) < 2
    if None not in times and (np.diff(times) > 1e-9).all():
        assert np.abs(store.times(case.name) - (np.array(times) - times[0])).max() < 1e-4


@pytest.mark.parametrize(("name", "turn"), [
    ("turned.mp4", lambda frames: np.rot90(frames, 1, (1, 2))), ("mirrored.mp4", lambda frames: frames[:, :, ::-1]),
    ("upside_down.mp4", lambda frames: frames[:, ::-1]),
])  # fmt: skip
def test_a_display_matrix_is_obeyed_as_players_do(folder: Path, tmp_path: Path, name: str, turn: Callable) -> None:
    store = extract(folder, [name], ffmpeg.Recipe(HEIGHT, None, "raw", 2), tmp_path)
    shown = turn(decoded(folder / name)[0])
    assert store.read(name).shape == shown.shape
    assert difference(shown, store.read(name)) < 3
    mirrored = "mirrored" in store.videos[name]["notes"]
    frames = decoded(folder / name)[0][:, :, :: -1 if mirrored else 1]
    np.testing.assert_array_equal(np.rot90(frames, store.videos[name]["rotation"] // 90, (1, 2)), shown)


@pytest.mark.parametrize(("name", "transfer"), [("hlg.mp4", "arib-std-b67"), ("pq.mp4", "smpte2084")])
def test_an_hdr_video_looks_like_its_sdr_twin(store: FrameStore, name: str, transfer: str) -> None:
    twin, frames = (store.read(video).astype(float) for video in ("steady.mp4", name))
    assert difference(twin, frames) < 20
    assert 0.85 < frames.std() / twin.std() < 1.1
    assert (store.videos[name]["transfer"], store.videos[name]["primaries"]) == (transfer, "bt2020")
    assert store.videos["steady.mp4"]["transfer"] == ""


@pytest.mark.parametrize("size", [(47, 63), (47, 64), (48, 63), 35])
def test_an_hdr_video_takes_every_size(folder: Path, tmp_path: Path, size: int | tuple[int, int]) -> None:
    store = extract(folder, ["hlg.mp4", "pq.mp4", "steady.mp4"], ffmpeg.Recipe(size, None, "jpeg", 2), tmp_path)
    for name in ("hlg.mp4", "pq.mp4"):
        assert store.videos[name]["status"] == "ok"
        assert difference(store.read("steady.mp4"), store.read(name)) < 20


def test_an_hdr_video_without_a_colour_matrix_is_stored(folder: Path, tmp_path: Path) -> None:
    keep = "colour_primaries=9:transfer_characteristics=16:matrix_coefficients=2"
    run("-i", f"file:{folder / 'pq.mp4'}", "-c", "copy", "-bsf:v", f"hevc_metadata={keep}", f"file:{tmp_path}/pq.mp4")
    store = extract(tmp_path, ["pq.mp4"], ffmpeg.Recipe(HEIGHT, None, "raw", 2), tmp_path)
    assert (store.videos["pq.mp4"]["status"], store.videos["pq.mp4"].num_frames) == ("ok", 40)


@pytest.mark.parametrize("name", FPS_CASES)
def test_fps_takes_frames_by_time_and_says_what_is_odd(folder: Path, tmp_path: Path, name: str) -> None:
    store = extract(folder, [name], ffmpeg.Recipe((HEIGHT, WIDTH), 5, "jpeg", 2), tmp_path)
    video = store.videos[name]
    assert (video["status"], video.num_frames) == ("ok", FPS_CASES[name])
    np.testing.assert_allclose(store.times(name), np.arange(video.num_frames) / 5, atol=1e-6)
    assert ("fps: 5" in video["notes"]) == (name in ("gap.webm", "rate1000.mkv", "late.mkv"))


@pytest.mark.parametrize(("seconds", "stored"), [(10, 100), (30, 300)])
def test_a_time_lapse_keeps_its_pace_at_fps(tmp_path: Path, seconds: float, stored: int) -> None:
    write_video(tmp_path / "lapse.mp4", np.arange(10) * seconds, ticks=1000, rate=1)
    store = extract(tmp_path, ["lapse.mp4"], ffmpeg.Recipe((HEIGHT, WIDTH), 1, "jpeg", 2), tmp_path)
    assert abs(store.videos["lapse.mp4"].num_frames - stored) <= seconds
    assert store.videos["lapse.mp4"]["notes"] == ""


def test_fps_takes_the_frames_that_are_shown_then(folder: Path, tmp_path: Path) -> None:
    store = extract(folder, ["jitter.mp4"], ffmpeg.Recipe((HEIGHT, WIDTH), 5, "raw", 2), tmp_path)
    frames, times = decoded(folder / "jitter.mp4")
    shown = [int(np.abs(np.array(times) - times[0] - number / 5).argmin()) for number in range(8)]
    stored = store.read("jitter.mp4").astype(float)
    nearest = [np.abs(frames - frame).mean(axis=(1, 2, 3)).argmin() for frame in stored]
    assert np.abs(np.subtract(nearest, shown)).max() <= 3  # `fps` rounds to its own grid


def test_pictures_change_their_size_in_the_middle(store: FrameStore) -> None:
    frames = store.read("joined.ts").astype(float)
    assert difference(frames[:40], frames[40:]) < 12


@pytest.mark.parametrize("name", ["steady.mp4", "jitter.mp4"])
def test_a_file_that_is_also_damaged_stays_partial(folder: Path, tmp_path: Path, name: str) -> None:
    """What is odd never hides what is damaged."""
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2 : len(content) // 2 + 500] = bytes(500)
    (tmp_path / name).write_bytes(content)
    video = extract(tmp_path, [name], ffmpeg.Recipe(HEIGHT, None, "jpeg", 2), tmp_path).videos[name]
    assert video["status"] == "partial"
    assert video["message"]


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_an_avi_that_was_cut_between_two_frames_is_partial(tmp_path: Path, share: float) -> None:
    whole = write_video(tmp_path / "whole.avi", STEADY, codec="mjpeg", ticks=25, rate=25)
    content = whole.read_bytes()
    (tmp_path / "cut.avi").write_bytes(content[: content.index(b"00dc", int(len(content) * share))])
    video = extract(tmp_path, ["cut.avi"], ffmpeg.Recipe(HEIGHT, None, "jpeg", 2), tmp_path).videos["cut.avi"]
    assert video["status"] == "partial"
    words = f"is cut off: it holds {video.num_frames} of the 40 frames that its header promises"
    assert video["message"] == words


def test_a_header_that_promises_more_is_noted(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", STEADY, rate=25)
    run("-i", whole, "-c:v", "mpeg2video", tmp_path / "whole.mxf")
    content = (tmp_path / "whole.mxf").read_bytes()
    (tmp_path / "cut.mxf").write_bytes(content[: int(len(content) * 0.3)])
    video = extract(tmp_path, ["cut.mxf"], ffmpeg.Recipe(HEIGHT, None, "jpeg", 2), tmp_path).videos["cut.mxf"]
    assert video["status"] == "partial" or "of the 1.6 s that its header promises" in video["notes"]


@pytest.mark.parametrize(("codec", "name"), [("huffyuv", "a.mkv"), ("ffv1", "a.mkv"), ("libtheora", "a.ogv")])
def test_a_damaged_header_is_a_fact_about_the_video_alone(tmp_path: Path, codec: str, name: str) -> None:
    """ffmpeg then cannot open a decoder, and says so in the words of an output that cannot be written."""
    steady = write_video(tmp_path / "steady.mp4", STEADY, rate=25)
    run("-i", steady, "-c:v", codec, "-q:v", 5, tmp_path / name)
    content, random = (tmp_path / name).read_bytes(), np.random.default_rng(0)
    names = ["steady.mp4"]
    for number in range(12):
        made = bytearray(content)
        for place in random.integers(100, 900, 12):
            made[place] ^= 0xFF
        names.append(f"{number}{name}")
        (tmp_path / names[-1]).write_bytes(made)
    store = extract(tmp_path, names, ffmpeg.Recipe(HEIGHT, None, "jpeg", 2), tmp_path)
    assert store.videos["steady.mp4"]["status"] == "ok"
    assert "failed" in {stored["status"] for stored in store.videos.values()}


def test_joined_interlaced_recordings_of_two_sizes(folder: Path, tmp_path: Path) -> None:
    options = ("-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ildct+ilme")
    run("-i", folder / "steady.mp4", *options, tmp_path / "first.ts")
    run("-i", folder / "steady.mp4", "-s", "96x72", *options, tmp_path / "second.ts")
    parts = [(tmp_path / name).read_bytes() for name in ("first.ts", "second.ts")]
    (tmp_path / "both.ts").write_bytes(parts[0] + parts[1] + parts[0])
    with av.open(str(tmp_path / "both.ts")) as container:
        count = sum(1 for _ in container.decode(video=0))
    assert count > 110
    for codec in ("jpeg", "raw"):
        (tmp_path / codec).mkdir()
        store = extract(tmp_path, ["both.ts"], ffmpeg.Recipe(HEIGHT, None, codec, 2), tmp_path / codec)
        assert (store.videos["both.ts"]["status"], store.videos["both.ts"].num_frames) == ("ok", count)


def test_the_table_in_the_docs_is_up_to_date(folder: Path) -> None:
    text = (PROJECT / "docs" / "datasets.md").read_text(encoding="utf-8")
    assert table(folder) in text[text.index(START) :]


def test_videos_decoded_together_are_stored_as_alone(folder: Path, tmp_path: Path) -> None:
    names = ["jitter.mp4", "webcam.webm", "twins.mkv", "back.mkv", "steady.mp4", "zero.mkv", "slow.mp4", "late.mkv"]
    recipe = ffmpeg.Recipe((HEIGHT, WIDTH), None, "jpeg", 2)
    many = [Video(f"{number} {name}", str(folder / name), "x", "g") for number in range(4) for name in names]
    extract_shard(many, recipe, tmp_path / "0.h5", tmp_path / "spool", 2, None, lambda *_: None)
    together = FrameStore(tmp_path / "0.h5").videos
    for name in names:
        (tmp_path / name).mkdir()
        alone = extract(folder, [name], recipe, tmp_path / name).videos[name]
        for number in range(4):
            for column in ("num_frames", "crc32", "notes", "status", "duration"):
                assert together[f"{number} {name}"][column] == alone[column]


def difference(expected: np.ndarray, stored: np.ndarray) -> float:
    """The largest mean absolute difference of a frame; they have to be as many."""
    assert len(expected) == len(stored)
    return float(np.abs(expected.astype(float) - stored).mean(axis=(1, 2, 3)).max())
