"""Videos decoded once, frame by frame, against the frame store; windows against whole videos; live streams."""

import contextlib
import csv
import io
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from made_videos import write_video
from saved_models import save_model
from simplejpeg import encode_jpeg

import vidbench
from vidbench.errors import UserError
from vidbench.formatting import counted
from vidbench.frames.extract import extract_shard
from vidbench.frames.ffmpeg import encode_h264
from vidbench.frames.probe import probe
from vidbench.frames.recipe import Recipe, Source
from vidbench.frames.store import FrameStore
from vidbench.inference.classifier import Classifier
from vidbench.inference.frame_stream import Frame, FrameStream, open_frames
from vidbench.inference.inputs import Input
from vidbench.inference.opening import open_video, probe_live
from vidbench.inference.segments import Hysteresis
from vidbench.inference.timeline import RECENT, LiveReport, Timeline
from vidbench.inference.timeline_output import TimelineFiles, TimelineWriter
from vidbench.inference.windows import WindowFrames, cut_windows
from vidbench.video import Video

UNEVEN = [0, 0.04, 0.08, 0.12, 0.2, 0.24, 0.32, 0.36, 0.4, 0.48, 0.52, 0.56]
RECIPES = {
    "jpeg": Recipe(size=32, fps=None, codec="jpeg", quality=2),
    "raw": Recipe(size=(24, 24), fps=None, codec="raw", quality=2),
    "fps": Recipe(size=32, fps=10.0, codec="jpeg", quality=2),
}


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "a.mp4", UNEVEN)


@pytest.fixture(scope="module")
def long_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds."""
    return write_video(tmp_path_factory.mktemp("video") / "long.mp4", (np.arange(200) / 25).tolist())


@pytest.fixture
def model(tmp_path: Path) -> Classifier:
    save_model(tmp_path)
    return vidbench.load(tmp_path, device="cpu")


@pytest.mark.parametrize("name", RECIPES)
def test_frames_and_times_are_those_of_the_frame_store(name: str, video: Path, tmp_path: Path) -> None:
    recipe = RECIPES[name]
    listed = [Video("a", str(video), "", "")]
    extract_shard(listed, recipe, tmp_path / "0.h5", tmp_path / "spool", 1, None, lambda *_: None)
    store = FrameStore([tmp_path / "0.h5"])
    with open_video(str(video), tmp_path, recipe) as stream:
        (window,) = cut_windows(stream, 100, 50)
    frames = WindowFrames([window], recipe, stream.size)
    assert frames.read("0").tobytes() == store.read("a").tobytes()
    assert frames.times("0") == pytest.approx(store.times("a"), abs=1e-6)
    assert stream.message == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.h5", "spool"]


def test_a_folder_of_images_is_a_video_and_what_is_none_is_refused(tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "images").mkdir()
    (tmp_path / "work").mkdir()
    for number in range(5):
        Image.new("RGB", (40, 32), (50 * number, 0, 0)).save(tmp_path / "images" / f"{number}.png")
    with open_video(str(tmp_path / "images"), tmp_path / "work", RECIPES["jpeg"]) as stream:
        assert [round(frame.time, 3) for frame in stream] == [0, 0.04, 0.08, 0.12, 0.16]
    (tmp_path / "text.mp4").write_text("no video")
    for name, words in (("text.mp4", "cannot be opened as a video"), ("work", "holds no images")):
        with pytest.raises(UserError, match=words), open_video(str(tmp_path / name), tmp_path, RECIPES["jpeg"]):
            pass


def test_whoever_needs_no_more_frames_leaves_ffmpeg_and_threads_behind_ended(video: Path, tmp_path: Path) -> None:
    with open_video(str(video), tmp_path, RECIPES["jpeg"]) as stream:
        assert next(iter(stream)).time == 0
    assert list(tmp_path.iterdir()) == []


def test_a_window_over_the_whole_video_gives_its_logits(video: Path, model: Classifier) -> None:
    (window,) = model.windows(video, 100)
    assert window.answer.logits == pytest.approx(model.classify(video).logits, abs=1e-5)
    assert (window.start, window.end) == (0, pytest.approx(0.6))


def test_windows_are_classified_in_order(long_video: Path, model: Classifier) -> None:
    windows = list(model.windows(long_video, 2.0, 1.0))
    assert [window.start for window in windows] == [0, 1, 2, 3, 4, 5, 6]
    assert all(window.answer.is_classified for window in windows)
    with pytest.raises(UserError, match="window: 0"):
        model.windows(long_video, 0)


def test_live_streams_tell_of_latency_and_lost_windows(
    long_video: Path, model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in place of a stream comes faster than it can be classified."""

    @contextlib.contextmanager
    def open_file(address: str, folder: Path, recipe: Recipe, ffmpeg: str | None) -> Iterator[FrameStream]:
        source = Source(address, probe(address), folder / "frames")
        with open_frames(source, recipe, ffmpeg, ["-i", address], live=True) as stream:
            yield stream

    monkeypatch.setattr("vidbench.inference.timeline.open_live", open_file)
    report = LiveReport()
    answers = list(Timeline(model, 2.0, 0.5).of_live(str(long_video), report))
    assert 1 <= len(answers) == len(report.latencies)
    assert report.dropped + len(answers) == 13, "windows until the end"
    assert report.classified == len(answers)
    assert all(latency >= 0 for latency in report.latencies)
    assert f"{report.dropped} dropped" in str(report)


@pytest.mark.parametrize("pictures", [0, 30])
def test_a_stream_that_stalls_ends_with_what_was_found(
    pictures: int, model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = model.file.recipe
    stream = FrameStream(recipe, (24, 24), 25.0, live=True)
    grey = encode_jpeg(np.full((24, 24, 3), 90, np.uint8))
    for number in range(pictures):
        stream._frames.put(Frame(number / 10, grey, 0.0))
    stream.num_frames = pictures
    monkeypatch.setattr("vidbench.inference.timeline.open_live", lambda *_: contextlib.nullcontext(stream))
    monkeypatch.setattr("vidbench.inference.timeline.TIMEOUT", 0.1)
    timeline, report = Timeline(model, 2.0, 1.0), LiveReport()
    if pictures:
        assert list(timeline.of_live("udp://x", report))[-1].end == pytest.approx(3.0)
        assert timeline.message.startswith("no picture has come for 0.1 s")
    else:
        with pytest.raises(UserError, match=r"no picture has come for 0\.1 s"):
            list(timeline.of_live("udp://x", report))


def test_of_a_stream_with_an_end_all_windows_are_classified(
    long_video: Path, model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A playlist that says how long it takes, as it is read: no picture is kept that is not asked for."""
    monkeypatch.setattr("vidbench.inference.timeline.open_live", lambda name, *rest: open_video(name, *rest))
    report = LiveReport()
    answers = list(Timeline(model, 2.0, 0.1).of_live(str(long_video), report))
    assert (len(answers), report.dropped) == (61, 0)


def test_windows_that_keep_to_stretches_leave_out_what_stands_still(model: Classifier, tmp_path: Path) -> None:
    still, moving = (np.full((40, 48, 64, 3), grey, np.uint8) for grey in (90, 90))
    for number in range(40):
        moving[number, 10:34, number : number + 20] = 230
    encode_h264(np.concatenate([still, moving, moving[-1:].repeat(40, axis=0)]), tmp_path / "a.mp4", 20.0)
    (window,) = Timeline(model, 3.0, by_stretches=True).of_file("a", tmp_path / "a.mp4")
    assert window.whole
    assert (window.start, window.end) == (pytest.approx(2.0, abs=0.11), pytest.approx(4.0, abs=0.11))
    encode_h264(still, tmp_path / "b.mp4", 20.0)
    assert list(Timeline(model, 3.0, by_stretches=True).of_file("b", tmp_path / "b.mp4")) == []


def test_a_stream_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match=r"rtsp://127\.0\.0\.1:1/x: cannot be opened"):
        probe_live("rtsp://127.0.0.1:1/x")
    with pytest.raises(UserError, match="/dev/video77: cannot be opened"):
        probe_live("/dev/video77")


def test_windows_segments_and_what_is_wrong_are_written(
    long_video: Path, model: Classifier, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    names = [tmp_path / name for name in ("w.csv", "s.csv", "a.jsonl")]
    with ExitStack() as stack:
        files = TimelineFiles(*map(str, names))
        writer = TimelineWriter(Timeline(model, 2.0, 1.0), Hysteresis(0.0, 0.0), files, stack)
        writer.write(Input("long", str(long_video)))
        writer.write(Input("text", str(text)))
        writer.write(Input("gone", problem="no such file"))
    windows, segments = (list(csv.DictReader(name.open())) for name in names[:2])
    assert len(windows) == 7
    assert sum(float(windows[0][f"p({label})"]) for label in model.classes) == pytest.approx(1)
    assert segments[0]["video"] == "long"
    assert (segments[0]["start"], segments[-1]["end"]) == ("0.000", "8.000")
    records = [json.loads(line) for line in names[2].read_text().splitlines()]
    assert [record["status"] for record in records] == ["ok", "failed", "failed"]
    assert len(records[0]["segments"]) == len(segments)
    assert writer.describe().startswith(
        f"3 videos: {counted(len(segments), 'segment')}, 2 not classified: text (cannot be opened"
    )
    assert "gone: not classified: no such file" in capsys.readouterr().out


def test_an_ffmpeg_that_cannot_be_run_is_named_and_leaves_nothing(
    video: Path, model: Classifier, tmp_path: Path
) -> None:
    model.ffmpeg = "/wrong/ffmpeg"
    with pytest.raises(UserError, match="ffmpeg: '/wrong/ffmpeg' cannot be run"):
        Timeline(model, 2.0)
    (tmp_path / "work").mkdir()
    before = len(os.listdir("/proc/self/fd"))
    with (
        pytest.raises(UserError, match="ffmpeg: '/wrong/ffmpeg' cannot be run"),
        open_video(str(video), tmp_path / "work", RECIPES["jpeg"], "/wrong/ffmpeg"),
    ):
        pass
    assert len(os.listdir("/proc/self/fd")) == before
    assert list((tmp_path / "work").iterdir()) == []


def test_what_a_stream_without_an_end_tells_does_not_grow() -> None:
    report = LiveReport()
    for number in range(3 * RECENT):
        report.add(5.0 if number == 0 else 1.0)
    assert len(report.latencies) == RECENT
    assert str(report) == f"{3 * RECENT} windows, 0 dropped, latency 1.00 s (median), 5.00 s at most"
    stamps = io.BytesIO(b"frame:0 pts:0 pts_time:0\n" * 100)
    stream = FrameStream(RECIPES["fps"], (24, 24), 25.0, live=True)
    stream.read_stamps(stamps)
    assert stream._stamps.qsize() <= 1


def write_one(model: Classifier, each: Input, tmp_path: Path, message: str = "") -> tuple[TimelineWriter, dict]:
    """Write an input after a video of which ffmpeg has complained; return what JSON says of it."""
    timeline = Timeline(model, 2.0, 1.0)
    timeline.message = message
    with ExitStack() as stack:
        files = TimelineFiles(str(tmp_path / "w.csv"), None, str(tmp_path / "a.jsonl"))
        writer = TimelineWriter(timeline, Hysteresis(), files, stack)
        with contextlib.suppress(KeyboardInterrupt):
            writer.write(each)
    return writer, json.loads((tmp_path / "a.jsonl").read_text())


def test_windows_without_finite_numbers_are_said_and_written_as_valid_json(
    long_video: Path, model: Classifier, tmp_path: Path
) -> None:
    for weights in model.network.parameters():
        weights.data.fill_(np.nan)
    _, record = write_one(model, Input("long", str(long_video)), tmp_path)
    assert (record["status"], record["segments"]) == ("failed", [])
    assert record["message"].startswith("the model gives no finite numbers")
    rows = list(csv.DictReader((tmp_path / "w.csv").open()))
    assert len(rows) == 7
    assert {row["class"] + row["probability"] + row["unknown"] for row in rows} == {""}


def test_an_interrupted_fetch_says_nothing_of_another_video(
    model: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def interrupt(*_: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr("vidbench.inference.timeline_output.fetch", interrupt)
    _, record = write_one(model, Input("x", "http://127.0.0.1:1/x.mp4"), tmp_path, "of the video before")
    assert record["message"] == ""
    output = capsys.readouterr()
    assert "no window" not in output.out + output.err


def test_why_a_fetched_video_fails_names_no_temporary_file(
    model: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(_: str, path: Path) -> Path:
        path.write_text("no video")
        return path

    monkeypatch.setattr("vidbench.inference.timeline_output.fetch", fetch)
    _, record = write_one(model, Input("x", "http://127.0.0.1:1/x.mp4"), tmp_path)
    assert record["message"].startswith("cannot be opened as a video")
