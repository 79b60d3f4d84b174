"""Annotated copies: what they say when, their size, time stamps, rotation and sound."""

import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
from made_videos import HEIGHT, WIDTH, write_video

from vidbench.errors import UserError
from vidbench.frames import ffmpeg
from vidbench.frames.probe import probe
from vidbench.inference.actions import WindowAnswer
from vidbench.inference.annotation import Findings, annotate, check_copy, check_copy_name, describe_moments
from vidbench.inference.classification import Classification
from vidbench.inference.curve import ProbabilityCurve
from vidbench.inference.segments import Segment
from vidbench.inference.stretch_answers import StretchAnswers

SEGMENT = Segment(0.5, 1.5, "взмах", 0.9)


@pytest.fixture(scope="module")
def findings() -> Findings:
    curve = ProbabilityCurve(2)
    curve.add(0.5, 1.5, np.array([0.9, 0.1]))
    return Findings(curve, [SEGMENT], ["взмах", "left"])


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds, some frames of which are missing."""
    times = [place / 25 for place in range(50) if place not in (7, 8, 20)]
    return write_video(tmp_path_factory.mktemp("video") / "a.mp4", times)


def read(path: Path) -> tuple[np.ndarray, list[float]]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return np.stack([frame.to_ndarray(format="rgb24") for frame in frames]).astype(int), [
        round(float(frame.time or 0), 3) for frame in frames
    ]


def test_what_is_said_when(findings: Findings) -> None:
    strips = list(describe_moments(findings))
    said = [(strip.label, strip.score, strip.now) for strip in strips]
    assert said[4] == ("", "", "")
    assert said[6:15] == [("взмах", "90.0 %", "взмах 90.0 %")] * 9
    assert said[16:] == [("", "", "")] * len(said[16:])
    assert strips[5].times == "0:00.5 - 0:01.5"


def test_the_copy_has_the_pictures_and_times_of_the_video_and_text_where_something_is_found(
    video: Path, findings: Findings, tmp_path: Path
) -> None:
    annotate(str(video), str(tmp_path / "copy.mp4"), findings)
    before, times = read(video)
    after, same_times = read(tmp_path / "copy.mp4")
    assert same_times == pytest.approx(times, abs=0.002)
    assert after.shape == before.shape == (47, HEIGHT, WIDTH, 3)
    changed = np.abs(after - before)[:, HEIGHT - 28 :].mean((1, 2, 3))
    inside = np.array([0.52 < time < 1.46 for time in times])
    outside = np.array([time < 0.46 or time > 1.62 for time in times])
    assert changed[inside].min() > 3 * changed[outside].max()
    assert list(tmp_path.iterdir()) == [tmp_path / "copy.mp4"]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_no_frame_of_a_varying_rate_is_lost(name: str, findings: Findings, tmp_path: Path) -> None:
    times = np.cumsum(np.random.default_rng(0).choice([0.005, 0.010, 0.033, 0.040], 90))  # 2 s: longer than findings
    source = write_video(tmp_path / name, [*times], ticks=1000)
    annotate(str(source), str(tmp_path / "copy.mp4"), findings)
    stored = read(source)[1]
    copied = read(tmp_path / "copy.mp4")[1]
    assert np.subtract(copied, copied[0]) == pytest.approx(np.subtract(stored, stored[0]), abs=0.002)


def test_sound_rotation_and_odd_sizes(findings: Findings, tmp_path: Path) -> None:
    source, turned, copy = (tmp_path / name for name in ("source.mkv", "turned.mp4", "copy.mp4"))
    tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2"]
    picture = ["-f", "lavfi", "-i", "testsrc=size=65x49:rate=10:duration=2"]
    start = [ffmpeg.executable(), "-v", "error"]
    codecs = ["-c:v", "libx264", "-pix_fmt", "yuv444p", "-c:a"]
    subprocess.run([*start, *picture, *tone, *codecs, "pcm_s16le", str(source)], check=True)
    annotate(str(source), str(copy), findings)
    with av.open(str(copy)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (66, 50)
        assert container.streams.audio[0].codec_context.name == "aac"
        assert container.duration / av.time_base == pytest.approx(2, abs=0.1)
    even = ["-vf", "scale=64:48", *codecs, "aac"]
    subprocess.run([*start, "-i", str(source), *even, str(tmp_path / "even.mp4")], check=True)
    rotate = [*start, "-display_rotation", "90", "-i", str(tmp_path / "even.mp4"), "-c", "copy", str(turned)]
    subprocess.run(rotate, check=True)
    assert probe(str(turned)).turned_size == (64, 48)
    annotate(str(turned), str(copy), findings)
    assert (probe(str(copy)).turned_size, probe(str(copy)).rotation) == ((64, 48), 0)


def test_what_cannot_be_copied_is_said_and_leaves_nothing(video: Path, findings: Findings, tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    with pytest.raises(UserError, match="cannot be opened as a video"):
        annotate(str(text), str(tmp_path / "copy.mp4"), findings)
    with pytest.raises(UserError, match="is the video itself"):
        annotate(str(video), str(video), findings)
    with pytest.raises(UserError, match="is a folder of images"):
        annotate(str(tmp_path), str(tmp_path / "copy.mp4"), findings)
    with pytest.raises(UserError, match=r"give a name that ends in \.mp4"):
        check_copy_name("copy.avi")
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(UserError, match="is a folder; name a file"):
        check_copy(str(video), str(tmp_path / "folder.mp4"))
    (tmp_path / "folder.mp4").rmdir()
    assert list(tmp_path.iterdir()) == [text]


def test_names_like_a_protocol_and_titles_in_latin_1_are_no_hindrance(
    video: Path, findings: Findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    titled = [ffmpeg.executable(), "-v", "error", "-i", str(video), "-c", "copy", "-metadata", b"title=\xe9t\xe9"]
    subprocess.run([*titled, "file:12:30:00.mkv"], check=True)
    annotate("12:30:00.mkv", "copy.mp4", findings)
    assert probe("copy.mp4").turned_size == (HEIGHT, WIDTH)


def test_in_hours_the_stretches_own_answers_are_told_and_nothing_in_a_rest() -> None:
    classes = ("a", "b")
    curve, stretches = ProbabilityCurve(2), StretchAnswers()
    for number, begin in enumerate(range(0, 3 * 3600, 3)):
        p = np.array([0.9, 0.1]) if number % 2 else np.array([0.2, 0.8])
        answer = Classification("", classes, p, np.empty((0, 2), np.float32))
        for whole in (False, True):
            curve.add(begin, begin + 2.0, p, alone=whole)
            stretches.add(WindowAnswer(begin, begin + 2.0, answer, begin, whole), decides=whole and begin < 9000)
    findings = Findings(curve, [], classes, stretches)
    assert [findings.now(time) for time in (1.0, 2.5, 4.0, 6003.5)] == ["b 80.0 %", "", "a 90.0 %", "a 90.0 %"]
    assert findings.now(10_000.0), "by the curve"
    assert len(stretches.rows) == 3600
